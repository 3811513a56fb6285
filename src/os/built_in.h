// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Windows: the functions of the libraries that are part of the program there, where other systems
// load them when they are first used. Written by third_party/windows/CMakeLists.txt.

#include <span>

namespace os {

struct BuiltIn {
  const char* library;   // as SharedLibrary is given it
  const char* function;  // no two libraries have one of the same name
  void* address;
};

std::span<const BuiltIn> built_in();

}  // namespace os
