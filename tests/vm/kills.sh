#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# kill -9 at random moments of the main job, then the same command again.
#   ER_KILLS=N  how often (default: 10)    ER_SEED=N  which moments
# Of: job medium dfu vault usb
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/parts.sh"
. "$(dirname "$0")/rescues.sh"

kills=${ER_KILLS:-10}
RANDOM=${ER_SEED:-$((SECONDS + $(date +%s)))}
seed=$RANDOM
RANDOM=$seed
echo "seed: ER_SEED=$seed"

flash_of at-1.5.0.bin --state 1.5.0 --firmware $firmware
flash_of at-2.3.1.bin --state 2.3.1 --firmware $firmware
milliseconds() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }

begin() {
  start_sim --state 1.5.0 --mode dfu --firmware $firmware --time fast
  wait_for 60 in_dfu_mode
  sim_cmd flash save before.bin
}

begin
start=$(milliseconds)
check "a job that nobody kills" flash_to 2.3.1
whole=$(($(milliseconds) - start))
echo "it takes $whole ms"

for ((i = 1; i <= kills; ++i)); do
  begin
  after=$((RANDOM * whole / 32768))
  electron-rescue --progress none flash --target 2.3.1 --firmware $firmware --firmware made \
    --allow-unknown >/dev/null 2>&1 &
  job=$!
  sleep "$(printf '%d.%03d' $((after / 1000)) $((after % 1000)))"
  kill -9 "$job" 2>/dev/null
  wait "$job" 2>/dev/null
  check "$i: killed after $after ms, the same command ends with success" flash_to 2.3.1
  runs "$i" before.bin at-2.3.1.bin
done
finish
