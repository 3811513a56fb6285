// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// libmicrohttpd's functions, out of the library that is loaded when a board is first started
// (decision 0018).

#include "base/result.h"

#include <microhttpd.h>

namespace board {

// Each member is the library's function of the same name behind "MHD_".
struct MicrohttpdLibrary {
  decltype(&::MHD_start_daemon) start_daemon = nullptr;
  decltype(&::MHD_stop_daemon) stop_daemon = nullptr;
  decltype(&::MHD_get_daemon_info) get_daemon_info = nullptr;
  decltype(&::MHD_is_feature_supported) is_feature_supported = nullptr;
  decltype(&::MHD_lookup_connection_value) lookup_connection_value = nullptr;
  decltype(&::MHD_get_connection_values) get_connection_values = nullptr;
  decltype(&::MHD_create_response_from_buffer) create_response_from_buffer = nullptr;
  decltype(&::MHD_create_response_from_callback) create_response_from_callback = nullptr;
  decltype(&::MHD_add_response_header) add_response_header = nullptr;
  decltype(&::MHD_queue_response) queue_response = nullptr;
  decltype(&::MHD_destroy_response) destroy_response = nullptr;
  decltype(&::MHD_suspend_connection) suspend_connection = nullptr;
  decltype(&::MHD_resume_connection) resume_connection = nullptr;
};

// Errors: unsupported, id "no-microhttpd".
base::Result<const MicrohttpdLibrary*> microhttpd_library();

}  // namespace board
