#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A computer without udev, as in a small container or a rescue system: libusb hears of no arrival and
# no departure there. Every change of the bus has to be seen all the same.
# Of: usb discovery os
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/parts.sh"
. "$(dirname "$0")/rescues.sh"

flash_of at-0.6.4.bin --state 0.6.4
check "there is no udev here" [ ! -e /run/udev/control ]

start_sim --state 0.5.5 --mode normal --time fast
check "0.5.5 runs" wait_for 120 serial_port
sim_cmd flash save before.bin
check "it goes to DFU mode, to 0.6.4, and comes back" flash_to 0.6.4
runs "0.5.5 to 0.6.4" before.bin at-0.6.4.bin
check "list shows it running" says 'running' rescue list

start_sim --state 0.6.3 --mode dfu --time fast --fault 'at dnload 20: unplug 5s'
check "0.6.3 is in DFU mode" wait_for 60 in_dfu_mode
check "a device that is pulled out in the middle is found again" flash_to 0.6.4 --leave-in-dfu
check "it was pulled out" [ "$(grep -c ': detached' "$sim_log")" = 1 ]
sim_cmd flash save after.bin
check "its parts are those of 0.6.4" has_parts_of after.bin at-0.6.4.bin
finish
