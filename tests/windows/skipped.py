#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What did not run under Wine, and why: tests that skipped themselves, and sources that are not compiled
for Windows at all (not_built.txt). Fails where a reason is missing.

    skipped.py RESULTS    (a folder of GoogleTest's XML files)"""

import re
import sys
import xml.etree.ElementTree as xml
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent


def main():
    code = 0
    ran = skipped = 0
    for file in sorted(Path(sys.argv[1]).glob("*.xml")):
        for case in xml.parse(file).getroot().iter("testcase"):
            reason = case.find("skipped")
            if reason is None:
                ran += 1
                continue
            skipped += 1
            words = re.sub(r"^.*?:\d+\s*|\s+", " ", reason.get("message") or reason.text or "").strip()
            print(f"  skipped: {file.stem}: {case.get('classname')}.{case.get('name')}: {words or 'no reason'}")
            code = code if words else 1
    for line in (TESTS / "windows" / "not_built.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            source, _, reason = line.partition(": ")
            print(f"  not built: {source}: {reason}")
            if not reason or not (TESTS / source).is_file():
                print(f"    no reason, or no such file")
                code = 1
    print(f"{ran} tests run under Wine, {skipped} skipped")
    return code if ran else 1


if __name__ == "__main__":
    sys.exit(main())
