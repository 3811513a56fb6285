// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/style.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace report {
namespace {

std::string_view escape(Tone tone) {
  switch (tone) {
    case Tone::plain:
      return "";
    case Tone::good:
      return "\x1b[32m";
    case Tone::warning:
      return "\x1b[33m";
    case Tone::bad:
      return "\x1b[1;31m";
    case Tone::quiet:
      return "\x1b[2m";
    case Tone::strong:
      return "\x1b[1m";
    case Tone::led_blue:
      return "\x1b[1;34m";
    case Tone::led_yellow:
      return "\x1b[1;33m";
    case Tone::led_magenta:
      return "\x1b[1;35m";
    case Tone::led_green:
      return "\x1b[1;32m";
    case Tone::led_red:
      return "\x1b[1;31m";
    case Tone::led_cyan:
      return "\x1b[1;36m";
    case Tone::led_white:
      return "\x1b[1m";
  }
  return "";
}

constexpr std::array<std::pair<std::string_view, Tone>, 7> kLedColours{{
    {"blue", Tone::led_blue},
    {"yellow", Tone::led_yellow},
    {"magenta", Tone::led_magenta},
    {"green", Tone::led_green},
    {"red", Tone::led_red},
    {"cyan", Tone::led_cyan},
    {"white", Tone::led_white},
}};

}  // namespace

std::size_t columns_within(const Style& style, std::size_t most) {
  constexpr int kLeast = 40;
  if (style.width <= 0) return most;
  return std::min(most, static_cast<std::size_t>(std::max(style.width, kLeast)));
}

std::string paint(const Style& style, Tone tone, std::string_view text) {
  const std::string_view start = escape(tone);
  if (!style.colour || start.empty() || text.empty()) return std::string(text);
  return fmt::format("{}{}\x1b[0m", start, text);
}

std::string paint_led(const Style& style, std::string_view signal) {
  for (const auto& [colour, tone] : kLedColours) {
    if (signal.find(colour) != std::string_view::npos) return paint(style, tone, signal);
  }
  return std::string(signal);
}

std::size_t columns(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\x1b') {
      while (i < text.size() && text[i] != 'm') ++i;
    } else if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) {
      ++count;
    }
  }
  return count;
}

std::string table(const std::vector<std::vector<std::string>>& rows, std::size_t indent) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    if (row.size() > widths.size()) widths.resize(row.size());
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns(row[i]));
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line(indent, ' ');
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) line.append(widths[i] - columns(row[i]) + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

std::string table(const std::vector<std::vector<std::string>>& rows, std::size_t indent,
                  const Style& style) {
  constexpr std::size_t kLeastRoom = 24;
  const std::string whole = table(rows, indent);
  const auto width = static_cast<std::size_t>(std::max(style.width, 40));
  std::size_t widest = 0;
  std::size_t cells = 0;
  for (std::size_t at = 0; at < whole.size();) {
    const std::size_t end = std::min(whole.find('\n', at), whole.size());
    widest = std::max(widest, columns(std::string_view(whole).substr(at, end - at)));
    at = end + 1;
  }
  for (const auto& row : rows) cells = std::max(cells, row.size());
  if (style.width <= 0 || widest <= width || cells < 2) return whole;

  std::vector<std::vector<std::string>> beginnings = rows;
  for (auto& row : beginnings) {
    if (row.size() == cells) row.pop_back();
  }
  std::size_t before = indent;
  std::vector<std::size_t> widths(cells - 1);
  for (const auto& row : beginnings) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns(row[i]));
  }
  for (const std::size_t one : widths) before += one + 2;
  const bool beside = before + kLeastRoom <= width;
  const std::size_t at = beside ? before : indent + 4;
  std::string text;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::string line(indent, ' ');
    for (std::size_t j = 0; j < beginnings[i].size(); ++j) {
      line += beginnings[i][j];
      line.append(widths[j] - columns(beginnings[i][j]) + 2, ' ');
    }
    const std::string last = rows[i].size() == cells ? rows[i].back() : std::string();
    std::string wrapped = wrap(last, width - at, 0);
    for (std::size_t end = wrapped.find('\n'); end != std::string::npos;
         end = wrapped.find('\n', end + 1)) {
      wrapped.insert(end + 1, at, ' ');
    }
    // "-" says that there is nothing: no line of its own for that.
    if (!beside && wrapped == "-") wrapped.clear();
    if (!beside && !wrapped.empty()) {
      line.erase(line.find_last_not_of(' ') + 1);
      line += '\n' + std::string(at, ' ');
    }
    line += wrapped;
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

std::string wrap(std::string_view text, std::size_t width, std::size_t indent) {
  std::string result;
  std::size_t column = 0;
  bool line_empty = true;
  while (!text.empty()) {
    const std::size_t space = text.find(' ');
    const std::string_view word = text.substr(0, space);
    text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
    const std::size_t length = columns(word);
    if (!line_empty && column + 1 + length > width) {
      result += '\n';
      result.append(indent, ' ');
      column = indent;
    } else if (!line_empty) {
      result += ' ';
      ++column;
    }
    result += word;
    column += length;
    line_empty = false;
  }
  return result;
}

std::string human_bytes(std::uint64_t bytes) {
  if (bytes < 1024) return fmt::format("{} bytes", bytes);
  if (bytes < 1024 * 1024) return fmt::format("{:.1f} KiB", static_cast<double>(bytes) / 1024);
  return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / (1024 * 1024));
}

std::string human_seconds(double seconds) {
  if (seconds < 0.9995) return fmt::format("{:.0f} ms", seconds * 1000);
  if (seconds < 59.95) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<long>(std::lround(seconds));
  return fmt::format("{} min {:02} s", whole / 60, whole % 60);
}

std::string human_rate(std::uint64_t bytes, double seconds) {
  if (seconds <= 0) return "-";
  return human_bytes(static_cast<std::uint64_t>(static_cast<double>(bytes) / seconds)) + "/s";
}

}  // namespace report
