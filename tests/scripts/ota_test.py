#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`electron-rescue ota` against local servers that lie: redirects, endless answers, endless headers, a
certificate that nobody vouches for, text full of control characters. Usage: ota_test.py PROGRAM."""

import http.server
import json
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

PROGRAM = Path(sys.argv.pop(1)).resolve()
TOKEN = "s3cret0123456789s3cret0123456789s3cret01"
DEVICE = "2b0036000a47333534393338"


class Handler(http.server.BaseHTTPRequestHandler):
    """What a path answers is a function of this handler in `server.pages`, "" for all others."""

    protocol_version = "HTTP/1.1"

    def answer(self):
        length = int(self.headers.get("Content-Length", 0))
        self.rfile.read(length)
        self.server.asked.append((self.command, self.path, self.headers.get("Authorization")))
        page = self.server.pages.get(self.path, self.server.pages.get(""))
        try:
            page(self)
        except (BrokenPipeError, ConnectionResetError):
            pass
        self.close_connection = True

    do_GET = do_PUT = answer

    def json(self, value, status=200, **headers):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, text in headers.items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def device(**more):
    return {"id": DEVICE, "name": "pump", "online": True, "platform_id": 10, "product_id": 10,
            "system_firmware_version": "0.6.4", **more}


class Hostile(unittest.TestCase):
    def setUp(self):
        self.server = self.serve()

    def serve(self, context=None):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        server.asked, server.pages = [], {"": lambda h: h.json({"error": "no"}, 404)}
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server

    def run_tool(self, *words, api=None, **environment):
        api = api or f"http://127.0.0.1:{self.server.server_port}"
        with tempfile.TemporaryDirectory() as home:
            env = {"PATH": os.environ["PATH"], "HOME": home, "PARTICLE_ACCESS_TOKEN": TOKEN, **environment}
            done = subprocess.run([PROGRAM, "ota", "status", DEVICE, "--json", "-vv", "--api", api, *words],
                                  capture_output=True, text=True, timeout=120, env=env)
        self.assertNotIn("s3cret", done.stdout + done.stderr)
        return done.returncode, json.loads(done.stdout)

    def test_a_good_answer_is_read(self):
        self.server.pages[f"/v1/devices/{DEVICE}"] = lambda h: h.json(device())
        self.server.pages[f"/v1/devices/{DEVICE}/ping"] = lambda h: h.json({"online": True, "ok": True})
        code, document = self.run_tool()
        self.assertEqual(code, 0)
        self.assertEqual(document["devices"][0]["system_release"], "0.6.4")
        self.assertIs(document["devices"][0]["answers"], True)
        self.assertTrue(all(token == f"Bearer {TOKEN}" for _, _, token in self.server.asked))

    def test_the_token_follows_no_redirect(self):
        other = self.serve()
        self.server.pages[""] = lambda h: h.json({}, 302, Location=f"http://127.0.0.1:{other.server_port}/v1")
        code, _ = self.run_tool()
        self.assertEqual(code, 5)
        self.assertEqual(other.asked, [])

    def test_an_endless_answer_is_cut(self):
        def endless(handler):
            handler.send_response(200)
            handler.end_headers()
            while True:
                handler.wfile.write(b" " * 65536)
        self.server.pages[""] = endless
        code, document = self.run_tool()
        self.assertEqual(code, 6)
        self.assertIn("longer than any should be", document["error"]["message"])

    def test_endless_headers_are_cut(self):
        def endless(handler):
            handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
            while True:
                handler.wfile.write(b"X-Filler: " + b"x" * 1000 + b"\r\n")
        self.server.pages[""] = endless
        code, document = self.run_tool()
        self.assertEqual(code, 6)
        self.assertIn("longer than any should be", document["error"]["message"])

    def test_control_characters_do_not_come_through(self):
        evil = "\x1b[2J\x07</script>"
        self.server.pages[f"/v1/devices/{DEVICE}"] = lambda h: h.json(device(name=evil, status=evil))
        self.server.pages[f"/v1/devices/{DEVICE}/ping"] = lambda h: h.json({"error": evil}, 403)
        code, document = self.run_tool()
        self.assertEqual(code, 0)
        self.assertNotIn("\x1b", json.dumps(document, ensure_ascii=False))

    def test_a_dead_token_is_told(self):
        self.server.pages[""] = lambda h: h.json(
            {"error": "invalid_token", "error_description": "The access token provided has expired."}, 401)
        code, document = self.run_tool()
        self.assertEqual((code, document["error"]["code"]), (8, "cloud-token"))

    def test_no_token_travels_in_the_clear(self):
        code, document = self.run_tool(api="http://cloud.example")
        self.assertEqual((code, document["error"]["code"]), (2, "bad-address"))

    @unittest.skipUnless(shutil.which("openssl"), "no openssl to make certificates with")
    def test_a_certificate_that_nobody_vouches_for_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            key, own, other = (Path(folder) / name for name in ("key.pem", "own.pem", "other.pem"))
            for file, name in ((own, "IP:127.0.0.1"), (other, "DNS:cloud.example")):
                subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key,
                                "-out", file, "-days", "2", "-subj", "/CN=test", "-addext",
                                f"subjectAltName={name}"], check=True, capture_output=True)
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(file, key)
                server = self.serve(context)
                server.pages[""] = lambda h: h.json(device())
                api = f"https://127.0.0.1:{server.server_port}"
                code, document = self.run_tool(api=api)
                self.assertEqual(code, 6)
                self.assertIn("not to be trusted", document["error"]["message"])
                self.assertEqual(server.asked, [])
                # Vouched for, it is good for its own name, and for no other.
                code, _ = self.run_tool(api=api, SSL_CERT_FILE=str(file))
                self.assertEqual(code, 0 if file == own else 6)


if __name__ == "__main__":
    unittest.main()
