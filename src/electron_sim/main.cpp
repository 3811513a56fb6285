// SPDX-License-Identifier: GPL-3.0-or-later
#include "electron_sim/program.h"

int main(int argc, char** argv) { return electron_sim::run(argc, argv); }
