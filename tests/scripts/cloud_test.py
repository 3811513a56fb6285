#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`electron-sim --cloud` over real HTTP: curl, a keep-alive connection, hostile requests, and the
vendor's official client. Usage: cloud_test.py ELECTRON_SIM. What needs curl or npm is skipped, with the
reason, where they are not there."""

import http.client
import json
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

PROGRAM = Path(sys.argv.pop(1)).resolve()
HERE = Path(__file__).resolve().parent
TOKEN = "51" * 20
DEVICE = "2b0036000a47333534000001"
OFFICIAL = "particle-api-js@12.0.3"  # the version whose requests are written down in the facts
needs_curl = unittest.skipUnless(shutil.which("curl"), "no curl here")


class Served:
    """A cloud with its own port, 300 times as fast as our time."""

    def __init__(self, *options, speed=300):
        self.process = subprocess.Popen(
            [PROGRAM, "--cloud", "--listen", "127.0.0.1:0", "--speed", str(speed), *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.lines = []
        while not self.lines or self.lines[-1] != "ready":
            line = self.process.stdout.readline()
            if not line:
                raise AssertionError(self.process.stderr.read())
            self.lines.append(line.strip())
        self.url = re.search(r"http://\S+", self.lines[0])[0]
        self.port = int(self.url.rsplit(":", 1)[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.write("quit\n")
        self.process.stdin.flush()
        self.process.wait(10)
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.stderr.close()

    def status(self):
        self.process.stdin.write("status\n")
        self.process.stdin.flush()
        lines = []
        while not lines or "streams opened" not in lines[-1]:
            lines.append(self.process.stdout.readline().strip())
        return lines

    def curl(self, path, *options):
        """(status, body) as curl has them; status 0: the connection was cut."""
        done = subprocess.run(
            ["curl", "-sS", "-m", "30", "-w", "\n%{http_code}", "-H", f"Authorization: Bearer {TOKEN}", *options,
             self.url + path], capture_output=True, text=True)
        body, _, code = done.stdout.rpartition("\n")
        return int(code), body

    def stream(self, path="/v1/devices/events", *options):
        return subprocess.Popen(["curl", "-sN", "-m", "60", "-H", f"Authorization: Bearer {TOKEN}", *options,
                                 self.url + path], stdout=subprocess.PIPE, text=True, bufsize=1)

    def request(self, method, path, body=None, headers=()):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request(method, path, body, {"Authorization": f"Bearer {TOKEN}", **dict(headers)})
        try:
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


def parts_of(release, folder):
    subprocess.run([PROGRAM, "--synthesise", release, "--out", folder], check=True, stdout=subprocess.DEVNULL)
    return {int(re.search(r"part(\d)", path.name)[1]): path for path in Path(folder).glob("*.bin")}


def until(stream, word):
    """The stream's lines up to the one with the word."""
    lines = []
    for line in stream.stdout:
        lines.append(line)
        if word in line:
            return lines
    raise AssertionError("the stream ended: " + "".join(lines))


