#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Many devices at once on one libusb context (decision 0015): 32 boards on the kernel's bus, three
# controllers of vhci_hcd, a job on each at the same time.
. "$(dirname "$0")/lib.sh"
boards=${ER_BOARDS:-32}

dfu_devices() { [ "$(cat /sys/bus/usb/devices/*/idProduct 2>/dev/null | grep -c d00a)" = "$boards" ] && settle; }

start_sim --state 0.6.4 --mode dfu --boards "$boards"
check "$boards boards are on the bus" wait_for 300 dfu_devices
check "list shows each of them" has_lines "$boards" '^usb:' electron-rescue list
check "each is looked at, all at once, on one context" shared_context "$boards"
check "each told its own parts" has_lines "$boards" ' 110 110 110 .*in DFU mode' shared_context "$boards"
check "no two have the same id" \
  [ "$(shared_context "$boards" | cut -d ' ' -f 2 | sort -u | wc -l)" = "$boards" ]

# The root hubs (1 to 16, every other for USB 3) that the boards are on.
root_hubs() { electron-rescue list | sed -nE 's/^usb:([0-9]+)-.*/\1/p' | sort -u | wc -l; }
four_boards() { has_lines 4 '^usb:' electron-rescue list; }
start_sim --state 0.6.4 --boards 4
check "boards fill one root hub" eval 'wait_for 60 four_boards && [ "$(root_hubs)" = 1 ]'
start_sim --state 0.6.4 --boards 4 --spread
check "--spread gives each a root hub" eval 'wait_for 60 four_boards && [ "$(root_hubs)" = 4 ]'
finish
