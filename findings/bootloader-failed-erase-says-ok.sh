#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The Electron's bootloader never enters dfuERROR when an erase fails: bStatus stays OK and the state goes
# on as after a good one. All there is to see is a STALL in the *status stage* of the GETSTATUS that ran the
# erase, after its six bytes have come; who asks GETSTATUS again, as the standard proposes, is told that all
# is well. And what it refuses in this way are sectors that its own memory map gives as erasable and
# writable ("g").
#
# An expert would guess: dfuERROR and errERASE or errADDRESS, until CLRSTATUS (DFU 1.1, 6.1.2 and A.2).
# Who is hurt: a tool that looks at bStatus, or that tries a failed GETSTATUS again, "wrote" what was not
# written.
#
# Seen with: bootloader 1006 as published in particle-cli 3.6.0 (electron-bootloader@2.3.1+lto.bin), its own
# machine code under Unicorn 2.0.1 (bootloader.py says what is not its own), 2026-11:
#   0x08020000: status 0 poll 0 state 4 / status 0 poll 0 state 5
#   0x0800c000: status 0 poll 0 state 4, then STALL in its status stage / status 0 poll 0 state 5
# This program: reads every byte back and takes that STALL for the failure that it is (src/dfu/PROTOCOL.md).

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
print(device.text(6))
for sector in (0x08020000, 0x0800C000):
    device.download(0, b"\x41" + struct.pack("<I", sector))
    print(device.status() + " / " + device.status())
END
image="npm/particle-cli@3.6.0/assets/updates/electron-bootloader@2.3.1+lto.bin"
/usr/bin/python3 -B look.py "$here" "$image" > seen

is "its map: 0x08000000 3 x 16 K not writable, then 16 K and 64 K that are" \
  "@Internal Flash   /0x08000000/03*016Ka,01*016Kg,01*064Kg,07*128Kg" "$(sed -n 1p seen)"
is "erasing the sector at 0x08020000" \
  "status 0 poll 0 state 4 / status 0 poll 0 state 5" "$(sed -n 2p seen)"
is "erasing the sector at 0x0800c000" \
  "status 0 poll 0 state 4, then STALL in its status stage / status 0 poll 0 state 5" "$(sed -n 3p seen)"
finish
