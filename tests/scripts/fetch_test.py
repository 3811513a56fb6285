#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`electron-rescue fetch` against a local server that answers well, slowly, in pieces, with lies, with
redirects, or not at all. Usage: fetch_test.py PROGRAM. What needs released bytes is skipped where
ER_FIRMWARE_DIR does not have those of 2.3.1."""

import http.server
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import unittest
from pathlib import Path

PROGRAM = Path(sys.argv.pop(1)).resolve()
NAMES = [f"electron-system-part{n}@2.3.1.bin" for n in (1, 2, 3)]
FOLDER = Path(os.environ.get("ER_FIRMWARE_DIR", "/nowhere"))
REAL = {name: (FOLDER / name).read_bytes() for name in NAMES if (FOLDER / name).is_file()}
needs_files = unittest.skipUnless(len(REAL) == len(NAMES), "no released files in ER_FIRMWARE_DIR")


def package(files):
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(f"package/assets/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return data.getvalue()


class Handler(http.server.BaseHTTPRequestHandler):
    """What a path answers is a function of this handler in `server.pages`."""

    def do_GET(self):
        self.server.asked.append((self.path, self.headers.get("Range")))
        page = self.server.pages.get(self.path)
        if page is None:
            self.send_error(404)
        else:
            page(self)

    def begin(self, status, length, **headers):
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def send(self, content):
        """All of it, from where the range begins."""
        begin = 0
        if wanted := self.headers.get("Range"):
            begin = int(wanted.removeprefix("bytes=").split("-")[0])
            end = len(content)
            if begin >= end:
                self.begin(416, 0)
                return
            self.begin(206, end - begin, Content_Range=f"bytes {begin}-{end - 1}/{end}")
        else:
            self.begin(200, len(content))
        self.wfile.write(content[begin:])

    def log_message(self, *_):
        pass


class Fetch(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.root = Path(temporary.name)
        self.cache = self.root / "cache" / "electron-rescue"
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.pages, self.server.asked = {}, []
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.base = f"http://127.0.0.1:{self.server.server_address[1]}"

    def run_fetch(self, *arguments, **more):
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.root), "LC_ALL": "C.UTF-8",
            "XDG_CACHE_HOME": str(self.root / "cache"), "npm_config_registry": self.base,
            "ER_RELEASE_DOWNLOADS": self.base + "/download", **more}
        return subprocess.run([PROGRAM, "fetch", *arguments], env=environment, timeout=120,
                              capture_output=True, text=True, check=False)

    def publish(self, page):
        for name in NAMES:
            self.server.pages[f"/download/v2.3.1/{name}"] = page(name)

    def publish_package(self, send):
        manifest = json.dumps({"dist": {"tarball": f"{self.base}/cli.tgz"}}).encode()
        self.server.pages["/particle-cli/3.6.0"] = lambda handler: handler.send(manifest)
        self.server.pages["/cli.tgz"] = send

    def cached(self):
        return {path.name: path.read_bytes() for path in self.cache.glob("*.bin")}

    def refused(self, *says, arguments=("--no-bootloader",)):
        ended = self.run_fetch("2.3.1", *arguments)
        self.assertEqual(ended.returncode, 4, ended.stdout + ended.stderr)
        self.assertIn("hint: ", ended.stderr)
        for words in says:
            self.assertIn(words, ended.stderr)
        self.assertEqual(self.cached(), {})

    @needs_files
    def test_fetches_from_the_release_page(self):
        self.publish(lambda name: lambda handler: handler.send(REAL[name]))
        ended = self.run_fetch("2.3.1", "--no-bootloader", "--json")
        self.assertEqual(ended.returncode, 0, ended.stdout + ended.stderr)
        document = json.loads(ended.stdout)
        self.assertEqual([file["source"] for file in document["releases"][0]["files"]],
                         ["release-page"] * 3)
        self.assertEqual(self.cached(), REAL)
        self.server.pages.clear()
        self.assertEqual(self.run_fetch("2.3.1", "--no-bootloader", "--offline").returncode, 0)

    @needs_files
    def test_goes_on_where_the_connection_was_cut(self):
        content = package({**REAL, "filler": os.urandom(400_000)})
        cuts = []

        def send(handler):
            if len(cuts) == 2:
                handler.send(content)
                return
            begin = sum(cuts)
            if begin:
                handler.begin(206, len(content) - begin,
                              Content_Range=f"bytes {begin}-{len(content) - 1}/{len(content)}")
            else:
                handler.begin(200, len(content))
            handler.wfile.write(content[begin:begin + 100_000])
            cuts.append(100_000)
            handler.wfile.flush()
            handler.connection.close()

        self.publish_package(send)
        ended = self.run_fetch("2.3.1", "--no-bootloader")
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertIn(("/cli.tgz", "bytes=200000-"), self.server.asked)
        self.assertEqual(self.cached(), REAL)

    @needs_files
    def test_bundle_serves_a_computer_without_a_network(self):
        bundle = self.root / "bundle.zip"
        ended = self.run_fetch("2.3.1", "--no-bootloader", "--offline", "--from", str(FOLDER),
                               "--bundle", str(bundle))
        self.assertEqual(ended.returncode, 0, ended.stderr)
        for path in self.cache.glob("*.bin"):
            path.unlink()
        ended = self.run_fetch("2.3.1", "--no-bootloader", "--offline", "--from", str(bundle))
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertEqual(self.cached(), REAL)

    def test_server_that_is_not_there(self):
        self.server.shutdown()
        self.server.server_close()
        self.refused("electron-system-part1@2.3.1.bin", "connect")

    def test_server_that_knows_nothing(self):
        self.refused("no such file (404)", "--bundle")

    def test_server_that_lies(self):
        self.publish(lambda name: lambda handler: handler.send(b"<html>Sign in to go on</html>" * 9))
        self.refused("a web page")

    def test_server_that_lies_about_the_length(self):
        def send(handler):
            handler.begin(200, 1000)
            handler.wfile.write(b"short")
            handler.wfile.flush()
            handler.connection.close()

        self.publish(lambda name: send)
        self.refused("electron-system-part1@2.3.1.bin")

    def test_answer_without_end(self):
        def send(handler):
            handler.send_response(200)
            handler.end_headers()
            try:
                while True:
                    handler.wfile.write(bytes(65536))
            except OSError:
                pass

        self.publish(lambda name: send)
        self.refused("longer than")

    def test_server_that_falls_silent(self):
        def send(handler):
            handler.begin(200, 1000)
            handler.wfile.flush()
            time.sleep(20)

        self.server.pages["/download/v2.3.1/" + NAMES[0]] = send
        begun = time.monotonic()
        self.refused("no answer", arguments=("--no-bootloader", "--timeout", "1"))
        self.assertLess(time.monotonic() - begun, 100)

    def test_redirects_without_end(self):
        def send(handler):
            handler.begin(302, 0, Location=handler.path)

        self.publish(lambda name: send)
        self.refused("one address to another")

    @needs_files
    def test_redirect_to_where_the_files_are(self):
        self.publish(lambda name: lambda handler: handler.begin(302, 0, Location="/at/" + name))
        for name in NAMES:
            self.server.pages["/at/" + name] = lambda handler, name=name: handler.send(REAL[name])
        self.assertEqual(self.run_fetch("2.3.1", "--no-bootloader").returncode, 0)

    @needs_files
    def test_disk_that_is_full(self):
        self.publish(lambda name: lambda handler: handler.send(REAL[name]))
        (self.root / "cache").mkdir()
        self.cache.write_text("a file where the folder should be")
        ended = self.run_fetch("2.3.1", "--no-bootloader")
        self.assertEqual(ended.returncode, 4)
        self.assertIn("XDG_CACHE_HOME", ended.stderr)

    def test_wrong_usage(self):
        self.assertEqual(self.run_fetch().returncode, 2)
        self.assertEqual(self.run_fetch("2.3").returncode, 2)
        self.assertEqual(self.run_fetch("9.9.9").returncode, 2)
        self.assertEqual(self.run_fetch("2.3.1", "--from", "/nowhere/at/all").returncode, 4)


if __name__ == "__main__":
    unittest.main()
