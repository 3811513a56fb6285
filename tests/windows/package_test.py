#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ZIP archive and the installer for Windows: what is in them, what the program needs, that it runs out of
the archive, and that they are the same bytes when they are made again.

    package_test.py BUILD    (the preset's folder)"""

import hashlib
import re
import subprocess
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path

BUILD = Path(sys.argv.pop(1)).resolve()
ROOT = Path(__file__).resolve().parents[2]
# What every Windows 10 has.
SYSTEM_DLLS = {"advapi32.dll", "bcrypt.dll", "crypt32.dll", "kernel32.dll", "msvcrt.dll", "setupapi.dll",
               "cfgmgr32.dll", "shell32.dll", "winmm.dll", "ws2_32.dll", "user32.dll", "ole32.dll", "secur32.dll",
               "security.dll", "iphlpapi.dll"}
# What a user may lay beside the program (docs/windows.md).
DLLS_BESIDE = {"libmicrohttpd-12.dll", "libpq.dll", "mosquitto.dll"}
MOST_BYTES = 7 * 1024 * 1024
WANTED = ["electron-rescue.exe", "LICENSE.txt", "docs/windows.md", "docs/electron-rescue.html", "docs/README.md",
          "completions/electron-rescue.ps1", "licences/THIRD-PARTY-NOTICES.md", "licences/libusb.txt",
          "licences/libserialport.txt", "licences/dfu-util.txt", "licences/curl.txt", "licences/libarchive.txt",
          "licences/zlib.txt", "licences/gcc.txt", "licences/mingw-w64.txt"]


def make():
    made = subprocess.run([ROOT / "scripts/package-windows"], cwd=ROOT, check=True, text=True, stdout=subprocess.PIPE)
    zipped, installer = [ROOT / line for line in made.stdout.split()]
    return zipped, installer


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Packages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.zip, cls.installer = make()
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        with zipfile.ZipFile(cls.zip) as archive:
            cls.names = archive.namelist()
            archive.extractall(cls.folder.name)
        cls.top = Path(cls.folder.name) / cls.zip.stem
        cls.exe = cls.top / "electron-rescue.exe"

    def test_the_archive_has_the_program_the_documents_and_the_licences(self):
        for name in WANTED:
            self.assertIn(f"{self.zip.stem}/{name}", self.names)
        for name in self.names:
            self.assertTrue(name.startswith(f"{self.zip.stem}/"), name)
            self.assertNotRegex(name, r"\.(bin|a|obj|lib)$")

    def test_the_installer_has_the_same_files(self):
        listed = subprocess.run(["7z", "l", "-slt", self.installer], check=True, text=True, stdout=subprocess.PIPE).stdout
        inside = {path.replace("\\", "/").split("$INSTDIR/")[-1] for path in re.findall(r"^Path = (.*)$", listed, re.M)}
        for name in WANTED:
            self.assertIn(name, inside)
        self.assertTrue(any("uninst" in name.lower() for name in inside), "no uninstaller")

    def test_the_installer_asks_for_no_administrator(self):
        self.assertIn(b'level="asInvoker"', self.installer.read_bytes())

    def test_no_start_loads_more_than_any_program_needs(self):
        told = subprocess.run(["x86_64-w64-mingw32-objdump", "-p", self.exe], check=True, text=True,
                              stdout=subprocess.PIPE).stdout
        needed = {name.lower() for name in re.findall(r"DLL Name: (\S+)", told)}
        self.assertEqual(needed, {"kernel32.dll", "msvcrt.dll"})

    def test_the_program_needs_nothing_that_windows_lacks(self):
        # What is loaded when it is first used stands by name in the program only.
        named = {name.decode().lower() for name in re.findall(rb"(?<=\0)[A-Za-z0-9_.-]+\.(?:dll|DLL)(?=\0)", self.exe.read_bytes())}
        self.assertGreater(len(named), 3)
        self.assertLessEqual(named, SYSTEM_DLLS | DLLS_BESIDE)

    def test_the_program_is_small(self):
        self.assertLessEqual(self.exe.stat().st_size, MOST_BYTES)

    def test_the_program_says_what_it_is(self):
        content = self.exe.read_bytes()
        self.assertIn("OriginalFilename".encode("utf-16-le"), content)
        self.assertIn(b">UTF-8</activeCodePage>", content)
        # Not where it was made; a short folder's name is also a part of others' relative ones.
        self.assertIsNone(re.search(rb"(?<![\w./-])" + re.escape(str(ROOT).encode()) + rb"[/\0]", content))

    def test_the_program_runs_from_the_archive(self):
        ran = subprocess.run(["setarch", "-R", "/usr/lib/wine/wine64", self.exe, "--version"], text=True,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.assertEqual(ran.returncode, 0)
        self.assertIn("Windows CNG", ran.stdout)

    def test_the_completion_is_the_programs(self):
        text = (self.top / "completions/electron-rescue.ps1").read_text()
        self.assertIn("Register-ArgumentCompleter", text)
        self.assertIn("'flash' = @(", text)

    def test_made_again_they_are_the_same_bytes(self):
        before = digest(self.zip), digest(self.installer), digest(BUILD / "electron-rescue.exe")
        (BUILD / "electron-rescue.exe").unlink()
        make()
        self.assertEqual(before, (digest(self.zip), digest(self.installer), digest(BUILD / "electron-rescue.exe")))


if __name__ == "__main__":
    unittest.main(verbosity=1)
