#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The vendor's module reader takes a module's end from its header to find the header, and from the *file's*
# end to find the suffix and the CRC. A sound system part with anything behind it - its flash sector read
# back, or the DFU suffix that dfu-util asks for - is not found damaged or padded, it cannot be read at all:
# "Invalid extension length", of a module that has no extensions. The older reader in the last command line
# tool for the Electron says instead, without an error, that the CRC is wrong, and tells a hash and a
# product made of what lies there.
#
# An expert would guess: a reader that has start and end in its hands uses them; the firmware in the device
# does, and calls the same bytes intact.
# Who is hurt: whoever reads flash back (dfu-util -U gives whole sectors) and asks this library whether it
# is whole: it never is. And dfu-util's own advice to add a suffix makes the file unfit for the vendor's
# tools.
#
# Seen with: binary-version-reader 3.1.3 and 1.1.1 (that of particle-cli 3.6.0), dfu-util 0.11-1, system
# part 1 of 2.3.1 (particle-cli 3.6.0), 2026-11.
# This program: uses the header's end, and says what stands behind it (firmware/parse.h).

source "$(dirname "$0")/common.sh"
debian dfu-util=0.11-1
packed particle-cli@3.6.0
installed binary-version-reader@3.1.3
into=$work/older installed binary-version-reader@1.1.1

cat > look.js <<'END'
const { HalModuleParser } = require(process.argv[2]);
const tell = ({ crc, prefixInfo, suffixInfo: s }) =>
	`version ${prefixInfo.moduleVersion}, crc ${crc.ok ? 'right' : 'wrong'}, product ${s.productId}, hash `
	+ s.fwUniqueId.slice(0, 8);
new HalModuleParser().parseFile(process.argv[3]).then(tell, (error) => error.message).then(console.log);
END
cp npm/particle-cli@3.6.0/assets/updates/electron-system-part1@2.3.1.bin published.bin
cp published.bin sector.bin
head -c $((131072 - $(stat -c %s published.bin))) /dev/zero | tr '\0' '\377' >> sector.bin
cp published.bin suffixed.bin
dfu-suffix -v 2b04 -p d00a -a suffixed.bin >/dev/null 2>&1

reader=node_modules/binary-version-reader
for file in published sector suffixed; do
  node look.js "$work/$reader" $file.bin > "new.$file"
  node look.js "$work/older/$reader" $file.bin > "old.$file"
done

sound="version 2302, crc right, product 65535, hash f9acb7cb"
is "3.1.3, as published" "$sound" "$(cat new.published)"
is "3.1.3, its sector as dfu-util -U reads it" "Invalid extension length" "$(cat new.sector)"
is "3.1.3, with dfu-util's suffix" "Invalid extension length" "$(cat new.suffixed)"
is "1.1.1, as published" "$sound" "$(cat old.published)"
is "1.1.1, its sector as dfu-util -U reads it" \
  "version 2302, crc wrong, product 65535, hash ffffffff" "$(cat old.sector)"
is "1.1.1, with dfu-util's suffix" \
  "version 2302, crc wrong, product 29052, hash 3607b4e1" "$(cat old.suffixed)"
finish
