// SPDX-License-Identifier: GPL-3.0-or-later
//
// More of what was observed of the released bootloaders, line by line: states, odd lengths, the
// configuration area.
#include "board/released.h"

namespace board {
namespace {

using namespace released;

constexpr std::uint32_t kDctSize = 0x4000;

TEST_F(Released, BeginWithTheAddressOfTheFirstSectorThatMayBeWritten) {
  each([](Device& device) {
    device.board().flash().load(sector(5), base::Bytes{0x42});
    EXPECT_EQ(device.upload(2, 1).data, base::Bytes{0x42});
  });
}

TEST_F(Released, SendSixBytesOfStatusWhateverIsAskedFor) {
  each([](Device& device) {
    EXPECT_EQ(device.in(0xA1, kStatus, 0, 0, 1).data.size(), 6U);
    EXPECT_EQ(device.in(0xA1, kStatus, 0, 0, 64).data.size(), 6U);
    EXPECT_EQ(device.state(), kIdle);
  });
}

TEST_F(Released, SendThreeCommandsAlsoToOneWhoAsksForLess) {
  each([](Device& device) { EXPECT_EQ(device.upload(0, 2).data.size(), 3U); });
}

TEST_F(Released, IgnoreTheLanguageOfAString) {
  each([](Device& device) {
    EXPECT_EQ(device.descriptor(0x302, 255, 0x1234), device.descriptor(0x302, 255, 0x409));
  });
}

TEST_F(Released, TellWindowsWhatTheyAreSinceBootloader8) {
  each([](Device& device) {
    const base::Bytes text = device.descriptor(0x3EE, 18);
    ASSERT_EQ(text.size(), 18U);
    if (device.version < 8) return;
    EXPECT_EQ(base::to_hex(text), "12034d00530046005400310030003000ee00");
  });
}

TEST_F(Released, StallUnknownRequestsAndStayAsTheyAre) {
  each([](Device& device) {
    device.done(device.command(0x21, sector(8)));
    EXPECT_EQ(device.in(0xA1, 9, 0, 0, 8).kind, Reply::stall);
    EXPECT_EQ(device.out(0x21, 7, 0, 0).kind, Reply::stall);
    EXPECT_EQ(device.in(0xC0, 0x77, 0, 0, 8).kind, Reply::stall);
    EXPECT_EQ(device.out(0x40, 0x77, 0, 0).kind, Reply::stall);
    EXPECT_EQ(device.state(), kDnloadIdle);
  });
}

TEST_F(Released, TakeAnyAddressAndThatOfAnEraseToo) {
  each([](Device& device) {
    for (const std::uint32_t address : {0U, 0x20000000U, 0xFFFFFFFFU}) {
      EXPECT_EQ(device.done(device.command(0x21, address)).kind, Reply::done) << address;
    }
    device.done(device.command(0x41, sector(9)));
    device.send(kAbort);
    device.board().flash().load(sector(9), base::Bytes{0x42});
    EXPECT_EQ(device.upload(2, 1).data, base::Bytes{0x42});
  });
}

TEST_F(Released, ChangeNothingAtAnAddressThatIsNoMultipleOfFour) {
  each([](Device& device) {
    device.done(device.command(0x21, sector(8) + 2));
    EXPECT_EQ(device.done(device.dnload(2, base::Bytes(8, 0))).kind, Reply::stall_status);
    EXPECT_EQ(device.byte_at(sector(8) + 2), 0xFF);
    EXPECT_EQ(device.byte_at(sector(8) + 6), 0xFF);
  });
}

TEST_F(Released, TakeNeitherDownloadNorLeaveBehindAnUpload) {
  each([](Device& device) {
    device.upload(2, 4);
    EXPECT_EQ(device.dnload(2, base::Bytes(4, 0)).kind, Reply::stall);
    EXPECT_EQ(device.dnload(0, {}).kind, Reply::stall);
    EXPECT_EQ(device.state(), kUploadIdle);
    device.send(kAbort);
    device.send(kClear);
    EXPECT_EQ(device.dnload(0, {}).kind, Reply::stall);
    EXPECT_EQ(device.state(), kError);
  });
}

TEST_F(Released, TakeNoUploadBehindADownload) {
  each([](Device& device) {
    device.done(device.command(0x21, sector(8)));
    EXPECT_EQ(device.upload(2, 4).kind, Reply::stall);
    device.send(kAbort);
    EXPECT_EQ(device.upload(2, 4).kind, Reply::done);
  });
}

TEST_F(Released, ReadBlocksInAnyOrder) {
  each([](Device& device) {
    device.board().flash().load(sector(5) + 4096, base::Bytes{0x31});
    device.board().flash().load(sector(5), base::Bytes{0x30});
    EXPECT_EQ(device.upload(3, 1).data, base::Bytes{0x31});
    EXPECT_EQ(device.upload(2, 1).data, base::Bytes{0x30});
  });
}

TEST_F(Released, KeepStateWhenTheyAreConfiguredAgainAndAddressWhenAnew) {
  each([](Device& device) {
    device.board().flash().load(sector(9), base::Bytes{0x42});
    device.done(device.command(0x21, sector(9)));
    EXPECT_EQ(device.out(0x00, 9, 1, 0).kind, Reply::done);
    EXPECT_EQ(device.state(), kDnloadIdle);
    device.out(0x00, 9, 0, 0);
    device.out(0x00, 9, 1, 0);
    EXPECT_EQ(device.state(), kIdle);
    EXPECT_EQ(device.upload(2, 1).data, base::Bytes{0x42});
  });
}

TEST_F(Released, LeaveAlsoAfterAFailure) {
  each([](Device& device) {
    device.done(device.command(0x41, sector(0)));
    const std::uint32_t resets = device.board().reset_count();
    EXPECT_EQ(device.dnload(0, {}).kind, Reply::done);
    EXPECT_EQ(device.status().data[4], kDnloadIdle);
    device.pass(seconds(2));
    EXPECT_EQ(device.board().reset_count(), resets + 1);
  });
}

TEST_F(Released, DoNothingWithoutGetstatus) {
  each([](Device& device) {
    device.board().flash().load(sector(8), base::Bytes{0});
    device.command(0x41, sector(8));
    device.pass(seconds(3));
    EXPECT_EQ(device.state(), kDnloadSync);
    EXPECT_EQ(device.byte_at(sector(8)), 0);
  });
}

// --- the configuration area ---

TEST_F(Released, WriteTheConfigurationAreaWithoutAnErase) {
  each([](Device& device) {
    device.out(0x01, 11, 1, 0);
    device.done(device.command(0x21, 0x700));
    EXPECT_EQ(device.done(device.dnload(2, base::Bytes(16, 0x5A))).kind, Reply::done);
    EXPECT_EQ(device.done(device.dnload(2, base::Bytes(16, 0xA5))).kind, Reply::done);
    device.send(kAbort);
    EXPECT_EQ(device.upload(2, 16).data, base::Bytes(16, 0xA5));
  });
}

TEST_F(Released, AcknowledgeAnEraseOfTheConfigurationAreaAndKeepIt) {
  each([](Device& device) {
    device.out(0x01, 11, 1, 0);
    device.done(device.command(0x21, 0x700));
    device.done(device.dnload(2, base::Bytes(16, 0x5A)));
    EXPECT_EQ(device.done(device.command(0x41, 0x700)).kind, Reply::done);
    device.send(kAbort);
    EXPECT_EQ(device.upload(2, 16).data, base::Bytes(16, 0x5A));
  });
}

TEST_F(Released, ReadZerosOrTheirBufferBehindTheConfigurationArea) {
  each([](Device& device) {
    device.out(0x01, 11, 1, 0);
    device.done(device.command(0x21, kDctSize));
    device.send(kAbort);
    const base::Bytes data = device.upload(2, 64).data;
    ASSERT_EQ(data.size(), 64U);
    EXPECT_EQ(data[0], device.version >= 100 ? 0x00 : 0x21);
  });
}

TEST_F(Released, ReadABlankConfigurationAreaAsBlankSinceBootloader101) {
  each([](Device& device) {
    device.out(0x01, 11, 1, 0);
    device.done(device.command(0x21, 0));
    device.send(kAbort);
    const base::Bytes data = device.upload(2, 64).data;
    ASSERT_EQ(data.size(), 64U);
    if (device.version >= 101) {
      EXPECT_TRUE(base::is_blank(data)) << base::to_hex(data);
    } else {
      EXPECT_EQ(base::to_hex(base::ByteView(data).first(5)), "c0acde1a0b") << "its flags";
    }
  });
}

}  // namespace
}  // namespace board
