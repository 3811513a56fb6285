#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The whole job by YMODEM through cdc_acm, part by part: where it is asked for, and where DFU mode
# cannot be reached. The SIM card is out, which brings listening mode by itself.
# Of: serial way os
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/parts.sh"
. "$(dirname "$0")/rescues.sh"

flash_of at-0.6.4.bin --state 0.6.4

# goes_to_064 VIA: the device that runs becomes a 0.6.4, and nothing else of it changes.
goes_to_064() {
  local via=$1
  check "0.4.8-rc.6 without SIM card runs" wait_for 60 serial_port
  sim_cmd flash save before.bin
  check "0.4.8-rc.6 goes to 0.6.4 with --via $via, in two stages" eval \
    'flash_to 0.6.4 --via "$via" --no-backup --json >job.json || { cat job.json; false; }'
  check "the device itself has confirmed it" says '"by": "listening"' cat job.json
  sim_cmd flash save after.bin
  for index in 1 2 3; do
    cut_part at-0.6.4.bin $index part$index.bin
    check "part $index is in flash, byte for byte" part_is_in after.bin $index part$index.bin
  done
  check "the application is untouched" same_region before.bin after.bin 0x08080000 0x080A0000
  check "the keys are untouched" keys_untouched before.bin after.bin
}

cat >no-card.json <<'J'
{ "release": "0.4.8-rc.6", "sim_card": false }
J
start_sim --state no-card.json --time fast
goes_to_064 serial
stop_sim

# An application that has changed the speed that means DFU mode.
cat >no-dfu.json <<'J'
{ "release": "0.4.8-rc.6", "sim_card": false, "dfu_touch": false }
J
start_sim --state no-dfu.json --time fast --log no-dfu.log
goes_to_064 auto
check "no byte went over DFU" eval '[ -s no-dfu.log ] && ! grep -q dnload no-dfu.log'
finish
