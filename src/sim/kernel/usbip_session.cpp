// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/kernel/usbip_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace sim {
namespace {

constexpr std::uint16_t kVersion = 0x0111;
constexpr std::uint16_t kAskList = 0x8005;
constexpr std::uint16_t kList = 0x0005;
constexpr std::uint16_t kAskImport = 0x8003;
constexpr std::uint16_t kImport = 0x0003;
constexpr std::size_t kRequestSize = 8;
constexpr std::size_t kBusIdSize = 32;
constexpr std::size_t kPathSize = 256;
constexpr std::size_t kMostInput = 64 * 1024;  // before a board is given
constexpr std::uint32_t kRefused = 1;
constexpr std::uint32_t kFirstDeviceNumber = 2;

// USB 2.0, sections 9.4.3, 9.6.1, 9.6.3 and 9.6.5.
constexpr usb::ControlSetup kGetDevice{0x80, 6, 0x0100, 0};
constexpr usb::ControlSetup kGetConfigurations{0x80, 6, 0x0200, 0};
constexpr std::uint16_t kDeviceSize = 18;
constexpr std::uint16_t kMostConfiguration = 512;
constexpr std::uint8_t kInterfaceType = 4;
constexpr std::size_t kInterfaceSize = 9;

void append_be(base::Bytes& to, std::uint32_t value, std::size_t size) {
  for (std::size_t i = size; i > 0; --i) {
    to.push_back(static_cast<std::uint8_t>(value >> 8 * (i - 1)));
  }
}

void append_text(base::Bytes& to, const std::string& text, std::size_t size) {
  to.insert(to.end(), text.begin(), text.end());
  to.resize(to.size() + size - text.size());
}

std::uint16_t load_be16(base::ByteView bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

struct Description {
  base::Bytes device;                                     // the descriptor
  std::uint8_t configuration = 0;                         // bConfigurationValue
  std::vector<std::array<std::uint8_t, 3>> interfaces{};  // class, subclass, protocol
};

// None: there is no device, or it does not say what it is.
std::optional<Description> describe(Board& board) {
  if (!board.attached()) return std::nullopt;
  constexpr auto kWhole = Board::DataStage::completed;
  const ControlReply device = board.control(kGetDevice, kDeviceSize, {}, kWhole);
  const ControlReply whole = board.control(kGetConfigurations, kMostConfiguration, {}, kWhole);
  if (device.data.size() != kDeviceSize || whole.data.size() < kInterfaceSize) return std::nullopt;
  Description description{.device = device.data, .configuration = whole.data[5]};
  std::set<std::uint8_t> seen;
  for (std::size_t at = 0; at + 2 <= whole.data.size() && whole.data[at] >= 2;
       at += whole.data[at]) {
    const bool interface =
        whole.data[at + 1] == kInterfaceType && at + kInterfaceSize <= whole.data.size();
    // Each once, whatever alternate settings it has.
    if (!interface || !seen.insert(whole.data[at + 2]).second) continue;
    description.interfaces.push_back({whole.data[at + 5], whole.data[at + 6], whole.data[at + 7]});
  }
  return description;
}

void append_device(base::Bytes& to, std::size_t number, const Description& description) {
  const std::string id = usbip_bus_id(number);
  append_text(to, "/sys/devices/platform/electron-sim/usb1/" + id, kPathSize);
  append_text(to, id, kBusIdSize);
  append_be(to, 1, 4);
  append_be(to, static_cast<std::uint32_t>(number) + kFirstDeviceNumber, 4);
  append_be(to, kFullSpeed, 4);
  const base::ByteView device(description.device);
  for (const std::size_t at : {8U, 10U, 12U}) append_be(to, base::load_le16(device, at), 2);
  for (const std::size_t at : {4U, 5U, 6U}) to.push_back(device[at]);
  to.push_back(description.configuration);
  to.push_back(device[17]);
  to.push_back(static_cast<std::uint8_t>(description.interfaces.size()));
}

void append_answer(base::Bytes& to, std::uint16_t code, std::uint32_t status) {
  append_be(to, kVersion, 2);
  append_be(to, code, 2);
  append_be(to, status, 4);
}

}  // namespace

std::string usbip_bus_id(std::size_t number) { return fmt::format("1-{}", number + 1); }

UsbipSession::UsbipSession(Wire& wire, std::set<std::size_t>& taken, const BusTiming& timing)
    : wire_(&wire), taken_(&taken), timing_(timing) {}

UsbipSession::~UsbipSession() {
  if (number_) taken_->erase(*number_);
}

base::Result<> UsbipSession::receive(base::ByteView bytes) {
  if (device_) return device_->receive(bytes);
  input_.insert(input_.end(), bytes.begin(), bytes.end());
  if (input_.size() > kMostInput) {
    return base::make_error(base::Errc::protocol, "the client sends transfers to no device");
  }
  if (asked_ == Asked::nothing) TRY(read_request());
  return run();
}

base::Result<> UsbipSession::read_request() {
  if (input_.size() < kRequestSize) return {};
  const std::uint16_t code = load_be16(input_, 2);
  const bool import = code == kAskImport;
  if (load_be16(input_, 0) != kVersion || (!import && code != kAskList)) {
    return base::make_error(base::Errc::protocol, "the client does not speak USB/IP 1.1.1");
  }
  const std::size_t size = kRequestSize + (import ? kBusIdSize : 0);
  if (input_.size() < size) return {};
  if (import) {
    wanted_ = base::as_text(base::ByteView(input_).subspan(kRequestSize, kBusIdSize));
    wanted_.resize(std::min(wanted_.size(), wanted_.find('\0')));
  }
  // What comes behind an import are transfers already.
  input_.erase(input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(size));
  asked_ = import ? Asked::import : Asked::list;
  return {};
}

std::optional<base::Instant> UsbipSession::busy_until() const {
  std::optional<base::Instant> latest;
  for (std::size_t number = 0; number < wire_->size(); ++number) {
    if (!wire_->board(number).attached()) continue;
    const base::Instant ready = wire_->ready_at(number);
    if (ready > wire_->now() && (!latest || ready > *latest)) latest = ready;
  }
  return latest;
}

base::Result<> UsbipSession::run() {
  if (device_) {
    device_->run();
    const Board& board = wire_->board(*number_);
    if (!board.attached() || board.attach_count() != attach_) over_ = true;
    return {};
  }
  if (asked_ == Asked::nothing || over_ || busy_until()) return {};
  if (asked_ == Asked::list) {
    answer_list();
    return {};
  }
  answer_import();
  if (!device_) return {};
  const base::Bytes behind = std::exchange(input_, {});
  return device_->receive(behind);
}

void UsbipSession::answer_list() {
  base::Bytes devices;
  std::uint32_t count = 0;
  for (std::size_t number = 0; number < wire_->size(); ++number) {
    if (taken_->contains(number)) continue;
    const auto description = describe(wire_->board(number));
    if (!description) continue;
    ++count;
    append_device(devices, number, *description);
    for (const auto& interface : description->interfaces) {
      devices.insert(devices.end(), interface.begin(), interface.end());
      devices.push_back(0);
    }
  }
  append_answer(output_, kList, 0);
  append_be(output_, count, 4);
  output_.insert(output_.end(), devices.begin(), devices.end());
  over_ = true;
}

void UsbipSession::answer_import() {
  for (std::size_t number = 0; number < wire_->size(); ++number) {
    if (usbip_bus_id(number) != wanted_ || taken_->contains(number)) continue;
    const auto description = describe(wire_->board(number));
    if (!description) break;
    append_answer(output_, kImport, 0);
    append_device(output_, number, *description);
    taken_->insert(number);
    number_ = number;
    attach_ = wire_->board(number).attach_count();
    device_.emplace(*wire_, number, timing_);
    return;
  }
  append_answer(output_, kImport, kRefused);
  over_ = true;
}

std::optional<base::Instant> UsbipSession::next_event() const {
  if (device_) return device_->next_event();
  return asked_ == Asked::nothing || over_ ? std::nullopt : busy_until();
}

base::Bytes UsbipSession::take_output() {
  base::Bytes output = std::exchange(output_, {});
  if (device_) {
    const base::Bytes more = device_->take_output();
    output.insert(output.end(), more.begin(), more.end());
  }
  return output;
}

}  // namespace sim
