#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every id that error.code of a document can be, taken out of the sources, with the exit status it ends
with. The manual lists them between two marks: without an argument this compares, --update writes."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SRC = ROOT / "src"
MANUAL = ROOT / "docs" / "electron-rescue.1"
BEGIN, END = r'.\" error ids: made by scripts/error_ids.py', r'.\" end of error ids'

ID = r'"([a-z][a-z0-9]*(?:[-.][a-z0-9]+)*)"'
ERRC = r"(?:base::)?Errc::(\w+)"


def statuses():
    """{name of an exit status: its number}, out of report/exit_code.h."""
    found = re.findall(r"(k\w+) = (\d+)", (SRC / "report/exit_code.h").read_text())
    return {name: int(number) for name, number in found}


def exit_codes():
    """{Errc: exit status}, out of report/exit_code.*."""
    numbers = statuses()
    codes, waiting = {}, []
    for kind, status in re.findall(r"case Errc::(\w+):|return (k\w+);", (SRC / "report/exit_code.cpp").read_text()):
        if kind:
            waiting.append(kind)
        else:
            codes.update((name, numbers[status]) for name in waiting)
            waiting = []
    return codes


def kinds():
    """{Errc: its own id}, out of base/result.cpp."""
    return dict(re.findall(r'case Errc::(\w+):\s+return "([a-z-]+)";', (SRC / "base/result.cpp").read_text()))


def ids():
    """{id: set of exit statuses}"""
    codes, found = exit_codes(), {}
    numbers = statuses()

    def add(name, status):
        found.setdefault(name, set()).add(status)

    for kind, name in kinds().items():
        add(name, codes[kind])
    for path in sorted(SRC.rglob("*.cpp")):
        room = path.relative_to(SRC).parts[0]
        if room == "electron_sim":
            continue
        text = re.sub(r"//[^\n]*", "", path.read_text())
        for kind, name in re.findall(rf"make_error\(\s*{ERRC},\s*{ID},", text):
            add(name, codes[kind])
        # An error that gets a finer name afterwards keeps the exit status of its kind, which stands
        # elsewhere; bad_file is the only kind that this is done to.
        for name in re.findall(rf"\b(?:error|problem)(?:\(\))?\.id = {ID}", text):
            add(name, codes["bad_file"])
        if path.name == "rules.cpp":
            # What the firmware would refuse, of a bootloader alone and before a module is sent.
            for name in re.findall(rf"Problem\{{{ID}", text):
                add("rules-" + name, codes["refused"])
                add(name, codes["refused"])
        if room == "plan":
            literals = re.findall(rf"(?:\bRefusal(?: \w+)?\{{|return \{{)\s*{ID}", text)
            for statement in re.findall(r"refusal\.code = [^;]*;", text):
                literals += re.findall(ID, statement)
                literals += [name + "-RELEASE" for name in re.findall(r'"([a-z-]+)-" \+', statement)]
            for name in literals:
                add(name, codes[{"target-missing": "bad_file", "unknown-release": "bad_file", "target-undecided": "usage"}.get(name, "refused")])
        if room in ("firmware", "release"):
            for name in re.findall(rf"add\([\w.]*problems,\s*{ID},", text):
                add(name, codes["bad_module"])
            for name in re.findall(rf"(?:\{{|Problem\{{|problem\(|push_back\(\{{)\s*{ID},\s*(?:fmt::format\(|\")", text):
                add(name, codes["bad_module"])
        if path.name in ("diagnosis.cpp", "driver_diagnosis.cpp", "station_diagnosis.cpp", "doctor.cpp"):
            for first, second, status in re.findall(rf"(?:\bbad\(\s*{ID},\s*|\{{\s*{ID}, false,.*?)report::(k\w+)", text, re.S):
                add(first or second, numbers[status])
    return found


def table(found):
    lines = [BEGIN, ".TS", "l l."]
    for name in sorted(found):
        statuses = ", ".join(str(status) for status in sorted(found[name]))
        lines.append(name.replace("-", r"\-") + "\t" + statuses)
    return "\n".join(lines + [".TE", END])


def main():
    found = ids()
    manual = MANUAL.read_text()
    begin, end = manual.find(BEGIN), manual.find(END)
    if begin < 0 or end < 0:
        print(f"{MANUAL.name}: the marks of the table of error ids are missing")
        return 1
    made = manual[:begin] + table(found) + manual[end + len(END):]
    if "--update" in sys.argv[1:]:
        MANUAL.write_text(made)
        print(f"{len(found)} error ids")
        return 0
    if made == manual:
        print(f"{len(found)} error ids, all in the manual")
        return 0
    listed = set(re.findall(r"^([a-z][a-zA-Z0-9\\.-]*)\t[\d, ]+$", manual[begin:end].replace(r"\-", "-"), re.M))
    for name in sorted(set(found) - listed):
        print(f"{MANUAL.name}: {name} is missing")
    for name in sorted(listed - set(found)):
        print(f"{MANUAL.name}: nothing has the id {name}")
    print("scripts/error_ids.py --update writes the table anew")
    return 1


if __name__ == "__main__":
    sys.exit(main())
