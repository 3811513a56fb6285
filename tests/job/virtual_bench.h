// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// A virtual Electron on a virtual bench, with somebody who does what the job asks for: presses
// MODE, puts the cable back, switches power on.

#include "discovery/device.h"
#include "firmware/build.h"
#include "firmware/check.h"
#include "firmware/parse.h"
#include "job/job.h"
#include "reach/switching.h"
#include "release/assemble.h"
#include "release/catalogue.h"
#include "sim/board/dct.h"
#include "sim/bootloader/bootloader.h"
#include "sim/bus/serial_port.h"
#include "sim/bus/virtual_clock.h"
#include "sim/bus/virtual_host.h"
#include "sim/firmware/firmware.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace job::test {

using std::chrono::milliseconds;
using std::chrono::seconds;

inline const platform::Platform& electron() { return platform::electron(); }
inline const release::Catalogue& catalogue() { return release::Catalogue::embedded(); }

inline release::Version version(std::string_view text) {
  release::Version result;
  EXPECT_TRUE(release::Version::parse(text, result)) << text;
  return result;
}

inline firmware::CheckedModule checked(base::Bytes image, const std::string& source) {
  auto module = firmware::check(firmware::parse(std::move(image)), electron(), source);
  EXPECT_TRUE(module) << (module ? "" : module.error().message);
  return std::move(*module);
}

// Modules as the vendor released them but for their contents. `most` bytes at most, so that a test
// that does not need real sizes is quick; 0: real sizes.
inline std::vector<firmware::CheckedModule> synthesised(std::string_view release_name,
                                                        std::uint32_t most) {
  std::vector<firmware::CheckedModule> modules;
  const release::CatalogueRelease* known = catalogue().find(version(release_name));
  EXPECT_TRUE(known != nullptr && !known->parts.empty()) << release_name;
  for (const release::CatalogueFile& part : known->parts) {
    firmware::BuildRequest request;
    request.id = part.id;
    request.version = part.version;
    if (!part.dependencies.empty()) request.dependency1 = part.dependencies[0];
    if (part.dependencies.size() > 1) request.dependency2 = part.dependencies[1];
    request.size = most == 0 ? part.length : std::min(part.length, most);
    request.seed = part.version * 8U + part.id.index;
    modules.push_back(checked(firmware::build(request, electron()), part.file));
  }
  return modules;
}

inline firmware::CheckedModule user_part(std::uint16_t module_version, std::uint16_t needs) {
  firmware::BuildRequest request;
  request.id = platform::kUserPart;
  request.version = module_version;
  request.dependency1 = {platform::kSystemPart2, needs};
  request.size = 3000;
  request.seed = module_version;
  return checked(firmware::build(request, electron()), "application.bin");
}

// The release's part of a job's goal.
inline plan::Request& goal_of(Request& request) {
  return std::get<ToRelease>(request.goal).request;
}

inline release::Library library(const std::vector<std::string>& releases, std::uint32_t most) {
  std::vector<firmware::CheckedModule> modules;
  for (const std::string& name : releases) {
    for (firmware::CheckedModule& module : synthesised(name, most)) {
      modules.push_back(std::move(module));
    }
  }
  return release::assemble(std::move(modules), catalogue(), {.allow_unknown = true});
}

// A host whose process is killed: after so many transfers nothing it does reaches the device, which
// stays as it is. (The job under test sees errors instead of its own end.)
class MortalHost final : public usb::Host {
 public:
  explicit MortalHost(usb::Host& host) : host_(host) {}
  std::uint64_t transfers_left = UINT64_MAX;

  base::Result<std::vector<usb::DeviceInfo>> list(std::uint16_t vendor) override {
    if (transfers_left == 0) return dead();
    return host_.list(vendor);
  }
  base::Result<std::unique_ptr<usb::Transport>> open(const usb::DeviceInfo& info) override {
    if (transfers_left == 0) return dead();
    TRY_ASSIGN(auto transport, host_.open(info));
    return std::unique_ptr<usb::Transport>(
        std::make_unique<MortalTransport>(*this, std::move(transport)));
  }
  void wait_for_change(base::Millis most, const base::CancelToken& cancel) override {
    host_.wait_for_change(most, cancel);
  }

 private:
  class MortalTransport final : public usb::Transport {
   public:
    MortalTransport(MortalHost& host, std::unique_ptr<usb::Transport> transport)
        : host_(host), transport_(std::move(transport)) {}
    usb::ControlQueue& queue() override { return queue_; }
    base::Result<> claim_interface(std::uint8_t interface) override {
      return transport_->claim_interface(interface);
    }
    base::Result<> select_alt(std::uint8_t interface, std::uint8_t alt) override {
      if (!host_.lives()) return dead();
      return transport_->select_alt(interface, alt);
    }
    base::Result<base::Bytes> configuration() override { return transport_->configuration(); }
    base::Result<std::string> string(std::uint8_t index) override {
      if (!host_.lives()) return dead();
      return transport_->string(index);
    }

