// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// Timers in the board's time: one that is due next comes when nothing else is left to do, and the time until
// then passes for the board alone.
const timers = [];
let watching = false;

function watch(board) {
	if (watching) return;
	watching = true;
	setImmediate(() => {
		watching = false;
		if (timers.length === 0) return;
		if (board.idle()) {
			timers.sort((left, right) => left.at - right.at);
			const timer = timers.shift();
			if (timer.at > board.now()) board.ask({ do: 'until', at: timer.at });
			timer.then();
		}
		watch(board);
	});
}

function install(board) {
	global.setTimeout = (then, milliseconds = 0, ...given) => {
		const timer = { at: board.now() + Math.ceil(milliseconds * 1000), then: () => then(...given) };
		timers.push(timer);
		watch(board);
		return timer;
	};
	global.clearTimeout = (timer) => {
		const at = timers.indexOf(timer);
		if (at >= 0) timers.splice(at, 1);
	};
	Date.now = () => Math.floor(board.now() / 1000);
}

module.exports = { install };
