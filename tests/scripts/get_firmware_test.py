#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""scripts/get-firmware is a name for `electron-rescue fetch`: every word goes there, and its exit code comes
back."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "get-firmware"


class GetFirmware(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.tool = Path(self.folder.name) / "tool"
        self.tool.write_text('#!/bin/sh\nfor word in "$@"; do echo "<$word>"; done\nexit 4\n')
        self.tool.chmod(0o755)

    def run_script(self, *words, script=SCRIPT, **environment):
        return subprocess.run([str(script), *words], text=True, capture_output=True, check=False,
                              env={"PATH": os.environ["PATH"], **environment})

    def test_hands_every_word_to_fetch(self):
        ended = self.run_script("--dir", "a folder", "2.3.1", ELECTRON_RESCUE=str(self.tool))
        self.assertEqual(ended.stdout.split("\n")[:-1], ["<fetch>", "<--dir>", "<a folder>", "<2.3.1>"])
        self.assertEqual(ended.returncode, 4)

    def test_lists_the_releases(self):
        ended = self.run_script("--list", ELECTRON_RESCUE=str(self.tool))
        self.assertEqual(ended.stdout, "<releases>\n")

    def test_finds_the_program_beside_it(self):
        installed = Path(self.folder.name) / "electron-rescue-get-firmware"
        installed.write_text(SCRIPT.read_text())
        installed.chmod(0o755)
        self.tool.rename(Path(self.folder.name) / "electron-rescue")
        self.assertEqual(self.run_script("1.5.2", script=installed).stdout, "<fetch>\n<1.5.2>\n")

    def test_says_that_there_is_no_program(self):
        alone = Path(self.folder.name) / "alone" / "get-firmware"
        alone.parent.mkdir()
        alone.write_text(SCRIPT.read_text())
        alone.chmod(0o755)
        ended = self.run_script("1.5.2", script=alone, PATH="/usr/bin:/bin")
        if ended.returncode != 2:
            self.skipTest("electron-rescue is installed on this computer")
        self.assertIn("not built or installed", ended.stderr)


if __name__ == "__main__":
    unittest.main()
