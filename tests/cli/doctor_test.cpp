// SPDX-License-Identifier: GPL-3.0-or-later
//
// Every finding is produced by putting something in the way of a virtual Electron, and goes away
// when what its command says is done.

#include "cli/harness.h"
#include "discovery/device.h"
#include "discovery/port_locks.h"
#include "platform/platform.h"
#include "release/release_set.h"
#include "sim/world/electron.h"
#include "usb/one_at_a_time.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>

namespace cli_test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

// Answers to nothing.
class DeafTransport final : public usb::OneAtATimeTransport {
 public:
  base::Result<std::size_t> carry_in(const usb::ControlSetup&, std::span<std::uint8_t>,
                                     base::Millis) override {
    return silence();
  }
  base::Result<std::size_t> carry_out(const usb::ControlSetup&, base::ByteView,
                                      base::Millis) override {
    return silence();
  }
  base::Result<> claim_interface(std::uint8_t) override { return {}; }
  base::Result<> select_alt(std::uint8_t, std::uint8_t) override { return silence(); }
  base::Result<base::Bytes> configuration() override { return silence(); }
  base::Result<std::string> string(std::uint8_t) override { return silence(); }

 private:
  static base::Error silence() { return base::make_error(base::Errc::timeout, "no answer"); }
};

// A virtual Electron, and what may be in the way of it.
class ObstructedWorld final : public usb::Host, public serial::Ports {
 public:
  explicit ObstructedWorld(sim::ElectronSpec::Mode mode) {
    auto spec = sim::parse_state("2.3.1");
    EXPECT_TRUE(spec);
    spec->mode = mode;
    auto made =
        sim::SimWorld::make({*spec}, release::Library(), sim::VirtualHost::Enumeration::here);
    EXPECT_TRUE(made);
    sim_ = std::move(*made);
    world_.emplace(discovery::World{*this, *this, sim_->clock()});
  }
  discovery::World& world() { return *world_; }

  bool unplugged = false;
  bool deaf = false;
  bool port_missing = false;
  std::optional<base::Error> list_fails;
  std::optional<base::Error> open_fails;
  std::optional<base::Error> port_fails;
  void nothing_opens(const base::Error& error) {
    open_fails = error;
    port_fails = error;
  }
  std::optional<std::string> user;
  int opened = 0;
  // Where it stands in the way until the rule is installed.
  const FakeComputer* permission = nullptr;

  base::Result<std::vector<usb::DeviceInfo>> list(std::uint16_t vendor) override {
    if (list_fails) return *list_fails;
    if (unplugged) return std::vector<usb::DeviceInfo>();
    return sim_->usb().list(vendor);
  }
  base::Result<std::unique_ptr<usb::Transport>> open(const usb::DeviceInfo& info) override {
    ++opened;
    if (forbidden()) return base::make_error(base::Errc::access_denied, "no permission");
    if (open_fails) return *open_fails;
    if (deaf) return std::unique_ptr<usb::Transport>(std::make_unique<DeafTransport>());
    return sim_->usb().open(info);
  }
  std::optional<std::string> user_of(const usb::DeviceInfo&) override { return user; }
  void wait_for_change(base::Millis most, const base::CancelToken& cancel) override {
    sim_->usb().wait_for_change(most, cancel);
  }
  base::Result<std::vector<serial::PortInfo>> list() override {
    if (port_missing) return std::vector<serial::PortInfo>();
    return sim_->serial().list();
  }
  base::Result<std::unique_ptr<serial::Port>> open(const std::string& path) override {
    if (forbidden()) return base::make_error(base::Errc::access_denied, "no permission");
    if (port_fails) return *port_fails;
    return sim_->serial().open(path);
  }

 private:
  bool forbidden() const { return permission != nullptr && permission->rule.empty(); }

  std::unique_ptr<sim::SimWorld> sim_;
  std::optional<discovery::World> world_;
};