class OverHttp(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.parts = parts_of("0.6.4", cls.folder.name)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def fleet(self, *options, **about):
        return Served("--releases", "0.5.3", "--needs", "0.6.4", "--devices", "1", *options, **about)

    def flash(self, cloud, part, *options):
        return cloud.curl(f"/v1/devices/{DEVICE}", "-X", "PUT", "-F", f"file=@{self.parts[part]}",
                          "-F", "file_type=binary", *options)

    @needs_curl
    def test_curl_lists_looks_and_is_refused(self):
        with self.fleet() as cloud:
            status, body = cloud.curl("/v1/devices")
            self.assertEqual((status, [d["id"] for d in json.loads(body)]), (200, [DEVICE]))
            status, body = cloud.curl(f"/v1/devices/{DEVICE}")
            self.assertEqual(json.loads(body)["status"], "safe-mode")
            self.assertEqual(cloud.curl("/v1/devices/00")[0], 403)
            self.assertEqual(cloud.curl("/v1/devices", "-H", "Authorization: Bearer x")[0], 401)
            self.assertEqual(cloud.curl(f"/v1/devices/{DEVICE}/ping", "-X", "PUT", "-d", "{}"),
                             (200, '{"online":true,"ok":true}'))

    @needs_curl
    def test_curl_mends_a_device_and_hears_of_it(self):
        with self.fleet() as cloud:
            for part, seen in ((1, '\\"n\\":\\"3\\",\\"v\\":110'), (2, '\\"n\\":\\"1\\",\\"v\\":110')):
                stream = cloud.stream()
                self.assertEqual(stream.stdout.readline(), ":ok\n")
                # 100-continue as curl does for large bodies, with a length and in chunks.
                chunked = ["-H", "Transfer-Encoding: chunked"] if part == 2 else []
                status, body = self.flash(cloud, part, *chunked)
                self.assertEqual((status, json.loads(body)["status"]), (200, "Update started"))
                lines = until(stream, seen)
                self.assertIn("event: spark/flash/status\n", lines)
                self.assertIn("event: spark/status/safe-mode\n", lines)
                stream.kill()
                stream.communicate()
            stream = cloud.stream()
            self.flash(cloud, 3)
            until(stream, '"online"')
            stream.kill()
            stream.communicate()
            self.assertIn("0.6.4: runs its application; 3 taken, 0 refused, 0 needless", cloud.status()[0])

    def test_a_connection_is_kept_for_the_next_request(self):
        with self.fleet() as cloud:
            connection = http.client.HTTPConnection("127.0.0.1", cloud.port, timeout=20)
            for _ in range(3):
                connection.request("GET", "/v1/devices", headers={"Authorization": f"Bearer {TOKEN}"})
                answer = connection.getresponse()
                self.assertEqual(answer.status, 200)
                answer.read()
                self.assertIsNotNone(connection.sock)  # else the server has closed it
            connection.close()

    def test_what_is_too_long_is_refused(self):
        with self.fleet() as cloud:
            status, _ = cloud.request("PUT", f"/v1/devices/{DEVICE}", b"x" * 3_000_000,
                                      {"Content-Type": "multipart/form-data; boundary=x"})
            self.assertEqual(status, 413)
            status, _ = cloud.request("GET", "/v1/devices?x=" + "y" * 10_000)
            self.assertEqual(status, 400)
            try:
                status, _ = cloud.request("GET", "/v1/devices", headers={"X-Long": "y" * 200_000})
                self.assertGreaterEqual(status, 400)
            except (ConnectionError, http.client.HTTPException):
                pass  # cut before the answer could be read
            self.assertEqual(cloud.request("GET", "/v1/devices")[0], 200)

    def test_what_is_no_http_harms_nobody(self):
        with self.fleet() as cloud:
            for rubbish in (b"\0" * 1000, b"GET\r\n\r\n", b"PUT / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
                            b"PUT /v1/devices/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nshort"):
                with socket.create_connection(("127.0.0.1", cloud.port), 5) as raw:
                    raw.sendall(rubbish)
            self.assertEqual(cloud.request("GET", "/v1/devices")[0], 200)

    def test_failures_are_what_they_are_called(self):
        with self.fleet("--fail", "answer 1: bad-gateway", "--fail", "answer 2: cut", "--fail", "answer 3: endless 2",
                        "--fail", "answer 4: long-header", "--fail", "answer 5: redirect",
                        "--fail", "answer 6: slow") as cloud:
            status, body = cloud.request("GET", "/v1/devices")
            self.assertEqual((status, b"<html>" in body), (502, True))
            with self.assertRaises((ConnectionError, http.client.HTTPException)):
                cloud.request("GET", "/v1/devices")
            status, body = cloud.request("GET", "/v1/devices")
            self.assertEqual((status, len(body)), (200, (2 << 20) + 1))
            with self.assertRaises((ConnectionError, http.client.HTTPException)):
                cloud.request("GET", "/v1/devices")  # Python takes no header of that length
            self.assertEqual(cloud.request("GET", "/v1/devices")[0], 302)
            begun = time.monotonic()
            self.assertEqual(cloud.request("GET", "/v1/devices")[0], 200)
            self.assertGreater(time.monotonic() - begun, 0.2)  # 100 s, 300 times as fast

    @needs_curl
    def test_a_stream_is_closed_and_split_where_it_should_be(self):
        with self.fleet("--fail", "opening 1: split", "--fail", "event 2: close-after") as cloud:
            stream = cloud.stream()
            stream.stdout.readline()
            self.flash(cloud, 1)
            rest = stream.stdout.read()
            self.assertEqual(stream.wait(30), 0)
            self.assertIn('"success "', rest)
            self.assertTrue(rest.endswith('"}\n\n'))
            stream.stdout.close()

    @needs_curl
    def test_many_streams_and_requests_at_once(self):
        with self.fleet(speed=1000) as cloud:
            streams = [cloud.stream() for _ in range(20)]
            for stream in streams:
                self.assertEqual(stream.stdout.readline(), ":ok\n")
            self.flash(cloud, 1)
            for stream in streams:
                until(stream, "safe-mode")
                stream.kill()
                stream.communicate()
            self.assertIn("20 streams opened, 20 at once", cloud.status()[-1])

    def test_a_port_that_is_taken_is_said(self):
        with self.fleet() as cloud:
            done = subprocess.run([PROGRAM, "--cloud", "--listen", f"127.0.0.1:{cloud.port}"],
                                  capture_output=True, text=True, timeout=20)
            self.assertEqual(done.returncode, 6, done.stderr)
            self.assertIn("cannot listen at", done.stderr)

    def test_what_cannot_be_understood_is_said(self):
        for options in (["--listen", "nowhere"], ["--fail", "x"], ["--releases", "9.9.9"], ["--needs", "9.9.9"]):
            done = subprocess.run([PROGRAM, "--cloud", *options], capture_output=True, text=True, timeout=20)
            self.assertEqual(done.returncode, 2, options)
            self.assertNotEqual(done.stderr, "", options)

    def test_the_log_has_requests_and_events_and_no_token(self):
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder) / "log"
            with self.fleet("--log", str(log)) as cloud:
                cloud.request("GET", f"/v1/devices?access_token={TOKEN}")
                cloud.request("PUT", f"/v1/devices/{DEVICE}", b"{}")
            text = log.read_text()
            self.assertNotIn(TOKEN, text)
            self.assertEqual([json.loads(line)["request"] for line in text.splitlines()],
                             ["GET /v1/devices?access_token=...", f"PUT /v1/devices/{DEVICE}"])


