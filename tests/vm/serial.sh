#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The kernel's cdc_acm and Debian's sz, against virtual Electrons that run their system firmware.
# Of: serial os
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/parts.sh"
port=/dev/ttyACM0
id=2b0036000a47333534393338

flash_of full.bin --state 1.5.2
cut_part full.bin 1 newer1.bin
cut_part full.bin 3 newer3.bin
flip_bit newer3.bin 5000 damaged.bin

led_is_blue() { sim_said 'led blue blinking'; }
# The firmware loses a 28800 that comes within half a second of its start.
listen() {
  tty rate $port 9600 && tty rate $port 28800 && wait_for 5 led_is_blue
}
send() { # send FILE: by YMODEM; what the device says is in said.log
  tty ask $port 28800 f >/dev/null
  tty run $port 28800 said.log timeout 120 sz --quiet --ymodem "$1"
}
device_said() { says "$1" cat said.log; }
resets() { grep -c '^1: detached' "$sim_log"; }
has_reset_since() { [ "$(resets)" -gt "$1" ] && serial_port; }

# --- 0.6.4 ---
start_sim --state 0.6.4 --id $id
check "0.6.4 comes up as a serial port" wait_for 60 serial_port
check "a technician may use the port" as_user technician test -w $port
check "a stranger may not" exits_with 1 as_user stranger test -w $port
check "ModemManager is told to stay away" says '^ID_MM_DEVICE_IGNORE=1$' \
  udevadm info --query=property --name=$port
check "28800 makes it listen" wait_for 60 listen
check "v answers with the release" says '^system firmware version: 0\.6\.4$' tty ask $port 28800 v
check "i answers with the id in lower case" says "^Device ID: $id.?$" tty ask $port 28800 i
check "i answers with the modem's number" says '^IMEI: [0-9]{15}.?$' tty ask $port 28800 i
check "s lists the modules with their dependencies" says \
  '^\{"p":10,"imei":.*"f":"s","n":"2","v":110,"d":\[\{"f":"s","n":"1","v":110,"_":""\}\]' \
  tty ask $port 28800 s

send damaged.bin
check "a damaged module is refused by name" device_said 'Validation failed: 0x2'
send newer1.bin
check "a module whose dependency is missing is refused" device_said 'Validation failed: 0x44'
sim_cmd flash save flash.bin
check "neither has touched part 1" part_is_not_in flash.bin 1 newer1.bin
before=$(resets)
send newer3.bin
check "sz delivers a module that the rules allow" device_said 'Downloaded file successfully!'
check "the device restarts" wait_for 60 has_reset_since "$before"
sim_cmd flash save flash.bin
check "and the module is applied" part_is_in flash.bin 3 newer3.bin

tty rate $port 14400
check "14400 sends it into DFU mode" wait_for 60 in_dfu_mode
check "at the same port as before" test -e /sys/bus/usb/devices/1-1/idProduct

# --- 0.6.0: success is claimed for what is refused ---
start_sim --state 0.6.0
check "0.6.0 comes up as a serial port" wait_for 60 serial_port
check "28800 makes it listen" wait_for 60 listen
before=$(resets)
send damaged.bin
check "a damaged module is taken with success" device_said 'Downloaded file successfully!'
check "the device restarts" wait_for 60 has_reset_since "$before"
sim_cmd flash save flash.bin
check "but the module is not applied" part_is_not_in flash.bin 3 damaged.bin

# --- 2.3.1: refused without a word ---
start_sim --state 2.3.1 --id $id
flash_of full.bin --state 2.3.1
cut_part full.bin 3 own3.bin
flip_bit own3.bin 5000 damaged.bin
check "2.3.1 comes up as a serial port" wait_for 60 serial_port
check "28800 makes it listen" wait_for 60 listen
check "v answers with the release" says '^system firmware version: 2\.3\.1$' tty ask $port 28800 v
check "s lists dependencies without the old stray key" says \
  '"f":"s","n":"2","v":2302,"d":\[\{"f":"s","n":"1","v":2302\},\{"f":"b","n":"0","v":1003\}\]' \
  tty ask $port 28800 s
before=$(resets)
send damaged.bin
check "the device restarts" wait_for 60 has_reset_since "$before"
check "without a word" eval '! grep -Eq "Validation|Downloaded" said.log'
sim_cmd flash save flash.bin
check "and the module is not applied" part_is_not_in flash.bin 3 damaged.bin

finish
