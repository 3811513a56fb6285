// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/local_line.h"

#include <gtest/gtest.h>

#include <thread>

namespace os {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::string path_of(const char* name) {
  std::string path = testing::TempDir() + "er-line-" + name;
  return path;
}

TEST(LocalLine, aLineIsAskedAndAnswered) {
  const std::string path = path_of("asked");
  auto server = serve_lines(path);
  ASSERT_TRUE(server) << server.error().message();
  std::thread serving([&] {
    std::optional<LocalCall> call;
    while (!call) call = (*server)->wait(milliseconds(100));
    call->answer("you said " + call->line);
  });
  const auto answer = ask_line(path, "hello", seconds(30));
  serving.join();
  ASSERT_TRUE(answer) << answer.error().message();
  EXPECT_EQ(*answer, "you said hello");
}

TEST(LocalLine, aPlaceIsOneServersAndFreeAgainWhenThatIsGone) {
  const std::string path = path_of("one");
  {
    const auto first = serve_lines(path);
    ASSERT_TRUE(first);
    const auto second = serve_lines(path);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error(), std::errc::address_in_use);
  }
  EXPECT_FALSE(ask_line(path, "hello", milliseconds(100)));
  EXPECT_TRUE(serve_lines(path));
}

TEST(LocalLine, aCallThatNobodyAnswersEndsForTheCaller) {
  const std::string path = path_of("silent");
  auto server = serve_lines(path);
  ASSERT_TRUE(server);
  std::thread serving([&] {
    while (!(*server)->wait(milliseconds(100))) {
    }
  });
  const auto answer = ask_line(path, "hello", seconds(30));
  serving.join();
  EXPECT_FALSE(answer);
}

TEST(LocalLine, aPathThatIsTooLongIsAnError) {
  EXPECT_FALSE(serve_lines("/tmp/" + std::string(300, 'x')));
}

}  // namespace
}  // namespace os
