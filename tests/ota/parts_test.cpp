// SPDX-License-Identifier: GPL-3.0-or-later
//
// The pure pieces: what events come to, what is believed, what is kept.

#include "base/files.h"
#include "ota/virtual_fleet.h"

namespace ota_test {
namespace {

using ota::Ear;
using ota::Proof;
using ota::Seen;
using platform::kSystemPart1;
using platform::kSystemPart2;
using platform::kSystemPart3;

cloud::Event event(decltype(cloud::Event::what) what, std::string at) {
  cloud::Event made;
  made.name = "name" + std::to_string(what.index());
  made.published_at = std::move(at);
  made.what = std::move(what);
  return made;
}

cloud::Modules modules(int index3) {
  serial::Described described;
  described.platform = 10;
  serial::DescribedModule part;
  part.location = 'm';
  part.checked = part.passed = 30;
  part.function = 's';
  part.index = 3;
  part.version = static_cast<std::uint16_t>(index3);
  described.modules.push_back(part);
  return {described};
}

const base::Instant kNow{};

TEST(Ear, TakesEveryEventOnce) {
  Ear ear;
  Seen seen;
  EXPECT_TRUE(ear.note(event(cloud::Started{}, "1"), kNow, true, seen));
  EXPECT_FALSE(ear.note(event(cloud::Started{}, "1"), kNow, true, seen));
  EXPECT_TRUE(seen.started);
  EXPECT_FALSE(seen.others);
}

TEST(Ear, KnowsATransferThatIsNotOurs) {
  Ear ear;
  Seen seen;
  ear.note(event(cloud::Started{}, "1"), kNow, false, seen);
  EXPECT_TRUE(seen.others);
  Seen ours;
  ear.note(event(cloud::Started{}, "2"), kNow, true, ours);
  EXPECT_FALSE(ours.others);
  ear.note(event(cloud::Success{}, "3"), kNow, true, ours);
  ear.note(event(cloud::Started{}, "4"), kNow, true, ours);
  EXPECT_TRUE(ours.others);
}

TEST(Ear, TakesNoListFromBeforeTheLastStart) {
  Ear ear;
  Seen seen;
  ear.note(event(modules(100), "1"), kNow, true, seen);
  EXPECT_TRUE(seen.modules);
  ear.note(event(cloud::Online{}, "2"), kNow, true, seen);
  EXPECT_FALSE(seen.modules);
  // Told again, late.
  ear.note(event(modules(101), "1"), kNow, true, seen);
  EXPECT_FALSE(seen.modules);
  ear.note(event(modules(110), "3"), kNow, true, seen);
  EXPECT_TRUE(seen.modules);
}

TEST(Ear, KeepsAListThatOvertookItsStart) {
  Ear ear;
  Seen seen;
  ear.note(event(modules(110), "3"), kNow, true, seen);
  ear.note(event(cloud::Online{}, "2"), kNow, true, seen);
  EXPECT_TRUE(seen.modules);
}

TEST(Ear, TakesNoListOfAnotherPlatform) {
  Ear ear;
  Seen seen;
  cloud::Modules other = modules(110);
  other.described->platform = 13;
  ear.note(event(other, "1"), kNow, true, seen);
  EXPECT_FALSE(seen.modules);
}

ota::Wish wish(std::string_view target) {
  ota::Wish wish;
  wish.target = version(target);
  wish.library = &shelf();
  return wish;
}

const firmware::CheckedModule& part(std::string_view release, platform::ModuleId id) {
  return *shelf().find(version(release))->part(id);
}

TEST(Gate, SendsNoNewPartToADeviceOfWhichOnlyItsUserSpeaks) {
  ota::Wish told = wish("0.6.4");
  told.from = version("0.5.3");
  const ota::Belief belief = ota::assumed("", told);
  EXPECT_EQ(belief.source, ota::Source::user);
  EXPECT_FALSE(ota::why_not_yet(part("0.6.4", kSystemPart3), belief, {}).empty());
}

TEST(Gate, SendsNoNewPartToADeviceBefore053) {
  const ota::Belief belief = ota::assumed("0.5.0", wish("0.6.4"));
  for (const auto id : {kSystemPart1, kSystemPart2, kSystemPart3}) {
    EXPECT_FALSE(ota::why_not_yet(part("0.6.4", id), belief, {}).empty());
  }
}

TEST(Gate, Below060OnlyAListOpensTheWayBehindSystemPart3) {
  const ota::Belief belief = ota::assumed("0.5.3", wish("0.6.4"));
  const std::uint16_t v = part("0.6.4", kSystemPart3).version();
  EXPECT_TRUE(ota::why_not_yet(part("0.6.4", kSystemPart3), belief, {}).empty());
  const ota::Proofs weak{{{kSystemPart3, v}, Proof::handshake}};
  EXPECT_FALSE(ota::why_not_yet(part("0.6.4", kSystemPart1), belief, weak).empty());
  const ota::Proofs listed{{{kSystemPart3, v}, Proof::modules}};
  EXPECT_TRUE(ota::why_not_yet(part("0.6.4", kSystemPart1), belief, listed).empty());
}

TEST(Gate, Since060AHandshakeIsEnoughForTheChainButNotForItsEnd) {
  const ota::Belief belief = ota::assumed("0.6.4", wish("0.7.0"));
  const std::uint16_t v = part("0.7.0", kSystemPart3).version();
  const ota::Proofs weak{{{kSystemPart3, v}, Proof::handshake},
                         {{kSystemPart1, v}, Proof::handshake}};
  EXPECT_TRUE(ota::why_not_yet(part("0.7.0", kSystemPart1), belief, weak).empty());
  EXPECT_FALSE(ota::why_not_yet(part("0.7.0", kSystemPart2), belief, weak).empty());
  const ota::Proofs strong{{{kSystemPart3, v}, Proof::handshake},
                           {{kSystemPart1, v}, Proof::reset}};
  EXPECT_TRUE(ota::why_not_yet(part("0.7.0", kSystemPart2), belief, strong).empty());
}

TEST(Gate, SystemPart3Of070IsNotSentBeside063) {
  const ota::Belief belief = ota::assumed("0.6.3", wish("0.7.0"));
  EXPECT_FALSE(ota::why_not_yet(part("0.7.0", kSystemPart3), belief, {}).empty());
}

struct Judging {
  explicit Judging(std::string_view from = "0.6.4") {
    evidence.part = &part("0.7.0", kSystemPart3);
    evidence.before = ota::assumed(std::string(from), wish("0.7.0"));
    evidence.handshake = "a";
    device.last_handshake = "a";
    device.system_version = from;
    evidence.device = &device;
    evidence.seen.started = true;
    evidence.seen.success = kNow;
  }
  ota::Fate fate() const { return ota::judge(evidence).fate; }
  Proof proof() const { return ota::judge(evidence).proof; }
  cloud::Device device;
  ota::Evidence evidence;
};

TEST(Judge, SuccessProvesNothing) { EXPECT_EQ(Judging().fate(), ota::Fate::undetermined); }

TEST(Judge, TheListDecides) {
  Judging judging;
  judging.evidence.seen.modules = modules(part("0.7.0", kSystemPart3).version()).described;
  EXPECT_EQ(judging.fate(), ota::Fate::proved);
  EXPECT_EQ(judging.proof(), Proof::modules);
  judging.evidence.seen.modules = modules(110).described;
  EXPECT_EQ(judging.fate(), ota::Fate::refused);
  judging.evidence.seen.success.reset();
  EXPECT_EQ(judging.fate(), ota::Fate::lost);
}

TEST(Judge, TheDevicesOwnVerdictCounts) {
  Judging judging;
  judging.evidence.seen.ota_result = true;
  EXPECT_EQ(judging.proof(), Proof::device);
  judging.evidence.seen.ota_result = false;
  EXPECT_EQ(judging.fate(), ota::Fate::refused);
}

TEST(Judge, TheReasonOfAResetCounts) {
  Judging judging;
  judging.evidence.seen.online = kNow;
  EXPECT_EQ(judging.proof(), Proof::handshake);
  judging.evidence.seen.last_reset = "update";
  EXPECT_EQ(judging.proof(), Proof::reset);
  judging.evidence.seen.last_reset = "update_timeout";
  EXPECT_EQ(judging.fate(), ota::Fate::lost);
  judging.evidence.seen.last_reset = "update_error";
  EXPECT_EQ(judging.fate(), ota::Fate::refused);
}

TEST(Judge, AChangedHandshakeIsAsGoodAsTheEvent) {
  Judging judging;
  judging.device.last_handshake = "b";
  EXPECT_EQ(judging.proof(), Proof::handshake);
}

TEST(Judge, SystemPart2IsProvedByTheSystemVersionAlone) {
  Judging judging;
  judging.evidence.part = &part("0.7.0", kSystemPart2);
  judging.evidence.seen.online = kNow;
  judging.evidence.seen.last_reset = "update";
  EXPECT_EQ(judging.fate(), ota::Fate::undetermined);
  judging.device.system_version = "0.7.0";
  EXPECT_EQ(judging.proof(), Proof::version);
}

TEST(Judge, WhatDidNotBeginOrEndIsLost) {
  Judging judging;
  judging.evidence.seen = Seen{};
  EXPECT_EQ(judging.fate(), ota::Fate::lost);
  judging.evidence.seen.started = true;
  EXPECT_EQ(judging.fate(), ota::Fate::lost);
  judging.evidence.seen.failed = kNow;
  EXPECT_EQ(judging.fate(), ota::Fate::lost);
}

ota::Record record() {
  ota::Record record;
  record.device = "2b0036000a47333534000001";
  record.target = "0.6.4";
  record.from = "0.5.3";
  record.restore_development = true;
  record.product = "1234";
  record.pending = ota::Pending{{kSystemPart3, 110}, "2026-01-05T08:00:00.000Z", ""};
  record.proofs[{kSystemPart3, 110}] = Proof::modules;
  record.attempts[{kSystemPart3, 110}] = 2;
  return record;
}

TEST(Record, ComesBackAsItWas) {
  const auto read = ota::parse_record(ota::to_text(record()));
  ASSERT_TRUE(read);
  EXPECT_EQ(ota::to_text(*read), ota::to_text(record()));
  EXPECT_EQ(read->pending->part, (ota::PartKey{kSystemPart3, 110}));
  EXPECT_EQ(read->proofs, record().proofs);
}

TEST(Record, ThatCannotBeReadIsAnError) {
  for (const char* text : {"", "{}", "[]", R"({"schema":2})", R"({"schema":1,"device":"x"})"}) {
    const auto read = ota::parse_record(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().id, "bad-record");
  }
}

TEST(RecordFolder, KeepsOneFileADeviceUntilItIsDone) {
  const std::string folder = testing::TempDir() + "ota_records";
  ota::RecordFolder records(folder);
  EXPECT_FALSE(*records.load(record().device));
  ASSERT_TRUE(records.save(record()));
  const auto loaded = records.load(record().device);
  ASSERT_TRUE(loaded && *loaded);
  EXPECT_TRUE((*loaded)->restore_development);
  ota::Record done;
  done.device = record().device;
  ASSERT_TRUE(records.save(done));
  EXPECT_FALSE(*records.load(record().device));
  EXPECT_TRUE(base::remove_file(folder));
}

TEST(Bytes, OverTheAirAreAboutAFifthMore) {
  // 0.6.4: 55 004 + 123 712 + 114 848 bytes are 575 chunks.
  EXPECT_EQ(ota::air_bytes(55'004) + ota::air_bytes(123'712) + ota::air_bytes(114'848),
            575U * 585U + 3U * 4400U);
}

}  // namespace
}  // namespace ota_test
