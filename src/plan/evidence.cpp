// SPDX-License-Identifier: GPL-3.0-or-later
#include "plan/evidence.h"

namespace plan {
namespace {

Sameness same_if(bool equal) { return equal ? Sameness::same : Sameness::different; }

Sameness compare_told(const Told& told, const firmware::CheckedModule& wanted) {
  if (!told.passed || told.version != wanted.version()) return Sameness::different;
  if (told.sha256) return same_if(*told.sha256 == wanted.suffix().sha256);
  return Sameness::cannot_tell;
}

}  // namespace

Sameness compare(const Seen& seen, const firmware::CheckedModule& wanted) {
  if (const Told* told = std::get_if<Told>(&seen)) return compare_told(*told, wanted);
  const Read* read = std::get_if<Read>(&seen);
  return same_if(read != nullptr && read->header.id == wanted.id() &&
                 read->header.version == wanted.version() &&
                 read->header.size() == wanted.header().size() && read->crc32 == wanted.crc32());
}

Health InstalledModule::health() const {
  if (blank()) return Health::blank;
  const Told* told = std::get_if<Told>(&seen);
  const bool whole = told != nullptr ? told->passed : read() != nullptr;
  return whole ? Health::valid : Health::corrupt;
}

const firmware::ModuleHeader* InstalledModule::header() const {
  if (const Read* whole = read()) return &whole->header;
  const Corrupt* corrupt = std::get_if<Corrupt>(&seen);
  return corrupt != nullptr && corrupt->header ? &*corrupt->header : nullptr;
}

std::uint16_t InstalledModule::version() const {
  if (const Told* told = std::get_if<Told>(&seen)) return told->version;
  const firmware::ModuleHeader* there = header();
  return there == nullptr ? std::uint16_t{0} : there->version;
}

std::array<firmware::Dependency, 2> InstalledModule::dependencies() const {
  if (const Told* told = std::get_if<Told>(&seen)) return told->dependencies;
  const firmware::ModuleHeader* there = header();
  if (there == nullptr) return {};
  return {there->dependency1, there->dependency2};
}

std::vector<firmware::Problem> InstalledModule::problems() const {
  if (const Told* told = std::get_if<Told>(&seen)) return told->problems;
  if (const Corrupt* corrupt = std::get_if<Corrupt>(&seen)) return corrupt->problems;
  return {};
}

InstalledModule installed(const firmware::CheckedModule& module) {
  return {module.id(), Read{module.header(), module.header_offset(), module.crc32()}};
}

}  // namespace plan
