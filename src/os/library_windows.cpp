// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/built_in.h"
#include "os/library.h"
#include "os/winapi.h"

#include <algorithm>
#include <string_view>

namespace os {
namespace {

bool is_built_in(std::string_view library) {
  return std::ranges::any_of(built_in(),
                             [&](const BuiltIn& one) { return library == one.library; });
}

}  // namespace

// What is no part of the program only from where the system keeps its own and beside the program,
// never from the current folder.
SharedLibrary::SharedLibrary(const std::string& name)
    : handle_(is_built_in(name) ? ::GetModuleHandleW(nullptr)
                                : ::LoadLibraryExW(to_wide(name).c_str(), nullptr,
                                                   LOAD_LIBRARY_SEARCH_APPLICATION_DIR |
                                                       LOAD_LIBRARY_SEARCH_SYSTEM32)) {}

void* SharedLibrary::address_of(const char* name) const {
  if (handle_ == nullptr) return nullptr;
  const auto found = std::ranges::find_if(
      built_in(), [&](const BuiltIn& one) { return std::string_view(name) == one.function; });
  if (found != built_in().end()) return found->address;
  return reinterpret_cast<void*>(::GetProcAddress(static_cast<HMODULE>(handle_), name));
}

}  // namespace os
