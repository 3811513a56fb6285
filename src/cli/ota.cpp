// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/ota.h"

#include "base/ascii.h"
#include "base/files.h"
#include "cli/parser.h"
#include "cli/words.h"
#include "sim/cloud/wire.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace cli {
namespace {

constexpr std::uint64_t kLargestToken = 4096;
constexpr std::uint64_t kLargestList = std::uint64_t{4} << 20U;
constexpr std::string_view kVirtual = "sim:";

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

base::Result<std::string> find_token(const CloudOptions& options) {
  if (!options.token_file.empty()) {
    auto content = base::read_file(options.token_file, kLargestToken);
    if (!content) return base::in_context(std::move(content.error()), "reading the access token");
    return trimmed(base::as_text(*content));
  }
  const std::string token = base::environment("PARTICLE_ACCESS_TOKEN");
  if (!token.empty()) return token;
  return base::make_error(
      base::Errc::access_denied, "no-token", "there is no access token",
      "put one into the environment as PARTICLE_ACCESS_TOKEN, or into a file that --token-file "
      "names; it is never an argument, which other users of this computer could read");
}

base::Result<> add_device(const std::string& text, const std::string& where,
                          std::vector<std::string>& into) {
  if (!cloud::is_device_id(text)) {
    return base::make_error(base::Errc::usage, "bad-device-id",
                            fmt::format("{}{} is no device id", where, base::printable(text)),
                            "a device id has 24 hexadecimal digits; over the air nothing shorter "
                            "and no name will do");
  }
  std::string id = base::lower(text);
  if (std::ranges::find(into, id) == into.end()) into.push_back(std::move(id));
  return {};
}

// One id a line; what follows it (a comma, a name) and lines that begin with # do not matter.
base::Result<> read_list(const std::string& path, std::vector<std::string>& into) {
  auto content = base::read_file(path, kLargestList);
  if (!content) return base::in_context(std::move(content.error()), "reading the list of devices");
  std::string text = base::as_text(*content);
  std::size_t number = 0;
  for (std::size_t begin = 0; begin < text.size(); ++number) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string line = trimmed(text.substr(begin, end - begin));
    begin = end + 1;
    const std::string word = line.substr(0, line.find_first_of(" \t,;"));
    if (word.empty() || word.front() == '#') continue;
    TRY(add_device(word, fmt::format("{}, line {}: ", base::printable(path), number + 1), into));
  }
  return {};
}

base::Result<std::vector<std::string>> find_devices(const CloudOptions& options) {
  std::vector<std::string> devices;
  for (const std::string& device : options.devices) TRY(add_device(device, "", devices));
  if (!options.list.empty()) {
    TRY(read_list(options.list, devices));
    if (devices.empty()) {
      return base::make_error(base::Errc::usage, "no-devices",
                              base::printable(options.list) + " names no device",
                              "write one device id a line");
    }
  }
  return devices;
}

class RealCloud final : public CloudAccess {
 public:
  RealCloud(net::Wire& wire, base::Clock& clock, cloud::Account account,
            std::vector<std::string> devices)
      : wire_(wire), clock_(clock), records_(base::join(base::state_directory(), "ota")) {
    account_ = std::move(account);
    devices_ = std::move(devices);
  }
  net::Wire& wire() override { return wire_; }
  base::Clock& clock() override { return clock_; }
  ota::Records& records() override { return records_; }

 private:
  net::Wire& wire_;
  base::Clock& clock_;
  ota::RecordFolder records_;
};

class VirtualCloud final : public CloudAccess {
 public:
  VirtualCloud(std::unique_ptr<sim::cloud::Cloud> cloud, cloud::Account account,
               std::vector<std::string> devices)
      : cloud_(std::move(cloud)), clock_(*cloud_), wire_(*cloud_) {
    account_ = std::move(account);
    devices_ = std::move(devices);
    if (!devices_.empty()) return;
    for (std::size_t i = 0; i < cloud_->size(); ++i) devices_.push_back(cloud_->device(i).id());
  }
  net::Wire& wire() override { return wire_; }
  base::Clock& clock() override { return clock_; }
  ota::Records& records() override { return records_; }

