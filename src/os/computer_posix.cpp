// SPDX-License-Identifier: GPL-3.0-or-later
//
// Linux and macOS.
#include "os/computer.h"

#include <algorithm>
#include <grp.h>
#include <pwd.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

// macOS has it without a declaration.
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables)
extern "C" char** environ;

namespace os {

std::vector<std::string> arguments(int argc, char** argv) {
  if (argc < 1) return {};
  return {argv + 1, argv + argc};
}

bool run_program(std::vector<std::string> words) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t child = 0;
  if (::posix_spawnp(&child, arguments[0], nullptr, nullptr, arguments.data(), environ) != 0) {
    return false;
  }
  int status = 0;
  return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::string user_name() {
  const passwd* user = ::getpwuid(::getuid());  // NOLINT(concurrency-mt-unsafe)
  return user == nullptr ? std::string() : std::string(user->pw_name);
}

Membership membership(const std::string& group) {
  const ::group* entry = ::getgrnam(group.c_str());  // NOLINT(concurrency-mt-unsafe)
  if (entry == nullptr) return Membership::no_such_group;
  if (::geteuid() == 0 || ::getegid() == entry->gr_gid) return Membership::now;
  const gid_t wanted = entry->gr_gid;
  std::vector<gid_t> groups(static_cast<std::size_t>(std::max(::getgroups(0, nullptr), 0)));
  const int count = ::getgroups(static_cast<int>(groups.size()), groups.data());
  if (count > 0 && std::ranges::find(groups, wanted) != groups.end()) return Membership::now;
  const std::string user = user_name();
  for (char** member = entry->gr_mem; *member != nullptr; ++member) {
    if (user == *member) return Membership::at_next_login;
  }
  return Membership::none;
}

bool is_administrator() { return ::geteuid() == 0; }

}  // namespace os
