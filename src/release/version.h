// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace release {

// A release name such as "0.4.8-rc.6", ordered as semantic versioning orders it: numbers first, a
// pre-release before its release; "2.3", which is the beginning of names, before all of them and
// equal to none. Build metadata ("+debug") is kept but not compared. A build that
// is no release has the name "custom-<module version>", which comes before every release.
class Version {
 public:
  // Accepts a leading 'v' and one to four numbers, or "custom-<module version>"; returns false if
  // it is no version.
  static bool parse(std::string_view text, Version& into);
  static Version custom(std::uint16_t module_version);
  const std::string& text() const { return text_; }
  const std::vector<unsigned>& numbers() const { return numbers_; }  // none for a custom build
  bool prerelease() const { return !prerelease_.empty(); }
  bool is_custom() const { return numbers_.empty() && !text_.empty(); }
  std::weak_ordering operator<=>(const Version& other) const;
  bool operator==(const Version& other) const { return (*this <=> other) == 0; }

 private:
  std::string text_;  // without a leading 'v'
  std::vector<unsigned> numbers_;
  std::vector<std::string> prerelease_;
};

}  // namespace release
