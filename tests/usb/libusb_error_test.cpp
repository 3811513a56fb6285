// SPDX-License-Identifier: GPL-3.0-or-later
#include "usb/libusb_error.h"

#include <gtest/gtest.h>
#include <libusb.h>

namespace usb {
namespace {

using base::Errc;

TEST(ErrorFromLibusb, TellsPermissionApartFromAbsence) {
  EXPECT_EQ(error_from_libusb(LIBUSB_ERROR_ACCESS, {}).code, Errc::access_denied);
  EXPECT_EQ(error_from_libusb(LIBUSB_ERROR_NO_DEVICE, {}).code, Errc::device_gone);
}

#ifdef __linux__
TEST(ErrorFromLibusb, NamesTheUdevRuleWhereThereIsNoPermission) {
  const base::Error error = error_from_libusb(LIBUSB_ERROR_ACCESS, "opening usb:1-2");
  EXPECT_NE(error.hint.find("electron-rescue doctor"), std::string::npos);
  EXPECT_EQ(error.message.find("opening usb:1-2: "), 0U);
}
#endif

TEST(ErrorFromLibusb, KeepsTheKindsOfFailedTransfersApart) {
  EXPECT_EQ(error_from_libusb(LIBUSB_ERROR_PIPE, {}).code, Errc::usb_stall);
  EXPECT_EQ(error_from_libusb(LIBUSB_ERROR_TIMEOUT, {}).code, Errc::timeout);
  EXPECT_EQ(error_from_libusb(LIBUSB_ERROR_BUSY, {}).code, Errc::busy);
  EXPECT_EQ(error_from_libusb(LIBUSB_ERROR_IO, {}).code, Errc::usb_io);
  EXPECT_EQ(error_from_libusb(LIBUSB_ERROR_OVERFLOW, {}).code, Errc::usb_io);
  EXPECT_EQ(error_from_libusb(LIBUSB_ERROR_NOT_FOUND, {}).code, Errc::protocol);
  EXPECT_EQ(error_from_libusb(LIBUSB_ERROR_NOT_SUPPORTED, {}).code, Errc::unsupported);
}

TEST(ErrorFromLibusb, NamesACodeThatItDoesNotKnow) {
  const base::Error error = error_from_libusb(LIBUSB_ERROR_INTERRUPTED, {});
  EXPECT_EQ(error.code, Errc::usb_io);
  EXPECT_NE(error.message.find("LIBUSB_ERROR_INTERRUPTED"), std::string::npos);
}

TEST(ErrorFromLibusb, HasAMessageForEveryCode) {
  for (int code = -99; code < 0; ++code) {
    EXPECT_FALSE(error_from_libusb(code, {}).message.empty()) << code;
  }
}

}  // namespace
}  // namespace usb
