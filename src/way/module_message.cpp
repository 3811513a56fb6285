// SPDX-License-Identifier: GPL-3.0-or-later
#include "way/module_message.h"

#include <limits>
#include <optional>

namespace way {
namespace {

enum ModuleField : std::uint32_t {
  kType = 1,
  kIndex = 2,
  kVersion = 3,
  kValidity = 5,
  kDependencies = 6
};
constexpr std::uint32_t kModules = 1;
// Bits of a module's validity: what does not hold.
constexpr std::uint64_t kIntegrityFailed = 1;
constexpr std::uint64_t kDependencyFailed = 2;
constexpr std::size_t kMostModules = 64;

base::Error broken() {
  return base::make_error(base::Errc::protocol, "the device's module list makes no sense");
}

struct Field {
  std::uint32_t number = 0;
  std::uint64_t value = 0;  // of a number
  base::ByteView part;      // of a message or a text
};

// Protocol Buffers, encoding: fields one after the other, each with its number and kind.
class Fields {
 public:
  explicit Fields(base::ByteView bytes) : left_(bytes) {}
  bool over() const { return left_.empty(); }

  std::optional<Field> next() {
    const auto key = varint();
    if (!key || *key > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
    Field field;
    field.number = static_cast<std::uint32_t>(*key >> 3U);
    switch (*key & 7U) {
      case 0: {
        const auto value = varint();
        if (!value) return std::nullopt;
        field.value = *value;
        return field;
      }
      case 1:
        return skipped(field, 8);
      case 2: {
        const auto length = varint();
        if (!length || *length > left_.size()) return std::nullopt;
        field.part = left_.first(static_cast<std::size_t>(*length));
        left_ = left_.subspan(field.part.size());
        return field;
      }
      case 5:
        return skipped(field, 4);
      default:
        return std::nullopt;
    }
  }

 private:
  std::optional<std::uint64_t> varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !left_.empty(); shift += 7) {
      const std::uint8_t byte = left_.front();
      left_ = left_.subspan(1);
      value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
      if (byte < 0x80) return value;
    }
    return std::nullopt;
  }
  std::optional<Field> skipped(const Field& field, std::size_t size) {
    if (left_.size() < size) return std::nullopt;
    left_ = left_.subspan(size);
    return field;
  }

  base::ByteView left_;
};

// The letter that the console uses; 0 for what has none.
char letter_of(std::uint64_t type) {
  constexpr char kLetters[] = {0, 'b', 's', 'u', 'm'};
  return type < std::size(kLetters) ? kLetters[type] : '\0';
}

template <class Number>
bool take(std::uint64_t from, Number& to) {
  if (from > std::numeric_limits<Number>::max()) return false;
  to = static_cast<Number>(from);
  return true;
}

std::optional<serial::DescribedDependency> read_dependency(base::ByteView bytes) {
  serial::DescribedDependency found;
  for (Fields fields(bytes); !fields.over();) {
    const auto field = fields.next();
    if (!field) return std::nullopt;
    if (field->number == kType) found.function = letter_of(field->value);
    if (field->number == kIndex && !take(field->value, found.index)) return std::nullopt;
    if (field->number == kVersion && !take(field->value, found.version)) return std::nullopt;
  }
  return found;
}

std::optional<serial::DescribedModule> read_module(base::ByteView bytes) {
  serial::DescribedModule found;
  found.location = 'm';
  found.checked = serial::kIntegrity | serial::kDependencies;
  std::uint64_t failed = 0;
  for (Fields fields(bytes); !fields.over();) {
    const auto field = fields.next();
    if (!field) return std::nullopt;
    if (field->number == kType) found.function = letter_of(field->value);
    if (field->number == kIndex && !take(field->value, found.index)) return std::nullopt;
    if (field->number == kVersion && !take(field->value, found.version)) return std::nullopt;
    if (field->number == kValidity) failed = field->value;
    if (field->number == kDependencies) {
      const auto one = read_dependency(field->part);
      if (!one) return std::nullopt;
      found.dependencies.push_back(*one);
    }
  }
  found.passed = found.checked;
  if ((failed & kIntegrityFailed) != 0) found.passed &= ~std::uint32_t{serial::kIntegrity};
  if ((failed & kDependencyFailed) != 0) found.passed &= ~std::uint32_t{serial::kDependencies};
  return found;
}

}  // namespace

base::Result<std::vector<serial::DescribedModule>> parse_module_message(base::ByteView bytes) {
  std::vector<serial::DescribedModule> modules;
  for (Fields fields(bytes); !fields.over();) {
    const auto field = fields.next();
    if (!field) return broken();
    if (field->number != kModules) continue;
    auto one = read_module(field->part);
    if (!one || modules.size() == kMostModules) return broken();
    if (one->function != 0) modules.push_back(std::move(*one));
  }
  // Whoever answers has at least the parts that answer.
  if (modules.empty()) return broken();
  return modules;
}

}  // namespace way
