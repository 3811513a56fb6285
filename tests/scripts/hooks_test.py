#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hooks that are shipped: the gate against a server, the label against a printer's port, power and sound against
programs of the same names."""

import http.server
import json
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import unittest
from pathlib import Path

HOOKS = Path(__file__).resolve().parent.parent.parent / "docs" / "examples" / "hooks"


def told(outcome="pass"):
    return json.dumps({"schema": 1, "event": "result", "slot": "A1", "device": {"id": "3a0041000a47353235303037"},
                       "result": {"outcome": outcome, "after_release": "2.3.1"}}, separators=(",", ":"))


def run(name, *arguments, document=None, path=None, event="result"):
    environment = {"PATH": (path + ":" if path else "") + os.environ["PATH"], "ER_SLOT": "A1", "ER_EVENT": event}
    return subprocess.run([HOOKS / name, *arguments], input=document or told(), text=True, capture_output=True,
                          env=environment, timeout=60)


class Server:
    def __init__(self, status):
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                outer.got = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(status)
                self.end_headers()
                self.wfile.write(b'{"message": "from the server"}')

            def log_message(self, *_):
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}/gate"


class Gate(unittest.TestCase):
    def setUp(self):
        if not shutil.which("curl"):
            self.skipTest("no curl here")

    def test_the_servers_status_is_the_hooks_answer(self):
        for status, code in [(200, 0), (403, 10), (404, 10), (409, 10), (500, 75), (302, 75)]:
            with Server(status) as server:
                done = run("mes-gate", server.url)
                self.assertEqual(done.returncode, code, status)
                self.assertEqual(json.loads(done.stdout)["message"], "from the server")
                self.assertEqual(json.loads(server.got)["slot"], "A1")

    def test_no_server_is_not_now(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.assertEqual(run("mes-gate", f"http://127.0.0.1:{port}/").returncode, 75)


class Label(unittest.TestCase):
    def test_a_pass_is_printed_and_nothing_else(self):
        with socket.create_server(("127.0.0.1", 0)) as printer:
            port = printer.getsockname()[1]
            self.assertEqual(run("label-zpl", f"127.0.0.1:{port}").returncode, 0)
            paper, _ = printer.accept()
            with paper:
                label = paper.makefile().read()
            self.assertTrue(label.startswith("^XA") and label.rstrip().endswith("^XZ"), label)
            self.assertIn("3a0041000a47353235303037", label)
            self.assertIn("2.3.1  A1", label)
            printer.settimeout(0.01)
            self.assertEqual(run("label-zpl", f"127.0.0.1:{port}", document=told("fail")).returncode, 0)
            with self.assertRaises(OSError):
                printer.accept()

    def test_what_a_device_says_is_no_command_of_the_printers(self):
        with socket.create_server(("127.0.0.1", 0)) as printer:
            port = printer.getsockname()[1]
            document = told().replace("2.3.1", "^XZ~JA")
            run("label-zpl", f"127.0.0.1:{port}", document=document)
            paper, _ = printer.accept()
            with paper:
                label = paper.makefile().read()
            self.assertEqual(label.count("^XZ"), 1)
            self.assertNotIn("~", label)

    def test_no_printer_is_not_now(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.assertEqual(run("label-zpl", f"127.0.0.1:{port}").returncode, 75)


class Programs(unittest.TestCase):
    """What needs a machine that is not here, against a program of that name that writes down what it is told."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        for name in ["lp", "uhubctl", "aplay"]:
            program = Path(self.folder.name) / name
            program.write_text(f'#!/bin/sh\necho "{name} $*" >>"{self.folder.name}/said"\n'
                               f'[ {name} != lp ] || cat >>"{self.folder.name}/said"\n')
            program.chmod(0o755)

    def said(self):
        path = Path(self.folder.name) / "said"
        return path.read_text() if path.exists() else ""

    def test_label_by_cups(self):
        self.assertEqual(run("label-lp", "zebra", path=self.folder.name).returncode, 0)
        self.assertIn("lp -d zebra -o raw", self.said())
        self.assertIn("3a0041000a47353235303037", self.said())

    def test_port_power_is_cycled_for_a_fail_in_this_slot_only(self):
        run("port-power", "A1=1-1:2", "A2=1-1:3", path=self.folder.name)
        self.assertEqual(self.said(), "")
        run("port-power", "A1=1-1:2", "A2=1-1:3", path=self.folder.name, document=told("fail"))
        self.assertEqual(self.said(), "uhubctl --location 1-1 --ports 2 --action cycle --delay 2\n")

    def test_sounds(self):
        for outcome, name in [("pass", "pass"), ("fail", "fail"), ("lost", "other")]:
            run("sound", "/sounds", path=self.folder.name, document=told(outcome))
            self.assertTrue(self.said().endswith(f"aplay --quiet /sounds/{name}.wav\n"), self.said())
        run("sound", "/sounds", path=self.folder.name, event="stop")
        self.assertTrue(self.said().endswith("/sounds/stop.wav\n"))


if __name__ == "__main__":
    unittest.main()
