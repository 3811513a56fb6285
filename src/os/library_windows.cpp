// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/library.h"
#include "os/winapi.h"

namespace os {

// Only from where the system keeps its own and beside the program, never from the current folder.
SharedLibrary::SharedLibrary(const std::string& name)
    : handle_(
          ::LoadLibraryExW(to_wide(name).c_str(), nullptr,
                           LOAD_LIBRARY_SEARCH_APPLICATION_DIR | LOAD_LIBRARY_SEARCH_SYSTEM32)) {}

void* SharedLibrary::address_of(const char* name) const {
  if (handle_ == nullptr) return nullptr;
  return reinterpret_cast<void*>(::GetProcAddress(static_cast<HMODULE>(handle_), name));
}

}  // namespace os
