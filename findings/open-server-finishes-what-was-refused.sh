#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The living open server answers 200 "Update finished", and tells its listeners "success", when the device
# has refused the update: its first message is answered with 4.00, and not a byte is kept. With a product's
# device it goes further: 200, and nothing is even tried; the id in the answer is not the device's.
#
# An expert would guess: an answer that comes when the transfer is over, after the device has been asked,
# tells what the device said.
# Who is hurt: whoever sends the next part on "finished" and "success". Parts of the Electron depend on each
# other: the second one without the first leaves a device that only USB can save.
#
# Seen with: @brewskey/spark-server 1.0.17 under Node 20, a device over its TCP protocol
# (tests/scripts/open_device.js), 2026-11.
# This program: takes neither for a proof, and sends no second part (tests/scripts/open_server_test.py).

source "$(dirname "$0")/common.sh"
open_server
serve server

id=2b0036000a47333534000001
cat > device.json <<END
{"id": "$id", "f": [], "v": {}, "modules": {"p": 10, "m": [
  {"s": 131072, "l": "m", "vc": 30, "vv": 30, "f": "s", "n": "2", "v": 13, "d": []}]}}
END
ask() { curl -sS -m 60 -w ' %{http_code}\n' "$@"; }
user=(-d username=user@example.com -d password=secret1)
ask "${user[@]}" "127.0.0.1:$http/v1/users" >/dev/null
token=$(ask -u CLI2:client_secret_here -d grant_type=password "${user[@]}" "127.0.0.1:$http/oauth/token" |
  sed -E 's/.*"access_token":"([^"]+)".*/\1/')
ask -H "Authorization: Bearer $token" -d id=$id "127.0.0.1:$http/v1/devices" >/dev/null

mkfifo input
node "$here/../tests/scripts/open_device.js" "$work/node_modules" "$devices" \
  server/data/default_key.pub.pem device.json refuses < input > device.log &
running+=("$!")
exec 3> input
until grep -qs described device.log; do
  kill -0 "${running[-1]}" 2>/dev/null || cannot "the device ended: $(cat device.log)"
  sleep 0.1
done

curl -sN -H "Authorization: Bearer $token" "127.0.0.1:$http/v1/devices/$id/events" > events &
running+=("$!")
head -c 1000 /dev/zero > module.bin
is "flashing a device that answers 4.00" "{\"id\":\"$id\",\"status\":\"Update finished\"} 200" \
  "$(ask -X PUT -H "Authorization: Bearer $token" -F file=@module.bin "127.0.0.1:$http/v1/devices/$id")"
is "what the device saw" "described begin" "$(head -2 device.log | xargs)"
is "what listeners heard" "started success" "$(grep -oE '"(started|success|failed)"' events | xargs)"
finish
