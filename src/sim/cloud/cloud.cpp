// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/cloud/cloud.h"

#include "firmware/parse.h"
#include "release/catalogue.h"
#include "sim/world/synthetic.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace sim::cloud {
namespace {

using std::chrono_literals::operator""s;

constexpr std::string_view kSafeMode = "spark/status/safe-mode";
constexpr std::string_view kForeignDevice = "0000000000000000000000ff";
constexpr std::uint16_t kKnowsIndex3 = 21;  // 0.5.3
constexpr std::uint16_t kHasIndex3 = 100;   // 0.6.0

// The installed application, as a file.
Image application_on(const Chip& chip, const platform::Platform& platform) {
  const std::uint32_t begin = platform.slot(platform::kUserPart)->flash.begin;
  const auto sector = platform.sector_at(begin) - platform.sectors.data();
  const base::Bytes& bytes = *chip.sectors[static_cast<std::size_t>(sector)];
  const auto header = firmware::parse_header(bytes, nullptr);
  if (!header || header->size() > bytes.size()) return nullptr;
  return std::make_shared<const base::Bytes>(bytes.begin(), bytes.begin() + header->size());
}

}  // namespace

Cloud::Cloud(Key /*key*/, Options options, const release::Library& library,
             std::shared_ptr<Workshop> workshop)
    : options_(std::move(options)),
      library_(library),
      workshop_(workshop ? std::move(workshop) : std::make_shared<Workshop>()),
      switches_(options_.failures) {}

base::Result<std::unique_ptr<Cloud>> Cloud::make(Options options, const release::Library& library,
                                                 std::shared_ptr<Workshop> workshop) {
  auto cloud = std::make_unique<Cloud>(Key{}, std::move(options), library, std::move(workshop));
  Ether& ether = *cloud;
  for (const DeviceOptions& about : cloud->options_.devices) {
    TRY_ASSIGN(Start start, base::in_context(cloud->workshop_->make(about.electron, library),
                                             "device " + about.id));
    auto device =
        std::make_unique<AirDevice>(ether, about, std::move(start), cloud->devices_.size() + 1);
    if (!cloud->by_id_.emplace(device->id(), device.get()).second) {
      return base::make_error(base::Errc::usage, "two devices have the id " + device->id());
    }
    cloud->own_switches_.emplace(device.get(), Switches(about.failures));
    cloud->devices_.push_back(std::move(device));
  }
  for (const auto& device : cloud->devices_) device->switch_on();
  return cloud;
}

std::optional<base::Instant> Cloud::next_event() const {
  auto next = agenda_.next();
  for (const auto& [id, stream] : streams_) {
    const auto at = stream.next();
    if (at && (!next || *at < *next)) next = at;
  }
  return next;
}

void Cloud::advance_to(base::Instant when) {
  for (auto next = agenda_.next(); next && *next <= when; next = agenda_.next()) {
    now_ = std::max(now_, *next);
    agenda_.run_one(now_);
  }
  now_ = std::max(now_, when);
}

AirDevice* Cloud::find(std::string_view id) {
  std::string lower(id);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return static_cast<char>(c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c);
  });
  const auto found = by_id_.find(lower);
  return found == by_id_.end() ? nullptr : found->second;
}