struct Finding {
  std::string code;
  bool ok = false;
  std::string command;
  std::string advice;
  std::string message;
};

struct Doctor {
  explicit Doctor(sim::ElectronSpec::Mode mode) : world(mode) {
    bench.computer.rule = "/usr/lib/udev/rules.d/70-electron-rescue.rules";
  }
  std::vector<Finding> findings() {
    GivenWorld worlds(world.world());
    const Outcome outcome = bench.run({"doctor", "--json"}, worlds);
    code = outcome.code;
    std::vector<Finding> found;
    const auto document = outcome.json();
    for (const auto& entry : document["findings"]) {
      found.push_back(
          {entry["code"], entry["ok"], entry["command"], entry["advice"], entry["message"]});
    }
    return found;
  }
  // The finding that is not good, of which there must be exactly one.
  Finding problem() {
    std::optional<Finding> bad;
    for (const Finding& finding : findings()) {
      if (finding.ok) continue;
      EXPECT_FALSE(bad) << bad->code << " and " << finding.code;
      bad = finding;
    }
    EXPECT_TRUE(bad) << "nothing is found";
    return bad.value_or(Finding{});
  }
  void expect_healthy() {
    for (const Finding& finding : findings()) EXPECT_TRUE(finding.ok) << finding.code;
    EXPECT_EQ(code, 0);
  }
  // Runs what a finding says, as root would.
  void obey(const std::string& command) {
    const std::string prefix = "sudo electron-rescue ";
    ASSERT_TRUE(command.starts_with(prefix)) << command;
    std::vector<std::string> words(1);
    for (const char c : command.substr(prefix.size())) {
      if (c == ' ') {
        words.emplace_back();
      } else {
        words.back() += c;
      }
    }
    EXPECT_EQ(bench.run(words).code, 0);
  }

  Bench bench;
  ObstructedWorld world;
  int code = -1;
};

using Mode = sim::ElectronSpec::Mode;

TEST(Doctor, FindsNothingOnAComputerInOrder) {
  Doctor(Mode::dfu).expect_healthy();
  Doctor(Mode::normal).expect_healthy();
}

TEST(Doctor, NamesTheMissingRuleAndItsCommandInstallsIt) {
  Doctor doctor(Mode::dfu);
  doctor.bench.computer.rule.clear();
  const Finding found = doctor.problem();
  EXPECT_EQ(found.code, "udev-rule-missing");
  EXPECT_EQ(doctor.code, 8);
  doctor.obey(found.command);
  doctor.expect_healthy();
}

TEST(Doctor, AsksForNoRuleWhereThereIsNoUdev) {
  Doctor doctor(Mode::dfu);
  doctor.bench.computer.rule.clear();
  doctor.bench.computer.udev = false;
  doctor.expect_healthy();
}

TEST(Doctor, FindsModemManagerInTheWayOnlyWithoutTheRule) {
  Doctor doctor(Mode::normal);
  doctor.bench.computer.running_program = "ModemManager";
  doctor.expect_healthy();
  doctor.bench.computer.rule.clear();
  doctor.bench.computer.udev = false;  // leaves ModemManager as the only finding
  const Finding found = doctor.problem();
  EXPECT_EQ(found.code, "modem-manager-interferes");
  EXPECT_EQ(doctor.code, 6);
  doctor.obey(found.command);
  doctor.expect_healthy();
}

TEST(Doctor, PutsAMissingPermissionBeforeEverythingElse) {
  for (const Mode mode : {Mode::dfu, Mode::normal}) {
    Doctor doctor(mode);
    doctor.bench.computer.rule.clear();
    doctor.world.permission = &doctor.bench.computer;
    std::vector<std::string> codes;
    std::string command;
    for (const Finding& finding : doctor.findings()) {
      codes.push_back(finding.code);
      if (finding.code == "access-denied") command = finding.command;
    }
    EXPECT_THAT(codes, Contains("udev-rule-missing"));
    EXPECT_THAT(codes, Contains("access-denied"));
    EXPECT_EQ(doctor.code, 8);
    doctor.obey(command);
    doctor.expect_healthy();
  }
}

