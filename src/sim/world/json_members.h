// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Typed members of one JSON object that a person or a program wrote. The first thing that is wrong
// is kept.

#include "base/bytes.h"
#include "base/result.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace sim {

class JsonMembers {
 public:
  using Json = nlohmann::json;
  // What an error is made of, and where it is: "in the state".
  struct Errors {
    base::Error (*bad)(std::string message);
    std::string_view where;
  };

  // `any_key`: those that are not known are passed over.
  JsonMembers(const Json& object, std::span<const std::string_view> known, std::string_view what,
              bool any_key, Errors errors)
      : errors_(errors) {
    if (!object.is_object()) {
      error_ = errors_.bad(fmt::format("{} must be a JSON object", what));
      return;
    }
    object_ = &object;
    if (any_key) return;
    for (const auto& [key, value] : object.items()) {
      if (std::find(known.begin(), known.end(), key) == known.end()) {
        error_ =
            errors_.bad(fmt::format("{} has an unknown key \"{}\"", what, base::printable(key)));
        return;
      }
    }
  }

  const Json* find(std::string_view key) const {
    if (object_ == nullptr) return nullptr;
    const auto found = object_->find(key);
    return found == object_->end() || found->is_null() ? nullptr : &*found;
  }
  void text(std::string_view key, std::string& into) {
    const Json* value = find(key);
    if (value == nullptr) return;
    if (!value->is_string()) return fail(wrong(key, "a text"));
    into = value->get<std::string>();
  }
  void flag(std::string_view key, bool& into) {
    const Json* value = find(key);
    if (value == nullptr) return;
    if (!value->is_boolean()) return fail(wrong(key, "true or false"));
    into = value->get<bool>();
  }
  template <class Number>
  void number(std::string_view key, std::uint64_t most, Number& into) {
    const Json* value = find(key);
    if (value == nullptr) return;
    if (!value->is_number_unsigned() || value->get<std::uint64_t>() > most) {
      return fail(wrong(key, fmt::format("a number from 0 to {}", most)));
    }
    into = static_cast<Number>(value->get<std::uint64_t>());
  }
  base::Error wrong(std::string_view key, std::string_view wanted) const {
    return errors_.bad(fmt::format("{}, \"{}\" must be {}", errors_.where, key, wanted));
  }
  void fail(base::Error error) {
    if (!error_) error_ = std::move(error);
  }
  base::Result<> result() const {
    if (error_) return *error_;
    return {};
  }

 private:
  Errors errors_;
  const Json* object_ = nullptr;
  std::optional<base::Error> error_;
};

}  // namespace sim
