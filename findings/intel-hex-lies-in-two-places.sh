#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# One Intel HEX file, no record of it wrong, and two well-known readers put its bytes at different addresses:
#   - A segment base (record 02) behind a linear base (04): srec_cat lets the new one take the place of the
#     old one, objcopy adds both. 16 bytes are at 0x00000010, or at 0x08060010.
#   - A data record that passes the end of its 64 KiB segment: srec_cat wraps it round to the segment's
#     beginning as the format's text has it, objcopy runs on into the next.
# Both are content with the file (srec_cat warns of records out of order, exit code 0).
#
# An expert would guess: such an old format has one meaning, at least in tools that come with every
# toolchain.
# Who is hurt: whoever converts with one and flashes with a tool that reads like the other.
#
# Seen with: srecord 1.64-3, binutils 2.40-2 (Debian 12), 2026-11.
# This program was hurt: it read the first file as srec_cat does and the second as objcopy does, without a
# word. Now a file whose bytes have two addresses is refused (firmware/intel_hex.h, IntelHex.Refuses* in its
# tests). objcopy knows of the first: what it writes sets the segment base back to 0.

source "$(dirname "$0")/common.sh"
debian srecord=1.64-3 binutils-x86-64-linux-gnu=2.40-2 libbinutils=2.40-2 binutils-common=2.40-2 \
  libctf-nobfd0=2.40-2 libctf0=2.40-2

cat > write.py <<'END'
def record(kind, offset, data=b""):
    line = bytes([len(data), offset >> 8, offset & 255, kind]) + data
    return ":" + (line + bytes([-sum(line) & 255])).hex().upper()


end, bytes16 = record(1, 0), bytes(range(1, 17))
files = {
    "bases": [record(4, 0, b"\x08\x06"), record(0, 0, bytes16), record(2, 0, b"\0\0"), record(0, 16, bytes16),
              end],
    "border": [record(2, 0, b"\x10\0"), record(0, 0xFFF8, bytes16), end],
    "plain": [record(4, 0, b"\x08\x06"), record(0, 0, bytes16), end],
}
for name, lines in files.items():
    with open(name + ".hex", "w") as file:
        file.write("\n".join(lines) + "\n")
END
python3 -B write.py

# first..last address of each run of bytes, out of S-records
runs() { python3 -B -c '
import sys
seen = []
for line in sys.stdin:
    digits = {"1": 4, "2": 6, "3": 8}.get(line[1:2])
    if digits:
        at, size = int(line[4:4 + digits], 16), int(line[2:4], 16) - digits // 2 - 1
        seen += range(at, at + size)
seen.sort()
runs = [[a, a] for a in seen[:1]]
for a in seen[1:]:
    if a == runs[-1][1] + 1: runs[-1][1] = a
    else: runs.append([a, a])
print(" ".join(f"{a:08x}..{b:08x}" for a, b in runs))'; }
by_srecord() { srec_cat "$1.hex" -Intel -o out.s -Motorola 2>/dev/null && runs < out.s; }
by_objcopy() { x86_64-linux-gnu-objcopy -I ihex -O srec "$1.hex" out.s && runs < out.s; }

is "srec_cat, one base only" "08060000..0806000f" "$(by_srecord plain)"
is "objcopy, one base only" "08060000..0806000f" "$(by_objcopy plain)"
is "srec_cat, both bases" "00000010..0000001f 08060000..0806000f" "$(by_srecord bases)"
is "objcopy, both bases" "08060000..0806001f" "$(by_objcopy bases)"
is "srec_cat, over the border" "00010000..00010007 0001fff8..0001ffff" "$(by_srecord border)"
is "objcopy, over the border" "0001fff8..00020007" "$(by_objcopy border)"
finish