   private:
    // What a dying process has handed to the kernel is still carried out, or not: here it is, up to
    // the last transfer that it lives to see.
    class MortalQueue final : public usb::ControlQueue {
     public:
      MortalQueue(MortalHost& host, usb::ControlQueue& queue) : host_(host), queue_(queue) {}
      std::size_t depth() const override { return queue_.depth(); }
      void start_in(const usb::ControlSetup& setup, std::size_t length,
                    base::Millis timeout) override {
        alive_.push_back(host_.lives());
        if (alive_.back()) queue_.start_in(setup, length, timeout);
      }
      void start_out(const usb::ControlSetup& setup, base::ByteView data,
                     base::Millis timeout) override {
        alive_.push_back(host_.lives());
        if (alive_.back()) queue_.start_out(setup, data, timeout);
      }
      base::Result<std::size_t> finish(std::span<std::uint8_t> into) override {
        const bool alive = alive_.front();
        alive_.pop_front();
        if (!alive) return dead();
        return queue_.finish(into);
      }
      std::size_t pending() const override { return alive_.size(); }

     private:
      MortalHost& host_;
      usb::ControlQueue& queue_;
      std::deque<bool> alive_;
    };

    MortalHost& host_;
    std::unique_ptr<usb::Transport> transport_;
    MortalQueue queue_{host_, transport_->queue()};
  };

  bool lives() {
    if (transfers_left == 0) return false;
    if (transfers_left != UINT64_MAX) --transfers_left;
    return true;
  }
  static base::Error dead() {
    return base::make_error(base::Errc::access_denied, "the process was killed");
  }
  usb::Host& host_;
};

class VirtualBench final : public events::Sink {
 public:
  explicit VirtualBench(std::string_view bootloader)
      : wire_(base::Instant{}),
        computer_(wire_),
        ports_(computer_),
        clock_(wire_),
        profile_(*sim::find_bootloader_profile(bootloader)),
        board_(electron(), kUniqueId, programs(), base::Instant{}),
        host_(computer_),
        world_{host_, ports_, clock_} {
    wire_.add(board_);
    wire_.set_observer([this](const sim::TransferRecord& record) { observe(record); });
    load_surroundings();
  }

  // --- making a state ---
  void load(const firmware::CheckedModule& module) {
    board_.flash().load(module.address(), module.image());
  }
  void install(std::string_view release_name, std::uint32_t most) {
    for (const firmware::CheckedModule& module : synthesised(release_name, most)) load(module);
  }
  void load_flash(const base::Bytes& image) { board_.flash().load(electron().flash.begin, image); }
  base::Bytes flash() const {
    const base::ByteView view = board_.flash().view();
    return {view.begin(), view.end()};
  }
  base::ByteView region(base::AddressRange range) const { return board_.flash().view(range); }

  // --- the world's hand ---
  void power_on() {
    board_.power(true);
    pass(seconds(6));
  }
  void pass(base::Micros duration) { wire_.advance_to(wire_.now() + duration); }
  // MODE-button DFU, as the text of the request says, a moment from now.
  void press_mode_soon() {
    const base::Instant start = wire_.now() + seconds(1);
    wire_.at(start, [this] {
      board_.plug(true);
      board_.power(true);
      board_.press_mode(true);
      board_.press_reset(true);
    });
    wire_.at(start + milliseconds(200), [this] { board_.press_reset(false); });
    wire_.at(start + milliseconds(4500), [this] { board_.press_mode(false); });
  }
  // Listening mode, as the text of the request says.
  void hold_mode_soon() {
    const base::Instant start = wire_.now() + seconds(1);
    wire_.at(start, [this] { board_.press_mode(true); });
    wire_.at(start + milliseconds(3500), [this] { board_.press_mode(false); });
  }
  // MODE held while power comes: no firmware runs, so that it replaces no bootloader.
  void start_in_dfu() {
    board_.press_mode(true);
    board_.power(true);
    pass(milliseconds(4500));
    board_.press_mode(false);
    pass(seconds(2));
  }
  void fault(const std::string& script) {
    auto faults = sim::parse_faults(script);
    ASSERT_TRUE(faults) << faults.error().message;
    wire_.set_faults(0, std::move(*faults));
  }
  void kill_after(std::uint64_t count) { host_.transfers_left = count; }
  void start_process_again() { host_.transfers_left = UINT64_MAX; }
  void no_faults() {
    wire_.set_faults(0, {});
    board_.flash().clear_faults();
  }

  // --- running ---
  base::Result<discovery::Device> find() { return discovery::choose(world_, electron(), {}); }
  work::Context context() { return context_in(world_); }
  work::Context context_in(discovery::World& world) {
    return {world, electron(), catalogue(), *this, *cancel_, work::default_policy()};
  }
  Request request(const release::Library& files, std::string_view target) const {
    ToRelease goal;
    goal.request.target = version(target);
    goal.request.library = &files;
    Request request;
    request.goal = std::move(goal);
    request.via = Via::dfu;
    return request;
  }
  // Finds the device first; somebody presses MODE where it does not show up.
  events::DeviceReport run(const Request& job) {
    auto device = find();
    if (!device) {
      pass(seconds(25));
      device = find();
    }
    if (!device && helpful) {
      ++times_mode_pressed;
      press_mode_soon();
      pass(seconds(8));
      device = find();
    }
    if (!device) {
      events::DeviceReport report;
      report.error = device.error();
      return report;
    }
    const work::Context with = context();
    return job::run(with, *device, job);
  }

