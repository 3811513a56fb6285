// SPDX-License-Identifier: GPL-3.0-or-later
#include "usb/trace.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <deque>
#include <utility>

namespace usb {
namespace {

constexpr std::size_t kShownBytes = 16;

// bmRequestType (USB 2.0, table 9-2), bRequest (USB 2.0, table 9-4; USB DFU 1.1, table 3.2)
constexpr std::uint8_t kTypeMask = 0x60;
constexpr std::uint8_t kStandard = 0x00;
constexpr std::uint8_t kClassOut = 0x21;
constexpr std::uint8_t kClassIn = 0xA1;
constexpr std::uint8_t kSetConfiguration = 0x09;
constexpr std::uint8_t kSetInterface = 0x0B;
constexpr std::uint8_t kDownload = 1;
constexpr std::uint8_t kUpload = 2;
constexpr std::uint8_t kGetStatus = 3;
constexpr std::uint8_t kBusy = 4;  // dfuDNBUSY: what is pending is being run

// DfuSe commands that set the pointer (ST UM0424, section 4.3), and its arithmetic.
constexpr std::uint8_t kSetAddress = 0x21;
constexpr std::uint8_t kErase = 0x41;
constexpr std::size_t kCommandSize = 5;
constexpr std::uint16_t kFirstDataBlock = 2;
constexpr std::uint64_t kBlockSize = 4096;

bool is_transfer_of_data(const ControlSetup& setup) {
  return (setup.request_type == kClassOut && setup.request == kDownload) ||
         (setup.request_type == kClassIn && setup.request == kUpload);
}

bool is_pointer_command(const ControlSetup& setup, base::ByteView data) {
  return setup.request_type == kClassOut && setup.request == kDownload && setup.value == 0 &&
         data.size() == kCommandSize && (data[0] == kSetAddress || data[0] == kErase);
}

std::string setup_bytes(const ControlSetup& setup, std::size_t length) {
  std::array<std::uint8_t, 8> bytes{setup.request_type, setup.request};
  base::store_le16(bytes, 2, setup.value);
  base::store_le16(bytes, 4, setup.index);
  base::store_le16(bytes, 6, static_cast<std::uint16_t>(length));
  return base::to_hex(bytes);
}

}  // namespace

void DfuFollower::sent(const ControlSetup& setup, base::ByteView data) {
  if (setup.request_type == 0x01 && setup.request == kSetInterface) {
    alt_ = static_cast<std::uint8_t>(setup.value);
  } else if (setup.request_type == 0x00 && setup.request == kSetConfiguration) {
    alt_.reset();
  } else if (is_pointer_command(setup, data)) {
    // The one before may have been run unseen, and this one may be dropped.
    if (pending_) pointer_.reset();
    pending_ = base::load_le32(data, 1);
  }
}

void DfuFollower::received(const ControlSetup& setup, base::ByteView data) {
  const bool runs = setup.request_type == kClassIn && setup.request == kGetStatus &&
                    data.size() == 6 && data[4] == kBusy;
  if (runs && pending_) pointer_ = std::exchange(pending_, std::nullopt);
}

bool DfuFollower::may_show(const ControlSetup& setup, std::size_t length) const {
  if (!is_transfer_of_data(setup)) {
    // Vendor requests may carry anything.
    return (setup.request_type & kTypeMask) == kStandard || setup.request_type == kClassIn ||
           setup.request_type == kClassOut;
  }
  if (setup.request == kDownload && setup.value == 0 && length <= kCommandSize) return true;
  if (setup.value < kFirstDataBlock || alt_ != std::uint8_t{0} || !pointer_ || pending_) {
    return false;
  }
  const std::uint64_t begin =
      *pointer_ + (setup.value - std::uint64_t{kFirstDataBlock}) * kBlockSize;
  const std::uint64_t end = begin + length;
  const bool in_flash = begin >= areas_.flash.begin && end <= areas_.flash.end;
  const bool in_secret = begin < areas_.secret.end && areas_.secret.begin < end;
  return in_flash && !in_secret;
}

struct TraceTransport::Line {
  std::string_view kind;
  base::Instant began;
  nlohmann::ordered_json detail;
  const base::Error* error;
};

void TraceTransport::write(const Line& line) {
  nlohmann::ordered_json json;
  json["at"] = base::in_seconds(line.began - start_);
  json["device"] = device_;
  json["kind"] = line.kind;
  json.update(line.detail);
  json["result"] = line.error == nullptr ? "ok" : base::name(line.error->code);
  json["seconds"] = base::in_seconds(clock_->now() - line.began);
  sink_(json.dump());
}

namespace {

nlohmann::ordered_json describe(const ControlSetup& setup, std::size_t length,
                                const base::Result<std::size_t>& moved, base::ByteView data,
                                bool show) {
  nlohmann::ordered_json json;
  json["setup"] = setup_bytes(setup, length);
  json["length"] = length;
  json["moved"] = moved ? *moved : 0;
  if (!data.empty()) {
    json["data"] = show ? base::to_hex(data.first(std::min(data.size(), kShownBytes))) : "redacted";
  }
  return json;
}

template <class T>
const base::Error* error_of(const base::Result<T>& result) {
  return result ? nullptr : &result.error();
}

}  // namespace

void TraceTransport::write_in(const ControlSetup& setup, std::size_t length, base::Instant began,
                              const base::Result<std::size_t>& moved, base::ByteView data) {
  const bool show = follower_.may_show(setup, length);
  follower_.received(setup, data);
  write({"control-in", began, describe(setup, length, moved, data, show), error_of(moved)});
}

void TraceTransport::write_out(const ControlSetup& setup, base::ByteView data, base::Instant began,
                               const base::Result<std::size_t>& moved) {
  const bool show = follower_.may_show(setup, data.size());
  follower_.sent(setup, data);
  write({"control-out", began, describe(setup, data.size(), moved, data, show), error_of(moved)});
}

class TraceTransport::Queue final : public ControlQueue {
 public:
  Queue(TraceTransport& trace, ControlQueue& inner) : trace_(trace), inner_(inner) {}

