// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/config.h"

#include "base/bytes.h"
#include "base/files.h"
#include "station/toml.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>

namespace station {
namespace {

constexpr std::uint64_t kMostBytes = 1'000'000;

// What is wrong, and where; the first one that was found.
struct Problem {
  std::string text;
  toml::source_position at;
};

bool is_name(std::string_view text) {
  constexpr std::string_view kSet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
  return !text.empty() && text.size() <= 40 &&
         text.find_first_not_of(kSet) == std::string_view::npos;
}

bool is_device_id(std::string_view text) {
  return text.size() == 24 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// One table of the file: takes keys out of it, and knows which are left over.
class Reader {
 public:
  Reader(const toml::table& table, std::string where, std::optional<Problem>& problem)
      : table_(table), where_(std::move(where)), problem_(problem) {}

  void text(std::string_view key, std::string& into) {
    if (const toml::node* node = take(key)) {
      if (const auto value = node->value_exact<std::string>()) {
        into = *value;
      } else {
        wrong(*node, key, "must be a text in quotes");
      }
    }
  }
  void texts(std::string_view key, std::vector<std::string>& into) {
    const toml::node* node = take(key);
    if (node == nullptr) return;
    const toml::array* array = node->as_array();
    if (array == nullptr) return wrong(*node, key, "must be a list of texts: [\"…\", \"…\"]");
    for (const toml::node& entry : *array) {
      const auto value = entry.value_exact<std::string>();
      if (!value) return wrong(entry, key, "must be a list of texts: [\"…\", \"…\"]");
      into.push_back(*value);
    }
  }
  void flag(std::string_view key, bool& into) {
    if (const toml::node* node = take(key)) {
      if (const auto value = node->value_exact<bool>()) {
        into = *value;
      } else {
        wrong(*node, key, "must be true or false");
      }
    }
  }
  template <class Number>
  void number(std::string_view key, Number& into, std::int64_t least, std::int64_t most) {
    if (const toml::node* node = take(key)) {
      const auto value = node->value_exact<std::int64_t>();
      if (value && *value >= least && *value <= most) {
        into = static_cast<Number>(*value);
      } else {
        wrong(*node, key, fmt::format("must be a whole number from {} to {}", least, most));
      }
    }
  }
  void share(std::string_view key, double& into) {
    if (const toml::node* node = take(key)) {
      const auto value = node->value<double>();
      if (value && *value >= 0 && *value < 1) {
        into = *value;
      } else {
        wrong(*node, key, "must be a number from 0 to less than 1, such as 0.85");
      }
    }
  }
  template <class Time>
  void time(std::string_view key, Time& into) {
    std::string text;
    const toml::node* node = peek(key);
    this->text(key, text);
    if (node == nullptr || text.empty()) return;
    if (const auto value = parse_time(text)) {
      into = *value;
    } else {
      wrong(*node, key, "must be a time such as \"2s\", \"300ms\", \"8h\" or \"30d\"");
    }
  }
  void size(std::string_view key, std::uint64_t& into) {
    std::string text;
    const toml::node* node = peek(key);
    this->text(key, text);
    if (node == nullptr || text.empty()) return;
    if (const auto value = parse_size(text)) {
      into = *value;
    } else {
      wrong(*node, key, "must be a size such as \"500MB\"");
    }
  }
  template <class Value>
  void one_of(std::string_view key, Value& into,
              std::initializer_list<std::pair<std::string_view, Value>> words) {
    std::string text;
    const toml::node* node = peek(key);
    this->text(key, text);
    if (node == nullptr || text.empty()) return;
    std::string all;
    for (const auto& [word, value] : words) {
      if (text == word) {
        into = value;
        return;
      }
      all += fmt::format("{}\"{}\"", all.empty() ? "" : ", ", word);
    }
    wrong(*node, key, "must be one of " + all);
  }

  // Runs `read` with the table of that name, if it is there.
  template <class Read>
  void table(std::string_view key, const Read& read) {
    const toml::node* node = take(key);
    if (node == nullptr) return;
    if (node->as_table() == nullptr)
      return wrong(*node, key, fmt::format("must be a table: [{}]", key));
    Reader below(*node->as_table(), std::string(key), problem_);
    read(below);
    below.finish();
  }
  template <class Read>
  void tables(std::string_view key, const Read& read) {
    const toml::node* node = take(key);
    if (node == nullptr) return;
    const std::string form = fmt::format("must be written as [[{}]]", key);
    if (node->as_array() == nullptr) return wrong(*node, key, form);
    for (const toml::node& entry : *node->as_array()) {
      if (entry.as_table() == nullptr) return wrong(entry, key, form);
      Reader below(*entry.as_table(), std::string(key), problem_);
      read(below);
      below.finish();
    }
  }

  void require(bool fine, std::string_view key, std::string_view what) {
    if (fine) return;
    const toml::node* node = peek(key);
    wrong(node == nullptr ? static_cast<const toml::node&>(table_) : *node, key, what);
  }
  void finish() {
    for (const auto& [key, node] : table_) {
      if (!known_.contains(key.str())) {
        note({fmt::format("{} is not known here", full(key.str())), key.source().begin});
      }
    }
  }

 private:
  const toml::node* peek(std::string_view key) const { return table_.get(key); }
  const toml::node* take(std::string_view key) {
    known_.emplace(key);
    return peek(key);
  }
  std::string full(std::string_view key) const {
    return where_.empty() ? std::string(key) : fmt::format("{}.{}", where_, key);
  }
  void wrong(const toml::node& node, std::string_view key, std::string_view what) {
    note({fmt::format("{} {}", full(key), what), node.source().begin});
  }
  void note(Problem problem) {
    const auto before = [](const toml::source_position& a, const toml::source_position& b) {
      return std::pair(a.line, a.column) < std::pair(b.line, b.column);
    };
    if (!problem_ || before(problem.at, problem_->at)) problem_ = std::move(problem);
  }

  const toml::table& table_;
  std::string where_;
  std::optional<Problem>& problem_;
  std::set<std::string, std::less<>> known_;
};

void read_station(Reader& table, Config& config) {
  table.text("name", config.name);
  table.require(is_name(config.name), "name", "must be 1 to 40 of A-Z a-z 0-9 _ -");
  table.text("target", config.target);
  table.texts("firmware", config.firmware);
  table.text("user_app", config.user_app);
  table.flag("accept_safe_mode", config.accept_safe_mode);
  table.flag("allow_unknown", config.allow_unknown);
  table.text("order", config.order);
  std::int64_t quantity = 0;
  table.number("quantity", quantity, 1, 1'000'000'000);
  if (quantity > 0) config.quantity = quantity;
  table.require(!config.quantity || !config.order.empty(), "quantity",
                "belongs to an order: say order = \"…\"");
}

void read_policy(Reader& table, PolicyConfig& policy) {
  table.number("tries", policy.tries, 1, 10);
  table.number("device_tries", policy.device_tries, 1, 100);
  table.one_of("done_already", policy.done_already,
               {{"show", DoneAlready::show},
                {"verify", DoneAlready::verify},
                {"again", DoneAlready::again}});
  table.time("leave_after", policy.leave_after);
  table.require(policy.leave_after <= std::chrono::minutes(1), "leave_after",
                "must be at most \"60s\"");
  table.number("at_once", policy.at_once, 0, 128);
  table.number("boots_at_once", policy.boots_at_once, 0, 128);
  table.number("stop_in_a_row", policy.stop_in_a_row, 0, 1000);
  table.number("stop_slot_in_a_row", policy.stop_slot_in_a_row, 0, 1000);
  table.share("stop_yield", policy.stop_yield);
  table.texts("golden", policy.golden);
  table.require(std::ranges::all_of(policy.golden, is_device_id), "golden",
                "must be device ids of 24 hexadecimal digits, in lower case");
  table.time("golden_every", policy.golden_every);
  table.require(!policy.golden_every || !policy.golden.empty(), "golden_every",
                "needs a golden unit: say golden = [\"…\"]");
}

void read_records(Reader& table, RecordsConfig& records) {
  table.text("file", records.file);
  table.require(!records.file.empty(), "file", "must name a file");
  table.time("backups_keep", records.backups_keep);
  table.size("min_free", records.min_free);
  table.text("forward", records.forward);
  const bool known = records.forward.empty() || records.forward.starts_with("postgresql://") ||
                     records.forward.starts_with("postgres://");
  table.require(known, "forward", "must begin with postgresql://");
}

void read_board(Reader& table, BoardConfig& board) {
  table.text("listen", board.listen);
  table.texts("hosts", board.hosts);
  table.text("token_file", board.token_file);
  table.text("tls_cert", board.tls_cert);
  table.text("tls_key", board.tls_key);
  table.require(board.tls_cert.empty() == board.tls_key.empty(), "tls_cert",
                "and tls_key go together");
  table.number("rows", board.rows, 1, 64);
}

void read_mqtt(Reader& table, MqttConfig& mqtt) {
  table.text("url", mqtt.url);
  const bool known = mqtt.url.starts_with("mqtt://") || mqtt.url.starts_with("mqtts://");
  table.require(known, "url", "must begin with mqtt:// or mqtts://");
  table.text("site", mqtt.site);
  table.require(is_name(mqtt.site), "site", "must be 1 to 40 of A-Z a-z 0-9 _ -");
  table.text("user", mqtt.user);
  table.text("password_file", mqtt.password_file);
}

void read_hook(Reader& table, HookConfig& hook) {
  using On = HookConfig::On;
  std::optional<On> on;
  table.one_of<std::optional<On>>(
      "on", on, {{"before", On::before}, {"result", On::result}, {"stop", On::stop}});
  table.require(on.has_value(), "on", "must say when: \"before\", \"result\" or \"stop\"");
  hook.on = on.value_or(On::before);
  table.texts("run", hook.run);
  table.require(!hook.run.empty() && !hook.run.front().empty(), "run",
                "must be a program and its arguments: [\"/path/to/program\"]");
  table.time("timeout", hook.timeout);
  table.require(hook.timeout > base::Micros(0) && hook.timeout <= std::chrono::minutes(10),
                "timeout", "must be at most \"10m\"");
  table.one_of("on_error", hook.on_error,
               {{"hold", HookConfig::OnError::hold}, {"note", HookConfig::OnError::note}});
}

void read_slot(Reader& table, Config& config) {
  SlotConfig slot;
  table.text("name", slot.name);
  table.require(is_name(slot.name) && slot.name.size() <= 8, "name",
                "must be 1 to 8 of A-Z a-z 0-9 _ -");
  table.text("port", slot.port);
  table.require(!slot.port.empty(), "port", "must say where: electron-rescue station slots learn");
  for (const SlotConfig& other : config.slots) {
    table.require(other.name != slot.name, "name", "is the name of two slots");
    table.require(other.port != slot.port, "port",
                  fmt::format("is the port of slot {}, too", other.name));
  }
  config.slots.push_back(std::move(slot));
}

void read_all(Reader& file, Config& config) {
  bool named = false;
  file.table("station", [&](Reader& table) {
    named = true;
    read_station(table, config);
  });
  file.require(named, "station", "is missing: a table [station] with a name");
  file.table("policy", [&](Reader& table) { read_policy(table, config.policy); });
  file.table("records", [&](Reader& table) { read_records(table, config.records); });
  file.table("board", [&](Reader& table) { read_board(table, config.board); });
  file.table("mqtt", [&](Reader& table) { read_mqtt(table, config.mqtt); });
  file.tables("hook", [&](Reader& table) { read_hook(table, config.hooks.emplace_back()); });
  file.tables("slot", [&](Reader& table) { read_slot(table, config); });
  file.finish();
}

base::Error error_at(const std::string& path, const toml::source_position& at,
                     std::string_view text) {
  return base::make_error(base::Errc::usage, "station-config",
                          fmt::format("{}:{}:{}: {}", path, at.line, at.column, text),
                          "the manual, section STATION, has every key with an example");
}

base::Result<toml::table> parse(std::string_view text, const std::string& path) {
  toml::parse_result parsed = toml::parse(text, path);
  if (!parsed) {
    return error_at(path, parsed.error().source().begin,
                    base::printable(parsed.error().description()));
  }
  return std::move(parsed).table();
}

// A path of the configuration, which lies in `folder`.
void anchor(std::string& path, const std::string& folder) {
  if (!path.empty()) path = base::join(folder, path);
}

}  // namespace

base::Result<Config> parse_config(std::string_view text, const std::string& path) {
  TRY_ASSIGN(const toml::table table, parse(text, path));
  Config config;
  config.path = path;
  config.folder = base::folder_of(path);
  std::optional<Problem> problem;
  Reader reader(table, "", problem);
  read_all(reader, config);
  if (problem) return error_at(path, problem->at, problem->text);
  for (std::string& folder : config.firmware) anchor(folder, config.folder);
  for (std::string* file : {&config.user_app, &config.board.token_file, &config.board.tls_cert,
                            &config.board.tls_key, &config.mqtt.password_file}) {
    anchor(*file, config.folder);
  }
  return config;
}

base::Result<Config> read_config(const std::string& path) {
  TRY_ASSIGN(const base::Bytes bytes, base::read_file(path, kMostBytes));
  return parse_config(base::as_text(bytes), path);
}

base::Result<std::string> with_slot(std::string_view text, const std::string& path,
                                    const SlotConfig& slot) {
  TRY_ASSIGN(const toml::table table, parse(text, path));
  std::string changed(text);
  if (const toml::array* slots = table["slot"].as_array()) {
    for (const toml::node& entry : *slots) {
      if (entry.as_table() == nullptr) continue;
      const toml::table& known = *entry.as_table();
      const toml::node* port = known.get("port");
      if (known["name"].value_or(std::string()) != slot.name || port == nullptr) continue;
      // Columns count characters: the line is made anew, which a port has for itself.
      const std::size_t line = port->source().begin.line;
      std::size_t begin = 0;
      for (std::size_t n = 1; n < line; ++n) begin = changed.find('\n', begin) + 1;
      const std::size_t end = std::min(changed.find('\n', begin), changed.size());
      changed.replace(begin, end - begin, fmt::format("port = \"{}\"", slot.port));
      TRY(parse_config(changed, path));
      return changed;
    }
  }
  if (!changed.empty() && changed.back() != '\n') changed += '\n';
  changed += fmt::format("\n[[slot]]\nname = \"{}\"\nport = \"{}\"\n", slot.name, slot.port);
  TRY(parse_config(changed, path));
  return changed;
}

}  // namespace station
