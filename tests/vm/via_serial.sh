#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The whole job by YMODEM through cdc_acm, part by part. The SIM card is out, which brings listening
# mode by itself.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/parts.sh"
. "$(dirname "$0")/rescues.sh"

flash_of at-0.6.4.bin --state 0.6.4

cat >no-card.json <<'J'
{ "release": "0.4.8-rc.6", "sim_card": false }
J
start_sim --state no-card.json --time fast
check "0.4.8-rc.6 without SIM card runs" wait_for 60 serial_port
sim_cmd flash save before.bin
check "0.4.8-rc.6 goes to 0.6.4 over serial, in two stages" eval \
  'flash_to 0.6.4 --via serial --no-backup --json >job.json || { cat job.json; false; }'
check "the device itself has confirmed it" says '"by": "listening"' cat job.json
sim_cmd flash save after.bin
for index in 1 2 3; do
  cut_part at-0.6.4.bin $index part$index.bin
  check "part $index is in flash, byte for byte" part_is_in after.bin $index part$index.bin
done
check "the application is untouched" same_region before.bin after.bin 0x08080000 0x080A0000
check "the keys are untouched" keys_untouched before.bin after.bin
finish
