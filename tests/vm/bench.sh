#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# electron-rescue and dfu-util, against the same virtual Electrons with flash as slow as the real
# one; and an earlier electron-rescue, where there is one at /work/base/electron-rescue. Measured in one
# run, since only ratios mean anything where a kernel is emulated. scripts/bench reads the lines
# `metric NAME VALUE`.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/parts.sh"

electron-sim --synthesise 0.6.4 --out made >/dev/null
flash_of full.bin --state 0.6.4
bytes=0
for index in 1 2 3; do
  cut_part full.bin $index part$index.bin
  bytes=$((bytes + $(stat -c %s part$index.bin)))
done
# DS6329, table 43: 1 s for a sector of 128 KiB, 16 us for a word; 1 us a byte on the wire, twice.
floor=$((3 * 1000 + bytes / 4 * 16 / 1000 + 2 * bytes / 1000))

earlier=$work_dir/base/electron-rescue
metric() { echo "metric $1 $2"; }
milliseconds() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.3f", a / b }'; }
transfers() { wc -l <usb.jsonl; }
begin() {
  start_sim --state 0.6.3 --mode dfu --bootloader "$1" --log usb.jsonl
  wait_for 60 in_dfu_mode || exit 1
  sleep 1
}
# measure COMMAND...: sets `took` (ms) and `moved` (transfers).
measure() {
  local from before
  before=$(transfers)
  from=$(milliseconds)
  "$@" >output.log 2>&1 || { cat output.log; echo "FAILED: $*"; exit 1; }
  took=$(($(milliseconds) - from))
  moved=$(($(transfers) - before))
}
write_with_dfu_util() {
  local index
  for index in 3 1 2; do
    dfu-util -d 2b04:d00a -a 0 -s "$(printf '0x%08x' "$(part_address $index)")" \
      -D part$index.bin || return 1
  done
}
read_with_dfu_util() {
  local index
  for index in 3 1 2; do
    rm -f back.bin
    dfu-util -d 2b04:d00a -a 0 -U back.bin \
      -s "$(printf '0x%08x' "$(part_address $index)"):$(stat -c %s part$index.bin)" || return 1
    cmp back.bin part$index.bin || return 1
  done
}
rescue=electron-rescue
ours() {
  "$rescue" --progress none --json flash --target 0.6.4 --firmware made --allow-unknown "$@"
}
number() { sed -nE "s/^  \"$1\": ([0-9.]+).*/\1/p" output.log; }

echo "parts of 0.6.4: $bytes bytes; floor (erase, program, bytes over the wire twice): $floor ms"
for bootloader in 11 1006; do
  echo
  echo "bootloader $bootloader (poll timeout $([ $bootloader = 11 ] && echo 50 || echo 0) ms)"
  begin $bootloader
  measure write_with_dfu_util
  theirs=$took
  echo "  dfu-util 0.11, three parts written:    $took ms, $moved transfers"
  measure read_with_dfu_util
  theirs_checked=$((theirs + took))
  echo "  dfu-util 0.11, the three read back:    $took ms, $moved transfers"
  metric dfu-util-$bootloader $theirs_checked

  if [ -x "$earlier" ]; then
    rescue=$earlier
    begin $bootloader
    measure ours --leave-in-dfu
    echo "  the earlier electron-rescue:           $took ms, $moved transfers"
    metric base-full-$bootloader "$took"
    measure ours --leave-in-dfu
    metric base-again-$bootloader "$took"
    rescue=electron-rescue
  fi

  begin $bootloader
  measure ours --leave-in-dfu
  full=$took
  metric full-$bootloader "$full"
  blocks=0
  for index in 1 2 3; do
    blocks=$((blocks + ($(stat -c %s part$index.bin) + 4095) / 4096))
  done
  echo "  electron-rescue --leave-in-dfu:        $took ms, $moved transfers" \
    "(job $(number seconds) s)"
  echo "    of dfu-util's time with read-back:   $(ratio $full $theirs_checked)"
  echo "    of dfu-util's time without:          $(ratio $full $theirs)"
  echo "    of the floor:                        $(ratio $full $floor)"
  # An erase takes three of them.
  echo "    transfers to write, per 4096-byte block:" \
    "$(ratio $(($(number write_transfers) - 3 * $(number sectors_erased))) $blocks)"
  measure ours --leave-in-dfu
  echo "  nothing to change, --leave-in-dfu:     $took ms, $moved transfers;" \
    "$(ratio "$took" "$full") of a full run"
  metric again-$bootloader "$took"
  begin $bootloader
  measure busybox time -v electron-rescue --progress none flash --target 0.6.4 --firmware made \
    --allow-unknown
  echo "  electron-rescue, with start and confirmation: $took ms, $moved transfers"
  # busybox takes the kernel's kilobytes for pages of 4 KiB.
  memory=$(sed -n 's/.*Maximum resident set size (kbytes): //p' output.log)
  echo "    peak memory: $((memory / 4)) KiB"
done

begin 11
# The least of five, taking turns: the first of each reads its program from the disk. libusb's own look at all buses is
# most of it.
declare -A least=()
for round in 1 2 3 4 5; do
  for listing in "dfu-util -l" "electron-rescue list" ${earlier:+"$earlier list"}; do
    [ -x "$(command -v ${listing% *})" ] || continue
    measure $listing
    [ "${least[$listing]:-$took}" -lt "$took" ] || least[$listing]=$took
  done
done
theirs=${least[dfu-util -l]}
took=${least[electron-rescue list]}
metric root-hubs "$(find /sys/bus/usb/devices -name 'usb[0-9]*' | wc -l)"
metric dfu-util-list "$theirs"
[ -z "${least[$earlier list]:-}" ] || metric base-list "${least[$earlier list]}"
metric list "$took"
echo
echo "list: $took ms; dfu-util -l: $theirs ms; ratio $(ratio "$took" "$theirs")"
stop_sim
