// SPDX-License-Identifier: GPL-3.0-or-later
#include "plan/evidence.h"

#include "plan/shelf.h"

#include <gtest/gtest.h>

namespace plan_test {
namespace {

using plan::compare;
using plan::Sameness;

const firmware::CheckedModule& part2() { return parts_of("0.6.4")[1]; }

plan::Told told(std::uint16_t version) {
  plan::Told result;
  result.version = version;
  return result;
}

TEST(Compare, TakesBytesThatWereReadForProof) {
  plan::Seen seen = plan::installed(part2()).seen;
  EXPECT_EQ(compare(seen, part2()), Sameness::same);
  std::get<plan::Read>(seen).crc32 ^= 1U;
  EXPECT_EQ(compare(seen, part2()), Sameness::different);
}

TEST(Compare, CannotTellBytesFromAVersion) {
  EXPECT_EQ(compare(told(110), part2()), Sameness::cannot_tell);
  EXPECT_EQ(compare(told(109), part2()), Sameness::different);
  plan::Told broken = told(110);
  broken.passed = false;
  EXPECT_EQ(compare(broken, part2()), Sameness::different);
}

TEST(Compare, KnowsAnApplicationByTheDigestThatTheDeviceTells) {
  const firmware::CheckedModule app = application(110);
  plan::Told seen = told(app.version());
  EXPECT_EQ(compare(seen, app), Sameness::cannot_tell);
  seen.sha256 = app.suffix().sha256;
  EXPECT_EQ(compare(seen, app), Sameness::same);
  seen.sha256->front() ^= 1U;
  EXPECT_EQ(compare(seen, app), Sameness::different);
}

TEST(Compare, FindsWhatIsBlankOrCorruptDifferent) {
  EXPECT_EQ(compare(plan::Blank{}, part2()), Sameness::different);
  EXPECT_EQ(compare(plan::Corrupt{part2().header(), {}}, part2()), Sameness::different);
}

TEST(InstalledModule, TellsWhatWasSeen) {
  const plan::InstalledModule read = plan::installed(part2());
  EXPECT_EQ(read.health(), plan::Health::valid);
  EXPECT_EQ(read.version(), 110);
  EXPECT_EQ(read.dependencies()[0], (firmware::Dependency{kSystemPart1, 110}));
  ASSERT_NE(read.header(), nullptr);
  const plan::InstalledModule asked{kSystemPart2, told(110)};
  EXPECT_TRUE(asked.valid());
  EXPECT_EQ(asked.header(), nullptr) << "nobody has seen one";
  const plan::InstalledModule rubbish{kSystemPart2, plan::Corrupt{}};
  EXPECT_EQ(rubbish.health(), plan::Health::corrupt);
  EXPECT_EQ(rubbish.version(), 0);
}

}  // namespace
}  // namespace plan_test
