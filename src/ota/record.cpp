// SPDX-License-Identifier: GPL-3.0-or-later
#include "ota/record.h"

#include "base/files.h"
#include "cloud/json.h"

#include <algorithm>
#include <array>

namespace ota {
namespace {

using nlohmann::ordered_json;

constexpr std::uint64_t kLargest = std::uint64_t{256} * 1024;
constexpr int kSchema = 1;

ordered_json part_json(const PartKey& part) {
  return {{"function", platform::name(part.id.function)},
          {"index", part.id.index},
          {"version", part.version}};
}

std::optional<PartKey> part_of(const cloud::Json& object) {
  PartKey part;
  part.id.function = platform::function_from_name(cloud::text_of(object, "function"));
  const auto index = cloud::number_of(object, "index");
  const auto version = cloud::number_of(object, "version");
  if (part.id.function == platform::ModuleFunction::none || !index || !version) {
    return std::nullopt;
  }
  if (*index < 0 || *index > UINT8_MAX || *version < 0 || *version > UINT16_MAX) {
    return std::nullopt;
  }
  part.id.index = static_cast<std::uint8_t>(*index);
  part.version = static_cast<std::uint16_t>(*version);
  return part;
}

Proof proof_of(const std::string& text) {
  constexpr std::array<Proof, 6> kAll{Proof::none,   Proof::handshake, Proof::reset,
                                      Proof::device, Proof::version,   Proof::modules};
  const auto found = std::ranges::find_if(kAll, [&](Proof proof) { return name(proof) == text; });
  return found == kAll.end() ? Proof::none : *found;
}

}  // namespace

std::string to_text(const Record& record) {
  ordered_json json{{"schema", kSchema},
                    {"device", record.device},
                    {"target", record.target},
                    {"from", record.from},
                    {"restore_development", record.restore_development},
                    {"product", record.product},
                    {"unsure", record.unsure},
                    {"pending", nullptr},
                    {"proofs", ordered_json::array()},
                    {"attempts", ordered_json::array()}};
  if (record.pending) {
    json["pending"] = part_json(record.pending->part);
    json["pending"]["handshake"] = record.pending->handshake;
    json["pending"]["sent_at"] = record.pending->sent_at;
  }
  for (const auto& [part, proof] : record.proofs) {
    json["proofs"].push_back(part_json(part));
    json["proofs"].back()["proof"] = name(proof);
  }
  for (const auto& [part, count] : record.attempts) {
    json["attempts"].push_back(part_json(part));
    json["attempts"].back()["count"] = count;
  }
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

base::Result<Record> parse_record(std::string_view text) {
  const cloud::Json json = cloud::parse_json(text);
  const auto bad = [] {
    return base::make_error(base::Errc::bad_file, "bad-record",
                            "the record of an earlier run over the air cannot be read",
                            "look at the device's development flag in the web console, then remove "
                            "the file");
  };
  if (!json.is_object() || cloud::number_of(json, "schema") != kSchema) return bad();
  Record record;
  record.device = cloud::text_of(json, "device");
  record.target = cloud::text_of(json, "target");
  record.from = cloud::text_of(json, "from");
  record.restore_development = cloud::flag_of(json, "restore_development").value_or(false);
  record.product = cloud::text_of(json, "product");
  record.unsure = cloud::flag_of(json, "unsure").value_or(false);
  if (record.device.empty()) return bad();
  if (json.contains("pending") && json["pending"].is_object()) {
    const auto part = part_of(json["pending"]);
    if (!part) return bad();
    record.pending = Pending{*part, cloud::text_of(json["pending"], "handshake"),
                             cloud::text_of(json["pending"], "sent_at")};
  }
  for (const char* list : {"proofs", "attempts"}) {
    if (!json.contains(list) || !json[list].is_array()) return bad();
    for (const cloud::Json& object : json[list]) {
      const auto part = part_of(object);
      if (!part) return bad();
      if (list == std::string_view("proofs")) {
        record.proofs[*part] = proof_of(cloud::text_of(object, "proof"));
      } else {
        record.attempts[*part] = static_cast<int>(
            std::clamp<std::int64_t>(cloud::number_of(object, "count").value_or(0), 0, 1000));
      }
    }
  }
  return record;
}

std::string RecordFolder::path_of(const std::string& device) const {
  return base::join(folder_, device + ".json");
}

base::Result<std::optional<Record>> RecordFolder::load(const std::string& device) {
  const std::string path = path_of(device);
  if (!base::exists(path)) return std::optional<Record>();
  TRY_ASSIGN(const base::Bytes content, base::read_file(path, kLargest));
  auto record = parse_record(base::as_text(content));
  if (!record) return base::in_context(std::move(record.error()), base::printable(path));
  return std::optional<Record>(std::move(*record));
}

base::Result<> RecordFolder::save(const Record& record) {
  const std::string path = path_of(record.device);
  if (record.empty()) return base::exists(path) ? base::remove_file(path) : base::Result<>();
  TRY(base::make_directories(folder_, base::Privacy::owner_only));
  return base::write_file(path, base::as_bytes(to_text(record)), base::Privacy::owner_only);
}

base::Result<std::optional<Record>> RecordsInMemory::load(const std::string& device) {
  const auto found = texts_.find(device);
  if (found == texts_.end()) return std::optional<Record>();
  TRY_ASSIGN(Record record, parse_record(found->second));
  return std::optional<Record>(std::move(record));
}

base::Result<> RecordsInMemory::save(const Record& record) {
  if (record.empty()) {
    texts_.erase(record.device);
  } else {
    texts_[record.device] = to_text(record);
  }
  return {};
}

}  // namespace ota
