#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The dfu-util that Debian ships (0.11), against virtual Electrons.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/parts.sh"

flash_of full.bin --state 0.6.4
for index in 1 2 3; do cut_part full.bin $index part$index.bin; done
check "the parts have the sizes of the released ones" \
  says '^123712 114848 55004$' eval 'echo $(stat -c %s part1.bin part2.bin part3.bin)'

write_part() { # write_part INDEX [MODIFIER]
  dfu-util -d 2b04:d00a -a 0 -s "$(printf '0x%08x' "$(part_address "$1")")${2:-}" -D "part$1.bin"
}

# --- bootloader 11: what -l prints, and who may ask ---
start_sim --state blank --mode dfu --bootloader 11 --id 2B0036000A47333534393338
check "DFU mode is on the bus" wait_for 60 in_dfu_mode
check "-l prints both alternate settings" \
  has_lines 2 '^Found DFU: \[2b04:d00a\] ver=0250, .*cfg=1, intf=0' dfu-util -l
check "-l prints the flash and the device's own serial" says \
  'path="[0-9]+-1", alt=0, name="@Internal Flash   /0x08000000/03\*016Ka,01\*016Kg,01\*064Kg,07\*128Kg", serial="2B0036000A47333534393338"' \
  dfu-util -l
check "-l prints the configuration" \
  says 'alt=1, name="@DCT Flash   /0x00000000/01\*016Kg", serial="2B0036000A47333534393338"' dfu-util -l
check "the rule lets a technician in" says 'serial="2B0036' as_user technician dfu-util -l
check "the rule keeps a stranger out" says 'Cannot open DFU device 2b04:d00a' \
  as_user stranger dfu-util -l

# --- what the device refuses ---
sim_cmd flash save before.bin
check "a write to the bootloader is refused by dfu-util itself" exits_with 64 \
  dfu-util -d 2b04:d00a -a 0 -s 0x08000000 -D part3.bin
check "forced over the bootloader it is refused by the device, exit 74" exits_with 74 \
  dfu-util -d 2b04:d00a -a 0 -s 0x08000000:force -D part3.bin
check "an erase of the EEPROM sector is refused by the device, exit 74" exits_with 74 \
  dfu-util -d 2b04:d00a -a 0 -s 0x08010000 -D part3.bin
check "a forced mass erase is refused by the device, exit 74" exits_with 74 \
  dfu-util -d 2b04:d00a -a 0 -s 0x08020000:mass-erase:force -D part3.bin
sim_cmd flash save after.bin
check "none of it has changed the flash" cmp before.bin after.bin

# --- three parts, read back, leave ---
check "part 3 is written" write_part 3
check "part 1 is written" write_part 1
check "reading back gives the same bytes" eval \
  'dfu-util -d 2b04:d00a -a 0 -s 0x08020000:$(stat -c %s part1.bin) -U back.bin && cmp back.bin part1.bin'
check "part 2 is written, and :leave ends with exit 0" write_part 2 :leave
sim_cmd flash save after.bin
for index in 1 2 3; do check "part $index is in flash" part_is_in after.bin $index part$index.bin; done
check "the device comes up as a serial port" wait_for 60 serial_port
check "with the serial of its generation, in upper case" \
  says '^2B0036000A47333534393338$' cat /sys/bus/usb/devices/1-1/serial

# --- bootloader 6: the constant serial ---
start_sim --state blank --mode dfu --bootloader 6
check "the old bootloader is on the bus" wait_for 60 in_dfu_mode
check "-l prints both alternate settings with the constant serial" \
  has_lines 2 '^Found DFU: \[2b04:d00a\] ver=0200, .*serial="00000000010C"' dfu-util -l

# --- bootloader 1006, three devices ---
start_sim --state 2.3.1 --mode dfu --bootloader 1006 --boards 3
three_there() { [ "$(dfu-util -l | grep -c 'alt=0')" = 3 ]; }
check "three devices are on the bus" wait_for 60 three_there
check "each has a serial of its own, in lower case" eval \
  '[ "$(dfu-util -l | grep -o "serial=\"[0-9a-f]\{24\}\"" | sort -u | wc -l)" = 3 ]'
sim_cmd '2: unplug'
two_there() { [ "$(dfu-util -l | grep -c 'alt=0')" = 2 ]; }
check "one is pulled out" wait_for 60 two_there
sim_cmd '2: plug'
check "and put back at the same port" wait_for 60 three_there
check "at the same port" says 'path="[0-9]+-2", alt=0' dfu-util -l

finish
