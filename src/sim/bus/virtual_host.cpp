// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/bus/virtual_host.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <utility>

namespace sim {
namespace {

using base::Errc;
using Kind = ControlReply::Kind;

// USB 2.0, chapter 9; CDC 1.2 and PSTN 1.2 for the serial port.
constexpr std::uint8_t kGetDescriptor = 6;
constexpr std::uint8_t kSetConfiguration = 9;
constexpr std::uint8_t kSetInterface = 11;
constexpr std::uint16_t kDeviceDescriptor = 0x0100;
constexpr std::uint16_t kConfigurationDescriptor = 0x0200;
constexpr std::uint16_t kStringDescriptor = 0x0300;
constexpr std::uint16_t kEnglish = 0x0409;
constexpr std::uint8_t kInterfaceType = 4;
constexpr std::uint8_t kEndpointType = 5;
constexpr std::uint8_t kCommunications = 0x02;
constexpr std::uint8_t kAbstractControl = 0x02;
constexpr std::uint8_t kCdcData = 0x0A;
constexpr std::size_t kDeviceDescriptorSize = 18;
constexpr std::uint8_t kLastAddress = 127;
constexpr base::Millis kStringTimeout{1000};

base::Error gone() {
  return base::make_error(Errc::device_gone, "the device left the bus",
                          "check the cable, then run the same command again");
}
base::Error too_late() {
  return base::make_error(Errc::timeout, "the device did not answer in time");
}

std::string text_of(base::ByteView descriptor) {
  std::string text;
  for (std::size_t i = 2; i + 1 < descriptor.size(); i += 2) {
    const std::uint16_t unit = base::load_le16(descriptor, i);
    text.push_back(unit < 0x80 ? static_cast<char>(unit) : '?');
  }
  return text;
}

// The CDC ACM functions of a configuration, if it has them.
void find_serial(VirtualHost::Enumerated& device, int free_port) {
  const base::ByteView bytes = device.configuration;
  std::uint8_t interface_class = 0;
  bool control = false;
  for (std::size_t at = 0; at + 2 <= bytes.size() && bytes[at] >= 2; at += bytes[at]) {
    const std::size_t left = bytes.size() - at;
    if (bytes[at + 1] == kInterfaceType && left >= 9) {
      interface_class = bytes[at + 5];
      if (!control && interface_class == kCommunications && bytes[at + 6] == kAbstractControl) {
        control = true;
        device.control_interface = bytes[at + 2];
      }
    } else if (bytes[at + 1] == kEndpointType && left >= 7 && interface_class == kCdcData) {
      const std::uint8_t endpoint = bytes[at + 2];
      std::uint8_t& place =
          (endpoint & 0x80U) != 0 ? device.bulk_in_endpoint : device.bulk_out_endpoint;
      if (place == 0) place = endpoint;
    }
  }
  if (control && device.bulk_in_endpoint != 0 && device.bulk_out_endpoint != 0) {
    device.serial_port = free_port;
  }
}

// In virtual time the computer takes none: what is started is carried out at once, and what comes
// of it waits to be asked for.
class SimQueue final : public usb::ControlQueue {
 public:
  SimQueue(VirtualHost& host, VirtualHost::Address device) : host_(&host), device_(device) {}
  std::size_t depth() const override { return 16; }
  void start_in(const usb::ControlSetup& setup, std::size_t length, base::Millis timeout) override {
    run(setup, length, {}, timeout);
  }
  void start_out(const usb::ControlSetup& setup, base::ByteView data,
                 base::Millis timeout) override {
    run(setup, data.size(), data, timeout);
  }
  base::Result<std::size_t> finish(std::span<std::uint8_t> into) override {
    const Outcome outcome = std::move(outcomes_.front());
    outcomes_.pop_front();
    if (!outcome.data) return outcome.data.error();
    std::copy_n(outcome.data->begin(), std::min(outcome.data->size(), into.size()), into.begin());
    return std::max(outcome.data->size(), outcome.sent);
  }
  std::size_t pending() const override { return outcomes_.size(); }

