#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Read where there is no flash, and the Electron's bootloader answers with as many zeros as were asked for,
# status OK, state dfuUPLOAD-IDLE: no STALL, no errADDRESS, no short packet that means the end.
#
# An expert would guess: a STALL, or a short transfer (DFU 1.1, 6.2: a short frame ends an upload). Erased
# flash is FF, so nobody takes zeros for "nothing is here".
# Who is hurt: a backup or a comparison with a wrong address "succeeds"; a tool that reads until the device
# says that this was all goes on for ever.
#
# Seen with: bootloader 1006 as published in particle-cli 3.6.0, under Unicorn 2.0.1 (see bootloader.py),
# 2026-11:
#   one byte behind the flash, 0x08100000: 4096 bytes, all 0; then status 0 poll 0 state 9
#   at 0x080e0000, erased: 4096 bytes, all 255; then status 0 poll 0 state 9
# This program: asks for flash only, by its own map, and not a byte beyond its end (src/dfu/PROTOCOL.md).

source "$(dirname "$0")/common.sh"
debian python3-unicorn=2.0.1.post1-1 libunicorn2=2.0.1.post1-1+b1
packed particle-cli@3.6.0

cat > look.py <<'END'
import struct
import sys

sys.path.insert(0, sys.argv[1])
from bootloader import Bootloader

with open(sys.argv[2], "rb") as image:
    device = Bootloader(image.read())
for address in (0x08100000, 0x080E0000):
    device.download(0, b"\x21" + struct.pack("<I", address))
    device.status(), device.status()
    device.control(0x21, 6, 0, 0)
    data = device.upload(2, 4096)
    print(f"{len(data)} bytes, all {' '.join(map(str, sorted(set(data))))}; then {device.status()}")
    device.control(0x21, 6, 0, 0)
END
image="npm/particle-cli@3.6.0/assets/updates/electron-bootloader@2.3.1+lto.bin"
/usr/bin/python3 -B look.py "$here" "$image" > seen

is "reading at 0x08100000, behind the flash" \
  "4096 bytes, all 0; then status 0 poll 0 state 9" "$(sed -n 1p seen)"
is "reading erased flash" "4096 bytes, all 255; then status 0 poll 0 state 9" "$(sed -n 2p seen)"
finish
