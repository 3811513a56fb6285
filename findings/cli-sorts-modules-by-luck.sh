#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The vendor's tool sorts modules by their dependencies before it flashes them, and the order that comes out
# depends on the order in which the files were given: the four files of one release, in 24 orders, come out
# in five different ones. One of them has index 1 before index 3, which it depends on, and index 2 before it
# too. (For the Electron no order can satisfy all of them: 3 needs 2, 2 needs 1, 1 needs 3 - with a minimum
# on the way that an older 2 fulfils. The sorter looks for exactly equal versions, so it does not see that.)
#
# An expert would guess: sorting by dependencies is a function of the set.
# Who is hurt: whoever takes over this order for a way in which the device checks each module (over the air,
# by YMODEM), and whoever asks why the same files flashed from a folder and from a command line behave
# differently.
#
# Seen with: particle-cli 3.51.0's sorter on the files of 2.3.1 (particle-cli 3.6.0), binary-version-reader
# 3.1.3, 2026-11 ("s3" is the system part with index 3, "b0" the bootloader).
# This program: plans by the rules of the firmware that is running, one module at a time (src/plan).

source "$(dirname "$0")/common.sh"
packed particle-cli@3.51.0 particle-cli@3.6.0
installed binary-version-reader@3.1.3

cat > look.js <<'END'
const [, , tool, folder] = process.argv;
const { HalModuleParser } = require('binary-version-reader');
const { sortBinariesByDependency } = require(`${tool}/src/lib/dependency-walker`);

const orders = (list) => list.length < 2 ? [list] :
	list.flatMap((one, at) => orders(list.filter((_, n) => n !== at)).map((rest) => [one, ...rest]));
const names = (modules) =>
	modules.map(({ prefixInfo: p }) => `${p.moduleFunction === 2 ? 'b' : 's'}${p.moduleIndex}`).join(' ');

(async () => {
	const modules = [];
	const system = [1, 2, 3].map((part) => `system-part${part}@2.3.1`);
	for (const name of ['bootloader@2.3.1+lto', ...system]) {
		const filename = `${folder}/electron-${name}.bin`;
		modules.push({ filename, ...await new HalModuleParser().parseFile(filename) });
	}
	const results = new Map();
	for (const order of orders(modules)) {
		results.set(names(order), names(await sortBinariesByDependency(order)));
	}
	const different = [...new Set(results.values())].sort();
	console.log(`${results.size} orders, ${different.length} results: ${different.join(' | ')}`);
	console.log(results.get('b0 s2 s3 s1'));
})();
END
mkdir -p npm/particle-cli@3.51.0/node_modules
ln -s "$work/node_modules/binary-version-reader" npm/particle-cli@3.51.0/node_modules/
node look.js "$work/npm/particle-cli@3.51.0" "$work/npm/particle-cli@3.6.0/assets/updates" > seen

is "the same files" \
  "24 orders, 5 results: b0 s3 s1 s2 | s1 s2 s3 b0 | s3 b0 s1 s2 | s3 s1 b0 s2 | s3 s1 s2 b0" \
  "$(sed -n 1p seen)"
is "bootloader, index 2, 3, 1 are sorted into" "s1 s2 s3 b0" "$(sed -n 2p seen)"
finish
