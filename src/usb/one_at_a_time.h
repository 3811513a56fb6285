// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// For a device behind something that can only carry out a transfer and wait for it: a queue of
// depth 1, over two functions.

#include "usb/transport.h"

#include <deque>

namespace usb {

class OneAtATimeTransport : public Transport {
 public:
  ControlQueue& queue() final { return queue_; }

 protected:
  // Carries the transfer out, and returns how many bytes were moved. Errors: those of a transfer.
  virtual base::Result<std::size_t> carry_in(const ControlSetup& setup,
                                             std::span<std::uint8_t> into,
                                             base::Millis timeout) = 0;
  virtual base::Result<std::size_t> carry_out(const ControlSetup& setup, base::ByteView data,
                                              base::Millis timeout) = 0;

 private:
  class Queue final : public ControlQueue {
   public:
    explicit Queue(OneAtATimeTransport& device) : device_(device) {}
    std::size_t depth() const override { return 1; }
    void start_in(const ControlSetup& setup, std::size_t length, base::Millis timeout) override;
    void start_out(const ControlSetup& setup, base::ByteView data, base::Millis timeout) override;
    base::Result<std::size_t> finish(std::span<std::uint8_t> into) override;
    std::size_t pending() const override { return started_.size(); }

   private:
    struct Started {
      ControlSetup setup;
      base::Bytes data;  // sent, or room for what comes
      base::Millis timeout;
      bool in;
    };
    OneAtATimeTransport& device_;
    std::deque<Started> started_;
    bool withdrawn_ = false;  // one that is over has run out of time: so have those behind it
  };

  Queue queue_{*this};
};

}  // namespace usb
