// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// <windows.h> without its macros that get in the way, and text as its calls take it.

#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#ifndef NOMINMAX
#define NOMINMAX
#endif
#include <string>
#include <string_view>
#include <system_error>
#include <windows.h>

namespace os {

// UTF-8 to UTF-16 and back. What is no text becomes U+FFFD; nothing throws.
std::wstring to_wide(std::string_view text);
std::string to_utf8(std::wstring_view text);

// What GetLastError() says, as one of std::errc where it is one, so that callers need no Windows.
std::error_code last_windows_error();

}  // namespace os
