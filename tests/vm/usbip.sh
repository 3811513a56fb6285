#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Boards over USB/IP on TCP, as a second computer has them: Debian's usbip attaches what electron-sim
# serves, and the tool flashes it through the kernel. A device that restarts is a new one for USB/IP,
# and is attached again.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/parts.sh"
. "$(dirname "$0")/rescues.sh"

command -v usbip >/dev/null || { echo "skipped: there is no usbip here"; exit 77; }

mkdir -p /var/run  # where usbip keeps what it has attached
flash_of at-0.6.4.bin --state 0.6.4
start_sim --state 0.6.3 --mode dfu --usbip 127.0.0.1:3240
check "the server lists the board" says '2b04:d00a' usbip list -r 127.0.0.1
check "nobody has it yet" no_device
check "an unknown board is refused" exits_with 1 usbip attach -r 127.0.0.1 -b 1-9
check "it is attached" usbip attach -r 127.0.0.1 -b 1-1
check "it is on the bus" wait_for 60 in_dfu_mode
check "nobody else gets it" exits_with 1 usbip attach -r 127.0.0.1 -b 1-1

# Whoever attaches boards of a server attaches them again when they restart.
(until [ -e /work/attached ]; do usbip attach -r 127.0.0.1 -b 1-1; sleep 0.2; done) >/dev/null 2>&1 &
check "it goes to 0.6.4 and comes back" flash_to 0.6.4
check "it runs" wait_for 60 serial_port
touch /work/attached
wait "$!"
sim_cmd flash save after.bin
check "its parts are those of 0.6.4" has_parts_of after.bin at-0.6.4.bin
finish
