// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the judge says of a state, against what a virtual device in that state then does: it is
// switched on and watched. The two share no code.

#include "plan/shelf.h"
#include "sim/board/board.h"
#include "sim/world/electron.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <map>

namespace plan_test {
namespace {

using plan::Verdict;
using std::chrono::seconds;

constexpr std::array<const char*, 6> kBootloaders{"6", "11", "101", "201", "400", "1004"};

// What lies in a place: nothing, a whole module, one with a byte changed, or no module at all.
struct Thing {
  enum Kind { blank, whole, spoilt, rubbish } kind = blank;
  std::uint16_t version = 0;
};
const std::array<Thing, 8> kParts{{{Thing::whole, 23},
                                   {Thing::whole, 109},
                                   {Thing::whole, 110},
                                   {Thing::whole, 207},
                                   {Thing::whole, 2302},
                                   {Thing::blank, 0},
                                   {Thing::spoilt, 110},
                                   {Thing::rubbish, 0}}};
// The version of an application is that of the index 2 that it wants.
const std::array<Thing, 5> kApplications{{{Thing::whole, 10},
                                          {Thing::whole, 2302},
                                          {Thing::blank, 0},
                                          {Thing::spoilt, 10},
                                          {Thing::rubbish, 0}}};
enum Factory { none, unregistered, registered, kFactories };

struct Case {
  std::size_t bootloader = 0;
  std::array<Thing, 3> parts{};
  Thing application;
  Factory factory = none;
};

base::Bytes image_of(ModuleId id, const Thing& thing) {
  firmware::BuildRequest request;
  request.id = id;
  request.version = thing.version;
  request.size = 2048;
  if (id == kUserPart) {
    request.version = 3;
    request.dependency1 = {kSystemPart2, thing.version};
  } else {
    const auto known =
        plan::module_by_age(
            id, thing.version,
            thing.version == 2302 ? std::optional<std::uint16_t>(1003) : std::nullopt)
            .dependencies();
    request.dependency1 = known[0];
    request.dependency2 = known[1];
  }
  base::Bytes image = firmware::build(request, platform::electron());
  if (thing.kind == Thing::spoilt) image[1000] ^= 0x10U;
  if (thing.kind == Thing::rubbish) image.assign(2048, 0x55);
  return image;
}

const base::Bytes& cached_image(ModuleId id, const Thing& thing) {
  static std::map<std::tuple<ModuleId, int, int>, base::Bytes> images;
  const auto key = std::tuple(id, int{thing.kind}, int{thing.version});
  auto found = images.find(key);
  if (found == images.end()) found = images.emplace(key, image_of(id, thing)).first;
  return found->second;
}

plan::InstalledModule seen(ModuleId id, const Thing& thing) {
  if (thing.kind == Thing::blank) return {.id = id};
  const base::Bytes& image = cached_image(id, thing);
  std::uint32_t offset = 0;
  const auto header = firmware::parse_header(image, &offset);
  if (thing.kind != Thing::whole) return {id, plan::Corrupt{header, {}}};
  return {id, plan::Read{*header, offset, base::load_be32(image, image.size() - 4)}};
}

plan::InstalledState state_of(const Case& drawn) {
  plan::InstalledState state;
  state.platform = &platform::electron();
  for (std::size_t i = 0; i < 3; ++i) {
    state.modules.push_back(seen(
        {platform::ModuleFunction::system_part, static_cast<std::uint8_t>(i + 1)}, drawn.parts[i]));
  }
  state.modules.push_back(seen(kUserPart, drawn.application));
  state.bootloader_version = static_cast<std::uint16_t>(std::stoi(kBootloaders[drawn.bootloader]));
  state.factory_image = drawn.factory != none;
  state.factory_registered = drawn.factory == registered;
  return state;
}

void put(sim::FlashMemory& flash, ModuleId id, const Thing& thing) {
  const base::AddressRange place = platform::electron().slot(id)->flash;
  flash.fill_blank(place);
  if (thing.kind != Thing::blank) flash.load(place.begin, cached_image(id, thing));
}

// Watched for so long that what restarts has done so again and again.
Verdict what_it_does(const Case& drawn) {
  sim::ElectronSpec spec;
  spec.bootloader = kBootloaders[drawn.bootloader];
  spec.user_app = false;
  spec.factory_image = drawn.factory != none;
  spec.factory_registered = drawn.factory == registered;
  auto made = sim::make_board(spec, release::Library{}, base::Instant{});
  if (!made) std::abort();
  sim::Board& board = **made;
  for (std::size_t i = 0; i < 3; ++i) {
    put(board.flash(), {platform::ModuleFunction::system_part, static_cast<std::uint8_t>(i + 1)},
        drawn.parts[i]);
  }
  put(board.flash(), kUserPart, drawn.application);
  const base::AddressRange user = platform::electron().slot(kUserPart)->flash;
  const auto application = [&] {
    const base::ByteView bytes = board.flash().view({user.begin, user.begin + 4096});
    return base::Bytes(bytes.begin(), bytes.end());
  };
  const base::Bytes before = application();
  board.power(true);
  board.advance_to(base::Instant{} + seconds(12));
  const std::uint32_t resets = board.reset_count();
  board.advance_to(base::Instant{} + seconds(21));
  // A panic resets every 10 s.
  if (board.reset_count() > resets + 2) return Verdict::restarts;
  if (!board.attached() || board.running() != sim::Board::Running::firmware) {
    return Verdict::does_not_boot;
  }
  if (application() != before) return Verdict::restores_factory;
  return board.led().colour == "magenta" ? Verdict::safe_mode : Verdict::runs;
}

Case case_number(std::size_t number) {
  const auto digit = [&](std::size_t base) {
    const std::size_t value = number % base;
    number /= base;
    return value;
  };
  Case drawn;
  drawn.bootloader = digit(kBootloaders.size());
  for (Thing& part : drawn.parts) part = kParts[digit(kParts.size())];
  drawn.application = kApplications[digit(kApplications.size())];
  drawn.factory = static_cast<Factory>(digit(kFactories));
  return drawn;
}

std::string describe(const Case& drawn) {
  const auto word = [](const Thing& thing) {
    constexpr std::array<const char*, 4> kWords{"blank", "", "spoilt ", "rubbish"};
    const bool number = thing.kind == Thing::whole || thing.kind == Thing::spoilt;
    return kWords[thing.kind] + (number ? std::to_string(thing.version) : std::string());
  };
  return fmt::format("bootloader {}, parts {} / {} / {}, application {}, factory {}",
                     kBootloaders[drawn.bootloader], word(drawn.parts[0]), word(drawn.parts[1]),
                     word(drawn.parts[2]), word(drawn.application), int{drawn.factory});
}

// All of one in every so many: the stride has no factor in common with the digits.
// In five parts, which run beside each other.
constexpr std::size_t kShares = 5;
class JudgeTable : public testing::TestWithParam<std::size_t> {};

TEST_P(JudgeTable, SaysOfEveryStateWhatTheDeviceThenDoes) {
  constexpr std::size_t kAll = 6 * 8 * 8 * 8 * 5 * kFactories;
  constexpr std::size_t kStride = 7;
  std::map<Verdict, int> tally;
  int different = 0;
  for (std::size_t number = GetParam() * kStride; number < kAll; number += kShares * kStride) {
    const Case drawn = case_number(number);
    const plan::Judgement judgement = plan::judge(state_of(drawn), catalogue());
    const Verdict does = what_it_does(drawn);
    ++tally[does];
    if (judgement.verdict == does) continue;
    ADD_FAILURE() << describe(drawn) << ": judged " << plan::name(judgement.verdict) << ", it "
                  << plan::name(does);
    if (++different == 20) break;
  }
  int states = 0;
  for (const auto& [verdict, count] : tally) {
    std::printf("%6d %s\n", count, std::string(plan::name(verdict)).c_str());
    states += count;
  }
  EXPECT_GE(states, 5000 / int{kShares});
  for (const Verdict verdict : {Verdict::runs, Verdict::safe_mode, Verdict::does_not_boot,
                                Verdict::restores_factory, Verdict::restarts}) {
    EXPECT_GT(tally[verdict], 2) << plan::name(verdict);
  }
}

INSTANTIATE_TEST_SUITE_P(Shares, JudgeTable, testing::Range(std::size_t{0}, kShares));

}  // namespace
}  // namespace plan_test
