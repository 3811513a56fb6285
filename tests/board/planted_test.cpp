// SPDX-License-Identifier: GPL-3.0-or-later
//
// Does the comparison find what it is there for? Faults are planted in the simulator's profile, one
// at a time, and each must be told.
#include "board/images.h"
#include "board/pair.h"
#include "sim/bootloader/bootloader_profiles.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <functional>
#include <string>
#include <vector>

namespace board {
namespace {

using Profile = sim::BootloaderProfile;

struct Fault {
  std::string what;
  std::function<void(Profile&)> plant;
};

const std::vector<Fault>& faults() {
  static const std::vector<Fault> all{
      {"bcdDevice of before 0.6.0", [](Profile& p) { p.bcd_device = 0x0200; }},
      {"the product string", [](Profile& p) { p.product = "Photon DFU Mode"; }},
      {"the serial string's letters", [](Profile& p) { p.serial = Profile::Serial::upper_case; }},
      {"no Microsoft descriptors", [](Profile& p) { p.microsoft_descriptors = false; }},
      {"class requests to one interface only", [](Profile& p) { p.interfaces_most = 0; }},
      {"failures that are not told", [](Profile& p) { p.reports_failures = false; }},
      {"the medium by its address", [](Profile& p) { p.medium_by_address = true; }},
      {"writes that are not read back", [](Profile& p) { p.verifies_writes = false; }},
      {"a poll time", [](Profile& p) { p.poll = Profile::Poll::fifty_stays; }},
      {"a status block that is set anew",
       [](Profile& p) { p.poll = Profile::Poll::fifty_then_zero; }},
      {"old bytes where there is nothing to read",
       [](Profile& p) { p.bad_read = Profile::BadRead::stale_buffer; }},
      {"DETACH the other way", [](Profile& p) { p.detach_replugs = !p.detach_replugs; }},
      {"no null string", [](Profile& p) { p.null_string = !p.null_string; }},
  };
  return all;
}

// The first difference, or "".
std::string first_difference(const Image& image, const Profile& profile) {
  Pair pair(image, profile);
  for (std::uint16_t alt = 0; alt < 2; ++alt) {
    for (const Way& way : ways()) {
      for (const Question& question : questions()) {
        pair.begin();
        std::string what = pair.ask(select_alt(alt));
        for (const Question& step : way.steps) what += pair.ask(step);
        if (what.empty()) what = pair.ask(question);
        if (what.empty()) what = pair.compare_states();
        if (!what.empty()) return way.state + ", " + what;
      }
    }
  }
  return {};
}

TEST(PlantedFault, IsFoundByTheComparisonWhereverTheProfileDiffers) {
  const Image* image = released_bootloader(1006);
  if (image == nullptr) GTEST_SKIP() << no_images();
  const Profile& real = sim::bootloader_profile(1006);
  for (const Fault& fault : faults()) {
    Profile altered = real;
    fault.plant(altered);
    const std::string found = first_difference(*image, altered);
    EXPECT_FALSE(found.empty()) << "nobody has noticed: " << fault.what;
    std::printf("%s: %s\n", fault.what.c_str(), found.substr(0, 150).c_str());
  }
  std::printf("%zu faults planted\n", faults().size());
}

}  // namespace
}  // namespace board
