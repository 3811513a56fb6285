// SPDX-License-Identifier: GPL-3.0-or-later
//
// What was observed of the released bootloaders (executed once before, on another model of the
// chip), line by line: this model must show the same. src/dfu/PROTOCOL.md rests on these lines.
#include "board/released.h"
#include "firmware/build.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>

namespace board {
namespace {

using namespace released;

TEST_F(Released, ShowTheDescriptorsThatWereObserved) {
  each([](Device& device) {
    const std::string old = device.version < 9 ? "00" : "50";
    EXPECT_EQ(base::to_hex(device.descriptor(0x100, 18)),
              "12010002000000"
              "40042b0ad0" +
                  old + "0201020301");
    EXPECT_EQ(base::to_hex(device.descriptor(0x200, 255)),
              "0902240001010"
              "2c0320904000000fe0102060904000100fe010207"
              "09210bff0000101a01");
    EXPECT_EQ(device.descriptor(0x100, 64).size(), 8U);
    EXPECT_EQ(base::to_hex(device.descriptor(0x300, 255)), "04030904");
    EXPECT_EQ(device.text(1), "Particle");
    EXPECT_EQ(device.text(2), "Electron DFU Mode");
    EXPECT_EQ(device.text(4), "DFU");
    EXPECT_EQ(device.text(5), "DFU");
    EXPECT_EQ(device.text(6), "@Internal Flash   /0x08000000/03*016Ka,01*016Kg,01*064Kg,07*128Kg");
    EXPECT_EQ(device.text(7), "@DCT Flash   /0x00000000/01*016Kg");
    std::string id = base::to_hex(Bench::kUniqueId);
    if (device.version < 201) std::ranges::transform(id, id.begin(), ::toupper);
    EXPECT_EQ(device.text(3), id);
    EXPECT_EQ(device.in(0x80, 6, 0x600, 0, 10).kind, Reply::stall) << "device qualifier";
    EXPECT_EQ(device.in(0x80, 0, 0, 0, 2).data, (base::Bytes{1, 0}));
    EXPECT_EQ(device.in(0x81, 0, 0, 0, 2).kind, Reply::never) << "GET_STATUS of the interface";
    EXPECT_EQ(device.state(), kIdle) << "and the next request works";
  });
}

TEST_F(Released, TakeAlternateSettings0And1AndKeepThemWhenAnotherIsRefused) {
  each([](Device& device) {
    EXPECT_EQ(device.out(0x01, 11, 1, 0).kind, Reply::done);
    EXPECT_EQ(device.out(0x01, 11, 2, 0).kind, Reply::stall);
    EXPECT_EQ(device.in(0x81, 10, 0, 0, 1).data, base::Bytes{1});
    EXPECT_EQ(device.out(0x01, 11, 0, 0).kind, Reply::done);
    EXPECT_EQ(device.in(0x81, 10, 0, 0, 1).data, base::Bytes{0});
  });
}

TEST_F(Released, StallClassRequestsBeforeTheyAreConfigured) {
  each([](Device& device) {
    device.out(0x00, 9, 0, 0);
    EXPECT_EQ(device.status().kind, Reply::stall);
  });
}

TEST_F(Released, DoTheWorkInTheStatusStageOfGetstatus) {
  each([](Device& device) {
    const Bench::Answer erased = device.done(device.command(0x41, sector(8)));
    EXPECT_EQ(erased.kind, Reply::done);
    EXPECT_GT(erased.took, milliseconds(900));
    const base::Bytes block(4096, 0x5A);
    EXPECT_EQ(device.dnload(2, block).kind, Reply::done);
    EXPECT_EQ(device.byte_at(sector(8)), 0xFF) << "not before it is asked";
    device.pass(seconds(3));
    EXPECT_EQ(device.byte_at(sector(8)), 0xFF) << "not after three seconds either";
    const Bench::Answer written = device.status();
    EXPECT_EQ(device.byte_at(sector(8) + 4095), 0x5A);
    EXPECT_GT(written.took, milliseconds(10));
    EXPECT_LT(written.took, milliseconds(30));
  });
}

TEST_F(Released, SayThePollTimeOfTheirAge) {
  each([](Device& device) {
    const std::uint8_t expected = device.version >= 100 ? 0 : 50;
    EXPECT_EQ(device.status().data[1], 0);
    device.command(0x21, sector(8));
    EXPECT_EQ(device.status().data[1], expected);
    EXPECT_EQ(device.status().data[1], device.version >= 9 ? expected : 0);
    device.to_idle();
    device.out(0x01, 11, 1, 0);
    device.command(0x21, 0);
    device.done({Reply::done, {}, {}});
    device.command(0x41, 0);
    const base::Bytes erase = device.status().data;
    EXPECT_EQ(base::load_le16(erase, 1), 500);
    device.status();
    device.dnload(1, base::Bytes(4, 0));
    EXPECT_EQ(base::load_le16(device.status().data, 1), 1);
  });
}

TEST_F(Released, GoOnWhenTheHostGivesUpOnTheGetstatusThatErases) {
  each([](Device& device) {
    device.command(0x41, sector(8));
    device.ask({0xA1, kStatus, 0, 0}, 6, {}, sim::Board::DataStage::abandoned);
    EXPECT_EQ(device.state(), kDnloadBusy);
    device.pass(seconds(2));
    const Bench::Answer later = device.status();
    EXPECT_EQ(later.data[4], kDnloadIdle);
    EXPECT_EQ(device.status().data[4], kDnloadIdle);
  });
}

TEST_F(Released, StallASecondDownloadAndKeepTheFirst) {
  each([](Device& device) {
    device.command(0x21, sector(9));
    EXPECT_EQ(device.dnload(2, base::Bytes(64, 1)).kind, Reply::stall);
    EXPECT_EQ(device.state(), kDnloadSync);
    device.status();
    device.status();
    device.send(kAbort);
    device.board().flash().load(sector(9), base::Bytes{0x77});
    EXPECT_EQ(device.upload(2, 1).data, base::Bytes{0x77}) << "the first one's address holds";
  });
}

TEST_F(Released, TellAFailureByAStallOfTheStatusStageAlone) {
  each([](Device& device) {
    const auto fails = [&device](const Bench::Answer& sent) {
      const Bench::Answer work = device.done(sent);
      EXPECT_EQ(work.data[0], 0);
      EXPECT_EQ(work.kind, Reply::stall_status);
    };
    const base::Bytes before(device.board().flash().view().begin(),
                             device.board().flash().view().end());
    for (const std::uint32_t address : {sector(0), sector(1), sector(4) + 0xFFFFU, 0x09000000U,
                                        electron().flash.end, electron().flash.begin - 1, 0U}) {
      fails(device.command(0x41, address));
    }
    for (const base::Bytes& bytes : {base::Bytes{0x41}, base::Bytes{0x92}, base::Bytes{0x21, 0, 0},
                                     base::Bytes{0x41, 0, 0, 2, 8, 0}, base::Bytes{0x77}}) {
      fails(device.dnload(0, bytes));
    }
    for (const std::uint32_t address : {sector(1), 0x09000000U}) {
      device.done(device.command(0x21, address));
      fails(device.dnload(2, base::Bytes(64, 0)));
    }
    const base::ByteView after = device.board().flash().view();
    EXPECT_TRUE(std::equal(before.begin(), before.end(), after.begin()));
  });
}

TEST_F(Released, LeaveTheAndOfOldAndNewWhereNothingWasErased) {
  each([](Device& device) {
    device.board().flash().load(sector(8), base::Bytes(64, 0x0F));
    device.done(device.command(0x21, sector(8)));
    EXPECT_EQ(device.done(device.dnload(2, base::Bytes(64, 0xF5))).kind, Reply::stall_status);
    EXPECT_EQ(device.byte_at(sector(8)), 0x05);
    EXPECT_EQ(device.byte_at(sector(8) + 63), 0x05);
    device.board().flash().load(sector(8), base::Bytes(64, 0x05));
    EXPECT_EQ(device.done(device.dnload(2, base::Bytes(64, 0x05))).kind, Reply::done)
        << "the same bytes again";
  });
}

TEST_F(Released, WriteTheRestOfABlockAroundAWordThatWillNotProgram) {
  each([](Device& device) {
    device.board().flash().set_stuck(sector(8) + 8);
    device.done(device.command(0x21, sector(8)));
    EXPECT_EQ(device.done(device.dnload(2, base::Bytes(64, 0))).kind, Reply::stall_status);
    EXPECT_EQ(device.byte_at(sector(8) + 4), 0);
    EXPECT_EQ(device.byte_at(sector(8) + 8), 0xFF);
    EXPECT_EQ(device.byte_at(sector(8) + 63), 0);
  });
}

TEST_F(Released, ProtectByTheStartAddressOnly) {
  each([](Device& device) {
    device.done(device.command(0x21, sector(5) - 0x100));
    EXPECT_EQ(device.done(device.dnload(3, base::Bytes(4, 0))).kind, Reply::done);
    EXPECT_EQ(device.byte_at(sector(5) + 0xF00), 0);
  });
}

TEST_F(Released, LiftTheWriteProtectionWithAnEraseAndNotWithAWrite) {
  each([](Device& device) {
    device.board().flash().protect_at_once(6, true);
    device.power_cycle();  // option bytes are loaded at a reset
    ASSERT_TRUE(device.enumerate());
    device.done(device.command(0x21, sector(6)));
    EXPECT_EQ(device.done(device.dnload(2, base::Bytes(4, 0))).kind, Reply::stall_status);
    EXPECT_EQ(device.done(device.command(0x41, sector(6))).kind, Reply::done);
    EXPECT_FALSE(device.board().flash().write_protected(6));
    EXPECT_EQ(device.done(device.dnload(2, base::Bytes(4, 0))).kind, Reply::done);
  });
}

TEST_F(Released, PadWithOnesAndDropBlock1) {
  each([](Device& device) {
    device.done(device.command(0x41, sector(8)));
    device.done(device.dnload(3, base::Bytes(4096, 0)));
    EXPECT_EQ(device.done(device.dnload(2, base::Bytes(5, 0))).kind, Reply::done);
    EXPECT_EQ(device.byte_at(sector(8) + 4), 0);
    EXPECT_EQ(device.byte_at(sector(8) + 5), 0xFF) << "no bytes of the longer block before it";
    EXPECT_EQ(device.done(device.dnload(1, base::Bytes(64, 0))).kind, Reply::done);
    EXPECT_EQ(device.byte_at(sector(8) + 8), 0xFF);
  });
}

TEST_F(Released, EraseTheWholeSectorAroundAnAddress) {
  each([](Device& device) {
    device.board().flash().load(sector(8), base::Bytes(16, 0));
    device.board().flash().load(sector(9) - 4, base::Bytes(4, 0));
    device.done(device.command(0x41, sector(8) + 0x1234));
    EXPECT_EQ(device.byte_at(sector(8)), 0xFF);
    EXPECT_EQ(device.byte_at(sector(9) - 1), 0xFF);
  });
}

TEST_F(Released, ReadAllOfTheFlashAtAnyLengthAndAddress) {
  each([](Device& device) {
    const base::ByteView flash = device.board().flash().view();
    for (const std::uint32_t address : {sector(0), sector(0) + 3, sector(1), sector(11)}) {
      for (const std::uint16_t length : std::initializer_list<std::uint16_t>{1, 63, 64, 65, 4096}) {
        device.to_idle();
        device.done(device.command(0x21, address));
        device.send(kAbort);
        const Bench::Answer read = device.upload(2, length);
        const base::ByteView there = flash.subspan(address - electron().flash.begin, length);
        EXPECT_TRUE(std::equal(read.data.begin(), read.data.end(), there.begin(), there.end()));
      }
    }
    EXPECT_EQ(device.state(), kUploadIdle);
    device.send(kAbort);
    EXPECT_EQ(device.state(), kIdle);
  });
}

TEST_F(Released, ReadZerosOrTheirBufferOutsideOfTheFlash) {
  each([](Device& device) {
    device.done(device.command(0x21, 0x09000000));
    device.send(kAbort);
    const base::Bytes data = device.upload(2, 64).data;
    EXPECT_EQ(data.size(), 64U);
    EXPECT_EQ(data[0], device.version >= 100 ? 0x00 : 0x21);
  });
}

TEST_F(Released, UploadBlocks0And1AndNothing) {
  each([](Device& device) {
    EXPECT_EQ(device.upload(0, 64).data, (base::Bytes{0x00, 0x21, 0x41}));
    EXPECT_EQ(device.state(), kIdle);
    EXPECT_EQ(device.upload(0, 3).data, (base::Bytes{0x00, 0x21, 0x41}));
    EXPECT_EQ(device.state(), kUploadIdle);
    EXPECT_EQ(device.upload(2, 0).kind, Reply::done);
    EXPECT_EQ(device.state(), kIdle);
    EXPECT_EQ(device.upload(1, 64).kind, Reply::stall);
    EXPECT_EQ(device.state(), kBogus);
    device.send(kAbort);
    EXPECT_EQ(device.state(), kBogus);
    device.send(kClear);
    EXPECT_EQ(device.state(), kError);
    device.send(kClear);
    EXPECT_EQ(device.state(), kIdle);
  });
}

TEST_F(Released, EnterDfuErrorByClrstatusAndStayInItOnAbort) {
  each([](Device& device) {
    EXPECT_EQ(device.send(kClear), Reply::done);
    EXPECT_EQ(device.status().data, (base::Bytes{14, 0, 0, 0, kError, 0}));
    EXPECT_EQ(device.dnload(2, base::Bytes(4, 0)).kind, Reply::stall);
    EXPECT_EQ(device.upload(2, 4).kind, Reply::stall);
    EXPECT_EQ(device.send(kAbort), Reply::done);
    EXPECT_EQ(device.state(), kError);
    device.send(kClear);
    EXPECT_EQ(device.status().data, (base::Bytes{0, 0, 0, 0, kIdle, 0}));
  });
}

TEST_F(Released, ForgetAPendingDownloadOnAbort) {
  each([](Device& device) {
    device.command(0x41, sector(8));
    EXPECT_EQ(device.send(kAbort), Reply::done);
    EXPECT_EQ(device.status().data[4], kIdle);
  });
}

TEST_F(Released, ReplugOnDetachUntilBootloader400) {
  each([](Device& device) {
    const Bench::Answer answer = device.out(0x21, kDetach, 1000, 0);
    EXPECT_EQ(answer.kind, device.version < 1003 ? Reply::gone : Reply::done);
    EXPECT_TRUE(device.board().attached());
  });
}

TEST_F(Released, KeepTheAddressOverAnEnumeration) {
  each([](Device& device) {
    device.board().flash().load(sector(9), base::Bytes{0x42});
    device.done(device.command(0x21, sector(9)));
    ASSERT_TRUE(device.enumerate());
    EXPECT_EQ(device.state(), kIdle);
    EXPECT_EQ(device.upload(2, 1).data, base::Bytes{0x42});
  });
}

TEST_F(Released, LeaveHalfASecondAfterTheGetstatusThatFollowsAnEmptyDownload) {
  each([](Device& device) {
    EXPECT_EQ(device.dnload(7, {}).kind, Reply::done);
    EXPECT_EQ(device.state(), kManifestSync);
    device.pass(seconds(3));
    EXPECT_EQ(device.state(), kManifestSync) << "nothing happens without GETSTATUS";
    device.send(kAbort);
    EXPECT_EQ(device.state(), kIdle);
    device.dnload(0, {});
    const std::uint32_t resets = device.board().reset_count();
    EXPECT_EQ(device.status().data[4], kDnloadIdle);
    EXPECT_EQ(device.status().data[4], kWaitReset);
    device.send(kAbort);
    device.send(kClear);
    device.pass(milliseconds(450));
    EXPECT_EQ(device.board().reset_count(), resets);
    device.pass(milliseconds(1000));
    EXPECT_EQ(device.board().reset_count(), resets + 1) << "nothing stops it";
  });
}

TEST_F(Released, EnterDfuModeByTheButton) {
  each([](Device& device) {
    device.board().power(false);
    device.board().press_mode(true);
    device.board().power(true);
    device.pass(milliseconds(4000));
    device.board().press_mode(false);
    EXPECT_TRUE(device.wait_for_attach(seconds(2)));
  });
}

// A system part 1 that the bootloader accepts by its header.
base::Bytes system_part_1() {
  firmware::BuildRequest request;
  request.id = platform::kSystemPart1;
  request.version = 2302;
  request.size = 20000;
  return firmware::build(request, electron());
}

TEST_F(Released, ComeBackToDfuByThemselvesWithoutTheStartOfSystemPart1) {
  each([](Device& device) {
    const base::Bytes part = system_part_1();
    sim::FlashMemory& flash = device.board().flash();
    const auto starts = [&device] {
      device.power_cycle();
      device.pass(seconds(2));
      return device.board().running();
    };
    flash.load(sector(5), part);
    EXPECT_EQ(starts(), sim::Board::Running::firmware);
    flash.load(sector(5), base::Bytes(4096, 0xFF));
    EXPECT_EQ(starts(), sim::Board::Running::bootloader);
    EXPECT_TRUE(device.board().attached()) << "all of it but its first block";
    flash.load(sector(5), part);
    const std::uint32_t header = sector(5) + 0x184;
    flash.load(header, base::Bytes(4, 0xFF));
    EXPECT_EQ(starts(), sim::Board::Running::bootloader);
    EXPECT_TRUE(device.board().attached()) << "all of it but the start address in its header";
    flash.fill_blank(electron().sectors[5].range);
    EXPECT_EQ(starts(), sim::Board::Running::bootloader);
    EXPECT_TRUE(device.board().attached());
  });
}

TEST_F(Released, AreSavedAndPutBackAsTheyWere) {
  each([](Device& device) {
    device.done(device.command(0x21, sector(9)));
    device.save();
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < 100; ++i) device.restore();
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - begin);
    std::printf("bootloader %u: %lld us to put a snapshot back\n", device.version,
                static_cast<long long>(took.count() / 100));
    device.done(device.command(0x41, sector(8)));
    device.send(kAbort);
    device.restore();
    EXPECT_EQ(device.state(), kDnloadIdle);
    device.board().flash().load(sector(9), base::Bytes{0x42});
    device.send(kAbort);
    EXPECT_EQ(device.upload(2, 1).data, base::Bytes{0x42});
  });
}

}  // namespace
}  // namespace board
