// SPDX-License-Identifier: GPL-3.0-or-later
//
// One stream of events for all tabs: a browser opens six connections to a server and no more, and
// the seventh tab would show nothing.
"use strict";
importScripts("/state.js");

const ports = new Set();
const state = new BoardState();
let source = null;

function tell(message) {
  for (const port of ports) port.postMessage(message);
}

function open() {
  source = new EventSource("/events");
  for (const name of BOARD_EVENTS) {
    source.addEventListener(name, (event) => {
      const data = JSON.parse(event.data);
      state.take(name, data);
      tell({event: name, data});
    });
  }
  source.addEventListener("error", () => {
    tell({event: "error"});
    // Where the answer was an error the browser does not try again by itself.
    if (source.readyState === EventSource.CLOSED) setTimeout(open, 1000);
  });
}

self.addEventListener("connect", (event) => {
  const port = event.ports[0];
  ports.add(port);
  port.addEventListener("message", (message) => {
    if (message.data === "bye") ports.delete(port);
  });
  port.start();
  if (source === null) open();
  if (state.begun && source.readyState === EventSource.OPEN) {
    port.postMessage({event: "snapshot", data: state.snapshot()});
  }
});
