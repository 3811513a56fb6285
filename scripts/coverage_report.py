#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints the line coverage that a build folder's .gcda files tell, per room and in total.

  coverage_report.py BUILD_FOLDER [--lines]     --lines: also the lines that no test reached

Left out: `main`, and the back ends that only a real computer and a real device exercise.
"""

import gzip
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SRC = ROOT / "src"
TARGET = 90.0
LEFT_OUT = re.compile(
    r"(\w+/)?main\.cpp|electron_sim/program\.cpp|usb/libusb_\w+\.(h|cpp)|serial/libserialport_port\.(h|cpp)|net/curl_http\.(h|cpp)"
    r"|sim/kernel/(vhci|outlet)_linux\.(h|cpp)"
    r"|cli/(computer|streams|interrupt|real_world)\.cpp")


def gcov(data_files, work):
    """Runs gcov in `work`; yields the documents that it wrote."""
    names = [str(path) for path in data_files]
    for start in range(0, len(names), 50):
        ended = subprocess.run(["gcov", "--json-format", "--hash-filenames", *names[start:start + 50]],
                               cwd=work, capture_output=True, text=True)
        if ended.returncode != 0:
            sys.exit(f"gcov failed: {ended.stderr.strip()}")
    for path in Path(work).glob("*.gcov.json.gz"):
        with gzip.open(path, "rt", encoding="utf-8") as document:
            yield json.load(document)


def collect(build):
    """{file below src/: {line: times reached}}, over every program of the build."""
    data_files = sorted(Path(build).resolve().rglob("*.gcda"))
    if not data_files:
        sys.exit(f"no .gcda files in {build}: build with the preset coverage and run the tests")
    reached = defaultdict(lambda: defaultdict(int))
    with tempfile.TemporaryDirectory() as work:
        for document in gcov(data_files, work):
            folder = document["current_working_directory"]
            for entry in document["files"]:
                path = Path(os.path.normpath(os.path.join(folder, entry["file"])))
                if not path.is_relative_to(SRC):
                    continue
                name = path.relative_to(SRC).as_posix()
                for line in entry["lines"]:
                    reached[name][line["line_number"]] += line["count"]
    return reached


def not_built(reached):
    """Sources that no program of the build contains: gcov knows no lines of them to count."""
    for path in sorted(SRC.rglob("*.cpp")):
        name = path.relative_to(SRC).as_posix()
        if name not in reached and not LEFT_OUT.fullmatch(name):
            yield name


def ranges(numbers):
    text, start, last = [], None, None
    for number in [*sorted(numbers), None]:
        if start is None:
            start = number
        elif number != last + 1:
            text.append(str(start) if start == last else f"{start}-{last}")
            start = number
        last = number
    return " ".join(text)


def main(arguments):
    if not arguments:
        sys.exit(__doc__)
    reached = collect(arguments[0])
    rooms = defaultdict(lambda: [0, 0])
    missed = []
    for name, lines in sorted(reached.items()):
        if LEFT_OUT.fullmatch(name):
            continue
        hit = sum(1 for count in lines.values() if count > 0)
        room = rooms[name.split("/")[0]]
        room[0] += hit
        room[1] += len(lines)
        if hit < len(lines):
            missed.append((name, [number for number, count in lines.items() if count == 0]))
    if "--lines" in arguments:
        for name, numbers in missed:
            print(f"src/{name}: {ranges(numbers)}")
    for name in not_built(reached):
        print(f"src/{name} is in no test program")
    total = [sum(hit for hit, _ in rooms.values()), sum(lines for _, lines in rooms.values())]
    for room, (hit, lines) in sorted(rooms.items()):
        print(f"{room:<12} {100 * hit / lines:6.1f} %  {hit:>6} of {lines} lines")
    share = 100 * total[0] / total[1]
    print(f"{'total':<12} {share:6.1f} %  {total[0]:>6} of {total[1]} lines "
          f"({'reaches' if share >= TARGET else 'below'} the target of {TARGET:.0f} %)")


if __name__ == "__main__":
    main(sys.argv[1:])
