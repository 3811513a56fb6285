// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What is asked of both, as a table: requests with good and with odd arguments, and ways into every
// state. Left out is what a device would not survive: transfers that end beyond the flash or the
// buffer, strings that no descriptor names (but one, which the vendor's client asks for).

#include "base/bytes.h"
#include "usb/setup.h"

#include <string>
#include <vector>

namespace board {

struct Question {
  std::string name;
  usb::ControlSetup setup;
  std::uint16_t length = 0;  // IN; of an OUT transfer it is data.size()
  base::Bytes data = {};
};

struct Way {
  std::string state;
  std::vector<Question> steps;
};

// Every request of chapter 9, of DFU and of the vendor's.
const std::vector<Question>& questions();
// Into every state that can be reached.
const std::vector<Way>& ways();

Question get_status();
Question get_state();
Question about_device();    // GET_STATUS
Question about_endpoint();  // of endpoint 0
Question set_address(std::uint32_t address);
Question select_alt(std::uint16_t alt);

}  // namespace board
