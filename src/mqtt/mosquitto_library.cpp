// SPDX-License-Identifier: GPL-3.0-or-later
#include "mqtt/mosquitto_library.h"

#include "os/advice.h"
#include "os/library.h"

#include <optional>
#include <string>

namespace mqtt {
namespace {

std::optional<MosquittoLibrary> load() {
  const os::SharedLibrary file(ER_MOSQUITTO_LIBRARY);
  MosquittoLibrary in;
  const bool whole =
      file.find(in.lib_init, "mosquitto_lib_init") && file.find(in.create, "mosquitto_new") &&
      file.find(in.destroy, "mosquitto_destroy") && file.find(in.will_set, "mosquitto_will_set") &&
      file.find(in.username_pw_set, "mosquitto_username_pw_set") &&
      file.find(in.tls_set, "mosquitto_tls_set") &&
      file.find(in.threaded_set, "mosquitto_threaded_set") &&
      file.find(in.connect_async, "mosquitto_connect_async") &&
      file.find(in.reconnect_async, "mosquitto_reconnect_async") &&
      file.find(in.loop, "mosquitto_loop") && file.find(in.disconnect, "mosquitto_disconnect") &&
      file.find(in.publish, "mosquitto_publish") &&
      file.find(in.subscribe, "mosquitto_subscribe") &&
      file.find(in.connect_callback_set, "mosquitto_connect_callback_set") &&
      file.find(in.disconnect_callback_set, "mosquitto_disconnect_callback_set") &&
      file.find(in.publish_callback_set, "mosquitto_publish_callback_set") &&
      file.find(in.message_callback_set, "mosquitto_message_callback_set");
  if (!whole || in.lib_init() != MOSQ_ERR_SUCCESS) return std::nullopt;
  return in;
}

}  // namespace

base::Result<const MosquittoLibrary*> mosquitto_library() {
  static const std::optional<MosquittoLibrary> kLoaded = load();
  if (kLoaded) return &*kLoaded;
  return base::make_error(
      base::Errc::unsupported, "no-mosquitto",
      std::string("no MQTT broker can be reached from here: there is no ") + ER_MOSQUITTO_LIBRARY,
      os::how_to_get(
          {.name = "libmosquitto", .package = "libmosquitto1", .file = ER_MOSQUITTO_LIBRARY}));
}

}  // namespace mqtt
