// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Writes down every transfer of a device as a line of JSON:
//
//   {"at":0.0123,"device":"usb:1-2","kind":"control-in","setup":"a103000000000600","length":6,
//    "moved":6,"data":"000000000200","result":"ok","seconds":0.0004}
//
// `setup` are the eight bytes of the setup packet, `data` the first bytes of what was moved. Keys
// never appear: data of DFU up- and downloads are shown only where they are known to lie in flash,
// outside of the configuration area; elsewhere "data" is "redacted". A transfer is written down
// when its result is taken, with the moment at which it was started.

#include "base/address_range.h"
#include "base/clock.h"
#include "usb/host.h"
#include "usb/transport.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace usb {

// Takes one line, without its end. Called on the thread of the device.
using LineSink = std::function<void(std::string_view line)>;

struct TraceAreas {
  base::AddressRange flash;   // only data of this area are shown,
  base::AddressRange secret;  // and none of this one
};

// What is known of the address of an up- or download: follows the alternate setting and the DfuSe
// address pointer. In doubt nothing is shown.
class DfuFollower {
 public:
  explicit DfuFollower(TraceAreas areas) : areas_(areas) {}
  void alt_selected(std::optional<std::uint8_t> alt) { alt_ = alt; }
  void sent(const ControlSetup& setup, base::ByteView data);
  void received(const ControlSetup& setup, base::ByteView data);
  bool may_show(const ControlSetup& setup, std::size_t length) const;

 private:
  TraceAreas areas_;
  std::optional<std::uint8_t> alt_;
  std::optional<std::uint32_t> pointer_;
  std::optional<std::uint32_t> pending_;  // sent, but not known to have been run
};

class TraceTransport final : public Transport {
 public:
  TraceTransport(std::unique_ptr<Transport> inner, std::string device, const base::Clock& clock,
                 TraceAreas areas, LineSink sink);
  ~TraceTransport() override;
  TraceTransport(const TraceTransport&) = delete;
  TraceTransport& operator=(const TraceTransport&) = delete;

  ControlQueue& queue() override;
  base::Result<> claim_interface(std::uint8_t interface) override;
  base::Result<> select_alt(std::uint8_t interface, std::uint8_t alt) override;
  base::Result<base::Bytes> configuration() override;
  base::Result<std::string> string(std::uint8_t index) override;

 private:
  struct Line;
  class Queue;
  void write(const Line& line);
  void write_in(const ControlSetup& setup, std::size_t length, base::Instant began,
                const base::Result<std::size_t>& moved, base::ByteView data);
  void write_out(const ControlSetup& setup, base::ByteView data, base::Instant began,
                 const base::Result<std::size_t>& moved);

  std::unique_ptr<Transport> inner_;
  std::string device_;
  const base::Clock* clock_;
  base::Instant start_;
  LineSink sink_;
  DfuFollower follower_;
  std::unique_ptr<Queue> queue_;
};

// A Host whose transports are all traced. The inner host and the clock outlive it.
class TraceHost final : public Host {
 public:
  TraceHost(Host& inner, const base::Clock& clock, TraceAreas areas, LineSink sink);
  base::Result<std::vector<DeviceInfo>> list(std::uint16_t vendor) override;
  base::Result<std::unique_ptr<Transport>> open(const DeviceInfo& info) override;
  base::Result<> may_open(const DeviceInfo& info) override { return inner_->may_open(info); }
  std::optional<std::string> user_of(const DeviceInfo& info) override {
    return inner_->user_of(info);
  }
  void wait_for_change(base::Millis most, const base::CancelToken& cancel) override;

 private:
  Host* inner_;
  const base::Clock* clock_;
  TraceAreas areas_;
  LineSink sink_;
};

}  // namespace usb
