#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""scripts/get-firmware against a pretended npm and a pretended release page: only released bytes are
ever kept."""

import hashlib
import http.server
import io
import json
import os
import stat
import subprocess
import sys
import tarfile
import tempfile
import threading
import unittest
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "get-firmware"

PARTS = {
    "electron-system-part1@2.3.1.bin": b"index three" * 100,
    "electron-system-part2@2.3.1.bin": b"index one" * 90,
    "electron-system-part3@2.3.1.bin": b"index two" * 80,
}
BOOTLOADER = {"electron-bootloader@2.3.1+lto.bin": b"bootloader" * 50}
PAGE_PARTS = {"system-part1-0.5.3-electron.bin": b"old one" * 20,
              "system-part2-0.5.3-electron.bin": b"old two" * 20}


def entry(name, content):
    return {"file": name, "length": len(content), "sha256": hashlib.sha256(content).hexdigest()}


CATALOGUE = [
    {"version": "0.5.3", "tag": "v0.5.3", "parts": [entry(*item) for item in PAGE_PARTS.items()]},
    {"version": "0.5.5", "tag": "v0.5.5", "parts": []},
    {"version": "2.3.1", "tag": "v2.3.1", "parts": [entry(*item) for item in PARTS.items()],
     "bootloader": entry(*next(iter(BOOTLOADER.items())))},
]

# Stands for npm: hands out $FAKE_NPM_ARCHIVE, or fails, or hangs; counts its calls.
FAKE_NPM = """#!/bin/sh
echo "$@" >>"$FAKE_NPM_LOG"
[ -n "$FAKE_NPM_SLEEP" ] && exec sleep "$FAKE_NPM_SLEEP"
[ -n "$FAKE_NPM_ARCHIVE" ] || { echo "npm ERR! network" >&2; exit 1; }
cp "$FAKE_NPM_ARCHIVE" particle-cli.tgz
"""


def package(files):
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(f"package/assets/updates/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return data.getvalue()


class Pages(http.server.BaseHTTPRequestHandler):
    files = {}

    def do_GET(self):
        content = self.files.get(self.path)
        self.send_response(200 if content is not None else 404)
        self.end_headers()
        self.wfile.write(content or b"not found")

    def log_message(self, *_):
        pass


class GetFirmware(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.root = Path(temporary.name)
        (self.root / "bin").mkdir()
        npm = self.root / "bin" / "npm"
        npm.write_text(FAKE_NPM)
        npm.chmod(npm.stat().st_mode | stat.S_IXUSR)
        (self.root / "catalogue.json").write_text(json.dumps(CATALOGUE))
        self.cache = self.root / "cache" / "electron-rescue"
        self.npm_log = self.root / "npm.log"
        self.environment = {
            "PATH": f"{self.root / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.root),
            "XDG_CACHE_HOME": str(self.root / "cache"),
            "ER_CATALOGUE": str(self.root / "catalogue.json"),
            "ER_RELEASE_DOWNLOADS": "http://127.0.0.1:1",
            "FAKE_NPM_LOG": str(self.npm_log),
        }

    def give_package(self, content):
        path = self.root / "package.tgz"
        path.write_bytes(content)
        self.environment["FAKE_NPM_ARCHIVE"] = str(path)

    def serve(self, files):
        handler = type("TheseFiles", (Pages,), {"files": files})
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.environment["ER_RELEASE_DOWNLOADS"] = f"http://127.0.0.1:{server.server_address[1]}"

    def run_script(self, *arguments):
        return subprocess.run([sys.executable, str(SCRIPT), *arguments], env=self.environment,
                              capture_output=True, text=True, timeout=120, check=False)

    def cached(self):
        return {path.name: path.read_bytes() for path in self.cache.glob("*")} if self.cache.exists() else {}

    def test_fetches_from_npm_checks_and_caches(self):
        self.give_package(package({**PARTS, **BOOTLOADER, "other.bin": b"x"}))
        ended = self.run_script("2.3.1")
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertEqual(self.cached(), {**PARTS, **BOOTLOADER})
        self.assertIn("2.3.1: 4 files", ended.stdout)
        self.assertEqual(self.npm_log.read_text(), "pack particle-cli@3.6.0\n")

    def test_copies_to_the_folder_asked_for(self):
        self.give_package(package({**PARTS, **BOOTLOADER}))
        target = self.root / "some" / "folder"
        self.assertEqual(self.run_script("2.3.1", "--dir", str(target)).returncode, 0)
        self.assertEqual({path.name for path in target.iterdir()}, set(PARTS) | set(BOOTLOADER))

    def test_leaves_the_bootloader_out_on_request(self):
        self.give_package(package(PARTS))
        self.assertEqual(self.run_script("--no-bootloader", "2.3.1").returncode, 0)
        self.assertEqual(self.cached(), PARTS)

    def test_needs_no_network_once_cached(self):
        self.give_package(package({**PARTS, **BOOTLOADER}))
        self.assertEqual(self.run_script("2.3.1").returncode, 0)
        self.npm_log.unlink()
        del self.environment["FAKE_NPM_ARCHIVE"]
        ended = self.run_script("2.3.1")
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertFalse(self.npm_log.exists())

    def test_refuses_a_tampered_file(self):
        name = "electron-system-part2@2.3.1.bin"
        changed = bytes([PARTS[name][0] ^ 1]) + PARTS[name][1:]
        self.give_package(package({**PARTS, **BOOTLOADER, name: changed}))
        ended = self.run_script("2.3.1")
        self.assertEqual(ended.returncode, 4)
        self.assertIn(f"{name}: its SHA-256", ended.stderr)
        self.assertNotIn(name, self.cached())

    def test_refuses_a_file_of_another_length(self):
        name = "electron-system-part1@2.3.1.bin"
        self.give_package(package({**PARTS, **BOOTLOADER, name: PARTS[name] + b"\0"}))
        ended = self.run_script("2.3.1")
        self.assertEqual(ended.returncode, 4)
        self.assertIn("bytes instead of", ended.stderr)
        self.assertNotIn(name, self.cached())

    def test_refuses_a_cut_download_at_any_length(self):
        whole = package({**PARTS, **BOOTLOADER})
        for length in (0, 1, 20, len(whole) // 2, len(whole) - 1):
            with self.subTest(length=length):
                self.give_package(whole[:length])
                self.assertEqual(self.run_script("2.3.1").returncode, 4)
                self.assertEqual(self.cached(), {})

    def test_refuses_a_package_of_another_version(self):
        other = {name.replace("2.3.1", "2.3.0"): content for name, content in PARTS.items()}
        self.give_package(package(other))
        ended = self.run_script("2.3.1")
        self.assertEqual(ended.returncode, 4)
        self.assertIn("not in the package", ended.stderr)
        self.assertEqual(self.cached(), {})

    def test_refuses_an_unknown_release(self):
        ended = self.run_script("9.9.9")
        self.assertEqual(ended.returncode, 4)
        self.assertIn("does not know this release", ended.stderr)

    def test_refuses_a_release_without_checksums_and_names_its_page(self):
        ended = self.run_script("0.5.5")
        self.assertEqual(ended.returncode, 4)
        self.assertIn("releases/tag/v0.5.5", ended.stderr)

    def test_says_what_npm_said_when_it_fails(self):
        ended = self.run_script("2.3.1")
        self.assertEqual(ended.returncode, 4)
        self.assertIn("npm ERR! network", ended.stderr)

    def test_gives_up_on_an_npm_that_hangs(self):
        self.environment["FAKE_NPM_SLEEP"] = "60"
        ended = self.run_script("--timeout", "1", "2.3.1")
        self.assertEqual(ended.returncode, 4)
        self.assertIn("did not end within 1 s", ended.stderr)

    def test_replaces_a_damaged_file_in_the_cache(self):
        self.give_package(package({**PARTS, **BOOTLOADER}))
        self.cache.mkdir(parents=True)
        name = "electron-system-part3@2.3.1.bin"
        (self.cache / name).write_bytes(b"rubbish")
        ended = self.run_script("2.3.1")
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertIn("not the released file", ended.stderr)
        self.assertEqual(self.cached()[name], PARTS[name])

    def test_offline_uses_the_cache_only(self):
        self.give_package(package({**PARTS, **BOOTLOADER}))
        ended = self.run_script("--offline", "2.3.1")
        self.assertEqual(ended.returncode, 4)
        self.assertIn("not in the cache", ended.stderr)
        self.assertFalse(self.npm_log.exists())

    def test_fetches_other_releases_from_their_page(self):
        self.serve({f"/v0.5.3/{name}": content for name, content in PAGE_PARTS.items()})
        ended = self.run_script("0.5.3")
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertEqual(self.cached(), PAGE_PARTS)
        self.assertFalse(self.npm_log.exists())

    def test_turns_to_the_release_page_where_npm_fails(self):
        pages = {f"/v2.3.1/{name.replace('@', '%40').replace('+', '%2B')}": content
                 for name, content in {**PARTS, **BOOTLOADER}.items()}
        self.serve(pages)
        ended = self.run_script("2.3.1")
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertEqual(self.cached(), {**PARTS, **BOOTLOADER})

    def test_refuses_an_error_page_in_place_of_a_file(self):
        self.serve({f"/v0.5.3/{name}": b"<html>sorry</html>" for name in PAGE_PARTS})
        self.assertEqual(self.run_script("0.5.3").returncode, 4)
        self.assertEqual(self.cached(), {})

    def test_goes_on_with_the_next_release_after_a_failure(self):
        self.serve({f"/v0.5.3/{name}": content for name, content in PAGE_PARTS.items()})
        ended = self.run_script("9.9.9", "0.5.3")
        self.assertEqual(ended.returncode, 4)
        self.assertEqual(self.cached(), PAGE_PARTS)

    def test_asks_for_a_release(self):
        self.assertEqual(self.run_script().returncode, 2)

    def test_lists_what_can_be_checked(self):
        listed = self.run_script("--list").stdout.split()
        self.assertIn("2.3.1", listed)
        self.assertNotIn("0.5.5", listed)


if __name__ == "__main__":
    unittest.main()
