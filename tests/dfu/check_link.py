#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proves that no linked program can reach code of dfu-util that ends the process, prints or sleeps.

usage: check_link.py NM OBJDUMP ARCHIVE PROGRAM...

First, in the archive: every function of dfu.c and quirks.c has a section of its own, and all that
those refer to outside of the archive is known, section by section. Functions that refer to anything
but harmless symbols are the dangerous ones. Second, in each program: the linker has left every
dangerous function out, which it can only do if nothing refers to it."""

import re
import subprocess
import sys

# What dfu-util's code may call: our own transfer function, and what a compiler puts in by itself.
HARMLESS = {
    "er_dfu_control_transfer",
    "memset", "memcpy", "strlen",
    "_GLOBAL_OFFSET_TABLE_", "__stack_chk_fail",
}
HARMLESS_PREFIXES = (".", "__asan_", "__ubsan_", "__tsan_", "__sanitizer_", "__sancov_", "__cyg_")
# Of dfu-util, known to end the process or to print: if these are not found, the check looks at the
# wrong thing.
KNOWN_DANGEROUS = {"dfu_abort_to_idle", "fixup_dfuse_layout"}
# Needed by the first program: if these are not found, the check looks at the wrong one.
KNOWN_USED = {"dfu_get_status", "dfu_download", "dfu_upload"}


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def functions(nm, archive):
    """Names of the functions that the archive defines."""
    return set(re.findall(r"^[0-9a-f]+ [Tt] (\w+)$", run(nm, archive), re.M))


def references(objdump, archive):
    """{code section: symbols that its code refers to}"""
    found = {}
    section = None
    for line in run(objdump, "-r", archive).splitlines():
        header = re.match(r"RELOCATION RECORDS FOR \[(.+)\]:", line)
        if header:
            section = header.group(1)
            continue
        entry = re.match(r"[0-9a-f]+ +\S+ +(\S+)$", line)
        if entry and section.startswith(".text"):
            symbol = re.sub(r"[-+]0x[0-9a-f]+$", "", entry.group(1))
            found.setdefault(section, set()).add(symbol)
    return found


def main():
    nm, objdump, archive, *programs = sys.argv[1:]
    breaches = []
    defined = functions(nm, archive)
    dangerous = set()
    for section, symbols in references(objdump, archive).items():
        outside = {s for s in symbols
                   if s not in HARMLESS and s not in defined and not s.startswith(HARMLESS_PREFIXES)}
        if not outside:
            continue
        name = re.sub(r"^\.text(\.unlikely|\.hot|\.startup)?\.?", "", section)
        if not name:
            breaches.append(f"{archive}: code of several functions in {section}")
        dangerous.add(re.sub(r"\.(cold|part|isra|constprop).*$", "", name))
    for name in sorted(KNOWN_DANGEROUS - dangerous):
        breaches.append(f"{archive}: {name} not found to be dangerous; this check is out of date")
    for program in programs:
        kept = set(re.findall(r"^[0-9a-f]+ \w (\w+)(?:\.\w+)*$", run(nm, program), re.M))
        for name in sorted(KNOWN_USED - kept) if program == programs[0] else []:
            breaches.append(f"{program}: does not contain {name}; this check looks at the wrong program")
        for name in sorted(dangerous & kept):
            breaches.append(f"{program}: {name} can be reached, and ends the process, prints or sleeps")
    for breach in breaches:
        print(breach)
    print(f"{len(dangerous)} dangerous functions ({', '.join(sorted(dangerous))}), "
          f"{len(programs)} programs: {len(breaches)} breaches")
    return 1 if breaches else 0


sys.exit(main())