TEST(Doctor, TellsThatAnotherProgramHasTheDevice) {
  Doctor doctor(Mode::dfu);
  doctor.world.open_fails = base::make_error(base::Errc::busy, "in use");
  const Finding found = doctor.problem();
  EXPECT_EQ(found.code, "device-busy");
  EXPECT_EQ(doctor.code, 6);
  EXPECT_THAT(found.advice, HasSubstr("end the other program"));
  doctor.world.open_fails.reset();
  doctor.expect_healthy();
}

// Linux says so at the claim: the device that somebody is flashing can be opened.
TEST(Doctor, NeverAdvisesToPowerCycleADeviceThatSomebodyIsFlashing) {
  Doctor doctor(Mode::dfu);
  auto devices = discovery::list(doctor.world.world(), platform::electron());
  ASSERT_TRUE(devices);
  auto flashing = doctor.world.world().usb.open(devices->front().info);
  ASSERT_TRUE(flashing);
  ASSERT_TRUE((*flashing)->claim_interface(0));
  doctor.world.user = "dfu-util, process 4711";
  const Finding found = doctor.problem();
  EXPECT_EQ(found.code, "device-busy");
  EXPECT_EQ(doctor.code, 6);
  EXPECT_THAT(found.message, HasSubstr("in use by dfu-util, process 4711"));
  EXPECT_THAT(found.advice, Not(HasSubstr("off and on")));
  EXPECT_THAT(found.advice, Not(HasSubstr("unplug")));
  flashing->reset();
  doctor.expect_healthy();
}

// One job has the port, and another process is told so.
struct TakenPort final : discovery::PortLocks {
  base::Result<std::unique_ptr<discovery::PortLock>> take(const usb::PortPath&,
                                                          std::string_view) override {
    return base::make_error(base::Errc::busy, "in use");
  }
  std::optional<std::string> holder(const usb::PortPath&) const override {
    return "electron-rescue flash, process 77";
  }
};

TEST(Doctor, LeavesADeviceAloneWhosePortAJobHas) {
  for (const Mode mode : {Mode::dfu, Mode::normal}) {
    Doctor doctor(mode);
    TakenPort locks;
    doctor.world.world().locks = &locks;
    const Finding found = doctor.problem();
    EXPECT_EQ(found.code, "device-busy");
    EXPECT_THAT(found.message, HasSubstr("electron-rescue flash, process 77"));
    EXPECT_EQ(doctor.world.opened, 0);
    doctor.world.world().locks = nullptr;
    doctor.expect_healthy();
  }
}

TEST(Doctor, LooksAtTheDeviceThatIsNamedOnly) {
  Doctor doctor(Mode::dfu);
  GivenWorld worlds(doctor.world.world());
  const Outcome here = doctor.bench.run({"doctor", "--device", "usb:1-1", "--json"}, worlds);
  EXPECT_EQ(here.code, 0);
  const int opened = doctor.world.opened;
  const Outcome elsewhere = doctor.bench.run({"doctor", "--device", "usb:1-9", "--json"}, worlds);
  EXPECT_EQ(elsewhere.code, 3);
  EXPECT_EQ(elsewhere.json()["findings"].back()["code"], "no-device");
  EXPECT_EQ(doctor.world.opened, opened);
  EXPECT_EQ(doctor.bench.run({"doctor", "--device", "usb:x"}, worlds).code, 2);
}

TEST(Doctor, SaysWhatItDidNotAskARunningDevice) {
  Doctor doctor(Mode::normal);
  GivenWorld worlds(doctor.world.world());
  const Outcome outcome = doctor.bench.run({"doctor"}, worlds);
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out, HasSubstr("can be opened"));
  EXPECT_THAT(outcome.out, HasSubstr("mode listen"));
}

