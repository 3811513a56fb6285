// SPDX-License-Identifier: GPL-3.0-or-later
//
// A station that shows a status on a broker until it is killed.
//   mqtt_station URL STATION
#include "board_page/fixture.h"
#include "mqtt/publisher.h"

#include <unistd.h>

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  base::RealClock clock;
  mqtt::PublisherOptions options;
  options.broker.url = argv[1];
  options.site = "plant2";
  options.station = argv[2];
  options.uid = argv[2];
  const auto publisher = mqtt::publish(options, clock);
  if (!publisher) return 1;
  (*publisher)->on_status(board_test::shared(board_test::status(2, argv[2])));
  ::pause();
  return 0;
}
