#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`electron-rescue ota` against a living server that is not ours: npm @brewskey/spark-server, the open
successor of the vendor's own of 2014, with a device on it. What it answers is not what the vendor's cloud
answers; each oddity must end in a clear stop, never in the next part.
Usage: open_server_test.py ELECTRON_SIM ELECTRON_RESCUE
Ends with 77, and says why, where npm cannot install the server."""

import base64
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.parse
import urllib.request
from pathlib import Path

import npm_packages

PROGRAM = Path(sys.argv.pop(1)).resolve()
RESCUE = Path(sys.argv.pop(1)).resolve()
HERE = Path(__file__).resolve().parent
DEVICE = "2b0036000a47333534000001"
OTHER = "2b0036000a47333534000002"
# Two of its packages name git repositories where npm has the same code.
PACKAGES = ({"@brewskey/spark-server": "1.0.17"},
            {"binary-version-reader": "2.5.1", "nedb-core": {".": "3.0.6", "mkdirp": "0.5.6"}})
installed = None  # a temporary folder with node_modules


def install():
    """Why it cannot be installed; else None."""
    global installed
    installed = tempfile.TemporaryDirectory()
    return npm_packages.install(installed.name, *PACKAGES)


def part(function, index, version, *needs, valid=30):
    return {"s": 131072, "l": "m", "vc": 30, "vv": valid, "f": function, "n": str(index), "v": version,
            "d": [{"f": f, "n": str(n), "v": v} for f, n, v in needs]}


# 0.5.0, in safe mode: the application wants 0.6.4.
DESCRIBED = {"id": DEVICE, "f": [], "v": {}, "modules": {"p": 10, "imei": "353162070000019", "m": [
    part("b", 0, 7), part("s", 1, 13), part("s", 2, 13, ("s", 1, 13)),
    part("u", 1, 3, ("s", 2, 110), valid=26)]}}


class Server:
    """The open server with one user, who has claimed one device."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.home = Path(self.folder.name)
        self.log = open(self.home / "log", "w+")
        self.modules = str(Path(installed.name) / "node_modules")
        self.process = subprocess.Popen(["node", HERE / "open_server.js", self.modules, self.folder.name],
                                        stdout=subprocess.PIPE, stderr=self.log, text=True)
        line = self.process.stdout.readline()
        if not line:
            self.log.seek(0)
            raise AssertionError("the open server does not start: " + self.log.read()[:2000])
        ports = json.loads(line)
        self.url = f"http://127.0.0.1:{ports['http']}"
        self.device_port = ports["devices"]
        self.devices = []
        self.token = ""
        user = {"username": "user@example.com", "password": "secret1"}
        self.post("/v1/users", user)
        basic = base64.b64encode(b"CLI2:client_secret_here").decode()
        login = self.post("/oauth/token", {"grant_type": "password", **user}, f"Basic {basic}")
        self.token = login["access_token"]
        self.post("/v1/devices", {"id": DEVICE})

    def post(self, path, form, authorization=None):
        request = urllib.request.Request(self.url + path, urllib.parse.urlencode(form).encode())
        request.add_header("Authorization", authorization or f"Bearer {self.token}")
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def connect(self, how):
        """A device that has told the server what it has; its lines come from `stdout`."""
        about = self.home / "device.json"
        about.write_text(json.dumps(DESCRIBED))
        device = subprocess.Popen(
            ["node", HERE / "open_device.js", self.modules, str(self.device_port),
             str(self.home / "data/default_key.pub.pem"), str(about), how],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.devices.append(device)
        line = device.stdout.readline()
        if line != "described\n":
            raise AssertionError(f"the device could not log in: {line!r}")
        return device

    def events(self):
        """The server's events, as it sends them."""
        request = urllib.request.Request(self.url + "/v1/devices/events")
        request.add_header("Authorization", f"Bearer {self.token}")
        return urllib.request.urlopen(request, timeout=120)

    @staticmethod
    def until(stream, data):
        for line in stream:
            if line.startswith(b"data:") and json.loads(line[5:])["data"] == data:
                return
        raise AssertionError(f"no event {data}")

    def environment(self, token=None):
        return {"PATH": os.environ["PATH"], "HOME": self.folder.name,
                "PARTICLE_ACCESS_TOKEN": token or self.token}

    def run(self, *words, token=None):
        """(exit code, document) of electron-rescue ota."""
        done = subprocess.run([RESCUE, "ota", *words, "--api", self.url, "--json"], capture_output=True,
                              text=True, timeout=280, env=self.environment(token))
        if self.token in done.stdout + done.stderr:
            raise AssertionError("the token is shown")
        return done.returncode, json.loads(done.stdout)

    def close(self):
        for device in self.devices:
            device.stdin.close()
            device.wait(10)
            device.stdout.close()
        self.process.terminate()
        self.process.wait(10)
        self.process.stdout.close()
        self.log.close()
        self.folder.cleanup()


class Asking(unittest.TestCase):
    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.close)

    def test_a_device_that_was_never_there_is_offline_and_nothing_is_said_of_its_kind(self):
        code, document = self.server.run("status", DEVICE)
        self.assertEqual(code, 0)
        device = document["devices"][0]
        self.assertIs(device["online"], False)
        self.assertIsNone(device["answers"])
        self.assertEqual(device["allows"],
                         ["the cloud does not say that it is an Electron: nothing is sent to it"])

    def test_a_connected_device_is_online_and_what_its_ping_answers_is_not_guessed(self):
        self.server.connect("takes")
        code, document = self.server.run("status", DEVICE)
        self.assertEqual(code, 0)
        device = document["devices"][0]
        self.assertIs(device["online"], True)
        self.assertIsNone(device["answers"])  # "connected" is the server's belief, not the device's word
        self.assertIsNone(device["system_release"])
        self.assertTrue(device["name"])

    def test_an_unknown_device_is_refused_with_the_servers_words(self):
        code, document = self.server.run("status", OTHER)
        self.assertEqual((code, document["error"]["code"]), (5, "cloud-refused"))
        self.assertIn("No device found", document["error"]["message"])

    def test_a_wrong_token_is_told_as_such(self):
        code, document = self.server.run("status", DEVICE, token="5" * 40)
        self.assertEqual((code, document["error"]["code"]), (8, "cloud-token"))

    def test_a_product_that_it_does_not_have_is_refused(self):
        code, document = self.server.run("status", "--product", "1")
        self.assertEqual((code, document["error"]["code"]), (5, "cloud-refused"))
        self.assertIn("1 does not exist", document["error"]["message"])

    def test_a_device_is_heard_coming(self):
        watch = subprocess.Popen([RESCUE, "ota", "watch", DEVICE, "--api", self.server.url, "--json"],
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                 env=self.server.environment())
        try:
            # This server greets nobody, and answers a little before it listens: what is published in between is
            # told to nobody. By the time a device has left again, it listens.
            self.assertEqual(watch.stderr.readline().strip(), "listening")
            self.server.connect("takes").stdin.close()
            heard = []

            def hear_until(**what):
                while not heard or not what.items() <= heard[-1].items():
                    heard.append(json.loads(watch.stdout.readline()))

            hear_until(event="spark/status", data="offline")
            self.server.connect("takes")
            hear_until(event="spark/status", data="online")
            hear_until(event="spark/device/safemode")
        finally:
            watch.send_signal(signal.SIGINT)
            watch.wait(20)
            watch.stdout.close()
            watch.stderr.close()
        self.assertEqual([event["device"] for event in heard], [DEVICE] * len(heard))
        self.assertEqual(watch.returncode, 130)


