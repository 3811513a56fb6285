#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""No file below src/ includes itself, by whatever way. Run as a test; prints each cycle.

A header and the .cpp of the same name are one node: what a .cpp includes, its header stands for, so
that two files that need each other are found also where a declaration in between hides it."""

import re
import sys
from pathlib import Path

SRC = Path(__file__).resolve().parents[2] / "src"


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
    for members in found:
        print("these include one another: " + ", ".join(members))
    print(f"{len(edges)} files, {len(found)} cycles")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
