#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Brings one Electron to a release, and decides by the exit code alone what comes next.
#
#   rescue-one.sh VERSION [SELECTOR]        for example: rescue-one.sh 2.3.1 usb:1-2
#
# ELECTRON_RESCUE names the program if it is not on the PATH.
set -u
version=${1:?usage: rescue-one.sh VERSION [SELECTOR]}
selector=(); [ -z "${2:-}" ] || selector=(--device "$2")
tool=${ELECTRON_RESCUE:-electron-rescue}

for attempt in 1 2 3; do
  "$tool" flash --no-wait --target "$version" "${selector[@]}" --progress plain
  code=$?
  case $code in
    0)     echo "PASS"; exit 0 ;;
    6|7)   echo "attempt $attempt failed ($code); the same command goes on from there" ;;
    9)     echo "CHECK: all is written and verified, but the device did not come back as expected (or is in safe mode)"; exit 9 ;;
    *)     echo "FAIL ($code)"; exit "$code" ;;  # 3, 4, 5, 8: nothing that a repetition mends
  esac
done
echo "FAIL: three attempts"
exit "$code"
