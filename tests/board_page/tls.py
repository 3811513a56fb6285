#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The board over TLS: a client that trusts its certificate has the page and the events; one that does not, or
speaks plain HTTP, has nothing.

  tls.py BOARD_SHOW

Ends with 77 (skipped) where there is no openssl to make a certificate."""

import http.client
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import unittest

if not shutil.which("openssl"):
    print("skipped: no openssl here")
    sys.exit(77)
SHOW = os.path.abspath(sys.argv.pop(1))
PATIENCE = 30


class Tls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.cert, cls.key = (os.path.join(cls.folder.name, name) for name in ("board.crt", "board.key"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=board",
                        "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", cls.key, "-out", cls.cert],
                       check=True, stderr=subprocess.DEVNULL)
        cls.show = subprocess.Popen([SHOW, "127.0.0.1:0", "secret", cls.cert, cls.key], stdin=subprocess.PIPE,
                                    stdout=subprocess.PIPE, text=True)
        cls.address = cls.show.stdout.readline().strip()
        cls.port = int(cls.address.rstrip("/").rsplit(":", 1)[1])

    @classmethod
    def tearDownClass(cls):
        cls.show.stdin.close()
        cls.show.wait(PATIENCE)
        cls.show.stdout.close()
        cls.folder.cleanup()

    def get(self, path, context):
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=context, timeout=PATIENCE)
        connection.request("GET", path)
        return connection, connection.getresponse()

    def trusting(self):
        return ssl.create_default_context(cafile=self.cert)

    def test_its_address_says_so(self):
        self.assertTrue(self.address.startswith("https://127.0.0.1:"), self.address)

    def test_who_trusts_it_has_page_and_events(self):
        connection, page = self.get("/", self.trusting())
        self.assertEqual(page.status, 200)
        self.assertIn(b"<html", page.read().lower())
        connection.close()
        connection, events = self.get("/events", self.trusting())
        self.assertTrue(events.getheader("content-type").startswith("text/event-stream"))
        self.assertTrue(events.readline())
        connection.close()

    def test_who_does_not_trust_it_has_nothing(self):
        with self.assertRaises(ssl.SSLCertVerificationError):
            self.get("/", ssl.create_default_context())

    def test_plain_http_gets_no_page(self):
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as plain:
            plain.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            try:
                told = plain.recv(65536)
            except ConnectionResetError:
                told = b""
        self.assertNotIn(b"<html", told.lower())


if __name__ == "__main__":
    unittest.main()
