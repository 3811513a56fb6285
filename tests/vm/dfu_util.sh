#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The dfu-util that Debian ships, against virtual Electrons. Argument: a folder with release files,
# or nothing (files made up here).
. "$(dirname "$0")/lib.sh"

start_sim --state blank --mode dfu --bootloader 11 --id 2B0036000A47333534393338
check "electron-sim: DFU mode is on the bus" wait_for 30 in_dfu_mode
check "dfu-util -l prints both alternate settings" \
  has_lines 2 '^Found DFU: \[2b04:d00a\] ver=0250, .*cfg=1, intf=0' dfu-util -l
check "alternate setting 0 is the flash, with the device's own serial" \
  says 'alt=0, name="@Internal Flash   /0x08000000/03\*016Ka,01\*016Kg,01\*064Kg,07\*128Kg", serial="2B0036000A47333534393338"' dfu-util -l
check "alternate setting 1 is the configuration" \
  says 'alt=1, name="@DCT Flash   /0x00000000/01\*016Kg", serial=' dfu-util -l
check "the rule lets a technician see it" says 'serial="2B0036' as_user technician dfu-util -l
check "a stranger is not let in" says 'Cannot open DFU device 2b04:d00a' as_user stranger dfu-util -l
finish
