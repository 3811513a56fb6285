// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace station {

// Where in a TOML text the first letter beyond ASCII stands outside of quotes and comments; none:
// it has no such place. TOML 1.0 has no such letters there, and the parser of Debian 12
// (toml++ 3.3) must not be shown them: for some it has no answer, not even an error.
std::optional<std::size_t> foreign_letter(std::string_view toml);

}  // namespace station
