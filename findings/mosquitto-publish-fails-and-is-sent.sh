#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# While the connection is down, mosquitto_publish() returns MOSQ_ERR_NO_CONN ("the client is not currently
# connected") and keeps the message all the same: with QoS 1 and 2 it goes out after the reconnect, with the
# number that the failed call gave it. With QoS 0 the same return value means what it says: it is gone.
#
# An expert would guess: an error means not accepted, send it again (the manual gives the value as a
# failure).
# Who is hurt: whoever sends again what "failed" sends it twice; a station's results are counted double, or
# an outbox never empties because the acknowledgement of the first is for nobody.
#
# Seen with: libmosquitto1 2.0.11-1.2+deb12u2 (Debian 12), 2026-11; the broker here is 30 lines of Python.
# This program: decides by the acknowledgement alone, never by that return value (src/mqtt).

source "$(dirname "$0")/common.sh"
debian libmosquitto1=2.0.11-1.2+deb12u2

cat > look.py <<'END'
import ctypes
import socket

library = ctypes.CDLL("libmosquitto.so.1")
library.mosquitto_new.restype = ctypes.c_void_p
library.mosquitto_strerror.restype = ctypes.c_char_p
library.mosquitto_lib_init()
client = ctypes.c_void_p(library.mosquitto_new(b"station", True, None))
listener = socket.create_server(("127.0.0.1", 0))
port = listener.getsockname()[1]


def turn(times=1):
    for _ in range(times):
        result = library.mosquitto_loop(client, 100, 1)
    return result


def packet(peer):
    """(first byte, rest) of an MQTT packet; the lengths here take one byte."""
    first, length = peer.recv(1), peer.recv(1)
    return first[0], peer.recv(length[0], socket.MSG_WAITALL) if length[0] else b""


def accept():
    peer, _ = listener.accept()
    peer.settimeout(10)
    packet(peer)
    peer.sendall(b"\x20\x02\x00\x00")  # CONNACK
    return peer


library.mosquitto_connect(client, b"127.0.0.1", port, 60)
turn()
peer = accept()
turn()
peer.close()
while turn() == 0:
    pass
for qos in range(3):
    number = ctypes.c_int()
    text = b"result %d" % qos
    error = library.mosquitto_publish(client, ctypes.byref(number), b"er/result", len(text), text, qos, False)
    print(f"qos {qos}: {error} {library.mosquitto_strerror(error).decode()}")

library.mosquitto_reconnect(client)
turn()
peer = accept()
turn(5)
peer.settimeout(1)
while True:
    try:
        first, rest = packet(peer)
    except TimeoutError:
        break
    if first >> 4 == 3:
        print(f"sent all the same: qos {first >> 1 & 3} {rest[-8:].decode()}")
END
/usr/bin/python3 -B look.py > seen

for qos in 0 1 2; do
  is "publish, no connection" "qos $qos: 4 The client is not currently connected." \
    "$(sed -n $((qos + 1))p seen)"
done
is "after the reconnect" \
  "sent all the same: qos 1 result 1|sent all the same: qos 2 result 2" \
  "$(sed -n '4,$p' seen | paste -sd'|')"
finish
