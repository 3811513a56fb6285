# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# For scripts that run inside the virtual machine: start virtual Electrons, talk to them, check.
#
#   . "$(dirname "$0")/lib.sh"
#   start_sim --state 0.6.4 --mode dfu
#   check "it is on the bus" wait_for 60 in_dfu_mode
#   check "dfu-util sees two alternate settings" has_lines 2 '^Found DFU' dfu-util -l
#   finish
#
# Every check prints its name and result; `finish` makes the script's exit code of them.

set -u
vm_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck disable=SC2034
work_dir=/work
PATH=$work_dir:$vm_dir:$PATH
failures=0
sim_pid=

# check NAME COMMAND...: the command must succeed. Its output is shown only if it does not.
check() {
  local name=$1 output code
  shift
  output=$("$@" 2>&1)
  code=$?
  if [ "$code" = 0 ]; then
    echo "ok      $name"
  else
    failures=$((failures + 1))
    echo "FAILED  $name (code $code): $*"
    printf '%s\n' "$output" | sed 's/^/        /'
  fi
}

finish() {
  stop_sim
  [ "$failures" = 0 ] || echo "$failures checks failed"
  exit $((failures > 0))
}

# wait_for SECONDS COMMAND...: asks again and again until the command succeeds.
wait_for() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    if [ "$SECONDS" -ge "$end" ]; then
      echo "not true in time: $*"
      return 1
    fi
    sleep 0.05
  done
}

# start_sim ARGUMENTS...: electron-sim in the background, in place of an earlier one; returns when it
# is ready. When the kernel has enumerated a board is another matter: wait_for 60 in_dfu_mode, or
# serial_port. What it prints is in $sim_log.
sim_log=/work/sim.log
start_sim() {
  stop_sim
  rm -f /work/sim.in
  mkfifo /work/sim.in
  # Open for both directions: neither side waits for the other or ever sees its end.
  exec 9<>/work/sim.in
  : >"$sim_log"
  electron-sim "$@" <&9 >>"$sim_log" 2>&1 &
  sim_pid=$!
  if ! wait_for 180 sim_said '^ready'; then
    echo "FAILED  electron-sim did not start: $*"
    cat "$sim_log"
    exit 1
  fi
  settle
}

# sim_cmd WORDS...: one line on electron-sim's standard input; returns when it was carried out.
sim_cmd() {
  local before
  before=$(grep -c '^done ' "$sim_log")
  echo "$*" >&9
  wait_for 60 sim_done_after "$before"
}
sim_done_after() { [ "$(grep -c '^done ' "$sim_log")" -gt "$1" ]; }

sim_said() { grep -q -- "$1" "$sim_log"; }

stop_sim() {
  [ -n "$sim_pid" ] || return 0
  echo quit >&9
  wait "$sim_pid"
  sim_pid=
  exec 9>&-
}

# clock_is_right COMMAND...: runs it; whether it took as long by the guest's clock as by that of its board,
# which follows the host. For machines with --quick-clock.
board_clock() { cat /sys/class/rtc/rtc0/since_epoch; }
clock_is_right() {
  local from board_from took board
  from=$SECONDS board_from=$(board_clock)
  "$@" || return
  took=$((SECONDS - from)) board=$(($(board_clock) - board_from))
  [ $((took - board)) -le $((board / 20 + 2)) ] && [ $((board - took)) -le $((board / 20 + 2)) ] && return 0
  echo "the guest's clock is wrong: $took s took $board s"
  return 1
}

# as_user NAME COMMAND...: technician is in the group plugdev, stranger is not.
as_user() {
  local user=$1
  shift
  HOME=/home/$user setpriv --reuid="$user" --regid="$user" --init-groups "$@"
}

# usb_product ID: a device with this product id is on the bus, and configured.
usb_product() {
  local device
  for device in /sys/bus/usb/devices/*; do
    [ "$(cat "$device/idProduct" 2>/dev/null)" = "$1" ] &&
      [ -n "$(cat "$device/bConfigurationValue" 2>/dev/null)" ] && return 0
  done
  return 1
}
# Where udev runs: until it has done with what the kernel told it.
settle() { [ ! -S /run/udev/control ] || udevadm settle --timeout=60; }
in_dfu_mode() { usb_product d00a && settle; }
serial_port() { [ -c /dev/ttyACM0 ] && settle; }
no_device() { ! usb_product d00a && ! usb_product c00a; }

# Small conditions for `check`.
says() {  # says PATTERN COMMAND...: the output has a line that matches
  local pattern=$1 output
  shift
  output=$("$@" 2>&1)
  printf '%s\n' "$output" | grep -Eq -- "$pattern" && return 0
  printf '%s\n' "$output"
  return 1
}
exits_with() {  # exits_with CODE COMMAND...
  local wanted=$1 got
  shift
  "$@"
  got=$?
  [ "$got" = "$wanted" ] || { echo "exit code $got, not $wanted"; return 1; }
}
has_lines() {  # has_lines COUNT PATTERN COMMAND...
  local wanted=$1 pattern=$2 got
  shift 2
  got=$("$@" 2>&1 | tee /work/last-output | grep -Ec -- "$pattern")
  [ "$got" = "$wanted" ] && return 0
  echo "$got lines, not $wanted:"
  cat /work/last-output
  return 1
}
# same_bytes FILE OFFSET IMAGE OFFSET LENGTH
same_bytes() {
  cmp <(tail -c "+$(($2 + 1))" "$1" | head -c "$5") <(tail -c "+$(($4 + 1))" "$3" | head -c "$5")
}
