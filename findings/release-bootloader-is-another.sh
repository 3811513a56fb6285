#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Releases 2.0.0 to 2.3.1 each have two bootloaders for the Electron, and never the same one twice: the file
# beside the system parts, and the image inside system part 1, which the running system installs by itself.
# 2.0.0 carries 400 while its own part 3 asks for 1003 at least: updating to all of its system parts leaves
# a dependency that no start will ever satisfy. And the file "2.1.0" is, byte for byte, the file "2.0.1".
#
# An expert would guess: one release, one bootloader; the one that is carried is the one that is published.
# Who is hurt: a tool that takes "the bootloader of 2.3.1" for 1006 calls every healthy device outdated, for
# it runs 1004; one that waits until 2.0.0's dependency is met waits for ever.
#
# Seen with: the files in particle-cli 2.9.0, 2.10.0, 2.12.0, 2.16.0 and 3.6.0, 2026-11 (table at the end).
# This program: has both in its catalogue; src/plan/bootloader.h works out which one the device will have.

source "$(dirname "$0")/common.sh"
packed particle-cli@2.9.0 particle-cli@2.10.0 particle-cli@2.12.0 particle-cli@2.16.0 particle-cli@3.6.0

cat > look.py <<'END'
import struct
import sys
import zlib


def head(module, at):
    """(start, end, version, platform, function, index, dependencies) of a module's header."""
    start, end, _, _, version, platform, function, index = struct.unpack_from("<IIBBHHBB", module, at)
    needs = [struct.unpack_from("<BBH", module, at + 16 + 4 * n) for n in range(2)]
    return start, end, version, platform, function, index, needs


def carried(part):
    """Bootloader images inside a system part: those whose CRC is right."""
    at = 0
    while (at := part.find(struct.pack("<I", 0x08000000), at + 1)) >= 0:
        if not 0x184 <= at <= len(part) - 24:
            continue
        start, end, version, platform, function, index, _ = head(part, at)
        if (platform, function, index) == (10, 2, 0) and 0x200 < end - start < 0x4000:
            image = part[at - 0x184:at - 0x184 + end - start + 4]
            if zlib.crc32(image[:-4]) == int.from_bytes(image[-4:], "big"):
                yield version


release, folder, suffix = sys.argv[1:]
read = lambda name: open(f"{folder}/{name}", "rb").read()
own = read(f"electron-bootloader@{release}{suffix}")
part = read(f"electron-system-part1@{release}.bin")
third = read(f"electron-system-part3@{release}.bin")
wanted = [version for function, _, version in head(third, 0x184)[6] if function == 2]
print(f"file {head(own, 0x184)[2]}, carried {' '.join(map(str, carried(part)))}, wanted {wanted[0]}")
END
look() { python3 -B look.py "$2" "npm/particle-cli@$1/assets/updates" "+lto.bin"; }

is "bootloaders of 2.0.0" "file 1003, carried 400, wanted 1003" "$(look 2.9.0 2.0.0)"
is "bootloaders of 2.0.1" "file 1005, carried 1004, wanted 1003" "$(look 2.10.0 2.0.1)"
is "bootloaders of 2.1.0" "file 1005, carried 1004, wanted 1003" "$(look 2.12.0 2.1.0)"
is "bootloaders of 2.2.0" "file 1006, carried 1004, wanted 1003" "$(look 2.16.0 2.2.0)"
is "bootloaders of 2.3.1" "file 1006, carried 1004, wanted 1003" "$(look 3.6.0 2.3.1)"
same=different
cmp -s npm/particle-cli@2.10.0/assets/updates/electron-bootloader@2.0.1+lto.bin \
  npm/particle-cli@2.12.0/assets/updates/electron-bootloader@2.1.0+lto.bin && same="the same bytes"
is "2.0.1's and 2.1.0's file" "the same bytes" "$same"
finish
