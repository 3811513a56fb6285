// SPDX-License-Identifier: GPL-3.0-or-later
#include "rescue/rescue.h"

#include "release/search.h"
#include "release/target.h"

#include <utility>

namespace rescue {

base::Result<release::Library> firmware(const std::vector<std::string>& paths, bool allow_unknown) {
  release::SearchRequest request;
  request.given = paths;
  request.allow_unknown = allow_unknown;
  return release::search(request, platform::electron(), release::Catalogue::embedded());
}

base::Result<release::Version> release_named(const std::string& name) {
  return release::parse_release(name, release::Catalogue::embedded());
}

job::Request to_release(const release::Version& target, const release::Library& library) {
  job::ToRelease goal;
  goal.request.target = target;
  goal.request.library = &library;
  job::Request request;
  request.goal = std::move(goal);
  return request;
}

base::Result<std::vector<discovery::Device>> Rescue::devices() {
  return discovery::list(world_, platform::electron());
}

base::Result<discovery::Device> Rescue::device(std::string_view selector) {
  TRY_ASSIGN(const discovery::Selector wanted, discovery::parse_selector(selector));
  return discovery::choose(world_, platform::electron(), wanted);
}

work::Context Rescue::work(const Watch& watch) {
  return {world_,     platform::electron(), release::Catalogue::embedded(),
          watch.sink, watch.cancel,         work::default_policy()};
}

Planned Rescue::plan(const discovery::Device& device, const plan::Request& request,
                     plan::Medium medium, const Watch& watch) {
  job::Request look;
  look.goal = job::Look();
  look.via = job::Via::dfu;
  Planned planned{run(device, look, watch), std::nullopt};
  if (planned.look.ok()) {
    planned.outcome =
        plan::make_plan(*planned.look.before, request, medium, release::Catalogue::embedded());
  }
  return planned;
}

events::DeviceReport Rescue::run(const discovery::Device& device, const job::Request& request,
                                 const Watch& watch) {
  return job::run(work(watch), device, request);
}

}  // namespace rescue