std::string Cloud::iso(base::Instant when) const {
  using std::chrono::milliseconds;
  const auto since = std::chrono::floor<milliseconds>(when.time_since_epoch());
  const std::chrono::sys_time<milliseconds> time(milliseconds(options_.epoch_ms) + since);
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

Image Cloud::part(std::uint16_t module_version, std::uint8_t index) {
  const auto key = std::make_pair(module_version, index);
  if (const auto known = parts_.find(key); known != parts_.end()) return known->second;
  Image image;
  const auto releases = release::Catalogue::embedded().with_module_version(module_version);
  if (!releases.empty()) {
    const release::CatalogueRelease& about = *releases.front();
    const platform::ModuleId id{platform::ModuleFunction::system_part, index};
    const release::ValidatedRelease* files = library_.find(about.version);
    if (const auto* file = files == nullptr ? nullptr : files->part(id)) {
      image = file->shared_image();
    } else {
      for (base::Bytes& made : synthesise_release(about, platform::electron())) {
        const auto header = firmware::parse_header(made, nullptr);
        if (header && header->id == id) {
          image = std::make_shared<const base::Bytes>(std::move(made));
        }
      }
    }
  }
  parts_.emplace(key, image);
  return image;
}

// --- streams ---

Answer Cloud::open_stream(Filter filter, const std::vector<Failure>& failures) {
  ++ledger_.openings;
  const std::uint32_t id = ++streams_made_;
  Stream& stream = streams_.emplace(id, Stream(std::move(filter), failures, now_)).first->second;
  ledger_.open_most = std::max(ledger_.open_most, static_cast<std::uint32_t>(open_streams()));
  if (cloud::find(failures, Mishap::old_safe_mode) != nullptr) {
    for (const auto& [device, event] : first_safe_mode_) {
      if (stream.filter().wants(event)) stream.send(encode(event, {}), now_);
    }
  }
  if (stream.keeps_alive()) keep_alive(id);
  Answer answer;
  answer.content_type = "text/event-stream; charset=utf-8";
  answer.stream = id;
  return answer;
}

// A lone LF when nothing was sent for a while.
void Cloud::keep_alive(std::uint32_t id) {
  const auto found = streams_.find(id);
  if (found == streams_.end() || !found->second.open()) return;
  if (found->second.last_sent() + options_.keep_alive <= now_) found->second.send("\n", now_);
  agenda_.at(found->second.last_sent() + options_.keep_alive, [this, id] { keep_alive(id); });
}

std::size_t Cloud::open_streams() const {
  return static_cast<std::size_t>(std::count_if(
      streams_.begin(), streams_.end(), [](const auto& entry) { return entry.second.open(); }));
}

Stream::Read Cloud::read(std::uint32_t stream) {
  const auto found = streams_.find(stream);
  if (found == streams_.end()) return {{}, true};
  Stream::Read result = found->second.read(now_);
  if (result.closed) streams_.erase(found);
  return result;
}

std::optional<base::Instant> Cloud::readable_at(std::uint32_t stream) const {
  const auto found = streams_.find(stream);
  return found == streams_.end() ? std::nullopt : found->second.next();
}

void Cloud::publish(AirDevice& device, std::string_view name, std::string data) {
  publish(device, name, std::move(data), device.id());
}

void Cloud::publish(AirDevice& device, std::string_view name, std::string data,
                    std::string coreid) {
  Event event{std::string(name), std::move(data),        std::move(coreid), device.id(),
              device.product(),  device.options().owned, iso(now_)};
  const std::vector<Failure> failures = switches_.next(Counted::event);
  if (event.name == kSafeMode) first_safe_mode_.emplace(device.id(), event);
  broadcast(event, failures);
  others(device, event, failures);
  history_.push_back(std::move(event));
}

void Cloud::broadcast(const Event& event, const std::vector<Failure>& failures) {
  const auto has = [&](Mishap mishap) { return cloud::find(failures, mishap); };
  const auto later = [&](const Failure& failure) {
    return now_ + base::Micros(static_cast<base::Micros::rep>(failure.amount * 1e6));
  };
  const std::string text = encode(event, failures);
  for (auto& [id, stream] : streams_) {
    if (has(Mishap::close_before) != nullptr) stream.close(now_);
    if (const Failure* silence = has(Mishap::silence)) stream.silent_until(later(*silence));
    if (!stream.open() || has(Mishap::lose) != nullptr || !stream.filter().wants(event)) continue;
    if (has(Mishap::foreign) != nullptr) {
      Event other = event;
      other.coreid = kForeignDevice;
      stream.send(encode(other, failures), now_);
    }
    if (has(Mishap::cut_inside) != nullptr) {
      stream.send(text.substr(0, text.size() / 2), now_);
    } else if (has(Mishap::swap) != nullptr) {
      stream.hold(text);
    } else if (const Failure* late = has(Mishap::late)) {
      stream.send_late(text, later(*late));
    } else {
      stream.send(text, now_);
      if (has(Mishap::duplicate) != nullptr) stream.send(text, now_);
    }
    if (has(Mishap::close_after) != nullptr || has(Mishap::cut_inside) != nullptr) {
      stream.close(now_);
    }
  }
}

// --- other people ---

std::vector<Failure> Cloud::transfer_begun(AirDevice& device) {
  std::vector<Failure> failures = switches_.next(Counted::transfer);
  const auto own = own_switches_.at(&device).next(Counted::transfer);
  failures.insert(failures.end(), own.begin(), own.end());
  if (cloud::find(failures, Mishap::token_dies) != nullptr) tokens_dead_ = true;
  return failures;
}

void Cloud::others(AirDevice& device, const Event& event, const std::vector<Failure>& failures) {
  const auto has = [&](Mishap mishap) { return cloud::find(failures, mishap); };
  if (has(Mishap::token_dies) != nullptr) tokens_dead_ = true;
  if (has(Mishap::moved) != nullptr) device.move_to(device.product() + 1);
  if (has(Mishap::undeveloped) != nullptr) device.set_development(!device.development());
  if (const Failure* failure = has(Mishap::somebody)) {
    push_application(device, base::Micros(static_cast<base::Micros::rep>(failure->amount * 1e6)),
                     false);
  }
  if (event.name == kSafeMode && (options_.healer || has(Mishap::healer) != nullptr)) {
    agenda_.at(now_ + options_.healer_delay, [this, &device] { heal(device); });
  }
  const bool online = event.name == "spark/status" && event.data == "online";
  if (!online) return;
  const auto product =
      std::find_if(options_.products.begin(), options_.products.end(),
                   [&](const ProductOptions& about) { return about.id == device.product(); });
  const bool due = product != options_.products.end() && product->firmware &&
                   !device.development() && flashed_by_hand_[&device];
  if (due || has(Mishap::product_firmware) != nullptr) {
    flashed_by_hand_[&device] = false;
    push_application(device, 1s, true);
  }
}

// Sends the first part that the application's release has newer; below 0.5.3 nothing that has an
// index 3.
void Cloud::heal(AirDevice& device) {
  const Start& start = device.start();
  const std::uint16_t wanted = start.wanted_index2;
  if (device.updating() || !device.reachable() || !start.safe_mode || wanted <= start.index2)
    return;
  if (wanted >= kHasIndex3 && start.index2 < kKnowsIndex3) return;
  const auto older = [wanted](std::uint16_t version) {
    return version < wanted || version == 0xFFFF;
  };
  const std::uint8_t index = wanted >= kHasIndex3 && older(start.index3) ? 3
                             : older(start.index1)                       ? 1
                                                                         : 2;
  const Image image = part(wanted, index);
  if (!image) return;
  publish(device, "spark/safe-mode-updater/updating", std::to_string(index), "particle-internal");
  device.begin_update(image);
}

void Cloud::push_application(AirDevice& device, base::Micros after, bool product_firmware) {
  agenda_.at(now_ + after, [this, &device, product_firmware] {
    if (device.updating() || !device.reachable()) return;
    const platform::Platform& platform = platform::electron();
    const Image image = product_firmware
                            ? application_on(*device.start().chip, platform)
                            : std::make_shared<const base::Bytes>(synthesise_user_app(platform));
    if (!image) return;
    if (product_firmware) publish(device, "spark/status", "auto-update");
    device.begin_update(image);
  });
}

}  // namespace sim::cloud
