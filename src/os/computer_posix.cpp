// SPDX-License-Identifier: GPL-3.0-or-later
//
// Linux and macOS.
#include "os/computer.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern "C" char** environ;  // macOS has it without a declaration

namespace os {

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

bool is_administrator() { return ::geteuid() == 0; }

}  // namespace os
