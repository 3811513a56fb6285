// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/bus/transfer_log.h"

#include "base/checksum.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace sim {
namespace {

constexpr std::array<std::string_view, 11> kNames{"control",     "detach",    "dnload",   "upload",
                                                  "getstatus",   "clrstatus", "getstate", "abort",
                                                  "line-coding", "bulk-out",  "bulk-in"};
constexpr std::size_t kShown = 16;

}  // namespace

std::string_view name(TransferKind kind) { return kNames[static_cast<std::size_t>(kind)]; }

bool parse_transfer_kind(std::string_view text, TransferKind& kind) {
  const auto found = std::find(kNames.begin(), kNames.end(), text);
  if (found == kNames.end()) return false;
  kind = static_cast<TransferKind>(found - kNames.begin());
  return true;
}

std::string to_json_line(const TransferRecord& record) {
  const auto micros = [](base::Instant when) { return when.time_since_epoch().count(); };
  std::string line = fmt::format(R"({{"begin":{},"end":{},"board":{},"attach":{},"kind":"{}")",
                                 micros(record.begin), micros(record.end), record.board,
                                 record.attach, name(record.kind));
  if (record.endpoint != 0) {
    line += fmt::format(R"(,"endpoint":{})", record.endpoint);
  } else {
    line +=
        fmt::format(R"(,"type":{},"request":{},"value":{},"index":{})", record.setup.request_type,
                    record.setup.request, record.setup.value, record.setup.index);
  }
  line += fmt::format(R"(,"length":{},"bytes":{},"outcome":"{}")", record.length,
                      record.data.size(), record.outcome);
  if (!record.data.empty()) {
    const auto shown = record.data.first(std::min(record.data.size(), kShown));
    line += fmt::format(R"(,"data":"{}","crc32":"{:08x}")", base::to_hex(shown),
                        base::crc32(record.data));
  }
  if (!record.fault.empty()) line += fmt::format(R"(,"fault":"{}")", record.fault);
  return line + "}";
}

}  // namespace sim
