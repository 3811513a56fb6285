// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/kernel/usbip.h"

#include "sim/usbip_messages.h"

#include <gtest/gtest.h>

namespace {

namespace wire = usbip_messages;
using sim::UsbipDecoder;
using sim::UsbipSubmit;
using sim::UsbipUnlink;

TEST(UsbipDecoder, ReadsAnOutTransferWithItsData) {
  UsbipDecoder decoder;
  decoder.append(wire::submit({.sequence = 7,
                               .in = false,
                               .endpoint = 0,
                               .length = 0,
                               .setup = {0x21, 1, 2, 0, 0, 0, 3, 0},
                               .data = {0x21, 0x00, 0x08}}));
  const auto command = decoder.next();
  ASSERT_TRUE(command && *command);
  const auto* submit = std::get_if<UsbipSubmit>(&**command);
  ASSERT_NE(submit, nullptr);
  EXPECT_EQ(submit->sequence, 7U);
  EXPECT_EQ(submit->device, 0x00010002U);
  EXPECT_FALSE(submit->in);
  EXPECT_EQ(submit->endpoint, 0);
  EXPECT_EQ(submit->setup, (std::array<std::uint8_t, 8>{0x21, 1, 2, 0, 0, 0, 3, 0}));
  EXPECT_EQ(submit->data, (base::Bytes{0x21, 0x00, 0x08}));
}

TEST(UsbipDecoder, ReadsAnInTransferWithoutData) {
  UsbipDecoder decoder;
  decoder.append(wire::submit(
      {.sequence = 8, .in = true, .endpoint = 1, .length = 512, .setup = {}, .data = {}}));
  const auto command = decoder.next();
  ASSERT_TRUE(command && *command);
  const auto& submit = std::get<UsbipSubmit>(**command);
  EXPECT_TRUE(submit.in);
  EXPECT_EQ(submit.endpoint, 1);
  EXPECT_EQ(submit.length, 512U);
  EXPECT_TRUE(submit.data.empty());
}

TEST(UsbipDecoder, WaitsForTheLastByteOfAMessage) {
  UsbipDecoder decoder;
  const auto bytes = wire::submit({.data = base::Bytes(100, 0x5A)});
  for (std::size_t i = 0; i + 1 < bytes.size(); ++i) {
    decoder.append(base::ByteView(bytes).subspan(i, 1));
    const auto command = decoder.next();
    ASSERT_TRUE(command) << i;
    ASSERT_FALSE(*command) << "complete after " << i + 1 << " of " << bytes.size() << " bytes";
  }
  decoder.append(base::ByteView(bytes).last(1));
  const auto command = decoder.next();
  ASSERT_TRUE(command && *command);
  EXPECT_EQ(std::get<UsbipSubmit>(**command).data, base::Bytes(100, 0x5A));
}

TEST(UsbipDecoder, ReadsSeveralMessagesFromOneRead) {
  UsbipDecoder decoder;
  auto bytes = wire::submit({.sequence = 1, .data = {1, 2, 3}});
  const auto second = wire::unlink(2, 1);
  bytes.insert(bytes.end(), second.begin(), second.end());
  decoder.append(bytes);
  const auto first = decoder.next();
  ASSERT_TRUE(first && *first && std::holds_alternative<UsbipSubmit>(**first));
  const auto then = decoder.next();
  ASSERT_TRUE(then && *then);
  const auto* unlink = std::get_if<UsbipUnlink>(&**then);
  ASSERT_NE(unlink, nullptr);
  EXPECT_EQ(unlink->sequence, 2U);
  EXPECT_EQ(unlink->victim, 1U);
  const auto end = decoder.next();
  ASSERT_TRUE(end);
  EXPECT_FALSE(*end);
}

TEST(UsbipDecoder, RefusesAnUnknownCommand) {
  UsbipDecoder decoder;
  auto bytes = wire::unlink(1, 1);
  base::store_be32(bytes, 0, 9);
  decoder.append(bytes);
  const auto command = decoder.next();
  ASSERT_FALSE(command);
  EXPECT_EQ(command.error().code, base::Errc::protocol);
}

TEST(UsbipDecoder, RefusesATransferLongerThanAnyCanBe) {
  UsbipDecoder decoder;
  auto bytes = wire::submit({});
  base::store_be32(bytes, 24, 0xFFFFFFFF);
  decoder.append(bytes);
  EXPECT_FALSE(decoder.next());
}

TEST(UsbipReply, HasTheLayoutThatTheKernelReads) {
  UsbipSubmit submit;
  submit.sequence = 0x01020304;
  submit.in = true;
  const base::Bytes data{0xAA, 0xBB};
  const auto bytes = sim::encode_submit_reply(submit, sim::UsbipStatus::stall, 2, data);
  ASSERT_EQ(bytes.size(), wire::kHeaderSize + 2);
  const auto reply = wire::reply(bytes, 0);
  EXPECT_EQ(reply.command, 3U);
  EXPECT_EQ(reply.sequence, 0x01020304U);
  EXPECT_EQ(reply.status, -32);
  EXPECT_EQ(reply.transferred, 2U);
  EXPECT_EQ(bytes[wire::kHeaderSize], 0xAA);

  const auto gone = wire::reply(
      sim::encode_unlink_reply({.sequence = 9, .victim = 8}, sim::UsbipStatus::unlinked), 0);
  EXPECT_EQ(gone.command, 4U);
  EXPECT_EQ(gone.sequence, 9U);
  EXPECT_EQ(gone.status, -104);
}

}  // namespace
