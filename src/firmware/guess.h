// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What a file that is no module may be instead: for messages, never for decisions.

#include "base/bytes.h"

#include <string_view>

namespace firmware {

// "a web page", "a Git LFS pointer, …", "a ZIP archive", "a text file", …; empty if nothing fits.
std::string_view looks_like(base::ByteView bytes);

// What happened to binary content that something on its way took for text: line ends changed,
// bytes that are no text replaced; empty if there is no sign of it. `short_by`: bytes that are
// missing by what the header says, 0 if none or not known.
std::string_view changed_as_text(base::ByteView bytes, std::uint32_t short_by);

}  // namespace firmware
