#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks the rules that the compiler cannot: every hazard has one home, every room includes only what
the room table (src/CMakeLists.txt) allows. Run as a test; prints file:line for each breach."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SRC = ROOT / "src"

# (what, pattern, files below src/ where it may stand)
HAZARDS = [
    ("<libusb.h>", r'#include\s*[<"]libusb', r"usb/libusb_\w+\.(h|cpp)|dfu/dfu_util\.cpp"),
    ("dfu-util's headers", r'#include\s*[<"](dfu|quirks|dfu_util|dfuse|usb_dfu)\.h[>"]', r"dfu/dfu_util\.cpp"),
    ("<libserialport.h>", r"#include\s*[<\"]libserialport", r"serial/libserialport_port\.cpp"),
    ("libcurl", r"#include\s*[<\"]curl/", r"net/curl_(http|wire)\.cpp|net/curl_library\.(h|cpp)"),
    ("SQLite", r"#include\s*[<\"]sqlite3", r"records/sqlite_library\.h"),
    ("libmosquitto", r"#include\s*[<\"]mosquitto", r"mqtt/mosquitto_library\.h"),
    ("libpq", r"#include\s*[<\"]libpq", r"records/postgres_library\.h"),
    ("libmicrohttpd", r"#include\s*[<\"]microhttpd", r"board/microhttpd_library\.h|electron_sim/cloud_server\.cpp"),
    ("libarchive", r"#include\s*[<\"]archive", r"release/archive_library\.h"),
    ("toml++", r"#include\s*<toml\+\+/", r"station/toml\.h"),
    ("CLI11", r"#include\s*<CLI/", r"(cli|electron_sim)/.*"),
    ("printing", r"\b(std::c(out|err|log)|printf|puts|fmt::print|std::println?|std::fputs)\b|\bstd::(fprintf|vprintf)\b", r"(report|cli)/.*"),
    ("stdout or stderr", r"\bstd(out|err)\b(?!_)", r"(report|cli)/.*|os/console_\w+\.cpp"),
    ("sleeping", r"sleep_for|sleep_until|(?<![.>])\b(nano|u)?sleep\(|\bSleep\(", r"base/clock\.(h|cpp)|sim/bus/virtual_clock\.(h|cpp)|sim/cloud/wire\.(h|cpp)"),
    ("threads", r"std::(jthread|thread|mutex|shared_mutex|condition_variable|async)\b", r"base/clock\.cpp|usb/(doorbell|event_loop|libusb_queue|libusb_host)\.(h|cpp)|records/(sqlite_store|forward)\.(h|cpp)|board/(feed|readers|server)\.(h|cpp)|mqtt/(client|publisher)\.cpp|station/(door|mailbox|runner|start_gate|threads)\.(h|cpp)|sim/world/hall\.(h|cpp)"),
    ("the file system", r"std::filesystem|\bfopen\(|std::[io]?fstream|#include\s*<(fstream|filesystem)>", r"base/files\.cpp|os/\w+\.(h|cpp)"),
    ("ending the process", r"\b(std::)?(exit|_exit|abort|quick_exit|terminate)\(", r"os/console_\w+\.cpp"),
    ("signals", r"std::signal|sigaction|<csignal>|<signal\.h>", r"os/(console|child|locks)_\w+\.cpp"),
    ("child processes", r"\bposix_spawn|\bfork\(|\bexec[lv]p?e?\(|\bwaitpid\(|\bpopen\(|std::system\(", r"os/\w+\.cpp"),
    ("asking which operating system", r"^\s*#\s*(el)?if.*(__linux__|_WIN32|__APPLE__|__unix__)", r"os/.*"),
    ("<windows.h>", r"#include\s*<windows\.h>", r"os/winapi\.h"),
    ("flash addresses", r"\b0x080[0-9A-Fa-f]{5}\b", r"platform/.*"),
    ("the host's side of the bus", r'#include\s*"(usb/(?!setup\.h)|serial/|sim/(bus|world|kernel)/)', r"(?!sim/(board|bootloader|firmware)/).*"),
    ("throw", r"\bthrow\b", r"$^"),
    ("discarding a Result", r"static_cast<void>\((?!\w+\))|\(void\)\s*\w+\(", r"$^"),
    ("using namespace", r"\busing namespace\b", r"$^"),
    ("new and delete", r"(?<!operator )\bnew [A-Z]\w*[({]|\bdelete \w", r"$^"),
]


def room_of(name, table):
    """The room that a file below src/ is in, the innermost one; None where it is in none."""
    parts = name.split("/")[:-1]
    while parts and "/".join(parts) not in table:
        parts.pop()
    return "/".join(parts) or None


def room_table():
    """{room: rooms it may include}, out of src/CMakeLists.txt."""
    text = re.sub(r"#.*", "", (SRC / "CMakeLists.txt").read_text())
    table = {}
    for body in re.findall(r"room\(([^)]*)\)", text):
        words = body.split()
        name, section, uses = words[0], None, []
        for word in words[1:]:
            if word in ("USES", "LIBS", "SOURCES"):
                section = word
            elif section == "USES":
                uses.append(word)
        table[name] = set(uses) | {name}
    return table


def strip_comments(text):
    """Comments and the contents of string literals become blanks, so that lines keep their numbers."""
    def blank(match):
        found = match.group(0)
        if found.startswith("/"):
            return re.sub(r"[^\n]", " ", found)
        return '"' + " " * (len(found) - 2) + '"'
    return re.sub(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', blank, text, flags=re.S)


def main():
    table = room_table()
    breaches = []
    files = sorted(p for p in SRC.rglob("*") if p.suffix in (".h", ".cpp"))
    for path in files:
        name = path.relative_to(SRC).as_posix()
        room = room_of(name, table)
        text = path.read_text()
        lines = text.splitlines()
        if not lines or lines[0] != "// SPDX-License-Identifier: GPL-3.0-or-later":
            breaches.append(f"src/{name}:1: the first line is not the SPDX licence identifier")
        if path.suffix == ".h" and "#pragma once" not in text:
            breaches.append(f"src/{name}:1: no #pragma once")
        if len(lines) > 600:
            breaches.append(f"src/{name}:1: {len(lines)} lines; more than 600 is two things")
        for number, line in enumerate(lines, 1):
            include = re.match(r'\s*#include\s*"(\w+(?:/\w+)*\.h)"', line)
            included = room_of(include.group(1), table) if include and room else None
            # sim means all of sim's rooms, but for those rooms themselves.
            whole = included.split("/")[0] if included else None
            if included and included not in table[room] and (whole not in table[room] or room == whole):
                breaches.append(f"src/{name}:{number}: room {room} may not include {included}")
            if len(line.expandtabs()) > 120:
                breaches.append(f"src/{name}:{number}: {len(line)} columns")
        # Includes are looked at with their text, everything else without comments and strings.
        code = strip_comments(text).splitlines()
        for number, line in enumerate(code, 1):
            looked_at = lines[number - 1] if line.lstrip().startswith("#include") else line
            for what, pattern, homes in HAZARDS:
                if re.search(pattern, looked_at) and not re.fullmatch(homes, name):
                    breaches.append(f"src/{name}:{number}: {what} does not belong here")
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files"], capture_output=True, text=True)
    for tracked in listed.stdout.split():
        if re.search(r"\.(bin|elf|hex|tgz|zip|o|a|so)$", tracked):
            breaches.append(f"{tracked}: no firmware image or build output belongs in the tree")
    for breach in breaches:
        print(breach)
    print(f"{len(files)} files, {len(HAZARDS)} rules, {len(table)} rooms: {len(breaches)} breaches")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
