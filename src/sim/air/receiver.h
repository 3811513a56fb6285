// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The system firmware with a modem that finds the cloud: what SystemFirmware is, and besides it the
// end of an update over the air (device-os v0.6.4: system/src/system_update.cpp,
// Spark_Finish_Firmware_Update). The chunks are in the staging area by then; the rules of the
// running release are asked, the bootloader is told, and the device starts anew in either case, up
// to 2.x.

#include "sim/board/hardware.h"
#include "sim/board/program.h"
#include "sim/firmware/acceptance.h"
#include "sim/firmware/surroundings.h"

#include <memory>
#include <optional>

namespace sim {

// An update that has come in whole, and what became of it.
struct Arrival {
  base::ByteView image;                // as the cloud sent it
  base::Instant when;                  // when the last chunk is in
  std::optional<Judgement> judgement;  // once the firmware has judged it
  bool restarts = false;               // the device starts anew
};

// `arrival` is looked at while the firmware runs, and filled in; it outlives the program. Null:
// there is none.
std::unique_ptr<Program> make_receiving_firmware(Hardware& hardware, const FirmwareOptions& options,
                                                 Arrival* const* arrival);

}  // namespace sim
