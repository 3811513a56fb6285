// SPDX-License-Identifier: GPL-3.0-or-later
#include "work/fault_policy.h"

#include <gtest/gtest.h>

namespace work {
namespace {

using base::Errc;

constexpr Doing kEverything[] = {Doing::read, Doing::erase, Doing::write, Doing::verify};

Recovery decided(Doing doing, Errc kind, int attempt) {
  return decide(default_policy(), {.doing = doing, .kind = kind, .attempt = attempt});
}

TEST(Decide, AFailedEraseOrWriteMeansTheSectorAnew) {
  EXPECT_EQ(decided(Doing::erase, Errc::write_failed, 1), Recovery::rewrite_sector);
  EXPECT_EQ(decided(Doing::write, Errc::write_failed, 1), Recovery::rewrite_sector);
}

TEST(Decide, AFailedWriteIsNotRepeatedForEver) {
  const int most = default_policy().sector_attempts;
  EXPECT_EQ(decided(Doing::write, Errc::write_failed, most - 1), Recovery::rewrite_sector);
  EXPECT_EQ(decided(Doing::write, Errc::write_failed, most), Recovery::give_up);
}

TEST(Decide, ADifferenceIsReadAgainBeforeItIsBelieved) {
  Failure failure{.doing = Doing::verify, .kind = Errc::verify_mismatch};
  EXPECT_EQ(decide(default_policy(), failure), Recovery::again);
  failure.read_again = true;
  EXPECT_EQ(decide(default_policy(), failure), Recovery::rewrite_sector);
  failure.attempt = default_policy().sector_attempts;
  EXPECT_EQ(decide(default_policy(), failure), Recovery::give_up);
}

TEST(Decide, TransferTroubleIsTriedAgainThenOpenedAnewThenGivenUp) {
  const FaultPolicy& policy = default_policy();
  for (const Errc kind : {Errc::usb_stall, Errc::usb_io, Errc::timeout, Errc::protocol}) {
    EXPECT_EQ(decided(Doing::read, kind, 1), Recovery::again);
    EXPECT_EQ(decided(Doing::read, kind, 2), Recovery::reopen);
    EXPECT_EQ(decided(Doing::read, kind, policy.read_attempts), Recovery::give_up);
    EXPECT_EQ(decided(Doing::write, kind, 1), Recovery::again);
    EXPECT_EQ(decided(Doing::write, kind, 2), Recovery::reopen);
    EXPECT_EQ(decided(Doing::erase, kind, policy.sector_attempts), Recovery::give_up);
  }
}

TEST(Decide, WhatNoRepetitionMendsIsGivenUpAtOnce) {
  for (const Doing doing : kEverything) {
    for (const Errc kind :
         {Errc::access_denied, Errc::busy, Errc::refused, Errc::internal, Errc::bad_file,
          Errc::unsupported, Errc::device_gone, Errc::cancelled}) {
      EXPECT_EQ(decided(doing, kind, 1), Recovery::give_up);
    }
  }
}

TEST(Decide, EveryFailureEndsInTheEnd) {
  for (int kind = 0; kind <= static_cast<int>(Errc::unsupported); ++kind) {
    for (const Doing doing : kEverything) {
      const Failure failure{
          .doing = doing, .kind = static_cast<Errc>(kind), .attempt = 1000, .read_again = true};
      EXPECT_EQ(decide(default_policy(), failure), Recovery::give_up) << name(failure.kind);
    }
  }
}

}  // namespace
}  // namespace work
