#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Trouble in the middle of queued transfers, through the kernel and libusb: what is under way is
# withdrawn, and the job ends well in one run.
# Of: dfu usb medium reach
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/parts.sh"
. "$(dirname "$0")/rescues.sh"

flash_of at-0.6.4.bin --state 0.6.4
for fault in 'at dnload 20: timeout' 'at dnload 20: stall' 'at getstatus 40: timeout' \
  'at getstatus 41: stall' 'at getstatus 41: lost-answer' 'at dnload 30: lost-data' \
  'at upload 30: timeout' 'at upload 31: stall' 'at dnload 25: unplug 3s' 'at upload 40: unplug 3s'; do
  start_sim --state 0.6.3 --mode dfu --time fast --fault "$fault"
  check "$fault: it is in DFU mode" wait_for 60 in_dfu_mode
  sim_cmd flash save before.bin
  check "$fault: the job ends with success" flash_to 0.6.4 --leave-in-dfu
  sim_cmd flash save after.bin
  check "$fault: its parts are right, byte for byte" has_parts_of after.bin at-0.6.4.bin
  check "$fault: nothing else has changed" rest_untouched before.bin after.bin
done
finish
