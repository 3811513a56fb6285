// SPDX-License-Identifier: GPL-3.0-or-later
//
// A board behind standard input, for a client that is no C++ (tests/scripts/vendor_client_test.py):
// a JSON object a line, each answered with one. Time is virtual.
//   board_served list                            the released bootloaders that are here, as JSON
//   board_served executed|profile VERSION [AS]   AS: the profile of another version instead
//
// {"do": "begin"}: a new board, blank but for the bootloader, on and in DFU mode by itself.
// {"do": "devices"}: {"devices": [{"address", "device", "configuration"}]}, descriptors in hex.
// {"do": "open" or "close", "address"}, {"do": "claim", "address", "interface"}.
// {"do": "control", "address", "setup": [type, request, value, index], "length" or "data",
//  "timeout"}: {"data"} in hex, or {"error"}: usb-stall, timeout, device-gone, usb-io.
// {"do": "until", "at"}: time passes, in microseconds.
// {"do": "parts", "release"}: {"parts": [{"address", "data"}]}, none where files are missing.
// {"do": "outcome"}: what the board does, and a digest of all flash but the bootloader.
// Each answer has "now".
#include "base/checksum.h"
#include "board/images.h"
#include "board/wired.h"
#include "platform/platform.h"

#include <nlohmann/json.hpp>

#include <iostream>
#include <map>
#include <string>

namespace board {
namespace {

using Json = nlohmann::json;
using std::chrono::seconds;

constexpr std::uint16_t kVendor = 0x2B04;
constexpr base::Millis kPatience{1000};
constexpr std::uint16_t kDeviceDescriptor = 0x0100;
constexpr std::uint16_t kDeviceDescriptorSize = 18;

Json failed(base::Errc code) { return {{"error", std::string(base::name(code))}}; }

std::string_view name(sim::Board::Running running) {
  switch (running) {
    case sim::Board::Running::nothing:
      return "nothing";
    case sim::Board::Running::bootloader:
      return "bootloader";
    case sim::Board::Running::firmware:
      return "firmware";
    case sim::Board::Running::crashed:
      return "crashed";
  }
  return "?";
}

class Served {
 public:
  Served(Kind kind, const Image& image, const sim::BootloaderProfile& profile)
      : kind_(kind), image_(image), profile_(profile) {}

  Json answer(const Json& line) {
    const std::string what = line.at("do");
    Json answer = what == "begin" ? begin() : what == "parts" ? parts(line) : of_board(what, line);
    if (wired_) answer["now"] = wired_->wire().now().time_since_epoch().count();
    return answer;
  }

 private:
  Json begin() {
    open_.clear();
    known_.clear();
    wired_ = std::make_unique<Wired>(kind_, image_.bytes, profile_);
    wired_->board().power(true);
    const base::Instant end = wired_->wire().now() + seconds(30);
    const base::CancelToken never;
    while (devices().empty() && wired_->wire().now() < end) {
      wired_->host().wait_for_change(kPatience, never);
    }
    return Json::object();
  }

  Json parts(const Json& line) {
    Json all = Json::array();
    for (const Part& part : released_parts(line.at("release").get<std::string>())) {
      all.push_back({{"address", part.range.begin}, {"data", base::to_hex(part.bytes)}});
    }
    return {{"parts", std::move(all)}};
  }

  Json of_board(const std::string& what, const Json& line) {
    if (what == "until") {
      wired_->wire().advance_to(base::Instant(base::Micros(line.at("at").get<std::int64_t>())));
      return Json::object();
    }
    if (what == "outcome") return outcome();
    if (what == "devices") return tell_devices();
    const int address = line.at("address");
    if (what == "open") return open(address);
    if (what == "close") {
      open_.erase(address);
      return Json::object();
    }
    const auto found = open_.find(address);
    if (found == open_.end()) return {{"error", "not-open"}};
    if (what == "control") return control(*found->second, line);
    const auto claimed = found->second->claim_interface(line.at("interface"));
    return claimed ? Json::object() : failed(claimed.error().code);
  }