TEST(Doctor, TellsOfADeviceThatCannotBeOpened) {
  Doctor doctor(Mode::dfu);
  doctor.world.open_fails = base::make_error(base::Errc::usb_io, "input/output error");
  const Finding found = doctor.problem();
  EXPECT_EQ(found.code, "device-no-answer");
  EXPECT_THAT(found.advice, HasSubstr("plug it in again"));
  doctor.world.open_fails.reset();
  doctor.expect_healthy();
}

TEST(Doctor, TellsOfADeviceThatDoesNotAnswer) {
  Doctor doctor(Mode::dfu);
  doctor.world.deaf = true;
  const Finding found = doctor.problem();
  EXPECT_EQ(found.code, "device-no-answer");
  EXPECT_THAT(found.advice, HasSubstr("hold MODE"));
  doctor.world.deaf = false;
  doctor.expect_healthy();
}

TEST(Doctor, TellsOfAMissingSerialPort) {
  Doctor doctor(Mode::normal);
  doctor.world.port_missing = true;
  const Finding found = doctor.problem();
  EXPECT_EQ(found.code, "no-serial-port");
  EXPECT_THAT(found.advice, HasSubstr("RESET"));
  doctor.world.port_missing = false;
  doctor.expect_healthy();
}

TEST(Doctor, TellsWhichPortIsHeldByAnotherProgram) {
  Doctor doctor(Mode::normal);
  doctor.world.port_fails = base::make_error(base::Errc::busy, "in use");
  const Finding found = doctor.problem();
  EXPECT_EQ(found.code, "port-busy");
  EXPECT_THAT(found.command, HasSubstr("fuser -v"));
  doctor.world.port_fails.reset();
  doctor.expect_healthy();
}

TEST(Doctor, TellsOfAPortThatCannotBeOpened) {
  Doctor doctor(Mode::normal);
  doctor.world.port_fails = base::make_error(base::Errc::usb_io, "input/output error");
  const Finding found = doctor.problem();
  EXPECT_EQ(found.code, "device-no-answer");
  EXPECT_THAT(found.advice, HasSubstr("plug it in again"));
  doctor.world.port_fails.reset();
  doctor.expect_healthy();
}

TEST(Doctor, SaysHowADarkDeviceIsMadeToShowUp) {
  Doctor doctor(Mode::dfu);
  doctor.world.unplugged = true;
  const Finding found = doctor.problem();
  EXPECT_EQ(found.code, "no-device");
  EXPECT_EQ(doctor.code, 3);
  EXPECT_THAT(found.advice, HasSubstr("hold MODE"));
  doctor.world.unplugged = false;
  doctor.expect_healthy();
}

TEST(Doctor, TellsThatUsbCannotBeUsed) {
  Bench bench;
  bench.computer.rule = "/usr/lib/udev/rules.d/70-electron-rescue.rules";
  const Outcome without = bench.run({"doctor", "--json"});  // a computer without USB
  EXPECT_EQ(without.code, 6);
  EXPECT_EQ(without.json()["findings"].back()["code"], "no-usb");

  Doctor doctor(Mode::dfu);
  doctor.world.list_fails = base::make_error(base::Errc::usb_io, "no bus", "load the driver");
  const Finding found = doctor.problem();
  EXPECT_EQ(found.code, "no-usb");
  EXPECT_EQ(found.advice, "load the driver");
  doctor.world.list_fails.reset();
  doctor.expect_healthy();
}

TEST(Doctor, ShowsEachProblemWithWhatMendsIt) {
  Doctor doctor(Mode::dfu);
  doctor.bench.computer.rule.clear();
  GivenWorld worlds(doctor.world.world());
  const Outcome outcome = doctor.bench.run({"doctor"}, worlds);
  EXPECT_THAT(outcome.out, HasSubstr("mend it: sudo electron-rescue udev install --yes"));
  EXPECT_THAT(outcome.out, HasSubstr("is in DFU mode and answers"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("\"findings\"")));
}

