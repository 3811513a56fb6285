#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The living open server makes its RSA key at its first start, and cannot read what a device encrypts with
# it: a fresh key is used with OAEP padding, the same key read from its file with PKCS #1 v1.5, which is
# what devices use. The device is told nothing; the server's log says "you probably have incorrect server
# key for device".
#
# An expert would guess: the key is wrong in the device, as the log says, and burns another one into it.
# Who is hurt: whoever sets up a local cloud for old devices and writes server keys into them over DFU,
# again and again, when one restart of the server would do.
#
# Seen with: @brewskey/spark-server 1.0.17, @brewskey/spark-protocol 1.0.21 under Node 20, 2026-11.
# This program: does not write keys; its test gives that server a key of its own
# (tests/scripts/open_server.js).

source "$(dirname "$0")/common.sh"
open_server
cat > device.json <<'END'
{"id": "2b0036000a47333534000001", "f": [], "v": {}, "modules": {"p": 10, "m": []}}
END

# One start of the server, and what becomes of a device that logs in with the server's public key.
log_in() {
  serve server own-key
  until [ -s server/data/default_key.pub.pem ]; do sleep 0.1; done
  rm -f input
  mkfifo input
  node "$here/../tests/scripts/open_device.js" "$work/node_modules" "$devices" \
    server/data/default_key.pub.pem device.json takes < input > device.log &
  local device=$!
  running+=("$device")
  exec 3> input
  until grep -qs described device.log || ! kill -0 "$device" 2>/dev/null; do sleep 0.1; done
  if grep -qs described device.log; then echo "logged in" > result; else echo "turned away" > result; fi
  exec 3>&-
  wait "$device" || true
  kill "$server"
  wait "$server" || true
}

log_in
is "first start" "turned away" "$(cat result)"
is "its log" "incorrect server key for device" \
  "$(grep -o 'incorrect server key for device' server.log | head -1)"
log_in
is "second start, same key, same device" "logged in" "$(cat result)"
finish
