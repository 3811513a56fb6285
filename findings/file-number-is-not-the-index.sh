#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# "electron-system-part1" is module index 3, part 2 is index 1, part 3 is index 2: each file's header and
# start address disagree with its name. Only up to 0.5.5 was the number in the name the index. Even the
# vendor's tool has to write it down crosswise: its "systemFirmwareOne" takes the file named part2.
#
# An expert would guess: part N is index N, at the Nth system address.
# Who is hurt: whoever flashes by the names. part1 at 0x08020000 has a header that says 0x08060000, which
# the bootloader does not start.
#
# Seen with: the files in particle-cli 2.3.0 (1.5.0), 3.6.0 (2.3.1) and, from before, 1.16.0 (0.5.2),
# 2026-11:
#   0.5.2: part1=1@08020000 part2=2@08040000
#   1.5.0, 2.3.1: part1=3@08060000 part2=1@08020000 part3=2@08040000
# This program: never looks at names; a module is what its header says (docs/ARCHITECTURE.md).

source "$(dirname "$0")/common.sh"
packed particle-cli@1.16.0 particle-cli@2.3.0 particle-cli@3.6.0

cat > look.py <<'END'
import struct
import sys

seen = []
for number, name in enumerate(sys.argv[1:], 1):
    with open(name, "rb") as file:
        module = file.read()
    # In front of the header stands a vector table where the file begins with a stack pointer.
    at = 0x184 if module[3] == 0x20 else 0
    start, _, _, _, _, index = struct.unpack_from("<IIHHHxB", module, at)
    seen.append(f"part{number}={index}@{start:08x}")
print(" ".join(seen))
END

old=npm/particle-cli@1.16.0/updates
is "0.5.2" "part1=1@08020000 part2=2@08040000" \
  "$(python3 -B look.py $old/system-part1-0.5.2-electron.bin $old/system-part2-0.5.2-electron.bin)"
for pair in 2.3.0:1.5.0 3.6.0:2.3.1; do
  files=()
  for part in 1 2 3; do
    files+=("npm/particle-cli@${pair%:*}/assets/updates/electron-system-part$part@${pair#*:}.bin")
  done
  is "${pair#*:}" "part1=3@08060000 part2=1@08020000 part3=2@08040000" "$(python3 -B look.py "${files[@]}")"
done
is "the vendor's table in particle-cli 2.3.0" "One=part2 Two=part3 Three=part1" \
  "$(sed -nE 's/.*systemFirmware(\w+): +.electron-system-(part[123])@.*/\1=\2/p' \
    npm/particle-cli@2.3.0/settings.js | xargs)"
finish
