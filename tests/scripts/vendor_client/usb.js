// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// Stands where npm's `usb` stands, as much of its public interface as particle-usb 4.1.0 uses (node-usb 2:
// getDeviceList(), Device, Interface), and asks a virtual board instead of libusb: board_served, behind the
// file descriptors that the environment names. Whatever goes over the bus is written down in `transcript`.
const fs = require('fs');
const crypto = require('crypto');

const TO = Number(process.env.TO_BOARD);
const FROM = Number(process.env.FROM_BOARD);
const LIBUSB = {
	'usb-stall': 'LIBUSB_TRANSFER_STALL',
	'timeout': 'LIBUSB_TRANSFER_TIMED_OUT',
	'device-gone': 'LIBUSB_TRANSFER_NO_DEVICE',
	'usb-io': 'LIBUSB_TRANSFER_OVERFLOW', // all that this code means on the virtual bus
};
const SHOWN = 32; // bytes

const transcript = [];
const devices = new Map(); // by address, as node-usb keeps its own
let now = 0; // microseconds, the board's
let pending = 0; // callbacks that are still to be called
let unread = '';

function ask(request) {
	let rest = Buffer.from(`${JSON.stringify(request)}\n`);
	while (rest.length > 0) rest = rest.subarray(fs.writeSync(TO, rest));
	const piece = Buffer.alloc(1 << 16);
	while (!unread.includes('\n')) {
		const got = fs.readSync(FROM, piece);
		if (got === 0) throw new Error(`board_served has ended: ${JSON.stringify(request)}`);
		unread += piece.toString('latin1', 0, got);
	}
	const end = unread.indexOf('\n');
	const answer = JSON.parse(unread.slice(0, end));
	unread = unread.slice(end + 1);
	now = answer.now;
	return answer;
}

// Bytes for people and for comparing.
function told(bytes) {
	if (bytes.length <= SHOWN) return bytes.toString('hex');
	return `${bytes.length} bytes, SHA-256 ${crypto.createHash('sha256').update(bytes).digest('hex')}`;
}

function libusbError(name) {
	return new Error(name);
}

// As node-usb does: never before the caller has returned.
function later(callback, ...given) {
	pending += 1;
	setImmediate(() => {
		pending -= 1;
		if (callback) callback(...given);
	});
}

class Interface {
	constructor(device, number) {
		this.device = device;
		this.interfaceNumber = number;
		this.altSetting = 0;
	}

	claim() {
		const { error } = ask({ do: 'claim', address: this.device.deviceAddress, interface: this.interfaceNumber });
		if (error) throw libusbError(error === 'busy' ? 'LIBUSB_ERROR_BUSY' : 'LIBUSB_ERROR_NO_DEVICE');
	}

	setAltSetting(setting, callback) {
		const { error } = this.device.transfer([0x01, 0x0b, setting, this.interfaceNumber], Buffer.alloc(0));
		if (!error) this.altSetting = setting;
		later(callback, error && libusbError('LIBUSB_ERROR_OTHER'));
	}

	// Linux then selects the first setting again, where another one was selected.
	release(callback) {
		if (this.altSetting !== 0) this.device.transfer([0x01, 0x0b, 0, this.interfaceNumber], Buffer.alloc(0));
		this.altSetting = 0;
		later(callback, undefined);
	}
}

class Device {
	constructor({ address, device, configuration }) {
		const d = Buffer.from(device, 'hex');
		this.deviceAddress = address;
		this.timeout = 1000;
		this.deviceDescriptor = {
			bcdUSB: d.readUInt16LE(2), idVendor: d.readUInt16LE(8), idProduct: d.readUInt16LE(10),
			bcdDevice: d.readUInt16LE(12), iManufacturer: d[14], iProduct: d[15], iSerialNumber: d[16],
		};
		this.configuration = Buffer.from(configuration, 'hex');
	}

	open() {
		const { error } = ask({ do: 'open', address: this.deviceAddress });
		transcript.push(`open${error ? `: ${error}` : ''}`);
		if (error) throw libusbError('LIBUSB_ERROR_NO_DEVICE');
		const numbers = new Set();
		for (let at = 0; at + 2 < this.configuration.length; at += this.configuration[at]) {
			if (this.configuration[at + 1] === 4) numbers.add(this.configuration[at + 2]);
		}
		this.interfaces = [...numbers].map((number) => new Interface(this, number));
	}

	close() {
		ask({ do: 'close', address: this.deviceAddress });
		this.interfaces = undefined;
	}

	interface(number) {
		const found = (this.interfaces || []).find((one) => one.interfaceNumber === number);
		if (!found) throw new Error(`Interface not found for address: ${number}`);
		return found;
	}

	// {data} or {error}: at once, and written down.
	transfer(setup, dataOrLength) {
		const out = Buffer.isBuffer(dataOrLength);
		const request = { do: 'control', address: this.deviceAddress, setup, timeout: this.timeout };
		const answer = ask(Object.assign(request, out ? { data: dataOrLength.toString('hex') } : { length: dataOrLength }));
		const asked = setup.map((field) => field.toString(16).padStart(2, '0')).join(' ');
		const came = answer.error ? answer.error : told(Buffer.from(answer.data, 'hex'));
		transcript.push(`${asked} ${out ? `(${told(dataOrLength)})` : dataOrLength}: ${came}`);
		return answer;
	}

	controlTransfer(requestType, request, value, index, dataOrLength, callback) {
		const { error, data } = this.transfer([requestType, request, value, index], dataOrLength);
		const out = Buffer.isBuffer(dataOrLength);
		later(callback, error && libusbError(LIBUSB[error] || 'LIBUSB_TRANSFER_ERROR'),
			out ? dataOrLength.length : Buffer.from(data || '', 'hex'));
		return this;
	}

	getStringDescriptor(index, callback) {
		if (index === 0) {
			callback();
			return;
		}
		this.controlTransfer(0x80, 0x06, 0x0300 | index, 0x0409, 255, (error, data) => {
			if (error) callback(error);
			else callback(undefined, data.toString('utf16le', 2));
		});
	}
}

function getDeviceList() {
	return ask({ do: 'devices' }).devices.map((one) => {
		if (!devices.has(one.address)) devices.set(one.address, new Device(one));
		return devices.get(one.address);
	});
}

// Of the test, not of `usb`.
const board = {
	begin() {
		devices.clear();
		transcript.length = 0;
		ask({ do: 'begin' });
	},
	ask,
	transcript,
	now: () => now,
	idle: () => pending === 0,
};

module.exports = { getDeviceList, Device, Interface, board };
