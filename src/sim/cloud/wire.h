// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The virtual cloud as a wire (net/wire.h), inside the program and in virtual time: what waits for
// it moves its time on. Addresses are "sim:///v1/…", or any whose path is the cloud's.

#include "net/wire.h"
#include "sim/cloud/cloud.h"

#include <map>
#include <memory>

namespace sim::cloud {

// The cloud's time as a clock: sleeping lets things happen there.
class CloudClock final : public base::Clock {
 public:
  explicit CloudClock(Cloud& cloud) : cloud_(&cloud) {}
  base::Instant now() const override { return cloud_->now(); }
  void sleep(base::Micros duration, const base::CancelToken& cancel) override;

 private:
  Cloud* cloud_;
};

class CloudWire final : public net::Wire {
 public:
  explicit CloudWire(Cloud& cloud) : cloud_(&cloud) {}
  ~CloudWire() override;
  CloudWire(const CloudWire&) = delete;
  CloudWire& operator=(const CloudWire&) = delete;

  net::Ticket ask(const net::Ask& ask) override;
  net::Ticket listen(const net::Listen& listen) override;
  void drop(net::Ticket ticket) override;
  std::optional<net::Happening> next(base::Instant deadline,
                                     const base::CancelToken& cancel) override;

 private:
  // An answer on its way, or a stream.
  struct Open {
    Answer answer;
    base::Instant due;       // of the answer
    base::Instant deadline;  // the client gives up then
    std::size_t most = 0;
    bool opened = false;  // a stream whose answer was told
    bool ended = false;   // and whose last bytes were
  };

  net::Ticket begin(const Request& request, base::Micros patience, std::size_t most);
  std::optional<base::Instant> when(const Open& open) const;
  net::Happening happen(std::map<net::Ticket, Open>::iterator at);

  Cloud* cloud_;
  std::map<net::Ticket, Open> open_;
  net::Ticket made_ = 0;
};

}  // namespace sim::cloud
