// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/world/workbench.h"

#include "base/files.h"
#include "sim/bus/duration.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <system_error>
#include <utility>

namespace sim {
namespace {

using What = BenchCommand::What;
using Button = BenchCommand::Button;

// A finger's tap: longer than the 10 ms for which the bootloader filters the contacts.
constexpr base::Micros kTap{100'000};

constexpr std::string_view kHelp =
    "press mode|reset [TIME]   press a button, let it go after TIME (default 100ms)\n"
    "hold mode|reset           press a button and keep it down\n"
    "release mode|reset        let it go\n"
    "reset                     the same as: press reset\n"
    "unplug [TIME]             pull the USB cable (and put it back after TIME)\n"
    "plug                      put it back\n"
    "power off [TIME]          take the power away (and give it back after TIME)\n"
    "power on                  give it back\n"
    "flash save FILE           write the whole flash to FILE\n"
    "flash load FILE           put FILE into flash, as if it had been there; then press reset\n"
    "led                       what the LED shows\n"
    "status                    what the board is doing\n"
    "fault SCRIPT              faults from now on, in place of the earlier ones; empty: none\n"
    "help                      this text\n"
    "quit                      unplug everything and end\n"
    "N: COMMAND                for board N only; without it a command is for all boards\n"
    "TIME is 300us, 150ms, 3s, …";

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const auto begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

// The first word, taken off `text`.
std::string_view take_word(std::string_view& text) {
  text = trim(text);
  const auto end = text.find_first_of(" \t");
  const std::string_view word = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : trim(text.substr(end));
  return word;
}

base::Error not_understood(std::string_view what) {
  return base::make_error(base::Errc::usage,
                          fmt::format("not understood: {}", base::printable(what)),
                          "help tells the commands");
}

base::Result<Button> parse_button(std::string_view word) {
  if (word == "mode") return Button::mode;
  if (word == "reset") return Button::reset;
  return not_understood(fmt::format("button '{}' (there are mode and reset)", word));
}

base::Result<std::optional<base::Micros>> parse_optional_time(std::string_view text) {
  if (text.empty()) return std::optional<base::Micros>();
  const auto time = parse_duration(text);
  if (!time) return not_understood(fmt::format("time '{}' (say 150ms, 3s)", text));
  return time;
}

base::Result<BenchCommand> parse_button_command(What what, std::string_view rest) {
  BenchCommand command;
  command.what = what;
  TRY_ASSIGN(command.button, parse_button(take_word(rest)));
  if (what == What::press) {
    TRY_ASSIGN(const auto time, parse_optional_time(rest));
    command.time = time.value_or(kTap);
  } else if (!rest.empty()) {
    return not_understood(rest);
  }
  return command;
}

base::Result<BenchCommand> parse_timed(What what, std::string_view rest) {
  BenchCommand command;
  command.what = what;
  TRY_ASSIGN(command.time, parse_optional_time(rest));
  return command;
}

base::Result<BenchCommand> parse_power(std::string_view rest) {
  const std::string_view word = take_word(rest);
  if (word == "off") return parse_timed(What::power_off, rest);
  if (word == "on" && rest.empty()) {
    BenchCommand command;
    command.what = What::power_on;
    return command;
  }
  return not_understood(fmt::format("power {} (there are on and off)", word));
}

base::Result<BenchCommand> parse_flash(std::string_view rest) {
  const std::string_view word = take_word(rest);
  BenchCommand command;
  if (word == "save") {
    command.what = What::save_flash;
  } else if (word == "load") {
    command.what = What::load_flash;
  } else {
    return not_understood(fmt::format("flash {} (there are save and load)", word));
  }
  if (rest.empty()) return not_understood("flash save and flash load need a file");
  command.argument = rest;
  return command;
}

base::Result<BenchCommand> parse_words(std::string_view line) {
  std::string_view rest = line;
  const std::string_view word = take_word(rest);
  if (word == "press") return parse_button_command(What::press, rest);
  if (word == "hold") return parse_button_command(What::hold, rest);
  if (word == "release") return parse_button_command(What::release, rest);
  if (word == "unplug") return parse_timed(What::unplug, rest);
  if (word == "power") return parse_power(rest);
  if (word == "flash") return parse_flash(rest);
  BenchCommand command;
  if (word == "fault") {
    command.what = What::fault;
    command.argument = rest;
    return command;
  }
  if (!rest.empty()) return not_understood(line);
  constexpr std::array<std::pair<std::string_view, What>, 5> kBare{{{"plug", What::plug},
                                                                    {"led", What::led},
                                                                    {"status", What::status},
                                                                    {"help", What::help},
                                                                    {"quit", What::quit}}};
  for (const auto& [name, what] : kBare) {
    if (word == name) {
      command.what = what;
      return command;
    }
  }
  if (word == "reset") {
    command.what = What::press;
    command.button = Button::reset;
    command.time = kTap;
    return command;
  }
  return not_understood(line);
}

std::string_view name(Board::Running running) {
  switch (running) {
    case Board::Running::nothing:
      return "nothing runs";
    case Board::Running::bootloader:
      return "the bootloader runs";
    case Board::Running::firmware:
      return "the system firmware runs";
    case Board::Running::crashed:
      return "crashed: only RESET or power off helps";
  }
  return "";
}

}  // namespace

std::string to_string(const Led& led) {
  if (led.colour == "off" || led.pattern == "off") return "off";
  return fmt::format("{} {}", led.colour, led.pattern);
}

std::string_view bench_help() { return kHelp; }

base::Result<BenchCommand> parse_bench_command(std::string_view line) {
  std::string_view words = trim(line);
  std::size_t board = 0;
  const auto colon = words.find(':');
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(words.data(), words.data() + words.size(), number);
  if (error == std::errc() && colon != std::string_view::npos && end == words.data() + colon) {
    if (number == 0) return not_understood("boards are counted from 1");
    board = number;
    words = trim(words.substr(colon + 1));
  }
  TRY_ASSIGN(BenchCommand command, parse_words(words));
  command.board = board;
  return command;
}

Workbench::Workbench(Wire& wire, std::function<void(std::string_view)> say)
    : wire_(&wire), say_(std::move(say)), seen_(wire.size()) {}

void Workbench::say(std::size_t number, std::string_view text) {
  say_(fmt::format("{}: {}", number + 1, text));
}

void Workbench::command(std::string_view line) {
  const std::string done = fmt::format("done {}", base::printable(trim(line)));
  const auto command = parse_bench_command(line);
  const base::Result<> result = command ? carry_out(*command) : base::Result<>(command.error());
  if (!result) {
    say_(fmt::format("error: {}{}{}", result.error().message,
                     result.error().hint.empty() ? "" : "; ", result.error().hint));
  }
  if (!result || !command->time) {
    say_(done);
    return;
  }
  ++unfinished_;
  wire_->at(wire_->now() + *command->time, [this, done] {
    --unfinished_;
    say_(done);
  });
}

base::Result<> Workbench::carry_out(const BenchCommand& command) {
  if (command.what == What::help) {
    say_(kHelp);
    return {};
  }
  if (command.what == What::quit) {
    quitting_ = true;
    return {};
  }
  if (command.board > wire_->size()) {
    return base::make_error(base::Errc::usage, fmt::format("there is no board {}", command.board));
  }
  if (command.board > 0) return carry_out(command, command.board - 1);
  for (std::size_t number = 0; number < wire_->size(); ++number) TRY(carry_out(command, number));
  return {};
}

base::Result<> Workbench::carry_out(const BenchCommand& command, std::size_t number) {
  Board& board = wire_->board(number);
  const auto later = [&](auto action) {
    if (command.time) wire_->at(wire_->now() + *command.time, std::move(action));
  };
  switch (command.what) {
    case What::press:
      set_button(command.button, number, true);
      wire_->at(wire_->now() + command.time.value_or(kTap),
                [this, button = command.button, number] { set_button(button, number, false); });
      break;
    case What::hold:
      set_button(command.button, number, true);
      break;
    case What::release:
      set_button(command.button, number, false);
      break;
    case What::plug:
      board.plug(true);
      break;
    case What::unplug:
      board.plug(false);
      later([&board] { board.plug(true); });
      break;
    case What::power_on:
      board.power(true);
      break;
    case What::power_off:
      board.power(false);
      later([&board] { board.power(true); });
      break;
    case What::save_flash:
      return save_flash(command, number);
    case What::load_flash:
      return load_flash(command, number);
    case What::led:
      say(number, fmt::format("led {}", to_string(board.led())));
      break;
    case What::status:
      say_state(number);
      break;
    case What::fault: {
      TRY_ASSIGN(auto faults, parse_faults(command.argument));
      wire_->set_faults(number, std::move(faults));
      break;
    }
    case What::help:
    case What::quit:
      break;
  }
  return {};
}

base::Result<> Workbench::save_flash(const BenchCommand& command, std::size_t number) {
  // Several boards, one name: each gets its number appended.
  const bool several = command.board == 0 && wire_->size() > 1;
  const std::string path =
      several ? fmt::format("{}.{}", command.argument, number + 1) : command.argument;
  return base::write_file(path, std::as_const(wire_->board(number)).flash().view(),
                          base::Privacy::owner_only);
}

base::Result<> Workbench::load_flash(const BenchCommand& command, std::size_t number) {
  FlashMemory& flash = wire_->board(number).flash();
  TRY_ASSIGN(const base::Bytes image, base::read_file(command.argument, flash.range().size()));
  if (image.size() != flash.range().size()) {
    return base::make_error(base::Errc::bad_file, fmt::format("{} has {} bytes, the flash has {}",
                                                              base::printable(command.argument),
                                                              image.size(), flash.range().size()));
  }
  flash.load(flash.range().begin, image);
  return {};
}

void Workbench::set_button(Button button, std::size_t number, bool down) {
  Board& board = wire_->board(number);
  if (button == Button::mode) {
    board.press_mode(down);
  } else {
    board.press_reset(down);
  }
}

void Workbench::say_state(std::size_t number) {
  const Board& board = wire_->board(number);
  say(number,
      fmt::format("{}, id {}, power {}, cable {}, {}, led {}, resets {}", name(board.running()),
                  board.device_id(), board.powered() ? "on" : "off", board.plugged() ? "in" : "out",
                  board.attached() ? "on the bus" : "not on the bus", to_string(board.led()),
                  board.reset_count()));
}

void Workbench::watch() {
  for (std::size_t number = 0; number < wire_->size(); ++number) {
    const Board& board = wire_->board(number);
    const Seen now{.led = board.led(), .running = board.running()};
    Seen& before = seen_[number];
    if (now.running != before.running) say(number, name(now.running));
    if (now.led != before.led) say(number, fmt::format("led {}", to_string(now.led)));
    before = now;
  }
}

}  // namespace sim
