// SPDX-License-Identifier: GPL-3.0-or-later
//
// Module files: whatever the bytes are, parsing ends within bounds, and a module that passes the
// check is what it promises to be.

#include "firmware/build.h"
#include "firmware/check.h"
#include "firmware/parse.h"
#include "release/catalogue.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace {

void must(bool promise) {
  if (!promise) std::abort();
}

void examine(base::Bytes bytes) {
  const platform::Platform& platform = platform::electron();
  const std::size_t size = bytes.size();
  const firmware::ParsedModule module = firmware::parse(std::move(bytes));
  must(module.image->size() <= size);
  must(!module.crc_ok || module.header);
  const auto checked = firmware::check(module, platform, "fuzz.bin");
  must(checked.has_value() == firmware::all_problems(module, platform).empty());
  if (!checked) {
    must(!checked.error().id.empty() && !checked.error().message.empty());
    return;
  }
  const firmware::ModuleHeader& header = checked->header();
  const platform::Slot* slot = platform.slot(checked->id());
  must(slot != nullptr && slot->flash.begin == checked->address());
  must(checked->image().size() == header.size() && header.size() <= slot->flash.size());
  must(module.crc_ok && module.suffix);
  const auto match = release::Catalogue::embedded().recognise(*checked);
  must(match.how != release::Recognition::by_sha256 || match.file != nullptr);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  base::Bytes bytes(data, data + size);
  examine(bytes);
  // The same with checksums that agree, so that what lies behind them is reached, too.
  firmware::seal(bytes);
  examine(std::move(bytes));
  return 0;
}
