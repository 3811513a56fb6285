// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace cli {

// The program electron-sim: virtual Electrons that the operating system takes for real ones.
int electron_sim_main(int argc, char** argv);

}  // namespace cli
