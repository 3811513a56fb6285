// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace CLI {
class App;
}

namespace cli {
class Context;
void add_backup(CLI::App& app, Context& context);
void add_restore(CLI::App& app, Context& context);
}  // namespace cli
