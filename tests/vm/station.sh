#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A station on the kernel's bus: slots taught by plugging, then every board pulled at once and put back,
# five times, in the middle of the jobs. Nobody is blamed, every row is closed, nothing hangs.
. "$(dirname "$0")/lib.sh"
boards=${ER_BOARDS:-8}
export XDG_STATE_HOME=/work/state

electron-sim --synthesise 1.5.2,2.3.1 --out /work/firmware >/dev/null
cat >station.toml <<'EOF'
[station]
name = "bench"
target = "2.3.1"
firmware = ["firmware"]
allow_unknown = true
[records]
min_free = "1MB"
[board]
listen = "off"
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

electron-rescue station run --json >station.log 2>station.err &
station=$!
jobs() { electron-rescue station report --json --outcome "$1" | grep -c '"station_seq"'; }
# Most of them: some begin while others are about to end.
at_work() { [ "$(jobs open)" -ge $(((boards + 1) / 2)) ]; }
for round in 1 2 3 4 5; do
  check "jobs are under way ($round)" wait_for 120 at_work
  sim_cmd unplug
  check "every board is gone ($round)" wait_for 60 no_device
  sim_cmd plug
done
passed() {
  [ "$(electron-rescue station report --json --outcome pass | grep -o '"device": *"[0-9a-f]*"' |
    sort -u | wc -l)" = "$boards" ]
}
check "each board passes in the end" wait_for 600 passed
kill -TERM $station
wait "$station"
check "the station ends" [ $? = 0 ]
check "every row is closed" [ "$(jobs open)" = 0 ]
# Several that leave at once are a hub's fault or a hand's, not theirs.
check "no board is blamed" [ "$(jobs fail)" = 0 ]
check "what was cut off is on record as such" [ $(($(jobs aborted) + $(jobs lost))) -gt 0 ]
check "the records are in order" electron-rescue station db check
check "every board runs what it should" has_lines "$boards" '^usb:.* running' electron-rescue list
[ "$failures" = 0 ] || tail -n 20 station.err station.log learn.log
finish
