// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The vendor's REST interface over the cloud's devices. Bodies are the recorded ones where there is
// a record (docs/electron-sim.md).

#include "sim/cloud/cloud.h"

namespace sim::cloud {

class Api {
 public:
  explicit Api(Cloud& cloud) : cloud_(cloud) {}
  Answer handle(const Request& request);

 private:
  struct Question {
    const Request& request;
    Target target;
    std::string kind;  // for the ledger: "GET device"
    Counted counted = Counted::answer;
  };

  std::optional<Answer> over_the_limit(std::deque<base::Instant>& recent, std::size_t most);
  std::optional<Answer> unauthorised(const Question& question);
  std::optional<Answer> without_scope(const std::string& token, std::string_view scope) const;
  std::string token_of(const Question& question) const;

  Answer route(Question& question, const std::vector<Failure>& failures);
  Answer route_product(Question& question, const std::vector<Failure>& failures);
  Answer devices(Question& question, const ProductOptions* product, std::size_t from,
                 const std::vector<Failure>& failures);
  Answer log_in(const Request& request) const;
  Answer own_token(const Question& question);
  Answer list_own() const;
  Answer list_product(const ProductOptions& product, const Fields& query) const;
  Answer describe_product(const ProductOptions& product) const;
  Answer approve(const Request& request, const ProductOptions& product);
  Answer get_device(const AirDevice& device, bool of_product) const;
  Answer put_device(const Question& question, AirDevice& device);
  Answer put_attributes(AirDevice& device, const Fields& fields);
  Answer flash(AirDevice& device, const std::string& file);
  Answer ping(AirDevice& device) const;
  Answer events(const Target& target, std::size_t from, Filter filter,
                const std::vector<Failure>& failures);

  Cloud& cloud_;
};

}  // namespace sim::cloud
