// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// A station's configuration, read and checked: a TOML file in which every key that is not known is
// an error, with its line and column.

#include "base/clock.h"
#include "base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace station {

enum class DoneAlready {
  show,    // say so, touch nothing
  verify,  // read it back and compare
  again,   // work on it like on any other
};

struct PolicyConfig {
  int tries = 2;         // jobs within an insertion, where the link or the read-back failed
  int device_tries = 3;  // failed jobs of a device, then it is held until it is released
  DoneAlready done_already = DoneAlready::show;
  base::Micros leave_after = std::chrono::seconds(2);
  int at_once = 0;                  // jobs at the same time; 0: all slots
  int boots_at_once = 4;            // boards of one hub that start at the same time; 0: all
  int stop_in_a_row = 3;            // 0: never; the same for the next one
  int stop_slot_in_a_row = 3;       // different devices in one slot: the slot goes off
  double stop_yield = 0.85;         // over the last 20 devices; 0: never
  std::vector<std::string> golden;  // device ids
  std::optional<base::Micros> golden_every;
};

struct RecordsConfig {
  std::string file = "station.db";  // relative: in the state folder
  std::optional<base::Micros> backups_keep = std::chrono::hours(24 * 30);
  std::uint64_t min_free = 500'000'000;  // bytes; below it nothing is started
  std::string forward;                   // postgresql://…; empty: nowhere
};

struct BoardConfig {
  std::string listen = "127.0.0.1:8080";  // "off": no page
  std::vector<std::string> hosts;         // names that it may be called by, besides its address
  std::string token_file;                 // relative: to the configuration
  std::string tls_cert;
  std::string tls_key;
  int rows = 0;  // of tiles; 0: as fits
};

struct MqttConfig {
  std::string url;  // mqtt:// or mqtts://; empty: none
  std::string site;
  std::string user;
  std::string password_file;
};

struct HookConfig {
  enum class On { before, result, stop };
  enum class OnError { hold, note };
  On on = On::before;
  std::vector<std::string> run;  // program and arguments; no shell
  base::Micros timeout = std::chrono::seconds(10);
  OnError on_error = OnError::hold;
};
std::string_view name(HookConfig::On on);  // "before", "result", "stop"

struct SlotConfig {
  std::string name;
  std::string port;  // "pci-0000:00:14.0/1.4.1": usb::stable_name()
};

struct Config {
  std::string path;    // of the file
  std::string folder;  // that it lies in
  std::string name;
  std::string target;  // a release's whole name
  std::vector<std::string> firmware;
  std::string user_app;
  bool accept_safe_mode = false;
  bool allow_unknown = false;
  std::string order;
  std::optional<std::int64_t> quantity;
  PolicyConfig policy;
  RecordsConfig records;
  BoardConfig board;
  MqttConfig mqtt;
  std::vector<HookConfig> hooks;
  std::vector<SlotConfig> slots;
};

// Errors: usage, id "station-config", whose message has "FILE:LINE:COLUMN".
base::Result<Config> parse_config(std::string_view text, const std::string& path);
// The same out of a file. Errors: bad_file too.
base::Result<Config> read_config(const std::string& path);

// The text with this slot at this port: its port is changed where it has the slot, else the slot is
// added at the end. All else stays as it is, byte for byte. Errors: those of parse_config().
base::Result<std::string> with_slot(std::string_view text, const std::string& path,
                                    const SlotConfig& slot);

// "2s", "300ms", "8h", "30d"; "500MB", "2GB", "4096". None: it is no such thing.
std::optional<base::Micros> parse_time(std::string_view text);
std::optional<std::uint64_t> parse_size(std::string_view text);

}  // namespace station
