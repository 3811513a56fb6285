// SPDX-License-Identifier: GPL-3.0-or-later
//
// The operator's page: a tile for each slot, as the slots lie. It says of itself what it shows:
// body[data-connection, data-sound, data-stop] and .tile[data-state, data-word].
"use strict";

// Silence of more than two beats (5 s) is no connection, and an error that lasts is one sooner.
const SILENT_MS = 12000;
const ERROR_MS = 4000;
const STOP_SOUND_MS = 30000;

// Drawn, in a square of 24: a screen's computer may have no font with such signs in it.
const TICK = "M4 13l5 5L20 6";
const HAND = "M8 12V5M12 11V3M16 11V4M20 13V7M8 12c-1-2-4-3-4-1 1 4 3 10 8 11h3c4 0 5-4 5-9";
const SIGNS = {
  "seen": "M5 12h0M12 12h0M19 12h0", "asking": "M8 8a4 4 0 1 1 6 3.5c-1.5 1-2 2-2 3.5M12 20h0",
  "retrying": "M20 12a8 8 0 1 1-2.5-5.7M18 2v5h-5", "needs-hand": HAND, "pass": TICK,
  "fail": "M5 5l14 14M19 5L5 19", "done-already": TICK, "hold": HAND,
  "pulled": "M9 2v5M15 2v5M6 7h12v3a6 6 0 0 1-12 0zM12 16v2M7 22l10-4",
};

function drawing(path) {
  const space = "http://www.w3.org/2000/svg";
  const made = document.createElementNS(space, "svg");
  made.setAttribute("viewBox", "0 0 24 24");
  // What it says stands beside it in words.
  made.setAttribute("aria-hidden", "true");
  made.append(document.createElementNS(space, "path"));
  made.firstChild.setAttribute("d", path);
  return made;
}

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined && text !== null) made.textContent = text;
  return made;
}

function percent(share) {
  return share === null || share === undefined ? "–" : (share * 100).toFixed(1) + " %";
}

class Link {
  constructor(onEvent) {
    this.onEvent = onEvent;
    this.state = new BoardState();
    this.heard = Date.now();
    this.errorSince = null;
    if (typeof SharedWorker === "undefined") this.openOwn();
    else this.openShared();
  }

  openShared() {
    const worker = new SharedWorker("/worker.js");
    worker.port.addEventListener("message", (message) => this.got(message.data.event, message.data.data));
    worker.addEventListener("error", () => this.got("error"));
    worker.port.start();
    addEventListener("pagehide", () => worker.port.postMessage("bye"));
    addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  }

  openOwn() {
    const source = new EventSource("/events");
    for (const name of BOARD_EVENTS) {
      source.addEventListener(name, (event) => this.got(name, JSON.parse(event.data)));
    }
    source.addEventListener("error", () => {
      this.got("error");
      if (source.readyState === EventSource.CLOSED) setTimeout(() => this.openOwn(), 1000);
    });
  }

  got(name, data) {
    if (name === "error") {
      this.errorSince = this.errorSince || Date.now();
      return;
    }
    this.heard = Date.now();
    this.errorSince = null;
    const before = name === "slot" ? this.slot(data) : null;
    this.state.take(name, data);
    this.onEvent(name, data, before);
  }

  slot(data) {
    const station = this.state.stations.find((one) => one.station === data.station);
    return station && station.slots.find((one) => one.name === data.slot.name);
  }

  isLost() {
    const now = Date.now();
    return now - this.heard > SILENT_MS || (this.errorSince && now - this.errorSince > ERROR_MS);
  }
}

// The line at the top, the bar of a stop, boards that are in no slot: on every page.
function showTop(state) {
  const text = (id, value) => { document.getElementById(id).textContent = value; };
  text("station", state.stations.map((one) => one.station).join(", "));
  text("order", state.stations.map((one) => one.order).filter(Boolean).join(", "));
  const sum = (name) => state.stations.reduce((all, one) => all + one.counts[name], 0);
  const single = state.stations.length === 1 ? percent(state.stations[0].counts.yield) : percentOf(sum("pass"), sum("fail"));
  text("counts", `PASS ${sum("pass")}  FAIL ${sum("fail")}  ${single}  ${sum("last_hour")}/h`);
  const waiting = sum("waiting");
  text("waiting", waiting > 0 ? waiting + " waiting" : "");
  showStop(state);
  showElsewhere(state);
  for (const station of state.stations) {
    const block = [...document.querySelectorAll("section.station")].find((one) => one.dataset.station === station.station);
    if (block) block.dataset.gone = station.gone ? "yes" : "no";
  }
}

