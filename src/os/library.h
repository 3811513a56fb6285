// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// A shared library that few commands need: loaded when one of them does, not at every start of the
// program (decision 0018).

#include <string>

namespace os {

class SharedLibrary {
 public:
  // Stays loaded for good. `name` is a soname such as libarchive.so.13.
  explicit SharedLibrary(const std::string& name);
  bool loaded() const { return handle_ != nullptr; }

  // Sets `function` to the library's function of this name; false if it has none.
  template <class Function>
  bool find(Function*& function, const char* name) const {
    function = reinterpret_cast<Function*>(address_of(name));
    return function != nullptr;
  }

 private:
  void* address_of(const char* name) const;
  void* handle_ = nullptr;
};

}  // namespace os
