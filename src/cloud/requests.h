// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What can be asked of the vendor's cloud, as the requests that ask it (particle-iot/docs:
// reference/cloud-apis/api.md; what particle-api-js 12.0.3 sends). The token goes into its header
// only.

#include "cloud/account.h"
#include "net/wire.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace cloud {

// Where devices are looked for: among one's own, or in a product (its number or short name).
struct Place {
  std::string product = {};  // empty: one's own devices
  bool operator==(const Place&) const = default;
};

net::Ask ask_token(const Account& account);
net::Ask ask_product(const Account& account, const std::string& product);
net::Ask ask_device(const Account& account, const Place& place, const std::string& device);
// All of one's own at once; of a product, page `page` from 1 on, by device id, so that no device is
// missed or told twice while others come and go.
net::Ask ask_devices(const Account& account, const Place& place, int page);
net::Ask ask_ping(const Account& account, const Place& place, const std::string& device);
net::Ask ask_development(const Account& account, const Place& place, const std::string& device,
                         bool development);
// `file_name` ends with .bin, or a server takes the module for source text.
net::Ask ask_flash(const Account& account, const Place& place, const std::string& device,
                   std::shared_ptr<const base::Bytes> module, const std::string& file_name);
// All events of the place.
net::Listen listen_to(const Account& account, const Place& place);

}  // namespace cloud
