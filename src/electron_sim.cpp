// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/electron_sim.h"

int main(int argc, char** argv) { return cli::electron_sim_main(argc, argv); }