 private:
  struct Outcome {
    base::Result<base::Bytes> data;
    std::size_t sent;
  };

  void run(const usb::ControlSetup& setup, std::size_t length, base::ByteView out,
           base::Millis timeout) {
    // Those behind one that has run out of time are withdrawn with it.
    const bool withdrawn = !outcomes_.empty() && !outcomes_.back().data &&
                           outcomes_.back().data.error().code == Errc::timeout;
    outcomes_.push_back(
        {withdrawn
             ? base::Result<base::Bytes>(too_late())
             : host_->control(device_, setup, static_cast<std::uint16_t>(length), out, timeout),
         out.size()});
  }

  VirtualHost* host_;
  VirtualHost::Address device_;
  std::deque<Outcome> outcomes_;
};

class SimTransport final : public usb::Transport {
 public:
  SimTransport(VirtualHost& host, VirtualHost::Address device)
      : host_(&host), device_(device), queue_(host, device) {}
  ~SimTransport() override {
    VirtualHost::Enumerated* device = mine();
    if (device == nullptr) return;
    for (const std::uint8_t interface : claimed_) device->claimed.erase(interface);
  }
  SimTransport(const SimTransport&) = delete;
  SimTransport& operator=(const SimTransport&) = delete;

  usb::ControlQueue& queue() override { return queue_; }

  base::Result<> claim_interface(std::uint8_t interface) override {
    VirtualHost::Enumerated* device = mine();
    if (device == nullptr) return gone();
    if (claimed_.contains(interface)) return {};
    if (!device->claimed.insert(interface).second) {
      return base::make_error(Errc::busy, fmt::format("interface {} is in use", interface));
    }
    claimed_.insert(interface);
    return {};
  }

  base::Result<> select_alt(std::uint8_t interface, std::uint8_t alt) override {
    TRY(host_->control(device_, {0x01, kSetInterface, alt, interface}, 0, {}, kStringTimeout));
    return {};
  }

  base::Result<base::Bytes> configuration() override {
    const VirtualHost::Enumerated* device = mine();
    if (device == nullptr) return gone();
    return device->configuration;
  }

  base::Result<std::string> string(std::uint8_t index) override {
    const auto value = static_cast<std::uint16_t>(kStringDescriptor + index);
    TRY_ASSIGN(
        const base::Bytes data,
        host_->control(device_, {0x80, kGetDescriptor, value, kEnglish}, 255, {}, kStringTimeout));
    return text_of(data);
  }

 private:
  VirtualHost::Enumerated* mine() const {
    if (!host_->present(device_)) return nullptr;
    return host_->enumerated(device_.number);
  }

