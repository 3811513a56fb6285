// SPDX-License-Identifier: GPL-3.0-or-later
//
// Blocks that are handed over before the one ahead of them has been answered.
#include "dfu/dfuse.h"
#include "dfu/electron_bytes.h"
#include "dfu/scripted_transport.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <optional>

namespace dfu {
namespace {

using base::Errc;
using dfu_test::Exchange;
using dfu_test::ScriptedTransport;
using dfu_test::status;
using dfu_test::StepClock;

constexpr base::AddressRange kWritable{0x08020000, 0x08100000};
constexpr base::AddressRange kSector{0x08040000, 0x08060000};

// A scripted device whose transfers can be queued; the script sees them in the order of their
// start.
class QueueingTransport final : public usb::Transport, private usb::ControlQueue {
 public:
  explicit QueueingTransport(ScriptedTransport& script) : script_(script) {}

  std::size_t most_pending = 0;

  usb::ControlQueue& queue() override { return *this; }
  base::Result<> claim_interface(std::uint8_t i) override { return script_.claim_interface(i); }
  base::Result<> select_alt(std::uint8_t i, std::uint8_t alt) override {
    return script_.select_alt(i, alt);
  }
  base::Result<base::Bytes> configuration() override { return script_.configuration(); }
  base::Result<std::string> string(std::uint8_t index) override { return script_.string(index); }

 private:
  using Transfer = std::function<base::Result<std::size_t>(std::span<std::uint8_t>)>;

  std::size_t depth() const override { return 16; }
  void start(Transfer transfer) {
    started_.push_back(std::move(transfer));
    most_pending = std::max(most_pending, started_.size());
  }
  void start_in(const usb::ControlSetup& setup, std::size_t length, base::Millis timeout) override {
    start([=, this](std::span<std::uint8_t> into) {
      base::Bytes bytes(length);
      auto got = script_.control_in(setup, bytes, timeout);
      std::copy_n(bytes.begin(), std::min(into.size(), length), into.begin());
      return got;
    });
  }
  void start_out(const usb::ControlSetup& setup, base::ByteView data,
                 base::Millis timeout) override {
    base::Bytes copy(data.begin(), data.end());
    start([=, this](std::span<std::uint8_t>) { return script_.control_out(setup, copy, timeout); });
  }
  base::Result<std::size_t> finish(std::span<std::uint8_t> into) override {
    const Transfer transfer = std::move(started_.front());
    started_.pop_front();
    return transfer(into);
  }
  std::size_t pending() const override { return started_.size(); }

