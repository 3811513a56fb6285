#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A station on the kernel's bus: slots taught by plugging, then every board pulled at once and put back,
# five times, the first time while most of them are written. Nobody is blamed, every row is closed, nothing
# hangs. With an electron-rescue that the thread sanitizer is in (gate tsan), what that finds ends the
# station.
# Of: station records board mqtt usb discovery os electron_sim tests/vm/stations.sh
#
# What happens is read in what the station says as it works (--json), not asked again and again: on an
# emulated processor each start of a program is time that the station lacks.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/stations.sh"
boards=${ER_BOARDS:-8}
# Whatever it finds is the end of the program, and its exit code is no other's. It cannot know that what is
# handed to the kernel by one thread and taken from it by another, as libusb does, is in order; so what
# libraries do with memory is not judged, while their locks and all that our own code does are.
export TSAN_OPTIONS="halt_on_error=1 exitcode=66 second_deadlock_stack=1 ignore_noninstrumented_modules=1"

cat >>station.toml <<'EOF'
[policy]
stop_in_a_row = 0
stop_slot_in_a_row = 0
stop_yield = 0
device_tries = 100
EOF

start_sim --state 1.5.2 --boards "$boards"
sim_cmd unplug
check "no board is there" wait_for 60 no_device

electron-rescue station slots learn "A1..A$boards" >learn.log 2>&1 &
learning=$!
for ((n = 1; n <= boards; ++n)); do
  check "slot A$n is asked for" wait_for 60 grep -q "A$n" learn.log
  sim_cmd "$n: plug"
done
wait "$learning"
check "the slots are taught" [ $? = 0 ]
check "each has a port of its own" \
  [ "$(electron-rescue station slots list --json | grep -o '"port": *"[^"]*"' | sort -u | wc -l)" = "$boards" ]
check "all of them are there" electron-rescue station slots check
check "who may not open the boards is told so" exits_with 8 as_user stranger electron-rescue station slots check
check "and slot by slot" has_lines "$boards" '^BAD +A[0-9]+: this user may not' \
  as_user stranger electron-rescue station slots check
check "who is in plugdev may" as_user technician electron-rescue station slots check

electron-rescue station run --json >station.log 2>station.err &
station=$!
# The state of each slot, as it was told last.
states() {
  sed -nE 's/.*"event":"slot","slot":\{"name":"([^"]*)","port":"[^"]*","state":"([^"]*)".*/\1 \2/p' station.log |
    awk '{ state[$1] = $2 } END { for (slot in state) print slot, state[slot] }'
}
results() { sed -nE 's/.*"event":"result",.*"device":("[^"]*"|null),"outcome":"([^"]*)".*/\2 \1/p' station.log; }
in_state() { states | grep -cE " ($1)\$"; }
# What each slot was told to be doing last.
phases() {
  sed -nE 's/.*"event":"slot","slot":\{"name":"([^"]*)",.*"phase":("[^"]*"|null).*/\1 \2/p' station.log |
    awk '{ phase[$1] = $2 } END { for (slot in phase) print slot, phase[slot] }'
}
# While a part is written no device restarts by itself: one that leaves then has been pulled.
writing() { [ "$(phases | grep -c '"writing"')" -ge $(((boards + 1) / 2)) ]; }
# comes_to SECONDS COMMAND...: as wait_for, but over at once when the station is.
comes_to() {
  local most=$1
  shift
  wait_for "$most" eval "$* || ! kill -0 $station" && "$@"
}
slot_is() { states | grep -q "^$1 $2\$"; }
# Each is worked on, has its result, or is held.
settled() { [ "$(in_state "${1:-working|needs-hand}|pass|done-already|hold")" = "$boards" ]; }
# What has left with all others twice is held, since its hub wants a look: a hand takes it out and puts it
# back.
lift_held() {
  local slot
  for slot in $(states | sed -nE 's/^A([0-9]+) hold$/\1/p'); do
    sim_cmd "$slot: unplug"
    check "slot A$slot, held after its hub fell twice, is empty" comes_to 60 slot_is "A$slot" empty
    sim_cmd "$slot: plug"
  done
}
for round in 1 2 3 4 5; do
  check "each slot is at work, or held ($round)" comes_to 120 settled
  lift_held
  # They begin together, so the first time most of them are cut off in the middle of a part. Later it is as it
  # comes: some are at work, some are done already.
  [ $round != 1 ] || check "most of them are writing" comes_to 120 writing
  sim_cmd unplug
  check "every board is gone ($round)" wait_for 60 no_device
  # Every other time longer than any of them may be away for a moment; else they are put back at once.
  [ $((round % 2)) = 1 ] || sleep 5
  sim_cmd plug
done
check "each slot comes to an end" comes_to 600 settled none
lift_held
passed() { [ "$(results | grep '^pass' | sort -u | wc -l)" = "$boards" ]; }
check "each board passes in the end" comes_to 600 passed
kill -TERM $station 2>/dev/null
wait "$station"
check "the station ends" [ $? = 0 ]
jobs() { electron-rescue station report --json "$@" | grep -c '"station_seq"'; }
check "what it told is what is on record" [ "$(jobs)" = "$(results | wc -l)" ]
check "every row is closed" [ "$(jobs --outcome open)" = 0 ]
# Several that leave at once are a hub's fault or a hand's, not theirs.
check "no board is blamed" [ "$(jobs --outcome fail)" = 0 ]
check "what was cut off is on record as such" [ $(($(jobs --outcome aborted) + $(jobs --outcome lost))) -ge $(((boards + 1) / 2)) ]
check "the records are in order" electron-rescue station db check
check "every board runs what it should" has_lines "$boards" '^usb:.* running' electron-rescue list
[ "$failures" = 0 ] || tail -n 20 station.err station.log learn.log
finish
