#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# electron-rescue through the kernel and libusb, against virtual Electrons in every condition in
# which one comes to a bench.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/parts.sh"
. "$(dirname "$0")/rescues.sh"

flash_of at-1.5.0.bin --state 1.5.0 --firmware $firmware
flash_of at-2.3.1.bin --state 2.3.1 --firmware $firmware
flash_of at-0.6.4.bin --state 0.6.4
flash_of at-0.7.0.bin --state 0.7.0

blank() { # blank FROM INDEX TO: the sector of a system part erased
  cp "$1" "$3"
  head -c $((0x20000)) /dev/zero | tr '\0' '\377' |
    dd of="$3" bs=4096 seek=$((($(part_address "$2") - flash_begin) / 4096)) conv=notrunc 2>/dev/null
}

# --- who may, and what is there ---
start_sim --state 1.5.0 --mode dfu --gadget --firmware $firmware --time fast
check "1.5.0 beside another DFU device is on the bus" wait_for 60 in_dfu_mode
check "list shows the Electron" has_lines 1 '^usb:' rescue list
check "list does not show the other device" has_lines 0 'df11|STM' rescue list
check "a stranger is refused with exit code 8" exits_with 8 as_user stranger \
  electron-rescue info
check "and the hint names the rule" says 'udev' as_user stranger electron-rescue info
check "a technician reads" says 'system part 2 +1\.5\.0' as_user technician electron-rescue info
technician_flashes() {
  as_user technician electron-rescue --progress none flash --target 2.3.1 --firmware $firmware \
    --firmware made --allow-unknown
}
sim_cmd '1: flash save before.bin'
check "a technician flashes 1.5.0 to 2.3.1" technician_flashes
check "it runs" wait_for 60 serial_port
sim_cmd '1: flash save after.bin'
check "its parts are those of 2.3.1" has_parts_of after.bin at-2.3.1.bin
check "the other device was left alone" eval "! sim_said '^2: led red'"

rm /etc/udev/rules.d/70-electron-rescue.rules
udevadm control --reload
start_sim --state 1.5.0 --mode dfu --firmware $firmware --time fast
check "1.5.0 without the rule is on the bus" wait_for 60 in_dfu_mode
check "without the rule a technician is refused with exit code 8" exits_with 8 \
  as_user technician electron-rescue flash --target 2.3.1 --firmware $firmware --allow-unknown
check "and the hint names the rule" says 'udev' as_user technician \
  electron-rescue flash --target 2.3.1 --firmware $firmware --allow-unknown
check "the rule is installed by the command" rescue --yes udev install
udevadm control --reload
sim_cmd unplug
wait_for 60 no_device
sim_cmd plug
check "plugged in again it is on the bus" wait_for 60 in_dfu_mode
check "and a technician may" as_user technician electron-rescue info

# --- broken states ---
sim_cmd flash save before.bin
rescued "1.5.0" 2.3.1 at-2.3.1.bin

start_sim --state 0.4.8-rc.6 --time fast
check "0.4.8-rc.6 runs" wait_for 60 serial_port
sim_cmd flash save before.bin
check "0.4.8-rc.6 goes to 0.6.4 with one command" flash_to 0.6.4
runs "0.4.8-rc.6" before.bin at-0.6.4.bin

cat >mixed.json <<'J'
{ "mode": "dfu", "bootloader": "101", "flash": "mixed.bin" }
J
cp at-0.7.0.bin mixed.bin
dd if=at-0.6.4.bin of=mixed.bin bs=4096 skip=64 seek=64 count=32 conv=notrunc 2>/dev/null
start_sim --state mixed.json --time fast
check "207/110/207 is on the bus" wait_for 60 in_dfu_mode
check "207/110/207 gets index 2 and nothing else" eval \
  'flash_to 0.7.0 --dry-run --json >dry.json && [ "$(grep -c "\"action\": \"write\"" dry.json)" = 1 ]'
rescued "207/110/207" 0.7.0 at-0.7.0.bin

blank at-1.5.0.bin 1 erased1.bin
start_sim --state 1.5.0 --flash-in erased1.bin --bootloader 400 --time fast
check "an erased index 1 is in DFU mode by itself" wait_for 60 in_dfu_mode
rescued "erased index 1" 2.3.1 at-2.3.1.bin

start_sim --state blank --bootloader 11 --time fast
check "nothing valid is in DFU mode by itself" wait_for 60 in_dfu_mode
rescued "nothing valid" 2.3.1 at-2.3.1.bin --from 1.5.0

# --- left by another tool ---
blank at-2.3.1.bin 2 erased2.bin
for state in upload-idle:9 error:10 15:15 download-pending:3; do
  start_sim --state 2.3.1 --flash-in erased2.bin --bootloader 1004 --mode dfu --time fast
  check "left in ${state%:*}: on the bus" wait_for 60 in_dfu_mode
  check "left in ${state%:*}: it is" says "^${state#*:}$" dfu_state "${state%:*}"
  rescued "left in ${state%:*}" 2.3.1 at-2.3.1.bin
done

finish
