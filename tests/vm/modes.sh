#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# electron-rescue and the serial port: the same answers as in DFU mode, for every generation of the
# console, and every switch between the modes that a release allows.
# Of: reach serial discovery
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/parts.sh"
. "$(dirname "$0")/rescues.sh"

# Function, index, version and dependencies of every module, one a line.
modules() { # modules FILE.json
  sed -n '/^  "modules"/,/^  \]/p' "$1" |
    sed -nE 's/^ +"(function|index|version)": (.*)$/\2/p' | tr -d '\n' | tr -d '"' |
    sed 's/system-part/\nsystem-part/g; s/user-part/\nuser-part/g; s/bootloader/\nbootloader/g'
  echo
}
same_modules() {
  modules "$1" >one.txt
  modules "$2" >two.txt
  [ "$(wc -l <one.txt)" -ge 3 ] && diff one.txt two.txt
}

listen() {
  local job
  rescue mode listen &
  job=$!
  if [ "$1" = 0.5.3 ]; then
    sleep 25
    sim_cmd press mode 4s
  fi
  wait "$job"
}

for release in 0.4.8-rc.6 0.5.3 0.6.4 1.0.1 1.5.2 2.3.1 3.3.1; do
  start_sim --state $release --mode listening --time fast
  check "$release listens" wait_for 60 serial_port
  check "$release: info over serial" eval 'rescue info --json >serial.json'
  check "$release: says its release" says "\"system_version\": \"${release%-rc*}" cat serial.json
  check "$release: mode dfu" rescue mode dfu
  check "$release: is in DFU mode" wait_for 60 in_dfu_mode
  check "$release: info in DFU mode" eval 'rescue info --json >dfu.json'
  check "$release: both tell the same modules" same_modules serial.json dfu.json
  check "$release: mode normal" rescue mode normal
  check "$release: runs" wait_for 60 serial_port
  case $release in
    0.4.*) ;; # 28800 means nothing to it
    *)
      # 0.5.x obeys only after its attempt to connect; somebody holds MODE, as the text asks for.
      check "$release: mode listen from normal" listen "$release"
      sim_cmd led
      check "$release: shows it" says '^1: led blue blinking' tail -n 2 "$sim_log"
      check "$release: mode normal from listening" rescue mode normal
      ;;
  esac
done
finish
