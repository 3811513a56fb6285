// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/nearest.h"

#include <algorithm>
#include <utility>

namespace base {

// Optimal string alignment, row by row.
std::size_t slips(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before;
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t other = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + other});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before = std::exchange(above, row);
  }
  return above[b.size()];
}

std::vector<std::string> nearest(std::string_view typed, const std::vector<std::string>& words,
                                 std::size_t most) {
  constexpr std::size_t kShortWord = 3;
  constexpr std::size_t kLongestTyped = 64;
  if (typed.size() > kLongestTyped) return {};
  const std::size_t limit = typed.size() <= kShortWord ? 1 : 2;
  std::vector<std::pair<std::size_t, const std::string*>> found;
  for (const std::string& word : words) {
    const std::size_t distance = slips(typed, word);
    if (distance <= limit && distance < word.size()) found.emplace_back(distance, &word);
  }
  std::ranges::stable_sort(found, {}, &std::pair<std::size_t, const std::string*>::first);
  std::vector<std::string> names;
  for (const auto& [distance, word] : found) {
    if (names.size() == most || distance > 2 * found.front().first) break;
    names.push_back(*word);
  }
  return names;
}

std::string one_of(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

}  // namespace base
