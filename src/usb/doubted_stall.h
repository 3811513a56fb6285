// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// For a system that reports the same for a device that refuses and for one that is gone: Windows
// says ERROR_GEN_FAILURE for both, and libusb makes a STALL of it (its issues #297, #1017). A STALL
// counts only if the device is still there when it is looked for. One transfer at a time: whether
// WinUSB keeps the order of those behind a refused one is not known.

#include "usb/one_at_a_time.h"

#include <functional>
#include <memory>

namespace usb {

class DoubtedStalls final : public OneAtATimeTransport {
 public:
  // `is_there`: the device is on the bus, now. Asked after a STALL only.
  DoubtedStalls(std::unique_ptr<Transport> device, std::function<bool()> is_there);

  base::Result<> claim_interface(std::uint8_t interface) override;
  base::Result<> select_alt(std::uint8_t interface, std::uint8_t alt) override;
  base::Result<base::Bytes> configuration() override;
  base::Result<std::string> string(std::uint8_t index) override;

 private:
  base::Result<std::size_t> carry_in(const ControlSetup& setup, std::span<std::uint8_t> into,
                                     base::Millis timeout) override;
  base::Result<std::size_t> carry_out(const ControlSetup& setup, base::ByteView data,
                                      base::Millis timeout) override;
  template <class Value>
  base::Result<Value> believed(base::Result<Value> result) const;

  std::unique_ptr<Transport> device_;
  std::function<bool()> is_there_;
};

}  // namespace usb
