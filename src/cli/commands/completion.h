// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace CLI {
class App;
}

namespace cli {
class Context;
void add_completion(CLI::App& app, Context& context);
}  // namespace cli
