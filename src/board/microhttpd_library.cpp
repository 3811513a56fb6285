// SPDX-License-Identifier: GPL-3.0-or-later
#include "board/microhttpd_library.h"

#include "os/advice.h"
#include "os/library.h"

#include <optional>
#include <string>

namespace board {
namespace {

std::optional<MicrohttpdLibrary> load() {
  const os::SharedLibrary file(ER_MICROHTTPD_LIBRARY);
  MicrohttpdLibrary in;
  const bool whole =
      file.find(in.start_daemon, "MHD_start_daemon") &&
      file.find(in.stop_daemon, "MHD_stop_daemon") &&
      file.find(in.get_daemon_info, "MHD_get_daemon_info") &&
      file.find(in.is_feature_supported, "MHD_is_feature_supported") &&
      file.find(in.lookup_connection_value, "MHD_lookup_connection_value") &&
      file.find(in.get_connection_values, "MHD_get_connection_values") &&
      file.find(in.create_response_from_buffer, "MHD_create_response_from_buffer") &&
      file.find(in.create_response_from_callback, "MHD_create_response_from_callback") &&
      file.find(in.add_response_header, "MHD_add_response_header") &&
      file.find(in.queue_response, "MHD_queue_response") &&
      file.find(in.destroy_response, "MHD_destroy_response") &&
      file.find(in.suspend_connection, "MHD_suspend_connection") &&
      file.find(in.resume_connection, "MHD_resume_connection");
  if (!whole) return std::nullopt;
  return in;
}

}  // namespace

base::Result<const MicrohttpdLibrary*> microhttpd_library() {
  static const std::optional<MicrohttpdLibrary> kLoaded = load();
  if (kLoaded) return &*kLoaded;
  return base::make_error(
      base::Errc::unsupported, "no-microhttpd",
      std::string("the board cannot be shown here: there is no ") + ER_MICROHTTPD_LIBRARY,
      os::how_to_get(
          {.name = "libmicrohttpd", .package = "libmicrohttpd12", .file = ER_MICROHTTPD_LIBRARY}) +
          ", or set listen = \"off\" below [board]");
}

}  // namespace board
