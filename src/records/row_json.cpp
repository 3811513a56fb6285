// SPDX-License-Identifier: GPL-3.0-or-later
#include "records/row_json.h"

#include "base/bytes.h"
#include "base/checksum.h"
#include "base/json_values.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace records {
namespace {

using Json = nlohmann::ordered_json;

std::string compact(const nlohmann::json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// Reads columns by name, and remembers the first that is not what it must be.
class Reader {
 public:
  explicit Reader(const nlohmann::json& json) : json_(json) {
    if (!json.is_object()) problem_ = "it is no JSON object";
  }
  std::string text(const char* name) {
    const nlohmann::json* value = find(name);
    if (value == nullptr || value->is_null()) return {};
    if (value->is_string()) return value->get<std::string>();
    return wrong(name), std::string();
  }
  std::optional<std::int64_t> integer(const char* name) {
    const nlohmann::json* value = find(name);
    if (value == nullptr || value->is_null()) return std::nullopt;
    if (value->is_number_integer()) return value->get<std::int64_t>();
    return wrong(name), std::nullopt;
  }
  double real(const char* name) {
    const nlohmann::json* value = find(name);
    if (value == nullptr || value->is_null()) return 0;
    if (value->is_number()) return value->get<double>();
    return wrong(name), 0.0;
  }
  template <class Of>
  auto word(const char* name, Of of) -> decltype(of(std::string_view())) {
    const std::string given = text(name);
    const auto value = of(given);
    if (!value && !given.empty()) wrong(name);
    return value;
  }
  std::optional<bool> truth(const char* name) {
    const nlohmann::json* value = find(name);
    if (value == nullptr || value->is_null()) return std::nullopt;
    if (value->is_boolean()) return value->get<bool>();
    return wrong(name), std::nullopt;
  }
  void must(bool is, const char* name) {
    if (!is) wrong(name);
  }
  base::Result<> end() const {
    if (problem_.empty()) return {};
    return base::make_error(base::Errc::bad_file, "bad-record",
                            "this is no record of a job: " + problem_,
                            "take a file that station db export has written");
  }

 private:
  const nlohmann::json* find(const char* name) const {
    if (!json_.is_object()) return nullptr;
    const auto found = json_.find(name);
    return found == json_.end() ? nullptr : &*found;
  }
  void wrong(const char* name) {
    if (problem_.empty()) problem_ = fmt::format("\"{}\" is not what it must be", name);
  }

  const nlohmann::json& json_;
  std::string problem_;
};

void drop_zeros(Json& json) {
  if (json.is_string()) {
    auto& text = json.get_ref<std::string&>();
    std::erase(text, '\0');
  } else if (json.is_structured()) {
    for (auto& part : json) drop_zeros(part);
  }
}

}  // namespace

Json row_json(const Row& row) {
  const Opening& opening = row.opening;
  const Ending ending = row.ending.value_or(Ending{});
  const bool closed = row.ending.has_value();
  const auto if_closed = [&](auto value) { return closed ? Json(value) : Json(nullptr); };
  return {{"id", opening.id},
          {"station", opening.station},
          {"station_seq", row.seq},
          {"slot", base::text_or_null(opening.slot)},
          {"recipe", base::text_or_null(opening.recipe)},
          {"kind", name(opening.kind)},
          {"previous", base::text_or_null(opening.previous)},
          {"attempt", opening.attempt},
          {"device", base::text_or_null(opening.device)},
          {"identity_by", name(opening.identity_by)},
          {"continuous", ending.continuous ? Json(*ending.continuous) : Json(nullptr)},
          {"imei", base::text_or_null(ending.imei)},
          {"iccid", base::text_or_null(ending.iccid)},
          {"operator", base::text_or_null(opening.operator_name)},
          {"order_no", base::text_or_null(opening.order_no)},
          {"started_ms", opening.started_ms},
          {"ended_ms", if_closed(ending.ended_ms)},
          {"seconds", if_closed(ending.seconds)},
          {"boot", base::text_or_null(opening.boot)},
          {"clock", opening.clock_is_sure ? "ok" : "unsure"},
          {"outcome", if_closed(std::string(name(ending.outcome)))},
          {"code", base::text_or_null(ending.code)},
          {"message", base::text_or_null(ending.message)},
          {"before_release", base::text_or_null(ending.before_release)},
          {"before_bootloader", base::text_or_null(ending.before_bootloader)},
          {"after_release", base::text_or_null(ending.after_release)},
          {"after_bootloader", base::text_or_null(ending.after_bootloader)},
          {"bytes_written", if_closed(ending.bytes_written)},
          {"bytes_verified", if_closed(ending.bytes_verified)},
          {"retries", if_closed(ending.retries)},
          {"backup", base::text_or_null(ending.backup)},
          {"tool", base::text_or_null(opening.tool)},
          {"digest", base::text_or_null(row.digest)}};
}

Json act_json(const Act& act) {
  return {{"at_ms", act.at_ms},
          {"who", base::text_or_null(act.who)},
          {"what", act.what},
          {"detail", base::text_or_null(act.detail)}};
}

Json hook_run_json(const HookRun& run) {
  return {{"on_event", run.event},
          {"n", run.n},
          {"exit_code", run.exit_code ? Json(*run.exit_code) : Json(nullptr)},
          {"seconds", run.seconds},
          {"message", base::text_or_null(run.message)},
          {"fields", base::text_or_null(run.fields)}};
}

base::Result<Row> row_of(const nlohmann::json& json) {
  Reader read(json);
  Row row;
  Opening& opening = row.opening;
  row.seq = read.integer("station_seq").value_or(0);
  opening.id = read.text("id");
  opening.station = read.text("station");
  read.must(!opening.id.empty(), "id");
  read.must(!opening.station.empty(), "station");
  opening.slot = read.text("slot");
  opening.recipe = read.text("recipe");
  opening.kind = read.word("kind", kind_of).value_or(Kind::work);
  opening.previous = read.text("previous");
  opening.attempt = read.integer("attempt").value_or(1);
  opening.device = read.text("device");
  opening.identity_by = read.word("identity_by", identity_by_of).value_or(IdentityBy::none);
  opening.operator_name = read.text("operator");
  opening.order_no = read.text("order_no");
  opening.started_ms = read.integer("started_ms").value_or(0);
  opening.boot = read.text("boot");
  opening.clock_is_sure = read.text("clock") == "ok";
  opening.tool = read.text("tool");
  row.digest = read.text("digest");
  if (const auto outcome = read.word("outcome", outcome_of)) {
    Ending& ending = row.ending.emplace();
    ending.outcome = *outcome;
    ending.code = read.text("code");
    ending.message = read.text("message");
    ending.ended_ms = read.integer("ended_ms").value_or(0);
    ending.seconds = read.real("seconds");
    ending.device = opening.device;
    ending.identity_by = opening.identity_by;
    ending.continuous = read.truth("continuous");
    ending.imei = read.text("imei");
    ending.iccid = read.text("iccid");
    ending.before_release = read.text("before_release");
    ending.before_bootloader = read.text("before_bootloader");
    ending.after_release = read.text("after_release");
    ending.after_bootloader = read.text("after_bootloader");
    ending.bytes_written = read.integer("bytes_written").value_or(0);
    ending.bytes_verified = read.integer("bytes_verified").value_or(0);
    ending.retries = read.integer("retries").value_or(0);
    ending.backup = read.text("backup");
    ending.operator_name = opening.operator_name;
    ending.order_no = opening.order_no;
  }
  TRY(read.end());
  return row;
}

base::Result<HookRun> hook_run_of(const nlohmann::json& json) {
  Reader read(json);
  HookRun run;
  run.event = read.text("on_event");
  run.n = read.integer("n").value_or(0);
  run.exit_code = read.integer("exit_code");
  run.seconds = read.real("seconds");
  run.message = read.text("message");
  run.fields = read.text("fields");
  TRY(read.end());
  return run;
}

std::string digest_of(const Row& row, std::string_view report) {
  Json json = row_json(row);
  json.erase("digest");
  std::string text =
      compact(nlohmann::json::parse(json.dump(-1, ' ', false, Json::error_handler_t::replace)));
  text += '\n';
  if (!report.empty()) {
    const auto body = nlohmann::json::parse(report, nullptr, false);
    if (!body.is_discarded()) text += compact(body);
  }
  return base::to_hex(base::sha256(base::as_bytes(text)));
}

std::string stored_report(std::string_view report) {
  Json body = Json::parse(report, nullptr, false);
  if (body.is_discarded()) return {};
  drop_zeros(body);
  return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace records
