// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Where Linux and macOS differ in claiming a terminal.

namespace os {

// Another program has made the terminal exclusive (TIOCEXCL), which does not keep root out.
bool is_exclusive(int descriptor);
void close_without_waiting(int descriptor);

}  // namespace os