class OfficialClient(unittest.TestCase):
    """Installed by npm for this run; its version is pinned."""

    def test_logs_in_lists_pings_flashes_and_hears(self):
        if not shutil.which("npm") or not shutil.which("node"):
            self.skipTest("no npm here")
        with tempfile.TemporaryDirectory() as folder:
            installed = subprocess.run(
                ["npm", "install", "--prefix", folder, "--no-audit", "--no-fund", "--silent", OFFICIAL],
                capture_output=True, text=True)
            if installed.returncode != 0:
                self.skipTest(f"npm cannot install {OFFICIAL} here")
            parts = parts_of("0.6.4", str(Path(folder) / "parts"))
            fleet = Path(folder) / "fleet.json"
            fleet.write_text(json.dumps({
                "username": "user@example.com", "password": "secret",
                "devices": [{"id": DEVICE, "release": "0.5.3", "needs": "0.6.4"}]}))
            with Served("--fleet", str(fleet), speed=100) as cloud:
                done = subprocess.run(
                    ["node", HERE / "official_client.js", str(Path(folder) / "node_modules"), cloud.url, TOKEN,
                     DEVICE, str(parts[1])], capture_output=True, text=True, timeout=120)
                self.assertEqual(done.returncode, 0, done.stderr)
                told = json.loads(done.stdout)
        self.assertEqual(told["refused"], {"status": 400, "error": "invalid_grant"})
        self.assertEqual(told["login"], TOKEN)
        self.assertEqual(told["list"], [DEVICE])
        self.assertEqual(told["version"], "0.5.3")
        self.assertEqual(told["foreign"], 403)
        self.assertEqual(told["ping"], {"online": True, "ok": True})
        self.assertEqual(told["flash"], {"id": DEVICE, "status": "Update started"})
        self.assertEqual([event[:2] for event in told["events"]],
                         [[name, DEVICE] for name in ("spark/flash/status", "spark/flash/status", "spark/status",
                                                      "spark/status", "spark/status/safe-mode")])
        modules = json.loads(told["events"][-1][2])["m"]
        self.assertIn(("3", 110), [(module.get("n"), module.get("v")) for module in modules])


if __name__ == "__main__":
    unittest.main()