class Flashing(unittest.TestCase):
    """One run for each way of a device to take an update, all at once: most of the time is waiting. What
    nobody has proved is waited for by minutes; a run is interrupted when the server has said all that it will
    ever say. ER_OPEN_SERVER_END=1 waits until each has ended by itself (a quarter of an hour)."""

    # how: the last of the server's events
    WAYS = {"takes": "success", "refuses": "success", "drops": "offline", "silent": "started"}
    TO_THE_END = "ER_OPEN_SERVER_END" in os.environ

    @classmethod
    def setUpClass(cls):
        cls.ended = {}
        threads = [threading.Thread(target=cls.flash, args=way) for way in cls.WAYS.items()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    @classmethod
    def flash(cls, how, last):
        server = Server()
        try:
            parts = str(server.home / "parts")
            subprocess.run([PROGRAM, "--synthesise", "0.5.3", "--out", parts], check=True,
                           stdout=subprocess.DEVNULL)
            device = server.connect(how)
            stream = server.events()
            ours = subprocess.Popen(
                [RESCUE, "ota", "flash", DEVICE, "--target", "0.5.3", "--from", "0.5.0", "--firmware", parts,
                 "--allow-unknown", "--yes", "--wait", "20s", "--api", server.url, "--json"],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=server.environment())
            said = []
            for line in ours.stderr:
                said.append(line)
                if "waits until it has started anew" in line and not cls.TO_THE_END:
                    server.until(stream, last)
                    ours.send_signal(signal.SIGINT)
            document = json.loads(ours.stdout.read())
            ours.wait(60)
            ours.stdout.close()
            ours.stderr.close()
            stream.close()
            device.stdin.close()
            cls.ended[how] = (ours.returncode, document, device.stdout.read().split("\n"), said)
        finally:
            server.close()

    def check(self, how):
        """Never the next part, never "proved". Returns the lines of the device."""
        self.assertIn(how, self.ended, "this run failed")
        code, document, lines, said = self.ended[how]
        device = document["devices"][0]
        if self.TO_THE_END:
            self.assertIn((code, device["verdict"]), ((9, "undetermined"), (6, "failed")), said)
        else:
            self.assertEqual((code, device["verdict"]), (130, "failed"), said)
            self.assertIn("system part 1 is on its way; the next run asks what became of it", device["reasons"])
        self.assertEqual([(sent["function"], sent["index"]) for sent in device["sent"]], [("system-part", 1)])
        self.assertEqual(device["sent"][0]["proof"], "none")
        self.assertLessEqual(lines.count("begin"), 4)  # the server itself asks a silent device again
        return lines

    def test_update_finished_and_success_of_a_part_that_was_taken_prove_nothing(self):
        self.assertEqual(self.check("takes")[:2], ["begin", "done 481"])

    def test_update_finished_and_success_of_a_part_that_was_refused_prove_nothing(self):
        self.assertEqual(self.check("refuses")[0], "begin")

    def test_a_device_that_goes_in_the_middle_gets_no_second_part(self):
        self.assertEqual(self.check("drops")[:2], ["begin", "dropped"])

    def test_a_device_that_is_never_ready_gets_no_second_part(self):
        self.assertNotIn("done", " ".join(self.check("silent")))


if __name__ == "__main__":
    problem = install()
    if problem:
        print("skipped:", problem)
        sys.exit(77)
    unittest.main()
