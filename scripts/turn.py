#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a change is judged by before it lands, where judging by everything takes too long: all that it
touches, and a share of the rest, another share each day.

  scripts/turn.py sources    the C++ sources that clang-tidy looks at, one in a line: what changed, what includes
                             it, and a fifth of the others; ER_TIDY=all: all of them
  scripts/turn.py machines   the tests in the virtual machine that wait for another day, one in a line: tests/vm/*.sh
                             with a line `# Of: ROOM...` run if one of these rooms or the test itself has changed,
                             and every third day; ER_MACHINES=all: none waits

What changed: since ER_BASE; without it, since this branch left main, or since the commit before.
"""

import os
import re
import subprocess
import sys
import time
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TODAY = int(time.time() // 86400)


def git(*arguments):
    """What git says, or None where it refuses."""
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else None


def base():
    """The commit from which on everything is new; None: there is none before this one."""
    head = git("rev-parse", "HEAD")
    told = os.environ.get("ER_BASE")
    for found in [told] if told else [git("merge-base", main, "HEAD") for main in ("origin/main", "main")]:
        commit = found and git("rev-parse", "-q", "--verify", found + "^{commit}")
        if commit and commit != head:
            return commit
        if told and not commit:
            sys.exit(f"scripts/turn.py: ER_BASE={told} is no commit here")
    return git("rev-parse", "-q", "--verify", "HEAD~1")


def changed(since):
    return set(git("diff", "--name-only", since).splitlines())


def has_its_turn(name, days):
    return zlib.crc32(name.encode()) % days == TODAY % days


def sources():
    everything = git("ls-files", "src/*.cpp").splitlines()
    since = base()
    if os.environ.get("ER_TIDY") == "all" or since is None:
        return everything
    new = changed(since)
    headers = [f'#include "{name.removeprefix("src/")}"' for name in new
               if name.startswith("src/") and name.endswith(".h")]
    return [name for name in everything
            if name in new or has_its_turn(name, 5)
            or any(line in (ROOT / name).read_text() for line in headers)]


def machines():
    since = base()
    if os.environ.get("ER_MACHINES") == "all" or since is None:
        return []
    new = changed(since)
    waiting = []
    of_some_rooms = []
    for script in sorted((ROOT / "tests/vm").glob("*.sh")):
        rooms = re.search(r"^# Of: (.*)$", script.read_text(), re.MULTILINE)
        if rooms:
            of_some_rooms.append((script, rooms[1].split()))
    for place, (script, rooms) in enumerate(of_some_rooms):
        parts = [f"src/{room}/" for room in rooms] + ["tests/vm/run", "tests/vm/guest.py", "tests/vm/lib.sh",
                                                      "tests/vm/parts.sh", "tests/vm/rescues.sh",
                                                      str(script.relative_to(ROOT))]
        touched = any(name.startswith(tuple(parts)) for name in new)
        if not touched and place % 3 != TODAY % 3:
            waiting.append("vm_" + script.stem)
    return waiting


def main():
    lists = {"sources": sources, "machines": machines}
    if len(sys.argv) != 2 or sys.argv[1] not in lists:
        sys.exit(__doc__)
    for line in lists[sys.argv[1]]():
        print(line)


if __name__ == "__main__":
    main()
