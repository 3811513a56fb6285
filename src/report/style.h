// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// How text for people looks: colour only where it means something, columns that line up.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace report {

enum class Tone {
  plain,
  good,
  warning,
  bad,
  quiet,
  strong,
  led_blue,
  led_yellow,
  led_magenta,
  led_green,
  led_red,
  led_cyan,
  led_white
};

struct Style {
  bool colour = false;
  int width = 80;  // columns to fit into; 0: there is nothing to fit into, as in a pipe
};

// Columns for what is aligned by itself, at most `most`.
std::size_t columns_within(const Style& style, std::size_t most);

// `text` in the tone's colour, or as it is where the style has no colour.
std::string paint(const Style& style, Tone tone, std::string_view text);

// A named LED signal ("blinking yellow") in its colour.
std::string paint_led(const Style& style, std::string_view signal);

// Columns on a terminal: UTF-8 counted by code points, escape sequences not counted.
std::size_t columns(std::string_view text);

// Rows with their cells padded to the widest of each column, two spaces between, no trailing
// blanks; each row on a line of its own, indented.
std::string table(const std::vector<std::vector<std::string>>& rows, std::size_t indent);

// The same for a terminal: where it does not fit, the last cell of a row is broken at its spaces,
// and stands on lines of its own where hardly any room is left beside the others.
std::string table(const std::vector<std::vector<std::string>>& rows, std::size_t indent,
                  const Style& style);

// Breaks text at spaces so that no line is longer than `width` columns; lines after the first are
// indented by `indent`.
std::string wrap(std::string_view text, std::size_t width, std::size_t indent);

// "123 712 bytes" style: "120.8 KiB", "1.2 s", "350 ms", "2 min 05 s", "410 KiB/s".
std::string human_bytes(std::uint64_t bytes);
std::string human_seconds(double seconds);
std::string human_rate(std::uint64_t bytes, double seconds);

}  // namespace report
