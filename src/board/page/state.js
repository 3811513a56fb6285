// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the stations show, put together from the events; the same for pages and for the worker that
// they share. Texts of devices stay texts: whoever shows them sets textContent.
"use strict";

class BoardState {
  constructor() {
    this.rows = 0;
    this.stations = [];
    this.begun = false;
  }

  // Takes one event in; true if it was understood.
  take(name, data) {
    if (name === "snapshot") {
      this.rows = data.rows;
      this.stations = data.stations;
      this.begun = true;
      return true;
    }
    if (name === "beat" || name === "alarm") return true;
    const station = this.stations.find((one) => one.station === data.station);
    if (!station) return false;
    if (name === "slot") {
      const at = station.slots.findIndex((slot) => slot.name === data.slot.name);
      if (at < 0) return false;
      station.slots[at] = data.slot;
    } else if (name === "counts") {
      station.counts = data.counts;
    } else if (name === "station") {
      Object.assign(station, data);
    }
    return true;
  }

  snapshot() {
    return {rows: this.rows, stations: this.stations};
  }
}

const BOARD_EVENTS = ["snapshot", "slot", "counts", "station", "alarm", "beat"];