// Access that the rule alone does not give: each case has its own way out, and none of them is to
// install the rule again.
TEST(Doctor, SaysWhatAUserWithoutAccessLacksWhereTheRuleIsThere) {
  struct Case {
    os::Membership member;
    std::string command;
    std::string advice;
  };
  const Case cases[] = {
      {os::Membership::no_such_group,
       "sudo groupadd --system plugdev && sudo usermod -aG plugdev ana", "log out and in again"},
      {os::Membership::none, "sudo usermod -aG plugdev ana", "log out and in again"},
      {os::Membership::at_next_login, "newgrp plugdev", "log out and in again"},
      {os::Membership::now, "sudo udevadm trigger", "plugging it in again"},
  };
  for (const auto mode : {sim::ElectronSpec::Mode::dfu, sim::ElectronSpec::Mode::normal}) {
    for (const Case& one : cases) {
      Doctor doctor(mode);
      doctor.world.nothing_opens(base::make_error(base::Errc::access_denied, "no permission"));
      doctor.bench.computer.member = one.member;
      const Finding found = doctor.problem();
      EXPECT_EQ(found.code, "access-denied");
      EXPECT_EQ(doctor.code, 8);
      EXPECT_THAT(found.command, testing::StartsWith(one.command));
      EXPECT_THAT(found.advice, HasSubstr(one.advice));
      EXPECT_THAT(found.command, Not(HasSubstr("udev install")));
    }
  }
}

os::UsbDriver driver(std::uint16_t product, std::uint16_t revision, std::string service,
                     int problem) {
  os::UsbDriver made;
  made.vendor = 0x2B04;
  made.product = product;
  made.revision = revision;
  made.usb_port = "usb:1-1";
  made.service = std::move(service);
  made.problem = problem;
  return made;
}

struct OnWindows : Doctor {
  explicit OnWindows(Mode mode) : Doctor(mode) {
    bench.computer.rule.clear();
    bench.computer.udev = false;
    bench.computer.runs = os::System::windows;
  }
};

TEST(DoctorOnWindows, FindsNothingWhereTheDriversFit) {
  OnWindows dfu(Mode::dfu);
  dfu.bench.computer.drivers = {driver(0xD00A, 0x0250, "WinUSB", 0)};
  dfu.expect_healthy();
  OnWindows running(Mode::normal);
  running.bench.computer.drivers = {driver(0xC00A, 0x0250, "usbccgp", 0)};
  running.expect_healthy();
}

TEST(DoctorOnWindows, TakesADriverThatSomebodyChoseYearsAgo) {
  for (const char* service : {"libusbK", "libusb0", "WINUSB"}) {
    OnWindows doctor(Mode::dfu);
    doctor.bench.computer.drivers = {driver(0xD00A, 0x0200, service, 0)};
    doctor.expect_healthy();
  }
}

TEST(DoctorOnWindows, ExplainsZadigForAnOldBootloader) {
  OnWindows doctor(Mode::dfu);
  doctor.bench.computer.drivers = {driver(0xD00A, 0x0200, "", 28)};
  const Finding found = doctor.problem();
  EXPECT_EQ(found.code, "no-driver");
  EXPECT_EQ(doctor.code, 8);
  EXPECT_THAT(found.advice, HasSubstr("zadig.akeo.ie"));
  EXPECT_THAT(found.advice, HasSubstr("2B04 D00A"));
  EXPECT_THAT(found.advice, HasSubstr("Photon DFU Mode"));
}

TEST(DoctorOnWindows, OffersTheButtonsForOldSystemFirmware) {
  OnWindows doctor(Mode::normal);
  doctor.bench.computer.drivers = {driver(0xC00A, 0x0200, "", 28)};
  const Finding found = doctor.problem();
  EXPECT_EQ(found.code, "no-driver");
  EXPECT_THAT(found.advice, HasSubstr("hold MODE"));
  EXPECT_THAT(found.advice, HasSubstr("USB Serial (CDC)"));
}

