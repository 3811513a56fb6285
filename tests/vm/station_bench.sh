#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A station on the kernel's bus with 1, 16 and 32 boards whose flash is as slow as the real one: three
# parts each, written and read back. From the moment at which all are plugged in to the last PASS, and
# its share of what one board takes. Prints lines `metric NAME VALUE` for scripts/bench.
#
# Each board is a process of its own, as each real one has a processor of its own; and they are spread over the
# root hubs, as a bench with many hubs has them: the kernel finds the boards of one hub one after the other.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/stations.sh"
fleets=${ER_FLEETS:-1 16 32}
most=$(printf '%s\n' $fleets | sort -n | tail -n 1)

# They take the free ports one after the other, the same each time.
declare -a hands pids
start_boards() {
  local n
  for ((n = 1; n <= $1; ++n)); do
    rm -f "sim$n.in" "sim$n.log"
    mkfifo "sim$n.in"
    exec {hands[n]}<>"sim$n.in"
    electron-sim --state 1.5.2 --seed "$n" --spread <&"${hands[n]}" >"sim$n.log" 2>&1 &
    pids[n]=$!
    wait_for 60 grep -q '^ready' "sim$n.log" || exit 1
  done
  # Not before: a board that is not plugged in leaves its port to the next.
  for n in "${!pids[@]}"; do
    echo unplug >&"${hands[n]}"
    wait_for 60 grep -q '^done unplug' "sim$n.log" || exit 1
  done
  wait_for 60 no_device || exit 1
  settle
}
stop_boards() {
  local n
  for n in "${!pids[@]}"; do
    echo quit >&"${hands[n]}"
    wait "${pids[n]}"
    exec {hands[n]}>&-
  done
  hands=() pids=()
  wait_for 60 no_device || exit 1
}

used() { cut -d ' ' -f 14,15 "/proc/$1/stat"; }

start_boards "$most"
electron-rescue station slots learn "A1..A$most" >learn.log 2>&1 &
learning=$!
for ((n = 1; n <= most; ++n)); do
  wait_for 60 grep -q "A$n\$" learn.log || { cat learn.log; exit 1; }
  echo plug >&"${hands[n]}"
done
wait "$learning" || { cat learn.log; exit 1; }
stop_boards

measure() {
  for boards in $fleets; do
    start_boards "$boards"
    rm -rf state
    electron-rescue station run --json >station.log 2>station.err &
    station=$!
    wait_for 60 grep -q '"event":"snapshot"' station.log || { cat station.err; exit 1; }
    begun=$((${EPOCHREALTIME/[.,]/} / 1000))
    for ((n = 1; n <= boards; ++n)); do echo plug >&"${hands[n]}"; done
    results=0
    while [ "$results" -lt "$boards" ]; do
      sleep 1
      results=$(grep -c '"event":"result"' station.log)
      kill -0 "$station" 2>/dev/null || { tail -n 5 station.log; cat station.err; exit 1; }
    done
    echo "  processor, in 1/100 s (user, system): station $(used "$station"), the first board $(used "${pids[1]}")"
    kill -TERM "$station"
    wait "$station"
    # When each had its result is in its record.
    passed=$(electron-rescue station report --json --outcome pass | sed -nE 's/.*"ended_ms": ([0-9]+).*/\1/p')
    if [ "$(printf '%s\n' "$passed" | wc -l)" != "$boards" ]; then
      electron-rescue station report
      exit 1
    fi
    took=$(($(printf '%s\n' "$passed" | sort -n | tail -n 1) - begun))
    [ "$boards" = 1 ] && one=$took
    echo "metric station-vm-$boards $took"
    ratio=$(awk -v a="$took" -v b="${one:-$took}" 'BEGIN { printf "%.3f", a / b }')
    echo "metric station-vm-ratio-$boards $ratio"
    echo "$boards boards: $took ms, $ratio of what one takes"
    stop_boards
  done
}
clock_is_right measure || exit 1
