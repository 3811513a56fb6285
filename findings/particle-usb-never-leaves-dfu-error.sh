#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The vendor's USB library meets the vendor's bootloader in dfuERROR: it clears the error twice. The
# Electron takes CLRSTATUS in dfuIDLE without a word and goes INTO dfuERROR (DFU 1.1 has it stall there,
# which the library counts on), so the second one undoes the first. The library then says "Invalid state",
# and the device is where it was: each further try ends the same way.
#
# An expert would guess: clearing an error twice does no harm, and the vendor's two ends fit.
# Who is hurt: a device that somebody's CLRSTATUS has put into dfuERROR (some tools "clear first") cannot be
# reset by this library any more, only by a replug; whoever copies its way of clearing has the same.
#
# Seen with: particle-usb 4.1.0 and bootloader 1006 (particle-cli 3.6.0, under Unicorn 2.0.1:
# bootloader.py), 2026-11:
#   in dfuIDLE:  leave: done, then state 8
#   in dfuERROR: leave: Invalid state, then state 10; again: Invalid state, then state 10
# This program: looks at the state first, and sends CLRSTATUS in dfuERROR only (src/dfu/PROTOCOL.md).

source "$(dirname "$0")/common.sh"
debian python3-unicorn=2.0.1.post1-1 libunicorn2=2.0.1.post1-1+b1
packed particle-cli@3.6.0 particle-usb@4.1.0

cat > look.js <<'END'
const { spawn } = require('child_process');
const readline = require('readline');
const [, , folder, library, image] = process.argv;
const { Dfu } = require(`${library}/src/dfu`);
const { UsbStallError } = require(`${library}/src/error`);

// A device as the library sees one: each control transfer goes to the bootloader's own code.
function device() {
	const python = spawn('/usr/bin/python3', ['-B', `${folder}/bootloader.py`, image],
		{ stdio: ['pipe', 'pipe', 'inherit'] });
	const answers = readline.createInterface({ input: python.stdout })[Symbol.asyncIterator]();
	const ask = async (setup, more) => {
		const question = { type: setup.bmRequestType, request: setup.bRequest, value: setup.wValue,
			index: setup.wIndex, ...more };
		python.stdin.write(`${JSON.stringify(question)}\n`);
		const answer = JSON.parse((await answers.next()).value);
		if (answer.stall) {
			throw new UsbStallError(answer.stall);
		}
		return Buffer.from(answer.data, 'hex');
	};
	return {
		claimInterface: async () => {},
		releaseInterface: async () => {},
		setAltSetting: async () => {},
		transferIn: (setup) => ask(setup, { length: setup.wLength }),
		transferOut: (setup, data) => ask(setup, { data: Buffer.from(data || []).toString('hex') }),
		end: () => python.stdin.end()
	};
}

const raw = (bRequest, bmRequestType, wLength) =>
	({ bmRequestType, bRequest, wValue: 0, wIndex: 0, wLength });

async function leave(usb, dfu) {
	const said = await dfu.leave().then(() => 'done', (error) => error.message);
	const status = await usb.transferIn(raw(3, 0xA1, 6));
	return `${said}, then state ${status[4]}`;
}

(async () => {
	const quiet = { trace() {}, info() {}, error() {} };
	for (const broken of [false, true]) {
		const usb = device();
		const dfu = new Dfu(usb, quiet);
		await dfu.open();
		if (broken) {
			await usb.transferOut(raw(4, 0x21)); // CLRSTATUS, as a careless tool sends it
			console.log(`${await leave(usb, dfu)}; again: ${await leave(usb, dfu)}`);
		} else {
			console.log(await leave(usb, dfu));
		}
		usb.end();
	}
})();
END
node look.js "$here" "$work/npm/particle-usb@4.1.0" \
  "$work/npm/particle-cli@3.6.0/assets/updates/electron-bootloader@2.3.1+lto.bin" > seen

is "leaving DFU from dfuIDLE" "done, then state 8" "$(sed -n 1p seen)"
is "leaving DFU from dfuERROR" "Invalid state, then state 10; again: Invalid state, then state 10" \
  "$(sed -n 2p seen)"
finish
