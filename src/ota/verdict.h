// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What became of a part that was sent: the table of ota-facts, section 7, as one pure function.

#include "ota/belief.h"

#include <string>

namespace ota {

enum class Fate {
  proved,        // in place; Judged::proof says how sure that is
  refused,       // the device did not take it; sent again, it would not either
  lost,          // it did not arrive whole: it may be sent again
  undetermined,  // nothing tells
};

struct Judged {
  Fate fate = Fate::undetermined;
  Proof proof = Proof::none;
  std::string reason;  // a plain clause
};

struct Evidence {
  const firmware::CheckedModule* part = nullptr;
  Belief before;          // when it was sent
  std::string handshake;  // last_handshake_at then
  Seen seen;              // since then
  // The device object, asked for after it came back or stayed silent; null: not asked.
  const cloud::Device* device = nullptr;
};

Judged judge(const Evidence& evidence);

}  // namespace ota
