// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Whole commands in a test: argument parsing, world, output and exit code.

#include "cli/cli.h"

#include <nlohmann/json.hpp>

#include <functional>
#include <string>
#include <vector>

namespace cli_test {

class Captured final : public report::Output {
 public:
  void out(std::string_view text) override { out_text += text; }
  void err(std::string_view text) override { err_text += text; }
  bool ask(std::string_view question) override {
    asked += question;
    return answer;
  }
  bool out_is_read() override { return read; }
  bool read = true;
  std::string out_text;
  std::string err_text;
  std::string asked;
  bool answer = false;
};

// A world made elsewhere, or none at all.
class GivenWorld final : public cli::WorldSource {
 public:
  GivenWorld() = default;
  explicit GivenWorld(discovery::World& world) : world_(&world) {}
  base::Result<discovery::World*> world() override {
    if (world_ != nullptr) return world_;
    return base::make_error(base::Errc::unsupported, "this test has no devices");
  }

 private:
  discovery::World* world_ = nullptr;
};

class FakeComputer final : public cli::Computer {
 public:
  bool has_udev() const override { return udev; }
  std::string installed_rule() const override { return rule; }
  bool running(const std::string& program) const override { return program == running_program; }
  base::Result<> install_rule(const std::string& text) override {
    if (denied) return base::make_error(base::Errc::access_denied, "only root", "sudo");
    installed_text = text;
    rule = "/etc/udev/rules.d/70-electron-rescue.rules";
    return {};
  }
  bool udev = true;
  bool denied = false;
  std::string rule;
  std::string running_program;
  std::string installed_text;
};

struct Outcome {
  int code = -1;
  std::string out;
  std::string err;
  nlohmann::ordered_json json() const { return nlohmann::ordered_json::parse(out); }
};

struct Bench {
  FakeComputer computer;
  Captured output;
  base::CancelToken cancel;
  report::Terminal terminal;
  std::string log_directory;  // none: runs leave no logs

  Outcome run(const std::vector<std::string>& arguments, cli::WorldSource& worlds) {
    output.out_text.clear();
    output.err_text.clear();
    cli::Environment environment{worlds, output, terminal, cancel, computer, log_directory};
    Outcome outcome;
    outcome.code = cli::run(arguments, environment);
    outcome.out = output.out_text;
    outcome.err = output.err_text;
    return outcome;
  }
  Outcome run(const std::vector<std::string>& arguments) {
    GivenWorld none;
    return run(arguments, none);
  }
};

}  // namespace cli_test
