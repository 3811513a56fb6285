// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/kernel_linux.h"

#include <array>
#include <cstdio>
#include <string_view>

namespace os {

std::string kernel_text(const std::string& name) {
  std::FILE* file = std::fopen(name.c_str(), "rb");
  if (file == nullptr) return {};
  std::array<char, 255> text{};
  const std::size_t got = std::fread(text.data(), 1, text.size(), file);
  std::fclose(file);
  const std::string_view all(text.data(), got);
  return std::string(all.substr(0, all.find('\n')));
}

}  // namespace os
