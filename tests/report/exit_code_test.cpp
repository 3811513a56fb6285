// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/exit_code.h"

#include <gtest/gtest.h>

namespace report {
namespace {

using base::Errc;

TEST(ExitCode, IsTheOneThatTheManualPromises) {
  EXPECT_EQ(exit_code(Errc::internal), 1);
  EXPECT_EQ(exit_code(Errc::usage), 2);
  EXPECT_EQ(exit_code(Errc::no_device), 3);
  EXPECT_EQ(exit_code(Errc::ambiguous_device), 3);
  EXPECT_EQ(exit_code(Errc::bad_file), 4);
  EXPECT_EQ(exit_code(Errc::bad_module), 4);
  EXPECT_EQ(exit_code(Errc::refused), 5);
  EXPECT_EQ(exit_code(Errc::verify_mismatch), 7);
  EXPECT_EQ(exit_code(Errc::access_denied), 8);
  EXPECT_EQ(exit_code(Errc::not_back), 9);
  EXPECT_EQ(exit_code(Errc::cancelled), 130);
}

TEST(ExitCode, OfEveryTroubleWithTheDeviceIsSix) {
  for (const Errc code : {Errc::busy, Errc::usb_io, Errc::usb_stall, Errc::device_gone,
                          Errc::protocol, Errc::timeout, Errc::write_failed}) {
    EXPECT_EQ(exit_code(code), 6) << base::name(code);
  }
}

}  // namespace
}  // namespace report