TEST(DoctorOnWindows, NamesTheRegistryKeyThatKeepsAnOldAnswer) {
  OnWindows doctor(Mode::dfu);
  doctor.bench.computer.drivers = {driver(0xD00A, 0x0250, "", 28)};
  EXPECT_THAT(doctor.problem().advice, HasSubstr("usbflags\\2B04D00A0250"));
}

TEST(DoctorOnWindows, NamesADriverThatDoesNotFit) {
  OnWindows doctor(Mode::dfu);
  doctor.bench.computer.drivers = {driver(0xD00A, 0x0250, "STTub30", 0)};
  const Finding found = doctor.problem();
  EXPECT_EQ(found.code, "wrong-driver");
  EXPECT_THAT(found.message, HasSubstr("STTub30"));
  EXPECT_THAT(found.advice, HasSubstr("Replace Driver"));
}

TEST(DoctorOnWindows, TellsEachProblemCodeApart) {
  const std::pair<int, std::string> cases[] = {{14, "driver-waits"},
                                               {22, "device-disabled"},
                                               {43, "speaks-no-usb"},
                                               {52, "driver-not-signed"},
                                               {10, "driver-problem"}};
  for (const auto& [code, expected] : cases) {
    OnWindows doctor(Mode::dfu);
    doctor.bench.computer.drivers = {driver(0xD00A, 0x0250, "WinUSB", code)};
    EXPECT_EQ(doctor.problem().code, expected) << code;
  }
}

TEST(DoctorOnWindows, SaysThatTwoOldDevicesLookTheSame) {
  OnWindows doctor(Mode::dfu);
  doctor.bench.computer.drivers = {driver(0xD00A, 0x0200, "WinUSB", 0),
                                   driver(0xD00A, 0x0200, "WinUSB", 0)};
  const Finding found = doctor.problem();
  EXPECT_EQ(found.code, "same-serial-strings");
  EXPECT_THAT(found.advice, HasSubstr("IgnoreHWSerNum"));
}

TEST(DoctorOnWindows, NeverSpeaksOfWhatOnlyLinuxHas) {
  const base::Error obstacles[] = {base::make_error(base::Errc::access_denied, "refused"),
                                   base::make_error(base::Errc::busy, "in use"),
                                   base::make_error(base::Errc::usb_io, "broken")};
  for (const Mode mode : {Mode::dfu, Mode::normal}) {
    for (const base::Error& obstacle : obstacles) {
      OnWindows doctor(mode);
      doctor.world.nothing_opens(obstacle);
      const Finding found = doctor.problem();
      for (const char* word : {"udev", "sudo", "ModemManager", "fuser", "group", "newgrp"}) {
        EXPECT_THAT(found.message + found.command + found.advice, Not(HasSubstr(word)));
      }
    }
  }
}

// What stands in `command` can be typed: no sentence, no choice.
TEST(Doctor, KeepsCommandsAndAdviceApart) {
  for (const auto mode : {sim::ElectronSpec::Mode::dfu, sim::ElectronSpec::Mode::normal}) {
    for (const auto error : {base::Errc::busy, base::Errc::access_denied, base::Errc::device_gone,
                             base::Errc::usb_io, base::Errc::timeout}) {
      Doctor doctor(mode);
      doctor.world.nothing_opens(base::make_error(error, "no"));
      const Finding found = doctor.problem();
      EXPECT_NE(found.command + found.advice, "");
      if (found.command.empty()) continue;
      const std::string program = found.command.substr(0, found.command.find(' '));
      EXPECT_THAT(program, testing::AnyOf("sudo", "fuser", "newgrp", "electron-rescue"));
      EXPECT_EQ(found.command.find_first_of(";("), std::string::npos) << found.command;
    }
  }
}

}  // namespace
}  // namespace cli_test
