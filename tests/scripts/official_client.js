// SPDX-License-Identifier: GPL-3.0-or-later
//
// The vendor's official client (particle-api-js, the version of cloud_test.py) against the virtual
// cloud. Usage: node official_client.js MODULES URL TOKEN DEVICE PART. Prints one JSON object of what
// each call gave.
const [modules, baseUrl, auth, deviceId, part] = process.argv.slice(2);
const Particle = require(`${modules}/particle-api-js`);
const particle = new Particle({ baseUrl });

async function main() {
  const told = {};
  try {
    await particle.login({ username: 'user@example.com', password: 'wrong' });
  } catch (error) {
    told.refused = { status: error.statusCode, error: error.body.error };
  }
  const login = await particle.login({ username: 'user@example.com', password: 'secret' });
  told.login = login.body.access_token;
  const list = await particle.listDevices({ auth });
  told.list = list.body.map((device) => device.id);
  const device = await particle.getDevice({ deviceId, auth });
  told.version = device.body.system_firmware_version;
  try {
    await particle.getDevice({ deviceId: '000000000000000000000000', auth });
  } catch (error) {
    told.foreign = error.statusCode;
  }
  const ping = await particle.put({ uri: `/v1/devices/${deviceId}/ping`, data: {}, auth });
  told.ping = ping.body;
  const stream = await particle.getEventStream({ deviceId: 'mine', auth });
  told.events = [];
  const safeMode = new Promise((resolve) => {
    stream.on('event', (event) => {
      told.events.push([event.name, event.coreid, event.data]);
      if (event.name === 'spark/status/safe-mode') resolve();
    });
  });
  const flash = await particle.flashDevice({ deviceId, files: { 'part.bin': part }, auth });
  told.flash = flash.body;
  await safeMode;
  stream.abort();
  console.log(JSON.stringify(told));
  process.exit(0);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
