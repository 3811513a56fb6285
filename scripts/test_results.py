#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells what the tests of a build folder came to: the slowest, every one that failed, and one line of
numbers. Reads what ctest (--output-junit BUILD/results/ctest*.xml) and the test programs wrote there.

  scripts/test_results.py BUILD_FOLDER
"""

import sys
import xml.etree.ElementTree as xml
from pathlib import Path

SLOWEST = 8


def cases_of_program(path):
    """(name, outcome, seconds) of each test that a test program reported."""
    for case in xml.parse(path).iter("testcase"):
        if case.get("status") == "notrun":
            continue
        name = f"{case.get('classname')}.{case.get('name')}"
        outcome = "passed"
        if case.find("failure") is not None:
            outcome = "failed"
        elif case.get("result") == "skipped":
            outcome = "skipped"
        yield name, outcome, float(case.get("time", 0))


def cases_of_ctest(path, folder):
    """What ctest ran. A part of a test program counts as its tests, unless it ended without telling
    of them."""
    for case in xml.parse(path).iter("testcase"):
        name = case.get("name")
        bad = case.find("failure") is not None or case.get("status") == "fail"
        skipped = case.find("skipped") is not None or case.get("status") in ("notrun", "disabled")
        told = folder / f"{name}.xml"
        if told.exists():
            try:
                cases = list(cases_of_program(told))
            except xml.ParseError:
                cases = []
            yield from cases
            if not bad or any(outcome == "failed" for _, outcome, _ in cases):
                continue
            yield f"{name} (the whole program: it ended or was ended)", "failed", 0.0
            continue
        outcome = "failed" if bad else "skipped" if skipped else "passed"
        yield name, outcome, float(case.get("time", 0))


def covered(folder):
    """What tests say that they have covered (RecordProperty("covered_WHAT", "N")), as one line: of the
    released bootloaders the same ones are counted once."""
    counts = {}
    for path in sorted(folder.glob("*.xml")):
        if path.name.startswith("ctest"):
            continue
        try:
            properties = list(xml.parse(path).iter("property"))
        except xml.ParseError:
            continue
        for one in properties:
            if not one.get("name").startswith("covered_"):
                continue
            what, count = one.get("name").removeprefix("covered_"), int(one.get("value"))
            before = counts.get(what, 0)
            counts[what] = max(before, count) if what == "bootloaders" else before + count
    return ", ".join(f"{count:,} {what}" for what, count in counts.items())


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = Path(sys.argv[1]) / "results"
    cases = [case for path in sorted(folder.glob("ctest*.xml")) for case in cases_of_ctest(path, folder)]
    slowest = sorted(cases, key=lambda case: -case[2])[:SLOWEST]
    print("slowest: " + ", ".join(f"{name} {seconds:.0f} s" for name, _, seconds in slowest
                                  if seconds >= 1))
    named = {kind: [name for name, outcome, _ in cases if outcome == kind]
             for kind in ("failed", "skipped", "passed")}
    for name in named["skipped"]:
        print(f"skipped: {name}")
    for name in named["failed"]:
        print(f"FAILED:  {name}")
    if told := covered(folder):
        print(f"covered: {told}")
    skipped = f", {len(named['skipped'])} skipped" if named["skipped"] else ""
    print(f"{len(named['passed'])} passed, {len(named['failed'])} failed{skipped}")
    return 1 if named["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
