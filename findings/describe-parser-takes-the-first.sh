#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The vendor's library answers "which system version does this device have?" with the version of whichever
# system part stands first in the device's list. It means to sort, but its comparison answers true and
# false: false is 0, "equal", and nothing is ever moved. The Electron lists index 1 first, and tells its
# version by index 2.
#
# An expert would guess: the lowest of the parts, or the one that tells the version.
# Who is hurt: the device that was interrupted. In the middle of the way from 0.6.4 to 0.7.0 (207, 110, 207)
# it says of itself that it is 0.6.4, and the library says 207, which is 0.7.0: done. A tool that asks in
# this way stops one part too early.
#
# Seen with: binary-version-reader 3.1.3 under Node 20, 2026-11.
# This program: keeps the version of each part and plans from all of them (src/plan/state.h).

source "$(dirname "$0")/common.sh"
installed binary-version-reader@3.1.3

cat > look.js <<'END'
const { HalDescribeParser } = require('binary-version-reader');
const part = (n, v, needs) => ({ s: 131072, l: 'm', vc: 30, vv: 30, f: 's', n: String(n), v, d: needs });
const list = (one, two, three) => ({ p: 10, m: [
	{ s: 16384, l: 'm', vc: 30, vv: 30, f: 'b', n: '0', v: 11, d: [] },
	part(1, one, [{ f: 's', n: '3', v: one }]),
	part(2, two, [{ f: 's', n: '1', v: two }]),
	part(3, three, three < 207 ? [] : [{ f: 's', n: '2', v: 110 }])
] });
const ask = (...versions) => new HalDescribeParser().getSystemVersion(list(...versions));
console.log(`${ask(110, 110, 110)} ${ask(207, 110, 207)} ${ask(110, 110, 207)} ${ask(110, 23, 110)}`);
END
is "whole 110; then 207/110/207; then 110/110/207; then 110/23/110" "110 207 110 110" "$(node look.js)"
finish
