// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/real_world.h"

#include "rescue/workplace.h"

namespace cli {
namespace {

class RealWorld final : public WorldSource {
 public:
  base::Result<discovery::World*> world() override {
    if (here_ == nullptr) {
      TRY_ASSIGN(here_, rescue::this_computer());
    }
    return &here_->world();
  }

 private:
  std::unique_ptr<rescue::Workplace> here_;
};

}  // namespace

std::unique_ptr<WorldSource> make_real_world() { return std::make_unique<RealWorld>(); }

}  // namespace cli
