// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The live picture of a hall as MQTT messages: what a station sends, and what is put together of
// what many have sent. Topics: er/v1/SITE/STATION/… state (retained; the last will is its
// "offline"), slot/SLOT (retained), progress/SLOT, alarm, result.

#include "mqtt/client.h"
#include "station/status.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mqtt {

std::string topic(const std::string& site, const std::string& station, std::string_view what);
// What a board of all stations of a site asks for.
std::vector<std::string> topics_of_hall(const std::string& site);

Message offline(const std::string& site, const std::string& station);
Message state(const std::string& site, const station::Status& status);
Message slot(const std::string& site, const std::string& station, const station::SlotStatus& slot);
Message progress(const std::string& site, const std::string& station,
                 const station::SlotStatus& slot);
Message alarm(const std::string& site, const std::string& station, const station::Alarm& alarm);
Message result(const std::string& site, const std::string& station, const std::string& row);

// What a message has told.
struct Told {
  std::shared_ptr<const station::Status> status;  // of one station, as it is now
  std::string gone;                               // a station that does not answer any more
  std::optional<station::Alarm> alarm;
};

// Puts the stations together. Whatever comes in: a message that is none of ours tells nothing.
class Picture {
 public:
  explicit Picture(std::string site) : site_(std::move(site)) {}
  Told take(const Message& message);

 private:
  Told take_state(const std::string& name, std::string_view payload);
  Told take_slot(const std::string& name, std::string_view slot, std::string_view payload);

  std::string site_;
  std::map<std::string, station::Status> stations_;
  // Slots that came before the state of their station.
  std::map<std::string, std::map<std::string, station::SlotStatus>> slots_;
};

}  // namespace mqtt
