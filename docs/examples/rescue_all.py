#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings every connected Electron to a release, one after the other, and writes one CSV line each.

  rescue_all.py VERSION [SELECTOR...] > results.csv

Without selectors the connected devices are taken. ELECTRON_RESCUE names the program if it is not on
the PATH.
"""

import csv
import json
import os
import subprocess
import sys

TOOL = os.environ.get("ELECTRON_RESCUE", "electron-rescue")
WORTH_A_REPETITION = {6, 7}


def ask(*arguments):
    """(exit code, document) of one command. Progress goes to our own standard error."""
    ended = subprocess.run([TOOL, "--json", *arguments], stdout=subprocess.PIPE, text=True)
    return ended.returncode, json.loads(ended.stdout)


def connected():
    code, document = ask("list")
    if code != 0:
        sys.exit(f"{document['error']['message']}\n{document['error']['hint']}")
    return [device["port"] for device in document["devices"]]


def rescue(selector, version):
    for _ in range(3):
        code, document = ask("flash", "--no-wait", "--device", selector, "--target", version, "--progress",
                             "none")
        if code not in WORTH_A_REPETITION:
            break
    return code, document


def main(arguments):
    if not arguments:
        sys.exit(__doc__)
    version, *selectors = arguments
    table = csv.writer(sys.stdout)
    table.writerow(["selector", "device id", "exit code", "result", "device state", "bytes written", "seconds",
                    "backup"])
    failed = 0
    for selector in selectors or connected():
        code, document = rescue(selector, version)
        failed += code != 0
        result = "done" if document["ok"] else document["error"]["code"]
        device = document.get("device") or {}
        table.writerow([selector, device.get("id"), code, result, device.get("state"),
                        document.get("bytes_written"), document.get("seconds"), document.get("backup")])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
