#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a change is judged by before it lands, where judging by everything takes too long: all that it
touches, and a share of the rest, another share each day. ER_ALL=1: everything.

  scripts/turn.py sources          the C++ sources that clang-tidy looks at, one in a line: what changed, what
                                   includes it, and a fifth of the others
  scripts/turn.py programs BUILD   the test programs, or fuzz targets, of a build folder that run under a
                                   sanitizer, one in a line: those with a room that has changed, or tests that have,
                                   and a third of the others. What they test is tested without one by every run
  scripts/turn.py machines         the tests in machines of their own that wait for another day, one in a line:
                                   those with a line `# Of: PLACE...` (a room, or a path that begins so) run if one of
                                   these or the test itself has changed, and every third day

What changed: since ER_BASE; without it, since this branch left main; on main itself, since six hours before its
newest commit.
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
    # Work comes in many commits, of which the last alone would be judged.
    before = int(git("show", "-s", "--format=%ct", "HEAD")) - 6 * 3600
    return git("rev-list", "-1", f"--before={before}", "HEAD") or None


def changed(since):
    return set(git("diff", "--no-renames", "--name-only", since).splitlines())


def has_its_turn(name, days):
    return zlib.crc32(name.encode()) % days == TODAY % days


def sources():
    everything = git("ls-files", "src/*.cpp").splitlines()
    since = base()
    if os.environ.get("ER_ALL") or since is None:
        return everything
    new = changed(since)
    headers = [f'#include "{name.removeprefix("src/")}"' for name in new
               if name.startswith("src/") and name.endswith(".h")]
    return [name for name in everything
            if name in new or has_its_turn(name, 5)
            or any(line in (ROOT / name).read_text() for line in headers)]


# What every program is made with.
MADE_WITH = re.compile(r"(.*/)?CMakeLists\.txt$|CMakePresets\.json$|cmake/|third_party/|tests/support/")


def goes_into_all(name):
    """Of a room of headers alone no program's inputs tell."""
    room = (ROOT / name).parent
    return bool(MADE_WITH.match(name)) or name.startswith("src/") and name.endswith(".h") and not any(room.glob("*.cpp"))


def folder_of(room):
    """A room's library is called room_sim_board where its folder is src/sim/board."""
    return f"src/{room}/" if (ROOT / "src" / room).is_dir() else f"src/{room.replace('_', '/')}/"


def inputs(build, target):
    """The folders whose files a program is made of."""
    listed = subprocess.run(["ninja", "-C", build, "-t", "inputs", target], capture_output=True, text=True, check=True)
    found = {folder_of(room) for room in re.findall(r"\bsrc/CMakeFiles/room_(\w+)\.dir/", listed.stdout)}
    found.add(f"tests/corpus/{Path(target).name.removeprefix('fuzz_')}/")
    for folder in set(re.findall(r"^(?:.*/)?(tests/[\w/]+/)[^/]+\.cpp$", listed.stdout, re.MULTILINE)):
        found.add(folder)
        # Helpers of other rooms' tests: ninja learns of headers only when it has built them once.
        for source in (ROOT / folder).glob("*.*"):
            for other, header in re.findall(r'^#include "(\w+)/(\w+\.h)"$', source.read_text(), re.MULTILINE):
                if (ROOT / "tests" / other / header).exists():
                    found.add(f"tests/{other}/")
    return tuple(found)


def programs(build):
    listed = subprocess.run(["ninja", "-C", build, "-t", "targets", "all"], capture_output=True, text=True, check=True)
    everything = sorted(re.findall(r"^(tests/(?:\w+_test|fuzz/fuzz_\w+)): CXX_EXECUTABLE", listed.stdout, re.MULTILINE))
    since = base()
    if not os.environ.get("ER_ALL") and since is not None:
        new = changed(since)
        if not any(goes_into_all(name) for name in new):
            folders = {target: inputs(build, target) for target in everything}
            everything = [target for target in everything
                          if has_its_turn(target, 3) or any(name.startswith(folders[target]) for name in new)]
    return [Path(target).name for target in everything]


# What all tests in the virtual machine share.
MACHINE = ("tests/vm/run", "tests/vm/guest.py", "tests/vm/lib.sh", "tests/vm/parts.sh", "tests/vm/rescues.sh")


def machines():
    since = base()
    if os.environ.get("ER_ALL") or since is None:
        return []
    new = changed(since)
    waiting = []
    of_some_places = []
    for kind, folder in (("install", "tests/install"), ("vm", "tests/vm")):
        for script in sorted(path for path in (ROOT / folder).iterdir() if path.is_file()):
            places = re.search(r"^# Of: (.*)$", script.read_text(), re.MULTILINE)
            if places:
                of_some_places.append((f"{kind}_{script.stem}", script, places[1].split()))
    for turn, (name, script, places) in enumerate(of_some_places):
        parts = [f"src/{place}/" if (ROOT / "src" / place).is_dir() else place for place in places]
        missing = [part for part in parts if not (ROOT / part).exists()]
        if missing:
            sys.exit(f"{script.relative_to(ROOT)}: `# Of:` names what is not there: {' '.join(missing)}")
        parts += [str(script.relative_to(ROOT)), *(MACHINE if name.startswith("vm_") else ())]
        touched = any(path.startswith(tuple(parts)) for path in new)
        if not touched and turn % 3 != TODAY % 3:
            waiting.append(name)
    return waiting


def main():
    lists = {("sources", 0): sources, ("programs", 1): programs, ("machines", 0): machines}
    found = lists.get((sys.argv[1], len(sys.argv) - 2)) if len(sys.argv) > 1 else None
    if found is None:
        sys.exit(__doc__)
    for line in found(*sys.argv[2:]):
        print(line)


if __name__ == "__main__":
    main()
