// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// A device of the open server (npm @brewskey/spark-server): it connects over TCP, in safe mode, tells its
// modules, and does with an update what it was told to.
// Usage: node open_device.js NODE_MODULES PORT SERVER_KEY DESCRIBE HOW
//   HOW: takes (acknowledges everything), refuses (UpdateBegin is a bad request), drops (goes in the middle),
//        silent (never ready)
// Prints a line for what happens to it; ends when standard input ends. Protocol: spark-protocol's own streams
// and coap-packet; the handshake is that of its lib/Handshake.js, seen from the other end.
const crypto = require('crypto');
const fs = require('fs');
const net = require('net');
const path = require('path');
const [, , modules, port, keyFile, describe, how] = process.argv;
const coap = require(path.join(modules, 'coap-packet'));
const streams = path.join(modules, '@brewskey/spark-protocol/dist/lib');
const { default: ChunkingStream } = require(path.join(streams, 'ChunkingStream'));
const { default: CryptoStream } = require(path.join(streams, 'CryptoStream'));
const { id, modules: list, f, v } = JSON.parse(fs.readFileSync(describe, 'utf8'));
const own = crypto.generateKeyPairSync('rsa', { modulusLength: 1024 });
const PKCS1 = crypto.constants.RSA_PKCS1_PADDING;
const say = (words) => process.stdout.write(`${words}\n`);

let number = crypto.randomInt(1, 30000);
let out;
let chunks = 0;

function send(message) {
	out.write(coap.generate({ messageId: ++number, ...message }));
}

const toPath = (...parts) => parts.map((part) => ({ name: 'Uri-Path', value: Buffer.from(part) }));

function publish(name, data) {
	send({ code: 'POST', options: toPath('E', ...name.split('/')), payload: Buffer.from(data) });
}

function answer(request) {
	const steps = request.options.filter(({ name }) => name === 'Uri-Path').map(({ value }) => value.toString());
	const back = { token: request.token };
	const { messageId } = request;
	const acknowledge = () => out.write(coap.generate({ messageId, ack: true, code: '0.00' }));
	switch (`${request.code} ${steps.join('/')}`) {
		case '0.01 d':
			out.write(coap.generate({ ...back, messageId, ack: true, code: '2.05',
				payload: Buffer.from(JSON.stringify({ f, v, ...list })) }));
			publish('spark/device/safemode', '');
			return say('described');
		case '0.02 u':
			chunks = 0;
			say('begin');
			acknowledge();
			if (how === 'silent') {
				return undefined;
			}
			return send({ ...back, code: how === 'refuses' ? '4.00' : '2.04', payload: Buffer.from([1]) });
		case '0.02 c':
			if (++chunks === 10 && how === 'drops') {
				say('dropped');
				return process.exit(0);
			}
			return undefined;
		case '0.03 u':
			say(`done ${chunks}`);
			return acknowledge();
		default:
			return undefined;
	}
}

const socket = net.connect(Number(port), '127.0.0.1');
socket.on('error', (error) => say(`socket ${error.code}`));
socket.on('close', () => process.exit(0));
process.stdin.on('end', () => process.exit(0)).resume();

let taken = Buffer.alloc(0);
socket.on('data', function hear(data) {
	taken = Buffer.concat([taken, data]);
	if (!out && taken.length === 40) { // the nonce: sent back with who we are, for the server's eyes
		const key = own.publicKey.export({ type: 'spki', format: 'der' });
		const told = Buffer.concat([taken, Buffer.from(id, 'hex'), key]);
		const server = { key: fs.readFileSync(keyFile), padding: PKCS1 };
		socket.write(crypto.publicEncrypt(server, told));
		taken = Buffer.alloc(0);
		out = null;
	} else if (!out && taken.length >= 128 + 256) { // the session key, and its signature
		const secret = decrypted(taken.subarray(0, 128));
		socket.removeListener('data', hear);
		const cipher = (streamType) => new CryptoStream({ streamType, key: secret.subarray(0, 16),
			iv: secret.subarray(16, 32), getDeviceId: () => id });
		out = cipher('encrypt');
		out.pipe(new ChunkingStream({ outgoing: true })).pipe(socket);
		const frames = new ChunkingStream({ outgoing: false });
		frames.pipe(cipher('decrypt')).on('data', (frame) => answer(coap.parse(frame)));
		frames.write(taken.subarray(128 + 256));
		socket.pipe(frames);
		const hello = Buffer.alloc(8);
		hello.writeUInt16BE(10, 0); // product
		hello.writeUInt16BE(10, 6); // platform
		send({ code: 'POST', options: toPath('h'), payload: hello });
		// A ping now and then, or the server takes it for gone.
		setInterval(() => send({ code: '0.00', confirmable: true }), 5000);
	}
});

// Node refuses PKCS #1 v1.5 decryption by default; raw, and the padding taken off here.
function decrypted(bytes) {
	const raw = { key: own.privateKey, padding: crypto.constants.RSA_NO_PADDING };
	const plain = crypto.privateDecrypt(raw, bytes);
	return plain.subarray(plain.indexOf(0, 2) + 1);
}
