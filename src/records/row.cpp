// SPDX-License-Identifier: GPL-3.0-or-later
#include "records/row.h"

#include <array>

namespace records {
namespace {

template <class Value, std::size_t N>
std::optional<Value> find(const std::array<Value, N>& values, std::string_view text) {
  for (const Value value : values) {
    if (name(value) == text) return value;
  }
  return std::nullopt;
}

}  // namespace

std::string_view name(Kind kind) {
  switch (kind) {
    case Kind::work:
      return "work";
    case Kind::golden:
      return "golden";
    case Kind::verify:
      return "verify";
  }
  return "";
}

std::string_view name(Outcome outcome) {
  switch (outcome) {
    case Outcome::pass:
      return "pass";
    case Outcome::fail:
      return "fail";
    case Outcome::aborted:
      return "aborted";
    case Outcome::lost:
      return "lost";
  }
  return "";
}

std::string_view name(IdentityBy by) {
  switch (by) {
    case IdentityBy::none:
      return "none";
    case IdentityBy::descriptor:
      return "descriptor";
    case IdentityBy::listening:
      return "listening";
  }
  return "";
}

std::optional<Kind> kind_of(std::string_view text) {
  return find(std::array{Kind::work, Kind::golden, Kind::verify}, text);
}

std::optional<Outcome> outcome_of(std::string_view text) {
  return find(std::array{Outcome::pass, Outcome::fail, Outcome::aborted, Outcome::lost}, text);
}

std::optional<IdentityBy> identity_by_of(std::string_view text) {
  return find(std::array{IdentityBy::none, IdentityBy::descriptor, IdentityBy::listening}, text);
}

}  // namespace records