  std::size_t depth() const override { return inner_.depth(); }
  void start_in(const ControlSetup& setup, std::size_t length, base::Millis timeout) override {
    started_.push_back({setup, true, length, {}, trace_.clock_->now()});
    inner_.start_in(setup, length, timeout);
  }
  void start_out(const ControlSetup& setup, base::ByteView data, base::Millis timeout) override {
    started_.push_back(
        {setup, false, data.size(), base::Bytes(data.begin(), data.end()), trace_.clock_->now()});
    inner_.start_out(setup, data, timeout);
  }
  base::Result<std::size_t> finish(std::span<std::uint8_t> into) override {
    const Started one = std::move(started_.front());
    started_.pop_front();
    auto moved = inner_.finish(into);
    if (one.in) {
      trace_.write_in(one.setup, one.length, one.began, moved,
                      into.first(moved ? std::min(*moved, into.size()) : 0));
    } else {
      trace_.write_out(one.setup, one.data, one.began, moved);
    }
    return moved;
  }
  std::size_t pending() const override { return inner_.pending(); }

 private:
  struct Started {
    ControlSetup setup;
    bool in;
    std::size_t length;
    base::Bytes data;  // OUT
    base::Instant began;
  };

  TraceTransport& trace_;
  ControlQueue& inner_;
  std::deque<Started> started_;
};

TraceTransport::TraceTransport(std::unique_ptr<Transport> inner, std::string device,
                               const base::Clock& clock, TraceAreas areas, LineSink sink)
    : inner_(std::move(inner)),
      device_(std::move(device)),
      clock_(&clock),
      start_(clock.now()),
      sink_(std::move(sink)),
      follower_(areas),
      queue_(std::make_unique<Queue>(*this, inner_->queue())) {}

TraceTransport::~TraceTransport() = default;

ControlQueue& TraceTransport::queue() { return *queue_; }

base::Result<> TraceTransport::claim_interface(std::uint8_t interface) {
  const base::Instant began = clock_->now();
  auto result = inner_->claim_interface(interface);
  write({"claim-interface", began, {{"interface", interface}}, error_of(result)});
  return result;
}

base::Result<> TraceTransport::select_alt(std::uint8_t interface, std::uint8_t alt) {
  const base::Instant began = clock_->now();
  auto result = inner_->select_alt(interface, alt);
  follower_.alt_selected(result ? std::optional(alt) : std::nullopt);
  write({"select-alt", began, {{"interface", interface}, {"alt", alt}}, error_of(result)});
  return result;
}

base::Result<base::Bytes> TraceTransport::configuration() {
  const base::Instant began = clock_->now();
  auto result = inner_->configuration();
  nlohmann::ordered_json detail = nlohmann::ordered_json::object();
  if (result) detail["data"] = base::to_hex(*result);
  write({"configuration", began, std::move(detail), error_of(result)});
  return result;
}

base::Result<std::string> TraceTransport::string(std::uint8_t index) {
  const base::Instant began = clock_->now();
  auto result = inner_->string(index);
  nlohmann::ordered_json detail{{"index", index}};
  if (result) detail["text"] = base::printable(*result);
  write({"string", began, std::move(detail), error_of(result)});
  return result;
}

TraceHost::TraceHost(Host& inner, const base::Clock& clock, TraceAreas areas, LineSink sink)
    : inner_(&inner), clock_(&clock), areas_(areas), sink_(std::move(sink)) {}

base::Result<std::vector<DeviceInfo>> TraceHost::list(std::uint16_t vendor) {
  return inner_->list(vendor);
}

base::Result<std::unique_ptr<Transport>> TraceHost::open(const DeviceInfo& info) {
  TRY_ASSIGN(auto transport, inner_->open(info));
  return std::unique_ptr<Transport>(std::make_unique<TraceTransport>(
      std::move(transport), to_string(info.port), *clock_, areas_, sink_));
}

void TraceHost::wait_for_change(base::Millis most, const base::CancelToken& cancel) {
  inner_->wait_for_change(most, cancel);
}

}  // namespace usb
