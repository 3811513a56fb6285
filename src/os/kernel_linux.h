// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace os {

// One of the kernel's small texts (/proc, /sys), which tell no size before they are read, without
// the end of its line; empty if it cannot be read, 255 bytes at most.
std::string kernel_text(const std::string& name);

}  // namespace os
