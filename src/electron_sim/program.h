// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace electron_sim {

// The program electron-sim: virtual Electrons that the operating system takes for real ones.
int run(int argc, char** argv);

}  // namespace electron_sim
