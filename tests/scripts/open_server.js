// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// The open server (npm @brewskey/spark-server) on loopback. Usage: node open_server.js NODE_MODULES FOLDER
// [own-key]: a folder for it. Prints {"http": port, "devices": port} when it serves; its log goes to standard
// error. Its key is made here: with one that it has made itself ("own-key") it does not understand devices
// before it is started again (findings/open-server-must-be-started-twice.sh).
const crypto = require('crypto');
const fs = require('fs');
const http = require('http');
const net = require('net');
const path = require('path');
const [, , modules, folder, key] = process.argv;

// Its log is written to standard output, and its door for devices opens on all addresses.
const print = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr);
process.env.LOG_LEVEL = 'error';
const { listen } = net.Server.prototype;
net.Server.prototype.listen = function onLoopback(port, ...rest) {
	const listening = rest.find((one) => typeof one === 'function');
	return listen.call(this, { port: Number(port), host: '127.0.0.1' }, listening);
};

process.chdir(folder);
fs.mkdirSync('data', { recursive: true });
if (key !== 'own-key') {
	const { privateKey, publicKey } = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
	fs.writeFileSync('data/default_key.pem', privateKey.export({ type: 'pkcs1', format: 'pem' }));
	fs.writeFileSync('data/default_key.pub.pem', publicKey.export({ type: 'spki', format: 'pem' }));
}

const serve = (server, port) => new Promise((resolve) => {
	server.listen(port, () => resolve(server.address().port));
});

(async () => {
	const { Container } = require(path.join(modules, 'constitute'));
	const { createApp, defaultBindings, SPARK_SERVER_SETTINGS } =
		require(path.join(modules, '@brewskey/spark-server'));
	const probe = net.createServer();
	const devices = await serve(probe, 0);
	await new Promise((resolve) => probe.close(resolve));
	Object.assign(SPARK_SERVER_SETTINGS.TCP_DEVICE_SERVER_CONFIG,
		{ HOST: '127.0.0.1', PORT: devices, ENABLE_SYSTEM_FIRWMARE_AUTOUPDATES: false });
	const container = new Container();
	defaultBindings(container, SPARK_SERVER_SETTINGS);
	container.constitute('DeviceServer').start();
	const port = await serve(http.createServer(createApp(container, SPARK_SERVER_SETTINGS)), 0);
	print(`${JSON.stringify({ http: port, devices })}\n`);
})();
