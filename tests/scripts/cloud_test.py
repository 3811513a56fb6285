#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`electron-sim --cloud` over real HTTP: curl, a keep-alive connection, hostile requests, the vendor's
official client, and `electron-rescue ota`, whose requests are compared with those of the official client.
Usage: cloud_test.py ELECTRON_SIM ELECTRON_RESCUE. What needs curl or npm is skipped, with the reason, where
they are not there."""

import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

import npm_packages

PROGRAM = Path(sys.argv.pop(1)).resolve()
RESCUE = Path(sys.argv.pop(1)).resolve()
HERE = Path(__file__).resolve().parent
TOKEN = "51" * 20
DEVICE = "2b0036000a47333534000001"
OFFICIAL = {"particle-api-js": "12.0.3"}  # the version whose requests are written down in the facts
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


class Recorder:
    """Stands before a server and writes down what clients send to it, byte for byte."""

    def __init__(self, port):
        self.to = port
        self.taken = []  # one bytearray a connection
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listening.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listening.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.to))
            taken = bytearray()
            self.taken.append(taken)
            threading.Thread(target=self.pump, args=(client, server, taken), daemon=True).start()
            threading.Thread(target=self.pump, args=(server, client, None), daemon=True).start()

    @staticmethod
    def pump(source, sink, taken):
        try:
            while data := source.recv(65536):
                if taken is not None:
                    taken += data
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def requests(self):
        """[(method, path without query, query, headers, body)], all that came."""
        found = []
        for taken in self.taken:
            rest = bytes(taken)
            while match := re.match(rb"(GET|PUT|POST|DELETE) (\S+) HTTP/1.1\r\n(.*?)\r\n\r\n", rest, re.S):
                rest = rest[match.end():]
                lines = match[3].decode().split("\r\n")
                headers = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines)}
                if headers.get("transfer-encoding") == "chunked":
                    body, rest = self.chunks(rest)
                else:
                    length = int(headers.get("content-length", 0))
                    body, rest = rest[:length], rest[length:]
                path, _, query = match[2].decode().partition("?")
                found.append((match[1].decode(), path, query, headers, body))
        return found

    @staticmethod
    def chunks(rest):
        body = b""
        while True:
            size, _, rest = rest.partition(b"\r\n")
            length = int(size, 16)
            if length == 0:
                return body, rest[2:]
            body, rest = body + rest[:length], rest[length + 2:]


def form_of(request):
    """[(name, file name or None, content type or None, content)] of a multipart request."""
    boundary = b"--" + re.search(r"boundary=(\S+)", request[3]["content-type"])[1].encode()
    parts = []
    for part in request[4].split(boundary)[1:-1]:
        head, _, content = part[2:-2].partition(b"\r\n\r\n")
        text = head.decode()
        name, file = re.search(r' name="([^"]*)"', text)[1], re.search(r'filename="([^"]*)"', text)
        kind = re.search(r"Content-Type: (\S+)", text)
        parts.append((name, file and file[1], kind and kind[1], content))
    return parts


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


def npm_install(test, folder):
    if why := npm_packages.install(folder, OFFICIAL):
        test.skipTest(why)


def run_official(test, folder, url, part):
    done = subprocess.run(["node", HERE / "official_client.js", str(Path(folder) / "node_modules"), url, TOKEN, DEVICE,
                           str(part)], capture_output=True, text=True, timeout=120)
    test.assertEqual(done.returncode, 0, done.stderr)
    return json.loads(done.stdout)


def run_ours(folder, url, *options):
    token = Path(folder) / "token"
    token.write_text(TOKEN)
    token.chmod(0o600)
    home = dict(os.environ, XDG_STATE_HOME=str(Path(folder) / "state"))
    return subprocess.run([RESCUE, "ota", "flash", DEVICE, "--target", "0.6.4", "--firmware", str(Path(folder) / "parts"),
                           "--allow-unknown", "--api", url, "--token-file", str(token), "--yes", "--json", *options],
                          capture_output=True, text=True, env=home, timeout=280)


def fleet_file(folder, **about):
    fleet = Path(folder) / "fleet.json"
    fleet.write_text(json.dumps({
        "username": "user@example.com", "password": "secret",
        "devices": [{"id": DEVICE, "release": "0.5.3", "needs": "0.6.4", **about}],
        "products": [{"id": 1234, "slug": "p", "name": "P"}]}))
    return str(fleet)


class OfficialClient(unittest.TestCase):
    """Installed by npm for this run; its version is pinned."""

    def test_logs_in_lists_pings_flashes_and_hears(self):
        with tempfile.TemporaryDirectory() as folder:
            npm_install(self, folder)
            parts = parts_of("0.6.4", str(Path(folder) / "parts"))
            with Served("--fleet", fleet_file(folder), speed=100) as cloud:
                told = run_official(self, folder, cloud.url, parts[1])
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


class OurClient(unittest.TestCase):
    """One whole run of `electron-rescue ota flash`, its requests written down on the way."""

    @classmethod
    def setUpClass(cls):
        if subprocess.run([RESCUE, "ota", "--help"], capture_output=True).returncode != 0:
            raise unittest.SkipTest("this electron-rescue has no ota")
        cls.folder = tempfile.TemporaryDirectory()
        cls.parts = parts_of("0.6.4", str(Path(cls.folder.name) / "parts"))
        with Served("--fleet", fleet_file(cls.folder.name), speed=100) as cloud:
            recorder = Recorder(cloud.port)
            cls.done = run_ours(cls.folder.name, recorder.url)
            cls.status = cloud.status()
            cls.taken = recorder.requests()
            recorder.listening.close()

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_mends_a_device_over_real_http(self):
        self.assertEqual(self.done.returncode, 0, self.done.stdout + self.done.stderr)
        self.assertEqual(json.loads(self.done.stdout)["devices"][0]["verdict"], "proved")
        self.assertIn("0.6.4: runs its application; 3 taken, 0 refused, 0 needless", self.status[0])
        self.assertIn("1 streams opened", self.status[-1])

    def test_asks_as_the_official_client_asks(self):
        with tempfile.TemporaryDirectory() as folder:
            npm_install(self, folder)
            with Served("--fleet", fleet_file(folder), speed=100) as cloud:
                recorder = Recorder(cloud.port)
                run_official(self, folder, recorder.url, self.parts[1])
                taken = recorder.requests()
                recorder.listening.close()

        def first(requests, method, path):
            return next(request for request in requests if request[:2] == (method, path))

        device = f"/v1/devices/{DEVICE}"
        for method, path in (("GET", device), ("PUT", device + "/ping"), ("GET", "/v1/devices/events"), ("PUT", device)):
            official, ours = first(taken, method, path), first(self.taken, method, path)
            self.assertEqual(ours[3]["authorization"], official[3]["authorization"], path)
            self.assertNotIn(TOKEN, ours[2], path)
            if path.endswith("/ping"):
                self.assertEqual(json.loads(ours[4]), json.loads(official[4]))
                self.assertTrue(ours[3]["content-type"].startswith("application/json"))
        official, ours = form_of(first(taken, "PUT", device)), form_of(first(self.taken, "PUT", device))
        # The same file in the same form. The name ends in .bin; file_type stands where the official client
        # has "latest", as the vendor's reference has it.
        self.assertEqual(ours[0][0], official[0][0])
        self.assertEqual(ours[0][2:], official[0][2:])
        self.assertTrue(ours[0][1].endswith(".bin") and official[0][1].endswith(".bin"))
        self.assertEqual([part[0] for part in official], ["file", "latest"])
        self.assertEqual([(part[0], part[3]) for part in ours[1:]], [("file_type", b"binary")])


class Journeys(unittest.TestCase):
    """Each way through the releases, each mix of two, of one's own devices and of a product's: over real HTTP."""

    # target: (release, parts of another release, further keys)
    WAYS = {
        "0.6.4": [("0.5.3", {}, {}), ("0.4.8-rc.6", {}, {}),
                  ("0.5.3", {"3": "0.6.4"}, {"link": "offline", "returns_after": 60})],
        "0.7.0": [("0.6.4", {}, {}),
                  ("0.6.4", {"1": "0.7.0", "3": "0.7.0"}, {"failures": ["transfer 1: full-handshake"]})],
        "2.3.1": [("1.5.2", {}, {}), ("1.5.2", {"3": "2.3.1"}, {"link": "offline", "returns_after": 60})],
        "1.5.2": [("2.3.1", {}, {})],
    }

    def test_end_proved(self):
        with tempfile.TemporaryDirectory() as folder:
            for release in ("0.5.3", "0.6.3", "0.6.4", "0.7.0", "1.5.2", "2.3.1"):
                parts_of(release, str(Path(folder) / "parts"))
            token = Path(folder) / "token"
            token.write_text(TOKEN)
            token.chmod(0o600)
            devices, runs = [], {}
            for product in (None, 1234):
                for target, ways in self.WAYS.items():
                    for release, parts, about in ways:
                        name = f"2b0036000a473335{len(devices) + 1:08d}"
                        devices.append({"id": name, "release": release, "parts": parts, "needs": target, **about,
                                        **({"product": product} if product else {})})
                        runs.setdefault((product, target), []).append(name)
            fleet = Path(folder) / "fleet.json"
            fleet.write_text(json.dumps({"devices": devices, "products": [{"id": 1234, "slug": "p", "name": "P"}]}))
            with Served("--fleet", str(fleet), speed=120) as cloud:
                clients = [(run, subprocess.Popen(
                    [RESCUE, "ota", "flash", *run[1], "--target", run[0][1], "--firmware", str(Path(folder) / "parts"),
                     "--allow-unknown", "--api", cloud.url, "--token-file", str(token), "--yes", "--json"],
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                    env=dict(os.environ, XDG_STATE_HOME=str(Path(folder) / "state"))))
                    for run in runs.items()]
                for ((product, target), names), client in clients:
                    out, err = client.communicate(timeout=280)
                    with self.subTest(product=product, target=target):
                        self.assertEqual(client.returncode, 0, out + err)
                        verdicts = {one["id"]: one["verdict"] for one in json.loads(out)["devices"]}
                        self.assertEqual(verdicts, dict.fromkeys(names, "proved"))
                status = "\n".join(cloud.status())
        self.assertNotIn("dead", status)
        for (_, target), names in runs.items():
            for name in names:
                line = next(line for line in status.splitlines() if name in line)
                self.assertIn(f"{target}: runs its application", line)
                self.assertIn(" 0 refused", line)


if __name__ == "__main__":
    unittest.main()
