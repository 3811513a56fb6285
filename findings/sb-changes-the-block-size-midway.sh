#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# "sb -k" means blocks of 1024 bytes, and then sends the rest of a file that has 896 bytes or less left over
# in blocks of 128: the size changes in the middle of one file, up to seven blocks before its end. With 897
# left it pads a block of 1024. So a block's number times the block's size is not where its bytes belong.
#
# An expert would guess: one size for a file, a shorter last block at most.
# Who is hurt: a receiver that places blocks by their numbers writes the tail over the middle; one that was
# only tried with files of 128 n or of 1024 n bytes never shows it. The Electron's 0.4.8 cannot take 1024 at
# all.
#
# Seen with: lrzsz 0.12.21-10+b1 (Debian 12), 2026-11.
# This program: its virtual Electron appends what comes, whatever its size (src/sim/firmware).

source "$(dirname "$0")/common.sh"
debian lrzsz=0.12.21-10+b1

cat > look.py <<'END'
import os
import select
import subprocess
import sys
import tty


def blocks(size, *options):
    """The data blocks' sizes, as a receiver gets them."""
    with open("module.bin", "wb") as file:
        file.write(bytes(size))
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    sender = subprocess.Popen(["sb", *options, "module.bin"], stdin=theirs, stdout=theirs,
                              stderr=subprocess.DEVNULL)
    os.close(theirs)

    def read(count):
        got = b""
        while len(got) < count and select.select([ours], [], [], 10)[0]:
            got += os.read(ours, count - len(got))
        return got

    os.write(ours, b"C")
    sizes, ended = [], False
    while True:
        kind = read(1)
        if kind == b"\x04":
            ended = True
            os.write(ours, b"\x06C")
            continue
        length = {b"\x01": 128, b"\x02": 1024}[kind]
        number = read(2 + length + 2)[0]
        os.write(ours, b"\x06" if number or ended else b"\x06C")
        if number:
            sizes.append(length)
        elif ended:
            break
    sender.wait(timeout=20)
    return " ".join(map(str, sizes))


for size, *options in (2 * 1024 + 896, "-k"), (2 * 1024 + 897, "-k"), (300,):
    print(blocks(size, *options))
END
/usr/bin/python3 -B look.py > seen

is "sb -k, 2944 bytes" "1024 1024 128 128 128 128 128 128 128" "$(sed -n 1p seen)"
is "sb -k, 2945 bytes" "1024 1024 1024" "$(sed -n 2p seen)"
is "sb, 300 bytes" "128 128 128" "$(sed -n 3p seen)"
finish
