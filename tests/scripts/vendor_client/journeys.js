// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// The vendor's client (npm particle-usb) on a board in DFU mode, journey by journey.
// Usage: node journeys.js NODE_MODULES, whose `usb` is usb.js. Prints {JOURNEY: {requests, told, board}}: each
// control request with its answer, what the client said, and what became of the board.
const path = require('path');
const [, , modules] = process.argv;
const { board, getDeviceList } = require(path.join(modules, 'usb'));
require('./time.js').install(board);
const particle = require(path.join(modules, 'particle-usb'));

const SECTOR = 0x08060000; // of system part 1 since 0.6.0
const BETWEEN = 0x0800c000; // which the layout string says may be written, and the code does not write
const DCT = 1; // the alternate setting
const DNLOAD = [0x21, 1];
const UPLOAD = [0xa1, 2];
const GETSTATUS = [0xa1, 3, 0, 0];
const CLRSTATUS = [0x21, 4, 0, 0];

function pattern(size) {
	return Buffer.from(Array.from({ length: size }, (_, i) => (i * 7 + size) & 0xff));
}

// What another program left behind.
const STATES = {
	'dfuIDLE': () => {},
	'dfuERROR': (device) => device.transfer(CLRSTATUS, Buffer.alloc(0)),
	'dfuDNLOAD-IDLE': (device) => {
		device.transfer([...DNLOAD, 0, 0], Buffer.from([0x21, 0, 0, 6, 8]));
		device.transfer(GETSTATUS, 6);
		device.transfer(GETSTATUS, 6);
	},
	'dfuUPLOAD-IDLE': (device) => device.transfer([...UPLOAD, 2, 0], 64),
	'an abandoned command': (device) => device.transfer([...DNLOAD, 0, 0], Buffer.from([0x41, 0, 0, 6, 8])),
	'an abandoned block': (device) => device.transfer([...DNLOAD, 2, 0], pattern(100)),
	'an abandoned leave': (device) => device.transfer([...DNLOAD, 0, 0], Buffer.alloc(0)),
	'a leave that nothing stops': (device) => {
		device.transfer([...DNLOAD, 0, 0], Buffer.alloc(0));
		device.transfer(GETSTATUS, 6);
	},
	'state 15': (device) => device.transfer([...UPLOAD, 1, 0], 64),
};

async function write(device, altSetting, startAddr, data, options) {
	const events = [];
	const progress = (event) => events.push([event.event, event.bytes]);
	await device.writeOverDfu(data, { altSetting, startAddr, progress, ...options });
	return events;
}

async function read(device, altSetting, startAddr, size) {
	return (await device.readOverDfu({ altSetting, startAddr, size })).toString('base64');
}

const WORK = {
	'tells what it is': (device) => [device.id, device.type, device.platformId, device.firmwareVersion,
		device.isInDfuMode, device.usbDevice.productName],
	'asks whether it is protected': (device) => device.getProtectionState(),
	'asks for its modules': (device) => device.getFirmwareModuleInfo(),
	'asks for its serial number': (device) => device.getSerialNumber(),
	'reads': (device) => read(device, 0, 0x08000000, 10000),
	'reads a byte': (device) => read(device, 0, SECTOR, 1),
	'writes': (device) => write(device, 0, SECTOR, pattern(9001)),
	'writes and reads': async (device) => {
		await write(device, 0, SECTOR, pattern(5000));
		return read(device, 0, SECTOR, 5000);
	},
	'writes over two sectors': (device) => write(device, 0, SECTOR + 0x1f000, pattern(8192)),
	'writes without erasing': async (device) => {
		await write(device, 0, SECTOR, pattern(256), { noErase: true });
		return write(device, 0, SECTOR, pattern(512), { noErase: true });
	},
	'writes to the bootloader': (device) => write(device, 0, 0x08000000, pattern(64)),
	'writes where the bootloader refuses it': (device) => write(device, 0, BETWEEN, pattern(64)),
	'writes and leaves': (device) => write(device, 0, SECTOR, pattern(64), { leave: true }),
	'writes nothing': (device) => write(device, 0, SECTOR, Buffer.alloc(0)),
	'reads the configuration': (device) => read(device, DCT, 0, 0x4000),
	'writes the configuration': async (device) => {
		await write(device, DCT, 0x700, pattern(64));
		return read(device, DCT, 0x6c0, 192);
	},
	'wants another alternate setting': (device) => read(device, 2, 0, 64),
	'leaves': (device) => device.reset(),
	'wants safe mode': (device) => device.enterSafeMode(),
	'wants DFU mode': (device) => device.enterDfuMode(),
};

// A whole release, as particle-cli writes it: part by part, and the last one leaves.
async function install(device, parts) {
	for (const { address, data } of parts) {
		const leave = address === parts[parts.length - 1].address;
		await write(device, 0, address, Buffer.from(data, 'hex'), { leave });
	}
}

// What the client says, as a value; an error is one, too.
async function outcome(work) {
	try {
		return { value: await work() };
	} catch (error) {
		return { error: `${error.name}: ${error.message}`, cause: error.cause && error.cause.message };
	}
}

// Everything that the client does with a device, from finding it to letting go of it.
async function session(work) {
	const [device] = await particle.getDevices({ types: ['electron'] });
	const told = [await outcome(() => device.open())];
	if (!told[0].error) {
		told.push(await outcome(() => work(device)));
		told.push(await outcome(() => device.close()));
	}
	return told;
}

async function journey(prepare, work) {
	board.begin();
	const [native] = getDeviceList();
	native.open();
	prepare(native);
	native.close();
	const told = await session(work);
	// Long enough for a restart, whatever it leads to.
	board.ask({ do: 'until', at: board.now() + 10e6 });
	const found = getDeviceList().map((one) => one.deviceDescriptor);
	const { now, ...became } = board.ask({ do: 'outcome' });
	return { requests: [...board.transcript], told, board: { ...became, found } };
}

async function main() {
	const all = {};
	for (const [state, prepare] of Object.entries(STATES)) {
		for (const [name, work] of Object.entries(WORK)) {
			all[`${state}: ${name}`] = await journey(prepare, work);
		}
	}
	const { parts } = board.ask({ do: 'parts', release: '2.3.1' });
	if (parts.length > 0) {
		all['dfuIDLE: installs 2.3.1'] = await journey(STATES.dfuIDLE, (device) => install(device, parts));
	}
	// By its id, as a second session of the client finds a device.
	all['dfuIDLE: is found by its id'] = await journey(STATES.dfuIDLE, async (device) => {
		const { id } = device;
		await device.close();
		const again = await particle.openDeviceById(id.toUpperCase());
		await again.close();
		return again.vendorId;
	});
	process.stdout.write(JSON.stringify(all));
}

main().catch((error) => {
	process.stderr.write(`${error.stack}\n`);
	process.exit(1);
});
