#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The completions in the shells themselves: what the tabulator key would offer. A shell that is not installed is
passed over.

    completion_test.py ELECTRON_RESCUE"""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOOL = Path(sys.argv.pop(1)).resolve()

# What is typed, something that must be offered, something that must not.
TYPED = [
    ("electron-rescue fla", "flash", "list"),
    ("electron-rescue flash --targ", "--target", "--json"),
    ("electron-rescue flash --target 2.3.", "2.3.1", "2.2.0"),
    ("electron-rescue plan --target au", "auto", "2.3.1"),
    ("electron-rescue info --device sim:2.3.", "sim:2.3.1", "sim:2.2.0"),
    ("electron-rescue info --device sim:bl", "sim:blank", "sim:2.3.1"),
    ("electron-rescue wait --mode d", "dfu", "listen"),
    ("electron-rescue fetch 3.3.", "3.3.1", "3.2.0"),
    ("electron-rescue plan --from 0.4.8-rc.", "0.4.8-rc.6", "0.4.9"),
    ("electron-rescue plan --medium s", "serial", "ota"),
    ("electron-rescue flash --user-app appl", "application.bin", "electron-rescue"),
    ("electron-rescue fetch --from appl", "application.bin", "0.6.4"),
]
# As an interactive bash would call the function: the words are broken at COMP_WORDBREAKS.
BASH = r"""
source "$1"; COMP_LINE=$2 COMP_POINT=${#2}; COMP_WORDBREAKS=$' \t\n"\'><=;|&(:'
read -ra COMP_WORDS <<<"${2//:/ : }"; [[ $2 == *' ' ]] && COMP_WORDS+=('')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _electron_rescue
# What stands in front of a colon stays where it is.
cur=${2##* }; prefix=; [[ $cur == *:* ]] && prefix=${cur%:*}:
for word in "${COMPREPLY[@]}"; do echo "$prefix$word"; done
"""


class Completion(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        (Path(self.folder.name) / "electron-rescue").symlink_to(TOOL)
        (Path(self.folder.name) / "application.bin").write_bytes(b"")

    def script(self, shell):
        if shutil.which(shell) is None:
            self.skipTest(f"no {shell} here")
        path = Path(self.folder.name) / f"completion.{shell}"
        path.write_bytes(subprocess.run([str(TOOL), "completion", shell], check=True, stdout=subprocess.PIPE).stdout)
        return str(path)

    def run_shell(self, *command):
        environment = {"PATH": f"{self.folder.name}:{os.environ['PATH']}", "HOME": self.folder.name}
        ended = subprocess.run(command, cwd=self.folder.name, env=environment, text=True, capture_output=True,
                               timeout=60, check=False)
        self.assertEqual(ended.stderr, "")
        return ended.stdout.split("\n")

    def check_offers(self, offers):
        for typed, wanted, unwanted in TYPED:
            with self.subTest(typed=typed):
                words = offers(typed)
                self.assertIn(wanted, words)
                self.assertNotIn(unwanted, words)

    def test_bash(self):
        script = self.script("bash")
        self.check_offers(lambda typed: self.run_shell("bash", "--norc", "-c", BASH, "bash", script, typed))

    def test_bash_where_unset_variables_are_errors(self):
        script = self.script("bash")
        self.check_offers(lambda typed: self.run_shell("bash", "--norc", "-u", "-c", BASH, "bash", script, typed))

    def test_bash_knows_a_value_behind_an_equal_sign(self):
        script = self.script("bash")
        self.assertIn("2.3.1", self.run_shell("bash", "--norc", "-c", BASH, "bash", script,
                                              "electron-rescue flash --target=2.3."))

    def test_fish(self):
        script = self.script("fish")

        def offers(typed):
            lines = self.run_shell("fish", "--no-config", "-c", f"source {script}; complete -C '{typed}'")
            return [line.split("\t")[0] for line in lines]
        self.check_offers(offers)

    def test_zsh(self):
        script = self.script("zsh")
        load = f"autoload -Uz compinit; compinit -u -D; source {script}; "
        self.assertIn("_electron_rescue", self.run_shell("zsh", "-f", "-c", load + "print $_comps[electron-rescue]"))
        devices = self.run_shell("zsh", "-f", "-c", load + "compadd() { print -l ${(P)argv[-1]} }; "
                                 "_electron_rescue_devices")
        self.assertIn("sim:2.3.1", devices)
        said = "_arguments() { print -lr -- \"$@\" }; words=(electron-rescue flash --ta) CURRENT=3; _electron_rescue"
        arguments = "\n".join(self.run_shell("zsh", "-f", "-c", load + said))
        self.assertIn("--target[", arguments)
        self.assertNotIn("--watch[", arguments)


if __name__ == "__main__":
    unittest.main()
