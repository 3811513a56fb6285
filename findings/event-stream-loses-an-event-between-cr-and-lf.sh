#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Where a TCP segment happens to end decides what the vendor's official client hears:
#   - Between CR and LF, the LF that comes later counts as an empty line of its own. The event's name is
#     thrown away, its data comes without one, and the event is never told. Nothing is reported.
#   - Inside a UTF-8 character, both halves become replacement characters.
#
# An expert would guess: the official client is indifferent to packet boundaries; they mean nothing in HTTP.
# Who is hurt: whoever puts a server or proxy that writes CRLF between (a test server, say) loses an event
# now and then, only under load; a "success" that is never heard looks like a device that never answered.
#
# Seen with: particle-api-js 12.0.3 under Node 20, 2026-11 (what is sent is in look.js).
# This program: its reader is cut at every byte in its tests (net/sse.h).

source "$(dirname "$0")/common.sh"
installed particle-api-js@12.0.3

cat > look.js <<'END'
const http = require('http');
const Particle = require('particle-api-js');
const name = 'event: spark/flash/status';
const event = (end, data) => `${name}${end}data: {"data":"${data}","coreid":"0"}${end}${end}`;
const cut = (text, at) => [Buffer.from(text).subarray(0, at), Buffer.from(text).subarray(at)];
const cases = [
	cut(event('\r\n', 'whole'), 10),
	cut(event('\r\n', 'cr'), `${name}\r`.length),
	cut(event('\n', 'grün'), event('\n', 'gr').indexOf('gr') + 3)
];

const server = http.createServer((request, response) => {
	response.writeHead(200, { 'Content-Type': 'text/event-stream' });
	const pieces = cases.flat();
	const next = () => pieces.length ? response.write(pieces.shift(), () => setTimeout(next, 100)) :
		setTimeout(() => response.write(event('\n', 'end')), 100);
	next();
});
server.listen(0, '127.0.0.1', async () => {
	const client = new Particle({ baseUrl: `http://127.0.0.1:${server.address().port}` });
	const stream = await client.getEventStream({ deviceId: 'mine', auth: 'x' });
	const heard = [];
	stream.on('event', ({ data }) => {
		if (data !== 'end') {
			heard.push(data);
			return;
		}
		console.log(heard.join(' '));
		stream.abort();
		server.closeAllConnections();
		server.close();
	});
});
END
is "sent: whole, cr, grün; heard" "whole gr$(printf '\xef\xbf\xbd\xef\xbf\xbd')n" "$(node look.js)"
finish