  VirtualHost* host_;
  VirtualHost::Address device_;
  SimQueue queue_;
  std::set<std::uint8_t> claimed_;
};

}  // namespace

VirtualHost::VirtualHost(Wire& wire, Enumeration enumeration)
    : wire_(&wire), enumeration_(enumeration) {
  if (enumeration_ == Enumeration::outside) return;
  wire_->on_change([this](std::size_t number) { changed(number); });
  for (std::size_t i = 0; i < wire_->size(); ++i) changed(i);
}

VirtualHost::~VirtualHost() {
  if (enumeration_ == Enumeration::here) wire_->on_change({});
}

// A departure is seen at once; an arrival is a device to enumerate.
void VirtualHost::changed(std::size_t number) {
  if (devices_.size() <= number) devices_.resize(number + 1);
  if (devices_[number]) {
    devices_[number].reset();
    ++changes_;
  }
  const Board& board = wire_->board(number);
  if (!board.attached()) return;
  const std::uint32_t attach = board.attach_count();
  wire_->at(wire_->now() + wire_->timing().enumeration,
            [this, number, attach] { enumerate(number, attach); });
}

void VirtualHost::enumerate(std::size_t number, std::uint32_t attach) {
  const Board& board = wire_->board(number);
  if (!board.attached() || board.attach_count() != attach) return;  // that one is gone again
  if (board.ready_at() > wire_->now()) {
    wire_->at(board.ready_at(), [this, number, attach] { enumerate(number, attach); });
    return;
  }
  devices_[number] = ask(number);
  if (devices_[number]) ++changes_;
}

// What an operating system asks of a new device, in no time: its own transfers meet no faults.
// None: it gives the device up.
std::optional<VirtualHost::Enumerated> VirtualHost::ask(std::size_t number) {
  Board& board = wire_->board(number);
  board.bus_reset();
  // A CPU takes its moment for each request; the board's clock then runs a little ahead of the
  // wire's.
  const auto listens = [&board] {
    constexpr base::Micros kMoment{10'000};
    if (board.ready_at() - board.time() <= kMoment) board.advance_to(board.ready_at());
    return board.ready_at() <= board.time();
  };
  bool well = true;
  const auto get = [&](std::uint16_t value, std::uint16_t index, std::uint16_t length) {
    if (!well || !listens()) return base::Bytes();
    ControlReply reply = board.control({0x80, kGetDescriptor, value, index}, length, {},
                                       Board::DataStage::completed);
    well = reply.kind == Kind::done;
    return std::move(reply.data);
  };
  Enumerated device;
  const base::Bytes about = get(kDeviceDescriptor, 0, kDeviceDescriptorSize);
  const base::Bytes head = get(kConfigurationDescriptor, 0, 9);
  if (!well || about.size() < kDeviceDescriptorSize || head.size() < 9) return std::nullopt;
  device.configuration = get(kConfigurationDescriptor, 0, base::load_le16(head, 2));
  device.info.port = wire_->port(number);
  device.info.vendor = base::load_le16(about, 8);
  device.info.product = base::load_le16(about, 10);
  device.info.bcd_device = base::load_le16(about, 12);
  device.info.serial_string = about[16];
  const auto serial_index = static_cast<std::uint16_t>(kStringDescriptor + about[16]);
  if (about[16] != 0) device.serial = text_of(get(serial_index, kEnglish, 255));
  if (!well || device.configuration.size() < 9) return std::nullopt;
  if (!listens()) return std::nullopt;
  const ControlReply configured = board.control(
      {0x00, kSetConfiguration, device.configuration[5], 0}, 0, {}, Board::DataStage::completed);
  if (configured.kind != Kind::done) return std::nullopt;
  find_serial(device, free_serial_port());
  if (device.serial_port >= 0 && listens()) set_line(board, device);
  device.attach = board.attach_count();
  device.info.address = next_address_;
  next_address_ = next_address_ == kLastAddress ? 1 : static_cast<std::uint8_t>(next_address_ + 1);
  return device;
}

// cdc_acm sends its default, 9600 8N1, when it takes the device; it does not look at the answer.
void VirtualHost::set_line(Board& board, const Enumerated& device) {
  const base::Bytes coding{0x80, 0x25, 0x00, 0x00, 0x00, 0x00, 0x08};
  board.control({0x21, kSetLineCoding, 0, device.control_interface}, 7, coding,
                Board::DataStage::completed);
}

int VirtualHost::free_serial_port() const {
  const auto taken = [this](int port) {
    return std::any_of(devices_.begin(), devices_.end(), [port](const auto& device) {
      return device && device->serial_port == port;
    });
  };
  int port = 0;
  while (taken(port)) ++port;
  return port;
}

VirtualHost::Enumerated* VirtualHost::enumerated(std::size_t number) {
  wire_->look();
  return number < devices_.size() && devices_[number] ? &*devices_[number] : nullptr;
}

bool VirtualHost::present(Address device) const {
  const Board& board = std::as_const(*wire_).board(device.number);
  return board.attached() && board.attach_count() == device.attach;
}

base::Result<std::vector<usb::DeviceInfo>> VirtualHost::list(std::uint16_t vendor) {
  wire_->look();
  std::vector<usb::DeviceInfo> found;
  for (const auto& device : devices_) {
    if (!device || device->info.vendor != vendor) continue;
    found.push_back(device->info);
    if (tells_serials_) found.back().serial = device->serial;
  }
  return found;
}

base::Result<std::unique_ptr<usb::Transport>> VirtualHost::open(const usb::DeviceInfo& info) {
  wire_->look();
  for (std::size_t i = 0; i < devices_.size(); ++i) {
    const auto& device = devices_[i];
    if (device && device->info.port == info.port && device->info.address == info.address) {
      return std::make_unique<SimTransport>(*this, Address{i, device->attach});
    }
  }
  return gone();
}

void VirtualHost::wait_for_change(base::Millis most, const base::CancelToken& cancel) {
  const base::Instant end = wire_->now() + most;
  const std::uint64_t before = changes_;
  while (changes_ == before && wire_->now() < end && !cancel.requested())
    wire_->advance_to_next(end);
}

base::Result<base::Bytes> VirtualHost::control(Address device, const usb::ControlSetup& setup,
                                               std::uint16_t length, base::ByteView out,
                                               base::Millis timeout) {
  const base::Instant deadline = wire_->now() + timeout;
  const auto give_up = [&]() -> base::Error {
    wire_->advance_to(deadline);
    return present(device) ? too_late() : gone();
  };
  // The CPU takes no request while it works: the device answers NAK.
  while (present(device) && wire_->ready_at(device.number) > wire_->now()) {
    if (wire_->ready_at(device.number) >= deadline) return give_up();
    wire_->advance_to(wire_->ready_at(device.number));
  }
  if (!present(device)) return gone();
  Wire::Pending pending = wire_->submit_control(device.number, setup, length, out);
  if (pending.reply.kind == Kind::never || pending.done > deadline) return give_up();
  wire_->advance_to(pending.done);
  if (pending.reply.kind == Kind::gone || !present(device)) return gone();
  if (pending.reply.kind != Kind::done) {
    return base::make_error(Errc::usb_stall, "the device refused the request (STALL)");
  }
  if (pending.reply.data.size() > length) {
    return base::make_error(Errc::usb_io, "the device sent more than was asked for (overflow)");
  }
  return std::move(pending.reply.data);
}

base::Result<> VirtualHost::bulk_out(Address device, std::uint8_t endpoint, base::ByteView data,
                                     base::Millis timeout) {
  constexpr std::size_t kPacket = 64;
  const base::Instant deadline = wire_->now() + timeout;
  while (!data.empty()) {
    if (!present(device)) return gone();
    const base::ByteView packet = data.first(std::min(data.size(), kPacket));
    if (wire_->submit_bulk_out(device.number, endpoint, packet)) {
      wire_->advance_to(wire_->now() + wire_->timing().per_1000_bytes *
                                           static_cast<std::int64_t>(packet.size()) / 1000);
      data = data.subspan(packet.size());
    } else if (wire_->now() >= deadline) {
      wire_->withdraw_bulk_out(device.number);
      return too_late();
    } else {
      wire_->advance_to_next(deadline);
    }
  }
  if (!present(device)) return gone();
  return {};
}

base::Result<base::Bytes> VirtualHost::bulk_in(Address device, std::uint8_t endpoint,
                                               std::size_t most, base::Millis timeout) {
  const base::Instant deadline = wire_->now() + timeout;
  while (present(device)) {
    base::Bytes data = wire_->submit_bulk_in(device.number, endpoint, most);
    if (!data.empty()) {
      wire_->advance_to(wire_->now() + wire_->timing().per_1000_bytes *
                                           static_cast<std::int64_t>(data.size()) / 1000);
      return data;
    }
    if (wire_->now() >= deadline) return too_late();
    wire_->advance_to_next(deadline);
  }
  return gone();
}

}  // namespace sim
