// SPDX-License-Identifier: GPL-3.0-or-later
#include "usb/descriptors.h"

#include "usb/fake_transport.h"

#include <gtest/gtest.h>

namespace usb {
namespace {

using base::Bytes;
using base::Errc;
using usb_test::FakeTransport;

Bytes string_descriptor(std::string_view ascii) {
  Bytes bytes{static_cast<std::uint8_t>(2 + 2 * ascii.size()), 3};
  for (const char c : ascii) {
    bytes.push_back(static_cast<std::uint8_t>(c));
    bytes.push_back(0);
  }
  return bytes;
}

FakeTransport::Answer always(Bytes bytes) {
  return [bytes](const ControlSetup&, std::size_t) { return bytes; };
}

// A configuration descriptor of `size` bytes that says it has `said`.
Bytes configuration(std::size_t size, std::uint16_t said) {
  Bytes bytes(size, 0xAA);
  bytes[0] = 9;
  bytes[1] = 2;
  base::store_le16(bytes, 2, said);
  return bytes;
}

TEST(DecodeString, TurnsUtf16IntoUtf8) {
  const Bytes bytes{14, 3, 0x41, 0, 0xE9, 0, 0xAC, 0x20, 0x3D, 0xD8, 0x00, 0xDE, 0x7A, 0};
  const auto text = decode_string(bytes);
  ASSERT_TRUE(text);
  EXPECT_EQ(*text, "A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z");
}

TEST(DecodeString, ReplacesHalvesOfSurrogatePairs) {
  EXPECT_EQ(*decode_string(Bytes{6, 3, 0x3D, 0xD8, 0x41, 0}),
            "\xEF\xBF\xBD"
            "A");
  EXPECT_EQ(*decode_string(Bytes{6, 3, 0x00, 0xDE, 0x41, 0}),
            "\xEF\xBF\xBD"
            "A");
  EXPECT_EQ(*decode_string(Bytes{4, 3, 0x3D, 0xD8}), "\xEF\xBF\xBD");
}

TEST(DecodeString, TakesNoMoreThanIsThere) {
  Bytes bytes = string_descriptor("abc");
  bytes[0] = 255;
  EXPECT_EQ(*decode_string(bytes), "abc");
}

TEST(DecodeString, TakesNoMoreThanTheDescriptorSays) {
  Bytes bytes = string_descriptor("abcdef");
  bytes[0] = 6;
  EXPECT_EQ(*decode_string(bytes), "ab");
}

TEST(DecodeString, IgnoresHalfACharacterAtTheEnd) {
  EXPECT_EQ(*decode_string(Bytes{5, 3, 0x41, 0, 0x42}), "A");
}

TEST(DecodeString, MakesTheTextFitForATerminal) {
  EXPECT_EQ(*decode_string(string_descriptor("\x1b[2J")), "?[2J");
}

TEST(DecodeString, RefusesWhatIsNoStringDescriptor) {
  for (const Bytes& bytes : {Bytes{}, Bytes{4}, Bytes{4, 2, 65, 0}, Bytes{1, 3, 65, 0}}) {
    const auto text = decode_string(bytes);
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error().code, Errc::protocol);
  }
}

TEST(ReadString, AsksInTheOnlyLanguage) {
  FakeTransport transport(always(string_descriptor("Particle")));
  const auto text = read_string(transport, 6);
  ASSERT_TRUE(text);
  EXPECT_EQ(*text, "Particle");
  ASSERT_EQ(transport.requests().size(), 1U);
  const auto& request = transport.requests()[0];
  EXPECT_EQ(request.setup.request_type, 0x80);
  EXPECT_EQ(request.setup.request, 6);
  EXPECT_EQ(request.setup.value, 0x0306);
  EXPECT_EQ(request.setup.index, 0x0409);
  EXPECT_EQ(request.length, 255U);
}

TEST(ReadString, NeverAsksForIndexNought) {
  FakeTransport transport(always(string_descriptor("x")));
  const auto text = read_string(transport, 0);
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, Errc::protocol);
  EXPECT_TRUE(transport.requests().empty());
}

TEST(ReadConfiguration, ReadsTheHeaderFirstAndThenWhatItSays) {
  FakeTransport transport(always(configuration(36, 36)));
  const auto bytes = read_configuration(transport);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(bytes->size(), 36U);
  ASSERT_EQ(transport.requests().size(), 2U);
  EXPECT_EQ(transport.requests()[0].length, 9U);
  EXPECT_EQ(transport.requests()[1].length, 36U);
  EXPECT_EQ(transport.requests()[1].setup.value, 0x0200);
}

TEST(ReadConfiguration, RefusesALengthThatLies) {
  for (const std::uint16_t said :
       {std::uint16_t{0}, std::uint16_t{8}, std::uint16_t{40}, std::uint16_t{0xFFFF}}) {
    FakeTransport transport(always(configuration(36, said)));
    const auto bytes = read_configuration(transport);
    ASSERT_FALSE(bytes) << said;
    EXPECT_EQ(bytes.error().code, Errc::protocol);
  }
}

TEST(ReadConfiguration, RefusesALengthThatChangesBetweenTheReads) {
  int reads = 0;
  FakeTransport transport(
      [&](const ControlSetup&, std::size_t) { return configuration(64, ++reads == 1 ? 36 : 64); });
  EXPECT_FALSE(read_configuration(transport));
}

TEST(ReadConfiguration, RefusesADescriptorOfAnotherKind) {
  Bytes device(18, 0);
  device[0] = 18;
  device[1] = 1;
  FakeTransport transport(always(device));
  EXPECT_FALSE(read_configuration(transport));
}

TEST(ReadConfiguration, PassesTheTransportsErrorOn) {
  FakeTransport transport([](const ControlSetup&, std::size_t) -> base::Result<Bytes> {
    return base::make_error(Errc::device_gone, "gone");
  });
  EXPECT_EQ(read_configuration(transport).error().code, Errc::device_gone);
}

}  // namespace
}  // namespace usb
