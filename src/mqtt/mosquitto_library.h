// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// libmosquitto's functions, out of the library that is loaded when a broker is first to be reached
// (decision 0018).

#include "base/result.h"

#include <mosquitto.h>

namespace mqtt {

// Each member is the library's function of the same name behind "mosquitto_".
struct MosquittoLibrary {
  decltype(&::mosquitto_lib_init) lib_init = nullptr;
  decltype(&::mosquitto_new) create = nullptr;  // mosquitto_new
  decltype(&::mosquitto_destroy) destroy = nullptr;
  decltype(&::mosquitto_will_set) will_set = nullptr;
  decltype(&::mosquitto_username_pw_set) username_pw_set = nullptr;
  decltype(&::mosquitto_tls_set) tls_set = nullptr;
  decltype(&::mosquitto_threaded_set) threaded_set = nullptr;
  decltype(&::mosquitto_connect_async) connect_async = nullptr;
  decltype(&::mosquitto_reconnect_async) reconnect_async = nullptr;
  decltype(&::mosquitto_loop) loop = nullptr;
  decltype(&::mosquitto_disconnect) disconnect = nullptr;
  decltype(&::mosquitto_publish) publish = nullptr;
  decltype(&::mosquitto_subscribe) subscribe = nullptr;
  decltype(&::mosquitto_connect_callback_set) connect_callback_set = nullptr;
  decltype(&::mosquitto_disconnect_callback_set) disconnect_callback_set = nullptr;
  decltype(&::mosquitto_publish_callback_set) publish_callback_set = nullptr;
  decltype(&::mosquitto_message_callback_set) message_callback_set = nullptr;
};

// Errors: unsupported, id "no-mosquitto".
base::Result<const MosquittoLibrary*> mosquitto_library();

}  // namespace mqtt