function showStop(state) {
  const stops = state.stations.filter((one) => one.stop || one.gone || one.draining);
  const many = state.stations.length > 1;
  const words = stops.map((one) => (many ? one.station + " " : "") +
    (one.gone ? "STATION IS OFF" : one.stop ? "STOP: " + one.stop.text : "ENDING: NO NEW BOARDS"));
  const bar = document.getElementById("stop");
  bar.textContent = words.join(" · ");
  bar.hidden = words.length === 0;
  document.body.dataset.stop = stops.some((one) => one.stop) ? "yes" : "no";
}

function showElsewhere(state) {
  const foot = document.getElementById("foot");
  for (const old of foot.querySelectorAll(".elsewhere")) old.remove();
  for (const station of state.stations) {
    for (const board of station.elsewhere) foot.append(element("span", "elsewhere", "board at " + board.port + ", not a slot"));
  }
}

class Board {
  constructor() {
    this.tiles = new Map();
    this.sound = new Sound(() => this.showSound());
    this.lastStopSound = 0;
    this.showSound();
    document.getElementById("sound").addEventListener("click", () => this.sound.context && this.sound.context.resume());
  }

  draw(state) {
    const main = document.getElementById("main");
    this.tiles.clear();
    main.replaceChildren();
    const all = state.stations.reduce((sum, one) => sum + one.slots.length, 0);
    const columns = state.rows > 0 ? Math.ceil(all / state.rows) : all > 16 ? 8 : all > 4 ? 4 : 2;
    for (const station of state.stations) {
      const block = element("section", "station");
      block.dataset.station = station.station;
      if (state.stations.length > 1) block.append(element("h2", "", station.station));
      const grid = element("div", "grid columns-" + Math.min(columns, 8));
      for (const slot of station.slots) {
        const tile = this.make(slot);
        this.tiles.set(station.station + "/" + slot.name, tile);
        grid.append(tile);
        this.show(tile, slot);
      }
      block.append(grid);
      main.append(block);
    }
    showTop(state);
  }

  make(slot) {
    const tile = element("article", "tile");
    tile.dataset.slot = slot.name;
    tile.append(element("span", "name", slot.name), element("span", "sign"), element("span", "word"),
      element("span", "message"), element("span", "left"), element("span", "last"));
    return tile;
  }

  part(tile, name) { return tile.querySelector("." + name); }

  show(tile, slot) {
    tile.dataset.state = slot.state;
    const word = slot.state === "empty" || slot.state === "off" ? "" : slot.word;
    tile.dataset.word = word;
    const sign = SIGNS[slot.state];
    this.part(tile, "sign").replaceChildren(...(sign ? [drawing(sign)] : []));
    this.part(tile, "word").textContent = word;
    this.part(tile, "message").textContent = slot.message || "";
    const left = slot.state === "working" && slot.seconds_left !== null ? slot.seconds_left + " s" : "";
    this.part(tile, "left").textContent = left;
    tile.style.setProperty("--share", slot.state === "working" ? slot.share : 0);
    const last = slot.last && slot.state === "empty" ? "last: " + slot.last.state + (slot.last.code ? " " + slot.last.code : "") : "";
    this.part(tile, "last").textContent = last;
  }

  on(name, data, before, state) {
    if (name === "snapshot") return this.draw(state);
    if (name === "slot") {
      const tile = this.tiles.get(data.station + "/" + data.slot.name);
      if (!tile) return undefined;
      this.show(tile, data.slot);
      if (before && before.state !== data.slot.state) this.sound.play(data.slot.state);
    }
    if (name === "alarm") this.alarm(data);
    if (name === "counts" || name === "station") showTop(state);
    return undefined;
  }

  alarm(data) {
    const foot = document.getElementById("foot");
    const line = element("span", "alarm", data.text);
    foot.append(line);
    setTimeout(() => line.remove(), 60000);
  }

  showSound() {
    const mute = this.sound ? this.sound.isMute() : true;
    document.body.dataset.sound = mute ? "mute" : "on";
    document.getElementById("sound").hidden = !mute;
  }

  showClock() {
    document.getElementById("clock").textContent = new Date().toLocaleTimeString([], {hour: "2-digit", minute: "2-digit"});
  }

  tick(lost) {
    this.showClock();
    document.body.dataset.connection = lost ? "lost" : "live";
    document.getElementById("lost").hidden = !lost;
    if (document.body.dataset.stop === "yes" && !lost && Date.now() - this.lastStopSound > STOP_SOUND_MS) {
      this.lastStopSound = Date.now();
      this.sound.play("stop");
    }
  }
}

function percentOf(pass, fail) {
  return pass + fail === 0 ? "–" : percent(pass / (pass + fail));
}

function startBoard() {
  document.body.dataset.page = "operator";
  const board = new Board();
  board.showClock();
  const link = new Link((name, data, before) => {
    board.on(name, data, before, link.state);
    document.body.dataset.connection = "live";
    document.getElementById("lost").hidden = true;
  });
  setInterval(() => board.tick(Boolean(link.isLost())), 500);
}

if (location.pathname === "/") startBoard();
