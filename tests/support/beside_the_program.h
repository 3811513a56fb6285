// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Libraries that lie beside the program on Windows, where Debian has none of them for MinGW.

#ifdef _WIN32
#define ER_NEEDS_LIBRARY(what) GTEST_SKIP() << what " lies beside the program, and Debian has none"
#else
#define ER_NEEDS_LIBRARY(what) static_assert(true)
#endif
