// SPDX-License-Identifier: GPL-3.0-or-later
#include "ota/survey.h"

#include "platform/platform.h"

#include <fmt/format.h>

namespace ota {
namespace {

constexpr int kTries = 4;
constexpr auto kBetween = std::chrono::seconds(5);
constexpr auto kAfterLimit = std::chrono::minutes(1);
constexpr long kServer = 500;
constexpr long kLimit = 429;

base::Error interrupted() {
  return base::make_error(base::Errc::cancelled, "interrupted", "run the same command again");
}

std::vector<std::string> what_it_allows(const Surveyed& one) {
  const cloud::Device& device = *one.device;
  std::vector<std::string> told;
  if (device.platform != platform::electron().id) {
    told.emplace_back(device.platform
                          ? "it is no Electron: nothing is sent to it"
                          : "the cloud does not say that it is an Electron: nothing is sent to it");
    return told;
  }
  if (device.denied) told.emplace_back("its product denies it the cloud");
  if (device.quarantined) told.emplace_back("it is in quarantine: nothing can be sent to it");
  if (device.updates_enabled == false && device.updates_forced != true) {
    told.emplace_back("its application refuses updates over the air");
  }
  if (one.answers == false) told.emplace_back("it does not answer: nothing can be sent to it now");
  if (told.empty()) told.emplace_back("updates can be sent to it");
  if (device.status == "safe-mode") {
    told.emplace_back("it is said to be in safe mode, the best state to be updated in");
  }
  if (device.in_product() && device.development != true) {
    told.emplace_back(
        "its product may send firmware of its own; ota flash marks it as a "
        "development device for the time");
  }
  return told;
}

}  // namespace

cloud::Raw await(net::Wire& wire, const base::Clock& clock, const net::Ask& ask,
                 const base::CancelToken& cancel, unsigned& requests) {
  for (int attempt = 1;; ++attempt) {
    const net::Ticket ticket = wire.ask(ask);
    ++requests;
    cloud::Raw raw = interrupted();
    while (auto happening = wire.next(base::Instant::max(), cancel)) {
      if (happening->ticket != ticket) continue;
      if (auto* error = std::get_if<base::Error>(&happening->what)) raw = std::move(*error);
      if (auto* reply = std::get_if<net::Reply>(&happening->what)) raw = std::move(*reply);
      break;
    }
    if (cancel.requested()) {
      wire.drop(ticket);
      return interrupted();
    }
    const auto* reply = std::get_if<net::Reply>(&raw);
    const auto* error = std::get_if<base::Error>(&raw);
    const bool limited = reply != nullptr && reply->status == kLimit;
    const bool again = error != nullptr ? error->id == "connection-lost" || error->id == "timeout"
                                        : limited || reply->status >= kServer;
    if (!again || attempt == kTries) return raw;
    const base::Micros pause =
        limited ? reply->retry_after.value_or(kAfterLimit) : base::Micros(kBetween * attempt);
    const base::Instant until = clock.now() + pause;
    // Nothing else is under way: what comes now is late.
    while (clock.now() < until && !cancel.requested()) {
      const auto late = wire.next(until, cancel);
      static_cast<void>(late);
    }
  }
}

base::Result<std::vector<std::string>> list_devices(net::Wire& wire, const base::Clock& clock,
                                                    const cloud::Account& account,
                                                    const cloud::Place& place,
                                                    const base::CancelToken& cancel,
                                                    unsigned& requests) {
  std::vector<std::string> ids;
  int pages = 1;
  for (int page = 1; page <= pages; ++page) {
    const auto list = cloud::parse_devices(
        await(wire, clock, cloud::ask_devices(account, place, page), cancel, requests));
    if (cancel.requested()) return interrupted();
    if (!list) return cloud::error_of(list.failure(), "listing the devices");
    pages = list->pages;
    for (const cloud::Device& device : list->devices) ids.push_back(device.id);
  }
  if (!ids.empty()) return ids;
  return base::make_error(base::Errc::no_device, "no-devices", "there are no devices", {});
}

base::Result<std::vector<Surveyed>> survey(net::Wire& wire, const base::Clock& clock,
                                           const cloud::Account& account, const cloud::Place& place,
                                           std::vector<std::string> devices,
                                           const base::CancelToken& cancel) {
  unsigned requests = 0;
  if (devices.empty()) {
    TRY_ASSIGN(devices, list_devices(wire, clock, account, place, cancel, requests));
  }
  std::vector<Surveyed> surveyed;
  for (const std::string& id : devices) {
    Surveyed one;
    one.id = id;
    cloud::Place here = place;
    auto device = cloud::parse_device(
        await(wire, clock, cloud::ask_device(account, here, id), cancel, requests), id);
    if (cancel.requested()) return interrupted();
    if (!device) {
      one.error = cloud::error_of(device.failure(), "asking for device " + id);
      surveyed.push_back(std::move(one));
      // It is of no use for any other either.
      if (device.failure().kind == cloud::Trouble::token) break;
      continue;
    }
    if (here.product.empty() && device->in_product()) {
      here.product = std::to_string(*device->product);
      const auto again = cloud::parse_device(
          await(wire, clock, cloud::ask_device(account, here, id), cancel, requests), id);
      // An owner who is not in the product's team has the short form only.
      if (again) device = again;
    }
    one.device = *device;
    const auto ping =
        cloud::parse_ping(await(wire, clock, cloud::ask_ping(account, here, id), cancel, requests));
    if (cancel.requested()) return interrupted();
    if (ping) one.answers = ping->online;
    one.allows = what_it_allows(one);
    surveyed.push_back(std::move(one));
  }
  return surveyed;
}

}  // namespace ota
