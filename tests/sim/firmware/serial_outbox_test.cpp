// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/firmware/serial_outbox.h"

#include <gtest/gtest.h>

namespace sim {
namespace {

using namespace std::chrono_literals;

const base::Instant kBegin{1s};

TEST(SerialOutbox, GivesCharactersAtItsPace) {
  SerialOutbox outbox(1ms);
  outbox.print("abc", kBegin);
  EXPECT_EQ(base::as_text(outbox.take(10, kBegin)), "");
  EXPECT_EQ(outbox.next(kBegin), kBegin + 1ms);
  EXPECT_EQ(base::as_text(outbox.take(10, kBegin + 2ms)), "ab");
  EXPECT_EQ(outbox.next(kBegin + 2ms), kBegin + 3ms);
  EXPECT_EQ(base::as_text(outbox.take(10, kBegin + 1s)), "c");
  EXPECT_FALSE(outbox.next(kBegin + 1s));
}

TEST(SerialOutbox, KeepsTheOrderOfWhatWasPrintedAndSent) {
  SerialOutbox outbox(1ms);
  outbox.print("ab", kBegin);
  outbox.send(base::as_bytes("XY"), kBegin);
  outbox.print("c", kBegin);
  EXPECT_EQ(base::as_text(outbox.take(10, kBegin + 2ms)), "abXY");
  EXPECT_EQ(base::as_text(outbox.take(10, kBegin + 3ms)), "c");
}

TEST(SerialOutbox, GivesNoMoreThanAskedFor) {
  SerialOutbox outbox(0ms);
  outbox.print("abcdef", kBegin);
  EXPECT_EQ(base::as_text(outbox.take(4, kBegin)), "abcd");
  EXPECT_EQ(base::as_text(outbox.take(4, kBegin)), "ef");
  outbox.print("x", kBegin);
  outbox.clear();
  EXPECT_TRUE(outbox.take(4, kBegin).empty());
}

}  // namespace
}  // namespace sim