 private:
  std::unique_ptr<sim::cloud::Cloud> cloud_;
  sim::cloud::CloudClock clock_;
  sim::cloud::CloudWire wire_;
  ota::RecordsInMemory records_;
};

// "sim:": devices stuck in safe mode, of several releases; "sim:FILE": those of a fleet file.
base::Result<sim::cloud::Options> virtual_fleet(const std::string& what) {
  if (what.empty()) {
    const std::vector<std::string> releases{"0.4.8-rc.6", "0.5.3", "0.6.3"};
    return sim::cloud::make_fleet(releases, releases.size(), "0.6.4");
  }
  auto content = base::read_file(what, kLargestList);
  if (!content) return base::in_context(std::move(content.error()), "reading the virtual cloud");
  return sim::cloud::parse_fleet(base::as_text(*content));
}

base::Result<std::unique_ptr<CloudAccess>> open_virtual(const CloudOptions& options,
                                                        const release::Library& library,
                                                        std::vector<std::string> devices) {
  TRY_ASSIGN(sim::cloud::Options made, virtual_fleet(options.api.substr(kVirtual.size())));
  const std::string token =
      made.tokens.empty() ? std::string(sim::cloud::kUsualToken) : made.tokens.front().token;
  TRY_ASSIGN(cloud::Account account, cloud::Account::make("https://cloud.invalid", token));
  TRY_ASSIGN(auto cloud, sim::cloud::Cloud::make(std::move(made), library));
  return std::unique_ptr<CloudAccess>(
      std::make_unique<VirtualCloud>(std::move(cloud), std::move(account), std::move(devices)));
}

}  // namespace

void add_cloud_options(CLI::App& command, CloudOptions& options, bool many) {
  Option device = option(command, "DEVICE", options.devices, "Device ids, of 24 hexadecimal digits")
                      .type_name("DEVICE");
  if (many) {
    option(command, "--list", options.list, "Also the devices in this file, an id a line")
        .type_name("FILE");
  }
  static_cast<void>(device);
  option(command, "--product", options.product,
         "The product that the devices belong to, by its number or short name")
      .type_name("PRODUCT");
  option(command, "--api", options.api,
         "Another cloud than the vendor's: its address, or sim: for a\n"
         "virtual one (sim:FILE: with the devices of a fleet file)")
      .type_name("URL");
  option(command, "--token-file", options.token_file,
         "The access token is in this file (default: in the environment,\n"
         "PARTICLE_ACCESS_TOKEN)")
      .type_name("FILE");
}

base::Result<std::unique_ptr<CloudAccess>> CloudAccess::open(Context& context,
                                                             const CloudOptions& options,
                                                             const release::Library& library) {
  TRY_ASSIGN(std::vector<std::string> devices, find_devices(options));
  if (options.api.starts_with(kVirtual)) return open_virtual(options, library, std::move(devices));
  TRY_ASSIGN(std::string token, find_token(options));
  TRY_ASSIGN(
      cloud::Account account,
      cloud::Account::make(options.api.empty() ? std::string(cloud::kVendorApi) : options.api,
                           std::move(token)));
  if (context.wire() == nullptr) {
    return base::make_error(base::Errc::unsupported, "no-network", "this program has no network",
                            "use --api sim:");
  }
  return std::unique_ptr<CloudAccess>(std::make_unique<RealCloud>(
      *context.wire(), context.clock(), std::move(account), std::move(devices)));
}

std::optional<base::Micros> duration_of(const std::string& text) {
  if (text.empty()) return std::nullopt;
  double unit = 1;
  std::string digits = text;
  constexpr double kMinute = 60;
  constexpr double kHour = 3600;
  constexpr double kLongest = 7 * 24 * kHour;
  switch (text.back()) {
    case 'h':
      unit = kHour;
      digits.pop_back();
      break;
    case 'm':
      unit = kMinute;
      digits.pop_back();
      break;
    case 's':
      digits.pop_back();
      break;
    default:
      break;
  }
  const auto value = decimal(digits);
  if (!value || *value * unit > kLongest) return std::nullopt;
  return std::chrono::duration_cast<base::Micros>(std::chrono::duration<double>(*value * unit));
}

}  // namespace cli
