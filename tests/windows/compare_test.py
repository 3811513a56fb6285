#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same commands by electron-rescue.exe under Wine and by the native program, on virtual devices, in
folders with umlauts and spaces: the same exit code and the same document, but for paths, times and the
names of ports. Nothing that the Windows program says is about what only Linux has.

    compare_test.py BUILD    (the preset's folder; the native programs are in ../release)"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

BUILD = Path(sys.argv[1]).resolve()
NATIVE = BUILD.parent / "release"
WINE = ["setarch", "-R", "/usr/lib/wine/wine64"]
EXE = BUILD / "electron-rescue.exe"
FORBIDDEN = re.compile(r"\b(udev|sudo|ModemManager|plugdev|newgrp|fuser|apt|Debian|timedatectl|XDG_\w+)\b|"
                       r"/etc/|/dev/(?!ttyACM)|\bman electron")  # the virtual board calls its port /dev/ttyACM0
# What a run's document tells of its time and its place, and of nothing else.
TIMES = {"seconds", "elapsed", "started", "finished", "made", "time", "when", "modified", "tool", "log", "logs"}
# What a row of a station's records tells of its time and its place.
TIMES_OF_A_JOB = {"id", "job", "boot", "clock", "digest", "backup", "started_ms", "ended_ms", "seconds_per_unit",
                  "yield_per_hour", "last_hour"}

failures = []


def check(good, what, more=""):
    print(("ok      " if good else "FAILED  ") + what)
    if not good:
        failures.append(what)
        if more:
            print("\n".join("    " + line for line in str(more).splitlines()[:40]))


def windows_path(path):
    return "Z:" + str(path).replace("/", "\\")


class Side:
    """One of the two programs in a folder of its own."""

    def __init__(self, name, root):
        self.windows = name == "windows"
        self.root = root / name / "J\u00fcrgen M\u00fcller \u20ac"
        self.root.mkdir(parents=True)
        self.environment = dict(os.environ, LC_ALL="C.UTF-8", XDG_STATE_HOME=str(self.root / "state"),
                                XDG_CACHE_HOME=str(self.root / "cache"))
        self.command = (WINE + [str(EXE)]) if self.windows else [str(NATIVE / "electron-rescue")]

    def path(self, name):
        return windows_path(self.root / name) if self.windows else str(self.root / name)

    def words(self, arguments):
        return self.command + [re.sub(r"\{([^}]*)\}", lambda m: self.path(m.group(1)), word)
                               for word in arguments]

    def run(self, arguments):
        done = subprocess.run(self.words(arguments), env=self.environment, cwd=self.root,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=300)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def plain(self, value, times=TIMES):
        """Without paths, times and port names."""
        if isinstance(value, dict):
            return {key: ("TIME" if key in times else self.plain(inner, times)) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.plain(inner, times) for inner in value]
        if not isinstance(value, str):
            return value
        # Wine has a LOCALAPPDATA of its own, whatever it is told.
        value = re.sub(r"C:\\users\\[^\\]+\\AppData\\Local", "ROOT/state", value)
        for root in (windows_path(self.root), str(self.root)):
            value = value.replace(root, "ROOT")
        if "ROOT" in value:
            value = value.replace("\\", "/")
        value = re.sub(r"(/dev/ttyACM|COM)\d+", "PORT", value)
        value = re.sub(r"\d{8}T\d{6}Z", "TIME", value)
        return re.sub(r"\b\d+([.]\d+)? (ms|s|min)\b", "TIME", value)


def compare(native, windows, name, arguments, expected=0):
    outcomes = []
    for side in (native, windows):
        code, out, err = side.run(arguments + ["--json"])
        try:
            document = side.plain(json.loads(out))
        except ValueError:
            document = out
        outcomes.append((code, document, err))
        if side.windows:
            found = FORBIDDEN.search(out + err)
            check(found is None, f"{name}: no word of Linux", found and (out + err))
            check("\r" not in out, f"{name}: the document is the same bytes, without carriage returns")
    (code, document, _), (windows_code, windows_document, err) = outcomes
    check(code == expected and windows_code == expected, f"{name}: exit code {expected}",
          f"native {code}, windows {windows_code}\n{windows_document}\n{err}")
    check(document == windows_document, f"{name}: the same document", difference(document, windows_document))
    return windows_document


def station(native, windows):
    """A station with two virtual boards until each has its result, then what its records say."""
    told = []
    for side in (native, windows):
        records = side.path("Aufzeichnungen \u00fc.db")
        (side.root / "platz \u00e4.toml").write_text(
            '[station]\nname = "platz-1"\ntarget = "0.6.4"\nfirmware = ["Ger\u00e4te Firmware"]\n'
            'allow_unknown = true\naccept_safe_mode = true\n[board]\nlisten = "off"\n'
            f"[records]\nfile = '{records}'\n", encoding="utf-8")
        code, out, err = side.run(["station", "run", "--config", "{platz \u00e4.toml}", "--drain", "--json",
                                   "--sim", "0.5.5", "--sim", "blank"])
        lines = [json.loads(line) for line in out.splitlines()]
        results = [side.plain(line, TIMES | TIMES_OF_A_JOB) for line in lines if line["event"] == "result"]
        told.append((code, sorted(results, key=lambda line: line["slot"])))
        if side.windows:
            found = FORBIDDEN.search(out + err)
            check(found is None, "station run: no word of Linux", found and (out + err))
    check(told[0][0] == told[1][0] == 0, "station run: exit code 0", told)
    check(len(told[0][1]) == 2 and all(line["outcome"] == "pass" for line in told[0][1]),
          "station run: two boards pass", told[0])
    check(told[0][1] == told[1][1], "station run: the same results", difference(told[0][1], told[1][1]))
    # Two jobs at once end in either order.
    by_slot = lambda document: sorted(document["jobs"], key=lambda job: job["slot"])
    for name, arguments, sort in (("report", ["report"], by_slot), ("summary", ["report", "--summary"], None),
                                  ("records", ["db", "check"], None)):
        documents = []
        for side in (native, windows):
            code, out, err = side.run(["station", *arguments, "--db", "{Aufzeichnungen \u00fc.db}", "--json"])
            check(code == 0, f"station {name}: exit code 0", out + err)
            document = side.plain(json.loads(out), TIMES | TIMES_OF_A_JOB | {"station_seq"})
            documents.append(sort(document) if sort else document)
        check(documents[0] == documents[1], f"station {name}: the same document", difference(*documents))
    compare(native, windows, "station configuration that is wrong", ["station", "run", "--config", "{kaputt.bin}"], 2)
    code, out, err = windows.run(["doctor", "--station", "--config", "{platz \u00e4.toml}", "--device", "sim:0.6.4"])
    found = FORBIDDEN.search(out + err)
    check(found is None and "Windows" in out, "doctor looks at the station in Windows' words", out + err)


def end_station(side):
    """Ctrl-C in the window of a station that runs."""
    words = side.words(["station", "run", "--config", "{platz \u00e4.toml}", "--json", "--sim", "0.6.4"])
    started = subprocess.Popen(words, env=side.environment, cwd=side.root, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True)
    for line in started.stdout:
        if json.loads(line)["event"] == "snapshot":
            break
    started.send_signal(signal.SIGINT)
    rest, _ = started.communicate(timeout=120)
    return started.returncode, [json.loads(line)["event"] for line in rest.splitlines()][-1:]


def helps(windows):
    """The help of every command. That of `udev` says that Windows has none."""
    code, out, _ = windows.run(["--help"])
    names = re.findall(r"^  ([a-z]+)  ", out[out.index("Commands:" if "Commands:" in out else "Subcommands:"):], re.M)
    check(code == 0 and len(names) >= 15, "--help lists the commands", out)
    for name in names:
        code, out, _ = windows.run([name, "--help"])
        if name == "udev":
            check("Windows has none" in out and "Refused here" in out and "root" not in out, "udev --help speaks Windows", out)
            continue
        found = FORBIDDEN.search(out)
        check(code == 0 and found is None, f"{name} --help: no word of Linux", found and out)


def interrupt(windows):
    """Ctrl-C: Wine makes it of the signal. Before the program listens for it, it ends Wine itself, with nothing
    said: then once more, a little later."""
    for seconds in (2, 4, 8, 16, 32):
        started = subprocess.Popen(windows.words(["wait", "--timeout", "300", "--json"]), env=windows.environment,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            out, _ = started.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            started.send_signal(signal.SIGINT)
            out, _ = started.communicate(timeout=60)
        if out:
            break
    check(started.returncode == 130, "Ctrl-C ends a job with 130", f"{started.returncode} {out}")
    check(b'"cancelled"' in out, "Ctrl-C: the document says so", out)


def difference(left, right, where=""):
    if isinstance(left, dict) and isinstance(right, dict):
        return "\n".join(difference(left.get(k), right.get(k), f"{where}.{k}")
                         for k in dict.fromkeys([*left, *right]) if left.get(k) != right.get(k))
    if isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        return "\n".join(difference(a, b, f"{where}[{i}]") for i, (a, b) in enumerate(zip(left, right)) if a != b)
    return f"{where}: native {left!r}, windows {right!r}"


def main():
    for program in (EXE, NATIVE / "electron-rescue", NATIVE / "electron-sim"):
        if not program.is_file():
            print(f"{program} is not built", file=sys.stderr)
            return 2
    # A shell starts what it puts in the background with Ctrl-C ignored, and so would be all that is started here.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    work = Path(tempfile.mkdtemp(prefix="er-windows-"))
    try:
        native, windows = Side("native", work), Side("windows", work)
        for side in (native, windows):
            for releases, folder in (("0.5.5,0.6.4", "Ger\u00e4te Firmware"), ("1.5.0,2.3.1", "neu \u00e4")):
                subprocess.run([NATIVE / "electron-sim", "--synthesise", releases, "--out", side.root / folder],
                               check=True, stdout=subprocess.DEVNULL)
            (side.root / "kaputt.bin").write_bytes(b"no module")
        new, old = "{neu \u00e4}", "{Ger\u00e4te Firmware}"
        both = lambda *words: compare(native, windows, " ".join(words[:1]), list(words))
        both("list", "--device", "sim:2.3.1")
        both("doctor", "--device", "sim:2.3.1")
        compare(native, windows, "inspect what was never released", ["inspect", new], 4)
        both("releases", "--firmware", new)
        both("info", "--device", "sim:1.5.0")
        both("plan", "--device", "sim:1.5.0", "--target", "2.3.1", "--firmware", new, "--allow-unknown")
        compare(native, windows, "flash", ["flash", "--device", "sim:1.5.0", "--target", "2.3.1", "--firmware", new,
                                           "--allow-unknown"])
        compare(native, windows, "flash in stages", ["flash", "--device", "sim:0.4.8-rc.6", "--target", "0.6.4",
                                                     "--firmware", old, "--allow-unknown"])
        compare(native, windows, "verify that differs", ["verify", "--device", "sim:1.5.0", "--target", "2.3.1",
                                                         "--firmware", new, "--allow-unknown"], 7)
        compare(native, windows, "backup", ["backup", "{Sicherung \u00fc.erbackup}", "--device", "sim:1.5.0"])
        compare(native, windows, "restore", ["restore", "{Sicherung \u00fc.erbackup}", "--device", "sim:2.3.1"])
        compare(native, windows, "report", ["report", "{Bericht \u00df.txt}"])
        compare(native, windows, "inspect what is none", ["inspect", "{kaputt.bin}"], 4)
        compare(native, windows, "a wrong word", ["flsh"], 2)
        compare(native, windows, "no such folder", ["plan", "--device", "sim:1.5.0", "--target", "2.3.1",
                                                    "--firmware", "{nirgends \u00e4}"], 4)
        compare(native, windows, "ota status", ["ota", "status", "--api", "sim:"])
        compare(native, windows, "ota plan", ["ota", "plan", "--api", "sim:", "--target", "0.6.4", "--firmware", old,
                                              "--allow-unknown"])
        compare(native, windows, "ota flash", ["ota", "flash", "--api", "sim:", "--target", "0.6.4", "--firmware", old,
                                               "--allow-unknown"])
        station(native, windows)
        ends = [end_station(side) for side in (native, windows)]
        check(ends[0] == ends[1], "Ctrl-C ends a station alike", ends)
        helps(windows)
        for name in ("Sicherung \u00fc.erbackup", "Bericht \u00df.txt"):
            check((windows.root / name).is_file(), f"{name} lies where it was asked for")
        report = (windows.root / "Bericht \u00df.txt").read_text()
        found = FORBIDDEN.search(report)
        check(found is None, "the report has no word of Linux", found and found.group(0))
        interrupt(windows)
        code, out, _ = windows.run(["doctor"])
        check(code in (3, 6) and not FORBIDDEN.search(out), "doctor without a device speaks Windows", out)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(f"compare_test: {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
