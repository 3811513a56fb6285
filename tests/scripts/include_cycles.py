#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""No file below src/ includes itself, by whatever way. Run as a test; prints each cycle.

A header and the .cpp of the same name are one node: what a .cpp includes, its header stands for, so
that two files that need each other are found also where a declaration in between hides it."""

import re
import sys
from pathlib import Path

SRC = Path(__file__).resolve().parents[2] / "src"

# Cycles that are known and on their way out: files that may still lie on one together.
KNOWN = [
    {"release/draft", "release/release_set"},
    {"serial/console", "serial/console_text"},
    {"report/progress", "report/progress_json"},
    {"reach/back", "reach/switching"},
    {"job/ending", "job/job"},
    {"cli/cli", "cli/commands", "cli/commands/backup", "cli/commands/completion", "cli/commands/doctor",
     "cli/commands/flash", "cli/commands/info", "cli/commands/inspect", "cli/commands/list",
     "cli/commands/mode", "cli/commands/plan", "cli/commands/report", "cli/commands/udev",
     "cli/commands/verify", "cli/commands/wait", "cli/context", "cli/job"},
]


def graph():
    """{file without its ending: files that it includes}."""
    edges = {}
    for path in sorted(p for p in SRC.rglob("*") if p.suffix in (".h", ".cpp")):
        name = path.relative_to(SRC).with_suffix("").as_posix()
        included = re.findall(r'^\s*#include\s*"([\w/]+)\.h"', path.read_text(), flags=re.M)
        edges.setdefault(name, set()).update(other for other in included if other != name)
    return edges


def cycles(edges):
    """The strongly connected sets of more than one file (Tarjan), each sorted."""
    index, low, stack, found = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in sorted(edges.get(node, ())):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            members = []
            while not members or members[-1] != node:
                members.append(stack.pop())
            if len(members) > 1:
                found.append(sorted(members))

    for node in edges:
        if node not in index:
            visit(node)
    return found


def main():
    edges = graph()
    found = cycles(edges)
    bad = [members for members in found if not any(known.issuperset(members) for known in KNOWN)]
    for members in bad:
        print("these include one another: " + ", ".join(members))
    for known in KNOWN:
        if not any(known.issuperset(members) for members in found):
            print("no cycle any more, take it off the list: " + ", ".join(sorted(known)))
    print(f"{len(edges)} files, {len(found)} cycles, {len(bad)} of them new")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
