// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Where the devices are: on this computer, or made up. A workplace owns what its world consists of.

#include "base/result.h"
#include "discovery/world.h"

#include <memory>
#include <string>
#include <string_view>

namespace release {
struct Library;
}  // namespace release

namespace rescue {

class Workplace {
 public:
  virtual ~Workplace() = default;
  // Valid as long as the workplace. Devices of one world may be worked on at the same time, each
  // from a thread of its own, where it is this computer's; in a virtual world from one thread only.
  virtual discovery::World& world() = 0;
  // Why something that this workplace keeps (a trace) is not whole; empty if it is.
  virtual std::string problem() const { return {}; }
};

// This computer's USB, serial ports and clock, and the locks that its programs hold on ports. One
// is enough for a process. Errors: those of libusb (unsupported, access_denied).
base::Result<std::unique_ptr<Workplace>> this_computer();

// A virtual Electron in virtual time: "sim:STATE", where STATE is a release, "blank" or the path of
// a JSON file. It has its modules from `firmware` where the files are there, else made-up ones.
// Errors: usage, bad_file.
base::Result<std::unique_ptr<Workplace>> virtual_electron(std::string_view selector,
                                                          const release::Library& firmware);

// The same devices, and every USB transfer with them as a line in `file` (for its owner only; what
// holds keys is left out). `world` outlives it. Errors: bad_file.
base::Result<std::unique_ptr<Workplace>> traced(discovery::World& world, const std::string& file);

}  // namespace rescue
