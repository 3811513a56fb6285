#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The vendor's own YMODEM sender does not compute a checksum: where the CRC belongs stand two zeros, in
# every packet. It works because the Electron never looks (it compares the packet's number with its
# complement, no more). An ordinary receiver refuses the first packet, and the tool gives up at the answer.
#
# An expert would guess: YMODEM is YMODEM; what sends to the device also sends to rb.
# Who is hurt: a simulated device, a serial gateway or a bootloader with a real YMODEM receiver cannot be
# fed by "particle flash --serial"; and a bit that flips on the line is noticed by nobody before the
# module's own CRC.
#
# Seen with: particle-cli 3.6.0 (src/lib/ymodem.js) and lrzsz 0.12.21-10+b1, 2026-11. The same packet with
# its CRC put right is taken: rb answers 06 43 instead of asking again with 43.
# This program: sends a right CRC, and reads back what arrived (src/serial/YMODEM.md, 3).

source "$(dirname "$0")/common.sh"
debian lrzsz=0.12.21-10+b1
packed particle-cli@3.6.0
installed lodash@4.17.21 verror@1.10.1 glob@7.2.3 chalk@2.4.2 @particle/device-constants@3.5.0
ln -s "$work/node_modules" npm/particle-cli@3.6.0/node_modules

cat > look.js <<'END'
const { EventEmitter } = require('events');
const { spawn } = require('child_process');
const fs = require('fs');
const YModem = require(`${process.argv[2]}/src/lib/ymodem`);

// rb at the far end of a serial line; `first` gets the first packet and what rb said to it.
class Line extends EventEmitter {
	constructor(mend, told) {
		super();
		Object.assign(this, { mend, told, isOpen: false, heard: [] });
	}
	open(done) {
		this.isOpen = true;
		done();
	}
	close() {
		this.isOpen = false;
		this.emit('close');
		this.rb.kill();
	}
	read() {
		const bytes = Buffer.concat(this.heard);
		this.heard = [];
		return bytes;
	}
	write(given, done = () => {}) {
		const bytes = Buffer.from(given);
		if (!this.rb) { // "f": the device begins to receive
			this.rb = spawn('rb', [], { cwd: fs.mkdtempSync('received-'), stdio: ['pipe', 'pipe', 'ignore'] });
			this.rb.stdout.on('data', (answer) => this.hear(answer));
		} else if (!this.packet) {
			this.packet = bytes;
			this.rb.stdin.write(this.mend(bytes));
		}
		done();
	}
	hear(answer) {
		if (this.packet && !this.answer) {
			this.answer = answer[0];
			this.told(this.packet, answer[0]);
		}
		this.heard.push(answer);
		this.emit('readable');
	}
}

function crc16(bytes) { // CCITT, as XMODEM has it
	let crc = 0;
	for (const byte of bytes) {
		crc ^= byte << 8;
		for (let bit = 0; bit < 8; ++bit) {
			crc = crc & 0x8000 ? (crc << 1 ^ 0x1021) & 0xffff : crc << 1;
		}
	}
	return crc;
}

function righted(packet) {
	const copy = Buffer.from(packet);
	copy.writeUInt16BE(crc16(copy.subarray(3, -2)), copy.length - 2);
	return copy;
}

const crcOf = (packet) => packet.subarray(-2).toString('hex');

async function send(name, mend) {
	let line;
	const seen = new Promise((resolve) => {
		line = new Line(mend, (packet, answer) => resolve(`${name}: CRC sent ${crcOf(packet)},`
			+ ` right ${crcOf(righted(packet))}, rb says ${answer.toString(16).padStart(2, '0')}`));
	});
	console.log = () => {};
	new YModem(line, {}).send(['module.bin']).catch(() => {});
	process.stdout.write(`${await seen}\n`);
	line.rb.kill();
}

fs.writeFileSync('module.bin', Buffer.alloc(300, 7));
send('as sent', (packet) => packet).then(() => send('put right', righted)).then(() => process.exit(0));
END
node look.js "$work/npm/particle-cli@3.6.0" > seen

is "the header packet" "as sent: CRC sent 0000, right 4530, rb says 43" "$(sed -n 1p seen)"
is "the same, its CRC put right" "put right: CRC sent 0000, right 4530, rb says 06" "$(sed -n 2p seen)"
finish