  std::vector<usb::DeviceInfo> devices() {
    return wired_->host().list(kVendor).value_or(std::vector<usb::DeviceInfo>());
  }

  // A system reads the descriptors once, when the device arrives.
  Json tell_devices() {
    Json all = Json::array();
    for (const usb::DeviceInfo& info : devices()) {
      Json& known = known_[info.address];
      if (known.is_null()) known = describe(info);
      if (!known.is_null()) all.push_back(known);
    }
    return {{"devices", std::move(all)}};
  }

  Json describe(const usb::DeviceInfo& info) {
    const auto transport = wired_->host().open(info);
    if (!transport) return nullptr;
    base::Bytes about(kDeviceDescriptorSize);
    const auto got = (*transport)->control_in({0x80, 6, kDeviceDescriptor, 0}, about, kPatience);
    const auto configuration = (*transport)->configuration();
    if (!got || *got != about.size() || !configuration) return nullptr;
    return {{"address", info.address},
            {"device", base::to_hex(about)},
            {"configuration", base::to_hex(*configuration)}};
  }

  Json open(int address) {
    for (const usb::DeviceInfo& info : devices()) {
      if (info.address != address) continue;
      auto transport = wired_->host().open(info);
      if (!transport) return failed(transport.error().code);
      open_[address] = std::move(*transport);
      return Json::object();
    }
    return failed(base::Errc::device_gone);
  }

  static Json control(usb::Transport& transport, const Json& line) {
    const Json& fields = line.at("setup");
    const usb::ControlSetup setup{fields.at(0), fields.at(1), fields.at(2), fields.at(3)};
    const base::Millis timeout(line.at("timeout").get<int>());
    if (line.contains("data")) {
      const base::Bytes data = base::from_hex(line.at("data").get<std::string>());
      const auto sent = transport.control_out(setup, data, timeout);
      return sent ? Json::object({{"data", ""}}) : failed(sent.error().code);
    }
    base::Bytes data(line.at("length").get<std::size_t>());
    const auto got = transport.control_in(setup, data, timeout);
    if (!got) return failed(got.error().code);
    data.resize(*got);
    return {{"data", base::to_hex(data)}};
  }

  Json outcome() {
    const platform::Platform& electron = platform::electron();
    const base::ByteView flash =
        wired_->board().flash().view({electron.dfu_writable.begin, electron.flash.end});
    return {{"runs", std::string(name(wired_->board().running()))},
            {"attached", wired_->board().attached()},
            {"flash", base::to_hex(base::sha256(flash))}};
  }

  Kind kind_;
  const Image& image_;
  const sim::BootloaderProfile& profile_;
  std::unique_ptr<Wired> wired_;
  std::map<int, std::unique_ptr<usb::Transport>> open_;
  std::map<int, Json> known_;
};

int list() {
  Json versions = Json::array();
  for (const Image& image : released_bootloaders()) versions.push_back(image.version);
  std::cout << versions << std::endl;
  if (versions.empty()) std::cerr << no_images() << std::endl;
  return 0;
}

int serve(std::string_view kind, int version, int as) {
  const Image* image = released_bootloader(static_cast<std::uint16_t>(version));
  if (image == nullptr || (kind != "executed" && kind != "profile")) return 2;
  sim::BootloaderProfile profile = sim::bootloader_profile(static_cast<std::uint16_t>(as));
  // A profile is taken for the image of its own version only.
  if (as != version) profile.version = image->version;
  Served served(kind == "executed" ? Kind::executed : Kind::profile, *image, profile);
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << served.answer(Json::parse(line)) << std::endl;
  }
  return 0;
}

}  // namespace
}  // namespace board

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words == std::vector<std::string>{"list"}) return board::list();
  if (words.size() < 2 || words.size() > 3) return 2;
  return board::serve(words[0], std::stoi(words[1]), std::stoi(words.back()));
}
