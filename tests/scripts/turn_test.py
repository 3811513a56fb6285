#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""scripts/turn.py in a repository of its own: what a change is judged by."""

import importlib.util
import os
import subprocess
import tempfile
import unittest
from pathlib import Path
from unittest import mock

SCRIPT = Path(__file__).resolve().parents[2] / "scripts/turn.py"
DAYS = range(15)  # each share's turn comes within


class Turn(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        spec = importlib.util.spec_from_file_location("turn", SCRIPT)
        self.turn = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.turn)
        self.turn.ROOT = self.root
        self.enterContext(mock.patch.dict(os.environ, {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b.c",
                                                       "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b.c"}))
        for name in ("ER_BASE", "ER_ALL"):
            os.environ.pop(name, None)
        self.git("init", "-q", "-b", "main")
        for room in ("dfu", "serial", "plan"):
            self.write(f"src/{room}/{room}.h", "")
            self.write(f"src/{room}/{room}.cpp", f'#include "{room}/{room}.h"\n')
            self.write(f"src/{room}/other.cpp", "")
        for script, rooms in (("kills", "dfu"), ("modes", "serial dfu"), ("serial", "serial")):
            self.write(f"tests/vm/{script}.sh", f"#!/bin/bash\n# Of: {rooms}\n")
        self.write("tests/vm/rescue.sh", "#!/bin/bash\n")
        self.write("tests/install/dist", "#!/bin/bash\n# Of: cmake/ CMakeLists.txt\n")
        self.write("cmake/toolchain.cmake", "")
        self.write("CMakeLists.txt", "")
        self.build = self.a_build(dfu_test=("dfu", "usb"), serial_test=("serial",), plan_test=("plan", "dfu"))
        with mock.patch.dict(os.environ, {"GIT_COMMITTER_DATE": "2026-01-01T12:00:00Z"}):
            self.commit()
        self.write("README.md", "")
        self.commit()

    def git(self, *arguments):
        subprocess.run(["git", *arguments], cwd=self.root, check=True, capture_output=True)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def commit(self):
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "x")

    def changes(self, name):
        self.write(name, "// new\n")
        self.commit()

    def a_build(self, **programs):
        """A folder whose ninja knows these programs, of these rooms."""
        lines = ["rule CXX_EXECUTABLE_LINKER__x", "  command = true"]
        for name, rooms in programs.items():
            folder = f"tests/{name.removesuffix('_test')}"
            self.write(f"{folder}/some_test.cpp", "")
            objects = [f"src/CMakeFiles/room_{room}.dir/one.o" for room in rooms]
            lines.append(f"build tests/{name}: CXX_EXECUTABLE_LINKER__x {self.root}/{folder}/some_test.cpp "
                         + " ".join(objects))
        self.write("build/build.ninja", "\n".join(lines) + "\n")
        self.write(".gitignore", "build/\n")
        return str(self.root / "build")

    def programs(self):
        return self.turn.programs(self.build)

    def by_day(self, what):
        found = []
        for day in DAYS:
            self.turn.TODAY = day
            found.append(set(what()))
        return found

    def test_each_machine_has_its_day_and_waits_on_others(self):
        waiting = self.by_day(self.turn.machines)
        for name in ("vm_kills", "vm_modes", "vm_serial", "install_dist"):
            self.assertEqual(sum(name in day for day in waiting), 10, name)

    def test_what_is_of_no_room_never_waits(self):
        self.assertFalse(any("vm_rescue" in day for day in self.by_day(self.turn.machines)))

    def test_no_machine_waits_whose_room_has_changed(self):
        self.changes("src/serial/other.cpp")
        for day in self.by_day(self.turn.machines):
            self.assertLessEqual(day, {"vm_kills", "install_dist"})

    def test_no_machine_waits_whose_path_has_changed(self):
        self.changes("cmake/rooms.cmake")
        self.assertFalse(any("install_dist" in day for day in self.by_day(self.turn.machines)))

    def test_no_machine_waits_whose_room_has_lost_a_file(self):
        self.git("rm", "-q", "src/serial/other.cpp")
        self.commit()
        for day in self.by_day(self.turn.machines):
            self.assertLessEqual(day, {"vm_kills", "install_dist"})

    def test_no_machine_waits_that_has_changed_itself(self):
        self.changes("tests/vm/kills.sh")
        self.assertFalse(any("vm_kills" in day for day in self.by_day(self.turn.machines)))

    def test_no_machine_waits_where_what_all_share_has_changed(self):
        self.changes("tests/vm/lib.sh")
        self.assertLessEqual(set().union(*self.by_day(self.turn.machines)), {"install_dist"})

    def test_all_run_where_it_is_asked_for(self):
        with mock.patch.dict(os.environ, {"ER_ALL": "1"}):
            self.assertEqual(set().union(*self.by_day(self.turn.machines)), set())
            self.assertTrue(all(len(day) == 3 for day in self.by_day(self.programs)))
            self.assertTrue(all(len(day) == 6 for day in self.by_day(self.turn.sources)))

    def test_each_program_has_its_day_and_waits_on_others(self):
        days = self.by_day(self.programs)
        for name in ("dfu_test", "serial_test", "plan_test"):
            self.assertEqual(sum(name in day for day in days), 5, name)

    def test_no_program_waits_with_a_room_that_has_changed(self):
        self.changes("src/dfu/other.cpp")
        for day in self.by_day(self.programs):
            self.assertLessEqual({"dfu_test", "plan_test"}, day)

    def test_no_program_waits_whose_tests_or_helpers_have_changed(self):
        self.write("tests/plan/some_test.cpp", '#include "serial/line.h"\n')
        self.write("tests/serial/line.h", "")
        self.commit()
        self.changes("tests/serial/line.h")
        for day in self.by_day(self.programs):
            self.assertLessEqual({"serial_test", "plan_test"}, day)

    def test_no_program_waits_with_a_room_within_a_room_that_has_changed(self):
        self.build = self.a_build(dfu_test=("sim_board",), serial_test=("serial",))
        self.write("src/sim/board/board.cpp", "")
        self.commit()
        os.environ["ER_BASE"] = "HEAD~1"
        self.changes("src/sim/board/board.cpp")
        days = self.by_day(self.programs)
        self.assertTrue(all("dfu_test" in day for day in days))
        self.assertFalse(all("serial_test" in day for day in days))

    def test_no_program_waits_where_a_room_of_headers_alone_has_changed(self):
        self.changes("src/words/words.h")
        self.assertTrue(all(len(day) == 3 for day in self.by_day(self.programs)))

    def test_a_place_that_is_not_there_is_told(self):
        self.changes("tests/vm/rescue.sh")
        self.write("tests/vm/rescue.sh", "# Of: nowhere\n")
        with self.assertRaisesRegex(SystemExit, "nowhere"):
            self.turn.machines()

    def test_no_program_waits_where_what_builds_them_has_changed(self):
        for name in ("src/CMakeLists.txt", "cmake/rooms.cmake", "tests/support/run.h", "third_party/x/a.c"):
            self.changes(name)
            self.assertTrue(all(len(day) == 3 for day in self.by_day(self.programs)), name)

    def test_sources_that_changed_or_include_what_changed_are_looked_at_every_day(self):
        self.changes("src/dfu/dfu.h")
        self.changes("src/plan/other.cpp")
        os.environ["ER_BASE"] = "HEAD~2"
        for day in self.by_day(self.turn.sources):
            self.assertLessEqual({"src/dfu/dfu.cpp", "src/plan/other.cpp"}, day)

    def test_every_source_is_looked_at_within_five_days(self):
        everything = self.turn.git("ls-files", "src/*.cpp").splitlines()
        five = self.by_day(self.turn.sources)[:5]
        self.assertEqual(sorted(name for day in five for name in day), everything)

    def test_of_several_commits_on_main_each_counts(self):
        self.changes("src/dfu/other.cpp")
        self.changes("README.md")
        for day in self.by_day(self.programs):
            self.assertLessEqual({"dfu_test", "plan_test"}, day)

    def test_what_came_long_before_the_newest_commit_is_not_new(self):
        with mock.patch.dict(os.environ, {"GIT_COMMITTER_DATE": "2026-01-02T12:00:00Z"}):
            self.changes("src/dfu/other.cpp")
        self.changes("README.md")
        self.assertEqual(sum("dfu_test" in day for day in self.by_day(self.programs)), 5)

    def test_where_nothing_is_old_everything_is_new(self):
        with mock.patch.dict(os.environ, {"GIT_COMMITTER_DATE": "2026-01-01T13:00:00Z"}):
            self.git("commit", "-q", "--amend", "--no-edit")
        self.assertTrue(all(len(day) == 3 for day in self.by_day(self.programs)))

    def test_a_base_that_is_no_commit_is_told(self):
        os.environ["ER_BASE"] = "nowhere"
        with self.assertRaises(SystemExit):
            self.turn.machines()


if __name__ == "__main__":
    unittest.main()