  void on(const std::string&, const events::Event& event) override {
    events.push_back(event);
    const auto* asked = std::get_if<events::PersonNeeded>(&event);
    if (asked != nullptr && helpful) {
      ++times_mode_pressed;
      if (asked->what.find("blinks blue") != std::string::npos) {
        hold_mode_soon();
      } else {
        press_mode_soon();
      }
    }
    if (on_event) on_event(event);
  }

  // --- looking ---
  bool holds(const firmware::CheckedModule& module) const {
    const std::uint32_t begin = module.address();
    const auto size = static_cast<std::uint32_t>(module.image().size());
    return std::ranges::equal(region({begin, begin + size}), module.image());
  }
  bool holds(std::string_view release_name, std::uint32_t most) const {
    const auto modules = synthesised(release_name, most);
    return std::ranges::all_of(modules, [this](const auto& module) { return holds(module); });
  }
  std::uint16_t bootloader_version() const {
    const std::uint32_t at = electron().bootloader_version_address;
    return base::load_le16(region({at, at + 2}), 0);
  }
  bool runs() const {
    return board_.running() == sim::Board::Running::firmware && board_.attached();
  }
  std::uint64_t count(sim::TransferKind kind) const {
    const auto found = transfers.find(kind);
    return found == transfers.end() ? 0 : found->second;
  }
  template <class Event>
  std::vector<Event> events_of() const {
    std::vector<Event> found;
    for (const events::Event& event : events) {
      if (const auto* one = std::get_if<Event>(&event)) found.push_back(*one);
    }
    return found;
  }

  sim::Board& board() { return board_; }
  sim::Wire& wire() { return wire_; }
  discovery::World& world() { return world_; }
  base::CancelToken& cancel() { return *cancel_; }
  void forget_interruption() { cancel_ = std::make_unique<base::CancelToken>(); }

  sim::FirmwareOptions modem;  // what the firmware finds at its next start
  bool helpful = true;         // somebody is there
  int times_mode_pressed = 0;
  std::vector<events::Event> events;
  std::function<void(const events::Event&)> on_event;
  std::map<sim::TransferKind, std::uint64_t> transfers;
  std::uint64_t all_transfers = 0;
  // Addresses below the module area that an erase or set-address command named.
  std::vector<std::uint32_t> forbidden;

 private:
  static constexpr sim::UniqueId kUniqueId{0x2B, 0x00, 0x36, 0x00, 0x0A, 0x47,
                                           0x33, 0x35, 0x34, 0x39, 0x33, 0x38};

  sim::Programs programs() {
    return {[this](sim::Hardware& hardware, sim::ResetCause cause) {
              return sim::make_bootloader(hardware, cause, profile_);
            },
            [this](sim::Hardware& hardware) { return sim::make_firmware(hardware, modem); }};
  }

  // Everything that a job must not touch: bootloader, keys, EEPROM, application.
  void load_surroundings() {
    firmware::BuildRequest bootloader;
    bootloader.id = platform::kBootloader;
    bootloader.version = profile_.version;
    bootloader.size = 15968;
    load(checked(firmware::build(bootloader, electron()), "bootloader"));
    base::Bytes keys(8000);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      keys[i] = i < 34 || i >= 1753 ? 0xFF : static_cast<std::uint8_t>(i * 7);
    }
    sim::Dct::load(board_.flash(), keys, profile_.dct);
    for (const platform::Sector& sector : electron().sectors) {
      if (sector.use != platform::SectorUse::eeprom) continue;
      base::Bytes eeprom(sector.range.size());
      for (std::size_t i = 0; i < eeprom.size(); ++i) eeprom[i] = static_cast<std::uint8_t>(i * 13);
      board_.flash().load(sector.range.begin, eeprom);
    }
    load(user_part(3, 1));
  }

  void observe(const sim::TransferRecord& record) {
    ++transfers[record.kind];
    ++all_transfers;
    const bool command = record.kind == sim::TransferKind::dnload && record.setup.value == 0 &&
                         record.data.size() == 5;
    if (!command) return;
    const std::uint32_t address = base::load_le32(record.data, 1);
    if (!electron().dfu_writable.contains(address) && record.data[0] == 0x41) {
      forbidden.push_back(address);
    }
  }

  sim::Wire wire_;
  sim::VirtualHost computer_;
  sim::SimPorts ports_;
  sim::VirtualClock clock_;
  const sim::BootloaderProfile& profile_;
  sim::Board board_;
  MortalHost host_;
  discovery::World world_;
  std::unique_ptr<base::CancelToken> cancel_ = std::make_unique<base::CancelToken>();
};

}  // namespace job::test
