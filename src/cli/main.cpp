// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/files.h"
#include "cli/cli.h"
#include "cli/interrupt.h"
#include "cli/real_world.h"
#include "cli/run_log.h"
#include "cli/streams.h"
#include "net/curl_http.h"
#include "net/curl_wire.h"
#include "report/exit_code.h"

namespace cli {

int main(int argc, char** argv) {
  base::CancelToken cancel;
  const InterruptHandler interrupt(cancel);
  StandardStreams streams(cancel);
  const std::unique_ptr<WorldSource> worlds = make_real_world();
  const std::unique_ptr<Computer> computer = make_real_computer();
  const std::unique_ptr<net::Http> network = net::make_curl_http();
  base::RealClock clock;
  const std::unique_ptr<net::Wire> wire = net::make_curl_wire(clock);
  Environment environment{*worlds,
                          streams,
                          streams.terminal(),
                          cancel,
                          *computer,
                          default_log_directory(),
                          base::cache_directory(),
                          network.get(),
                          wire.get()};
  const int code = run(os::arguments(argc, argv), environment);
  if (streams.lost().empty()) return code;
  streams.err("error: the results could not be written: " + streams.lost() + "\n");
  return code == report::kDone ? report::kInternalError : code;
}

}  // namespace cli
