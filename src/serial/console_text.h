// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Finding things in what a console sends. Pure.

#include <string_view>

namespace serial {

// Where the first whole answer to `v` begins in `text` (its line end included in the search), or
// npos.
std::size_t find_version_answer(std::string_view text);

// The first balanced {…} of `text` at or after `from`, strings respected; empty if there is none.
std::string_view find_json_object(std::string_view text, std::size_t from);

}  // namespace serial