  ScriptedTransport& script_;
  std::deque<Transfer> started_;
};

std::vector<Exchange> block(const std::string& download) {
  return {{download}, {"GETSTATUS", status(4)}, {"GETSTATUS", status(5)}};
}
std::vector<Exchange> operator+(std::vector<Exchange> a, const std::vector<Exchange>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

struct QueueTest : testing::Test {
  void open(const std::vector<Exchange>& script, bool known = true) {
    script_.emplace(clock,
                    std::vector<Exchange>{{"CONFIGURATION", dfu_test::electron_configuration()},
                                          {"CLAIM 0"},
                                          {"GETSTATE", {2}},
                                          {"ALT 0 0"},
                                          {"STRING 6", base::Bytes(dfu_test::kElectronMap.begin(),
                                                                   dfu_test::kElectronMap.end())}} +
                        script);
    transport.emplace(*script_);
    auto opened =
        DfuseTarget::open(*transport, clock, 0, kWritable, {.poll_timeout_is_decoration = known});
    ASSERT_TRUE(opened) << opened.error().message;
    target.emplace(std::move(*opened));
  }
  base::Result<> write(std::size_t size) {
    return target->write(kSector.begin, base::Bytes(size, 1), {}, never);
  }

  StepClock clock;
  base::CancelToken never;
  std::optional<ScriptedTransport> script_;
  std::optional<QueueingTransport> transport;
  std::optional<DfuseTarget> target;
};

TEST_F(QueueTest, TwoBlocksToWriteAreUnderWayAtATimeAndTheLastNeedsNoSecondStatus) {
  open(block("DNLOAD 0 4100000408") + block("DNLOAD 2 [4096]") + block("DNLOAD 3 [4096]") +
       std::vector<Exchange>{{"DNLOAD 4 [8]"}, {"GETSTATUS", status(4)}});
  ASSERT_TRUE(target->erase(kSector));
  EXPECT_EQ(transport->most_pending, 1U) << "a command";
  EXPECT_TRUE(write(2 * 4096 + 8));
  EXPECT_EQ(transport->most_pending, 6U);
  EXPECT_EQ(target->counters().bytes_written, 2U * 4096 + 8);
}

TEST_F(QueueTest, AnAbortComesBetweenTheLastBlockAndWhateverFollows) {
  open(block("DNLOAD 0 4100000408") +
       std::vector<Exchange>{{"DNLOAD 2 [8]"},
                             {"GETSTATUS", status(4)},
                             {"ABORT"},
                             {"UPLOAD 2 [8]", {1, 2, 3, 4, 5, 6, 7, 8}}});
  ASSERT_TRUE(target->erase(kSector));
  ASSERT_TRUE(write(8));
  const auto read = target->read({kSector.begin, kSector.begin + 8}, {}, never);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, (base::Bytes{1, 2, 3, 4, 5, 6, 7, 8}));
}

TEST_F(QueueTest, FourBlocksToReadAreUnderWayAtATime) {
  std::vector<Exchange> uploads = block("DNLOAD 0 2100000408") + std::vector<Exchange>{{"ABORT"}};
  for (int number = 2; number < 8; ++number) {
    uploads.push_back({fmt::format("UPLOAD {} [4096]", number),
                       base::Bytes(4096, static_cast<std::uint8_t>(number))});
  }
  open(uploads);
  const auto bytes = target->read({kSector.begin, kSector.begin + 6 * 4096}, {}, never);
  ASSERT_TRUE(bytes) << bytes.error().message;
  EXPECT_EQ((*bytes)[0], 2);
  EXPECT_EQ((*bytes)[5 * 4096 + 7], 7);
  EXPECT_EQ(transport->most_pending, 4U);
}

TEST_F(QueueTest, AStallFailsItsBlockThoughTheNextOneIsCarriedOutToo) {
  open(block("DNLOAD 0 4100000408") + std::vector<Exchange>{{"DNLOAD 2 [4096]"},
                                                            {"GETSTATUS", {}, Errc::usb_stall},
                                                            {"GETSTATUS", status(5)},
                                                            {"DNLOAD 3 [4096]"},
                                                            {"GETSTATUS", status(4)},
                                                            {"GETSTATUS", status(5)}});
  ASSERT_TRUE(target->erase(kSector));
  const auto written = write(3 * 4096);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Errc::write_failed);
  EXPECT_NE(written.error().message.find("0x08040000"), std::string::npos);
  EXPECT_EQ(target->counters().bytes_written, 0U);
}

TEST_F(QueueTest, AfterTroubleEachRequestWaitsForTheOneBefore) {
  open(std::vector<Exchange>{{"DNLOAD 0 4100000408", {}, Errc::usb_stall}, {"GETSTATE", {2}}} +
       block("DNLOAD 0 4100000408") + block("DNLOAD 2 [4096]") +
       std::vector<Exchange>{{"DNLOAD 3 [8]"}, {"GETSTATUS", status(4)}});
  ASSERT_FALSE(target->erase(kSector));
  ASSERT_TRUE(target->erase(kSector));
  EXPECT_TRUE(write(4096 + 8));
  EXPECT_EQ(transport->most_pending, 1U);
}

TEST_F(QueueTest, NothingIsQueuedToWriteForABootloaderThatIsNotKnown) {
  open(block("DNLOAD 0 4100000408") + block("DNLOAD 2 [4096]") + block("DNLOAD 3 [8]"), false);
  ASSERT_TRUE(target->erase(kSector));
  EXPECT_TRUE(write(4096 + 8));
  EXPECT_EQ(transport->most_pending, 1U);
}

TEST_F(QueueTest, WhatWasReadBeforeAFailureIsThereAndTheRestIsReadOnFrom) {
  open(block("DNLOAD 0 2100000408") +
       std::vector<Exchange>{{"ABORT"},
                             {"UPLOAD 2 [4096]", base::Bytes(4096, 2)},
                             {"UPLOAD 3 [4096]", base::Bytes(4096, 3)},
                             {"UPLOAD 4 [4096]", {}, Errc::usb_io},
                             {"UPLOAD 5 [4096]", base::Bytes(4096, 5)},
                             {"GETSTATE", {9}},
                             {"ABORT"},
                             {"GETSTATE", {2}}} +
       block("DNLOAD 0 2100000408") +
       std::vector<Exchange>{{"ABORT"},
                             {"UPLOAD 4 [4096]", base::Bytes(4096, 4)},
                             {"UPLOAD 5 [4096]", base::Bytes(4096, 5)}});
  base::Bytes bytes(4 * 4096);
  std::size_t done = 0;
  const auto note = [&](std::uint64_t so_far) { done = static_cast<std::size_t>(so_far); };
  ASSERT_FALSE(target->read_into(bytes, kSector.begin, note, never));
  ASSERT_EQ(done, 2U * 4096);
  EXPECT_EQ(bytes[4096], 3);
  const auto rest = std::span(bytes).subspan(done);
  ASSERT_TRUE(target->read_into(rest, kSector.begin + 2 * 4096, {}, never));
  EXPECT_EQ(bytes[0], 2);
  EXPECT_EQ(bytes[2 * 4096], 4);
  EXPECT_EQ(bytes[3 * 4096], 5);
}

TEST_F(QueueTest, AWishToStopEndsWhatIsUnderWayAndBeginsNothingMore) {
  open(block("DNLOAD 0 4100000408") + block("DNLOAD 2 [4096]") + block("DNLOAD 3 [4096]"));
  ASSERT_TRUE(target->erase(kSector));
  base::CancelToken wish;
  const auto written = target->write(
      kSector.begin, base::Bytes(5 * 4096, 1), [&](std::uint64_t) { wish.request(); }, wish);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Errc::cancelled);
  EXPECT_NE(written.error().message.find("0x08042000"), std::string::npos);
}

}  // namespace
}  // namespace dfu
