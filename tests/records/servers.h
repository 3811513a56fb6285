// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// A PostgreSQL server of a test's own: Debian's, in a temporary folder, as an ordinary user, on a
// socket in that folder only.

#include "records/fixture.h"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <pwd.h>
#include <string>

namespace records_test {

class Postgres {
 public:
  // Empty where one can be started; else why not.
  static std::string missing() {
    if (programs().empty()) return "no PostgreSQL here (Debian: postgresql)";
    if (::geteuid() == 0 && ::getpwnam("postgres") == nullptr) {
      return "PostgreSQL refuses root, and there is no user postgres";
    }
    return {};
  }

  Postgres() {
    std::error_code ignored;
    std::filesystem::permissions(folder_.path(), std::filesystem::perms::all, ignored);
    // The path of a socket has 107 characters at most: /tmp, not the folder of all tests.
    EXPECT_EQ(
        run(programs() + "/initdb -D " + data() + " -A trust -U er --no-locale -E UTF8 --no-sync"),
        0)
        << log();
    start();
    EXPECT_EQ(run(programs() + "/createdb -h " + folder_.path() + " -U er er"), 0) << log();
  }
  ~Postgres() { stop("fast"); }
  Postgres(const Postgres&) = delete;
  Postgres& operator=(const Postgres&) = delete;

  void start() {
    EXPECT_EQ(run(programs() + "/pg_ctl -D " + data() + " -w -t 60 -l " + folder_.path() +
                  "/server.log -o \"-k " + folder_.path() +
                  " -c listen_addresses= -c max_connections=30\" start"),
              0)
        << log();
  }
  // "immediate" is what a loss of power leaves.
  void stop(const std::string& how) {
    run(programs() + "/pg_ctl -D " + data() + " -w -t 60 -m " + how + " stop");
  }
  std::string url() const { return "postgresql://er@/er?host=" + folder_.path(); }

 private:
  static std::string programs() {
    for (int version = 19; version >= 12; --version) {
      const std::string folder = fmt::format("/usr/lib/postgresql/{}/bin", version);
      if (std::filesystem::exists(folder + "/initdb")) return folder;
    }
    return {};
  }
  std::string data() const { return folder_.path() + "/data"; }
  int run(const std::string& command) const {
    const std::string words = command + " >>" + folder_.path() + "/log 2>&1 </dev/null";
    const std::string whole =
        ::geteuid() == 0 ? "cd / && su postgres -s /bin/sh -c '" + words + "'" : words;
    return std::system(whole.c_str());
  }
  std::string log() const {
    std::ifstream file(folder_.path() + "/log");
    return {std::istreambuf_iterator<char>(file), {}};
  }

  Folder folder_;
};

}  // namespace records_test
