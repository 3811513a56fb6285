// SPDX-License-Identifier: GPL-3.0-or-later
//
// Every DFU request in every state, for every bootloader: what the released code answers and which
// state it is in then. The table is written from the bootloaders' sources and from what the
// released images did when they were run, not from src/sim/bootloader_profiles.cpp.
#include "sim/virtual_device.h"

#include <array>

namespace sim {
namespace {

constexpr std::array<const char*, 19> kProfiles{
    "4",   "5",   "6",   "7",   "7-0.5", "8",    "9",    "11",   "100", "101",
    "201", "301", "311", "400", "1003",  "1004", "1005", "1006", "1100"};
constexpr std::array<int, 10> kStates{2, 3, 4, 5, 6, 7, 8, 9, 10, 15};

bool is_2_0_0_or_later(std::string_view profile) { return profile.size() == 4; }

const base::Bytes kSetAddress = VirtualDevice::address_command(0x21, kIndex1);

// A device in the wanted state, by the requests that lead there.
std::unique_ptr<VirtualDevice> device_in(int state, std::string_view profile) {
  auto device = std::make_unique<VirtualDevice>(profile);
  device->timeout = base::Millis(100);
  device->start();
  const auto without_answer = [&] {
    device->wire.set_faults(0, *parse_faults("at getstatus 1: lost-answer"));
    EXPECT_TRUE(device->get_status().timed_out());
    device->wire.set_faults(0, {});
  };
  switch (state) {
    case 3:
      EXPECT_TRUE(device->dnload(0, kSetAddress).ok());
      break;
    case 4:
      EXPECT_TRUE(device->dnload(0, kSetAddress).ok());
      without_answer();
      break;
    case 5:
      EXPECT_TRUE(device->set_address(kIndex1).ok());
      EXPECT_TRUE(device->get_status().ok());
      break;
    case 6:
      EXPECT_TRUE(device->dnload(0, {}).ok());
      break;
    case 7:
      EXPECT_TRUE(device->dnload(0, {}).ok());
      without_answer();
      break;
    case 8:
      EXPECT_TRUE(device->dnload(0, {}).ok());
      EXPECT_TRUE(device->get_status().ok());
      break;
    case 9:
      EXPECT_TRUE(device->upload(2, 64).ok());
      break;
    case 10:
      EXPECT_TRUE(device->clear_status().ok());
      break;
    case 15:
      EXPECT_TRUE(device->upload(1, 64).stalled());
      break;
    default:
      break;
  }
  return device;
}

// What a request does in each of kStates: the state after it; kStall means refused and unchanged.
constexpr int kStall = -1;
constexpr int kElsewhere = -2;  // tested on its own
using Row = std::array<int, kStates.size()>;

using Request = Answer (*)(VirtualDevice&);
void expect_row(std::string_view profile, const char* what, Request request, const Row& row) {
  for (std::size_t i = 0; i < kStates.size(); ++i) {
    SCOPED_TRACE(std::string("bootloader ") + std::string(profile) + ", " + what + " in state " +
                 std::to_string(kStates[i]));
    if (row[i] == kElsewhere) continue;
    const auto device = device_in(kStates[i], profile);
    const Answer answer = request(*device);
    if (row[i] == kStall) {
      EXPECT_TRUE(answer.stalled());
      EXPECT_EQ(device->state(), kStates[i]);
    } else {
      EXPECT_TRUE(answer.ok());
      EXPECT_EQ(device->state(), row[i]);
    }
  }
}

class EveryBootloader : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Profiles, EveryBootloader, ::testing::ValuesIn(kProfiles),
                         [](const auto& tested) {
                           std::string name = tested.param;
                           for (char& c : name) c = c == '-' || c == '.' ? '_' : c;
                           return name;
                         });

TEST_P(EveryBootloader, AnswersDnloadInEveryState) {
  //                              2  3       4       5  6       7       8       9       10      15
  expect_row(GetParam(), "DNLOAD", [](VirtualDevice& d) { return d.dnload(0, kSetAddress); },
             {3, kStall, kStall, 3, kStall, kStall, kStall, kStall, kStall, kStall});
  expect_row(GetParam(), "empty DNLOAD", [](VirtualDevice& d) { return d.dnload(0, {}); },
             {6, kStall, kStall, 6, kStall, kStall, kStall, kStall, kStall, kStall});
}

TEST_P(EveryBootloader, AnswersUploadInEveryState) {
  expect_row(GetParam(), "UPLOAD", [](VirtualDevice& d) { return d.upload(2, 64); },
             {9, kStall, kElsewhere, kStall, kStall, kStall, kStall, 9, kStall, kStall});
  expect_row(GetParam(), "empty UPLOAD", [](VirtualDevice& d) { return d.upload(2, 0); },
             {2, 2, 2, 2, 2, 2, 2, 2, 2, 2});
}

TEST_P(EveryBootloader, AnswersGetStatusInEveryState) {
  //                   2  3  4  5  6  7  8  9  10  15
  constexpr Row kReported{2, 4, 4, 5, 5, 2, 8, 9, 10, 15};
  constexpr Row kAfter{2, 3, 3, 5, 8, 2, 8, 9, 10, 15};
  for (std::size_t i = 0; i < kStates.size(); ++i) {
    SCOPED_TRACE(std::string(GetParam()) + " in state " + std::to_string(kStates[i]));
    const auto device = device_in(kStates[i], GetParam());
    const Answer answer = device->get_status();
    ASSERT_TRUE(answer.ok());
    ASSERT_EQ(answer.data().size(), 6U);
    EXPECT_EQ(answer.data()[0], kStates[i] == 10 ? 0x0E : 0x00);
    EXPECT_EQ(answer.data()[4], kReported[i]);
    EXPECT_EQ(answer.data()[5], 0);
    EXPECT_EQ(device->state(), kAfter[i]);
  }
}

TEST_P(EveryBootloader, ForgetsThePendingBlockWhenAskedForAnUpload) {
  const auto waiting = device_in(3, GetParam());
  EXPECT_TRUE(waiting->upload(2, 64).stalled());
  EXPECT_EQ(waiting->get_status().data()[4], 5);
  // In dfuDNBUSY what is left is a command without bytes, which the next IN transfer refuses.
  const auto busy = device_in(4, GetParam());
  EXPECT_TRUE(busy->upload(2, 64).stalled());
  EXPECT_TRUE(busy->get_state().stalled());
  EXPECT_EQ(busy->state(), 3);
}

TEST_P(EveryBootloader, SaysDownloadIdleOnceTheWorkIsDone) {
  const auto device = device_in(3, GetParam());
  EXPECT_EQ(device->get_status().data()[4], 4);
  EXPECT_EQ(device->get_status().data()[4], 5);
  EXPECT_EQ(device->state(), 5);
}

TEST_P(EveryBootloader, AnswersClearStatusAndAbortInEveryState) {
  //              2   3   4   5   6   7   8   9   10  15
  expect_row(GetParam(), "CLRSTATUS", [](VirtualDevice& d) { return d.clear_status(); },
             {10, 10, 10, 10, 10, 10, 10, 10, 2, 10});
  expect_row(GetParam(), "ABORT", [](VirtualDevice& d) { return d.abort(); },
             {2, 2, 4, 2, 2, 7, 8, 2, 10, 15});
}

TEST_P(EveryBootloader, AnswersGetStateInEveryState) {
  for (const int state : kStates) EXPECT_EQ(device_in(state, GetParam())->state(), state);
}

TEST_P(EveryBootloader, RefusesUnknownClassRequestsInEveryState) {
  constexpr Row kRefused{kStall, kStall, kStall, kStall, kStall,
                         kStall, kStall, kStall, kStall, kStall};
  expect_row(
      GetParam(), "class OUT 7", [](VirtualDevice& d) { return d.out(0x21, 7, 0, 0, {}); },
      kRefused);
  expect_row(
      GetParam(), "class IN 9", [](VirtualDevice& d) { return d.in(0xA1, 9, 0, 0, 6); }, kRefused);
}

TEST_P(EveryBootloader, FallsOffTheBusOnDetachUntil200) {
  //              2  3  4  5  6  7  8  9  10  15
  constexpr Row kStays{2, 2, 4, 2, 2, 7, 8, 2, 10, 15};
  if (is_2_0_0_or_later(GetParam())) {
    expect_row(
        GetParam(), "DETACH", [](VirtualDevice& d) { return d.detach(); }, kStays);
    return;
  }
  for (const int state : kStates) {
    SCOPED_TRACE(std::string(GetParam()) + " in state " + std::to_string(state));
    const auto device = device_in(state, GetParam());
    EXPECT_TRUE(device->detach().gone());
    device->pass(base::Millis(3));
    EXPECT_TRUE(device->board.attached());
    EXPECT_TRUE(device->get_state().stalled()) << "answers unconfigured";
    if (state == 7 || state == 8) continue;  // it is leaving
    device->pass(base::Millis(1000));
    EXPECT_EQ(device->state(), 2);
  }
}

TEST_P(EveryBootloader, RefusesClassRequestsBeforeItIsConfigured) {
  VirtualDevice device(GetParam(), VirtualHost::Enumeration::outside);
  device.start();
  EXPECT_TRUE(device.get_status().stalled());
  EXPECT_TRUE(device.get_state().stalled());
  EXPECT_TRUE(device.dnload(0, kSetAddress).stalled());
  EXPECT_TRUE(device.out(0x00, 9, 1, 0, {}).ok());
  EXPECT_EQ(device.get_status().data()[4], 2);
}

TEST_P(EveryBootloader, ConfiguringAgainGivesIdleAndKeepsTheAddress) {
  const auto device = device_in(15, GetParam());
  device->board.flash().load(kIndex2, base::Bytes{0xC0, 0xDE});
  EXPECT_TRUE(device->out(0x00, 9, 1, 0, {}).ok());
  EXPECT_EQ(device->state(), 15) << "configuring what is configured changes nothing";
  EXPECT_TRUE(device->clear_status().ok());
  EXPECT_TRUE(device->clear_status().ok());
  EXPECT_TRUE(device->set_address(kIndex2).ok());
  EXPECT_TRUE(device->out(0x00, 9, 0, 0, {}).ok());
  EXPECT_TRUE(device->get_status().stalled());
  EXPECT_TRUE(device->out(0x00, 9, 1, 0, {}).ok());
  EXPECT_EQ(device->state(), 2);
  EXPECT_EQ(device->upload(2, 2).data(), (base::Bytes{0xC0, 0xDE}));
}

}  // namespace
}  // namespace sim
