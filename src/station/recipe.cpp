// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/recipe.h"

#include "base/bytes.h"
#include "base/checksum.h"
#include "firmware/check.h"
#include "platform/platform.h"
#include "release/search.h"
#include "release/target.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace station {
namespace {

records::RecipeFile file_of(const firmware::CheckedModule& module) {
  return {.function = std::string(platform::name(module.id().function)),
          .index = module.id().index,
          .version = module.version(),
          .size = static_cast<std::int64_t>(module.image().size()),
          .sha256 = base::to_hex(module.file_sha256())};
}

// With its keys in order, so that the same recipe is the same text everywhere.
std::string canonical_json(const std::string& target, bool accept_safe_mode,
                           const std::vector<records::RecipeFile>& files) {
  nlohmann::json document{{"schema", 1},
                          {"target", target},
                          {"accept_safe_mode", accept_safe_mode},
                          {"files", nlohmann::json::array()}};
  for (const records::RecipeFile& file : files) {
    document["files"].push_back({{"function", file.function},
                                 {"index", file.index},
                                 {"version", file.version},
                                 {"size", file.size},
                                 {"sha256", file.sha256}});
  }
  return document.dump();
}

base::Result<firmware::CheckedModule> load_application(const std::string& path) {
  TRY_ASSIGN(firmware::CheckedModule module, firmware::load(path, platform::electron()));
  if (module.id() != platform::kUserPart) {
    return base::make_error(
        base::Errc::bad_module, "wrong-function",
        fmt::format("{} is no application but {}", path, platform::describe(module.id())),
        "user_app names an application built for the Electron");
  }
  return module;
}

}  // namespace

base::Result<Work> make_work(const Config& config, std::shared_ptr<const release::Library> library,
                             std::optional<firmware::CheckedModule> application,
                             std::int64_t now_ms) {
  const release::Catalogue& catalogue = release::Catalogue::embedded();
  if (config.target.empty()) {
    return base::make_error(base::Errc::usage, "station-config",
                            config.path + ": no target is named",
                            "add target = \"VERSION\" to [station], or say --target");
  }
  Work work;
  TRY_ASSIGN(work.target, release::parse_release(config.target, catalogue));
  TRY_ASSIGN(const release::ValidatedRelease* const files,
             release::at_hand(*library, work.target, catalogue));
  work.modules = files->parts();
  if (application) work.modules.push_back(*application);
  work.application = std::move(application);
  work.accept_safe_mode = config.accept_safe_mode;
  work.library = std::move(library);
  for (const firmware::CheckedModule& module : work.modules) {
    work.recipe.files.push_back(file_of(module));
  }
  work.recipe.target = work.target.text();
  work.recipe.options =
      canonical_json(work.recipe.target, work.accept_safe_mode, work.recipe.files);
  work.recipe.id = base::to_hex(base::sha256(base::as_bytes(work.recipe.options)));
  work.recipe.made_ms = now_ms;
  return work;
}

base::Result<Work> prepare_work(const Config& config, const std::string& cache,
                                std::int64_t now_ms) {
  release::SearchRequest request;
  request.given = config.firmware;
  request.cache = cache;
  request.allow_unknown = config.allow_unknown;
  TRY_ASSIGN(release::Library library,
             release::search(request, platform::electron(), release::Catalogue::embedded()));
  std::optional<firmware::CheckedModule> application;
  if (!config.user_app.empty()) {
    TRY_ASSIGN(application, load_application(config.user_app));
  }
  return make_work(config, std::make_shared<const release::Library>(std::move(library)),
                   std::move(application), now_ms);
}

}  // namespace station
