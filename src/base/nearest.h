// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// "Did you mean": which of the known words somebody may have wanted to type.

#include <string>
#include <string_view>
#include <vector>

namespace base {

// How many slips (a letter too many, too few, another one, two swapped) make one of the other.
std::size_t slips(std::string_view a, std::string_view b);

// Those of `words` that are a slip or two away from `typed` (in a word of three letters or less:
// one), the nearest first, at most `most` of them, and none that is further away than twice the
// nearest.
std::vector<std::string> nearest(std::string_view typed, const std::vector<std::string>& words,
                                 std::size_t most);

// "2.3.0", "2.3.0 or 2.3.1", "a, b or c".
std::string one_of(const std::vector<std::string>& words);

}  // namespace base
