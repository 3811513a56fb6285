// SPDX-License-Identifier: GPL-3.0-or-later
//
// toml++, as it is to be included: once, since its header takes seconds to compile.
#pragma once

#define TOML_EXCEPTIONS 0
// It asserts what hostile text does not keep; every build goes on as the released one does.
#define TOML_ASSERT(expression) static_cast<void>(0)

// toml++ 3.3 has no answer whether some letters (all from U+00A1 to U+0499, and others) are a
// space: it tells the compiler that nobody asks. Files do, in a number, and in quotes behind a line
// that goes on. The answer is no.
#include <toml++/impl/forward_declarations.h>
#undef TOML_UNREACHABLE
#define TOML_UNREACHABLE return false
#include <toml++/impl/unicode.h>
#undef TOML_UNREACHABLE
#define TOML_UNREACHABLE __builtin_unreachable()
#include <toml++/toml.h>
