// SPDX-License-Identifier: GPL-3.0-or-later
//
// The lead's page: slots in a table, what failed and where, the last jobs, and the lead's acts, which
// need the token. It is kept for as long as the tab is open and sent nowhere but here.
"use strict";

const TOKEN = "er-token";

async function ask(path) {
  const answer = await fetch(path, {headers: {"Accept": "application/json"}});
  return answer.json();
}

class Lead {
  constructor() {
    document.body.dataset.page = "lead";
    document.getElementById("sound").hidden = true;
    const main = document.getElementById("main");
    main.className = "lead";
    this.told = element("p", "told", "");
    this.slots = element("table", "slots");
    this.sums = element("table", "sums");
    this.fails = element("table", "fails");
    this.jobs = element("table", "jobs");
    main.append(this.controls(), this.told, this.slots, element("h2", "", "Last 24 hours"), this.sums, this.fails,
      element("h2", "", "Last jobs"), this.jobs);
    this.link = new Link(() => this.showSlots());
    setInterval(() => this.tick(), 1000);
    this.records();
  }

  controls() {
    const line = element("p", "controls");
    const token = element("input");
    token.type = "password";
    token.placeholder = "token";
    token.autocomplete = "off";
    token.value = sessionStorage.getItem(TOKEN) || "";
    token.addEventListener("change", () => sessionStorage.setItem(TOKEN, token.value));
    this.token = token;
    line.append(token);
    for (const [words, path] of [["unlock", "/api/unlock"], ["reload files", "/api/reload"], ["end: no new boards", "/api/drain"]]) {
      line.append(this.button(words, path));
    }
    const csv = element("a", "", "jobs as CSV");
    csv.href = "/api/export.csv";
    line.append(csv);
    return line;
  }

  button(words, path) {
    const made = element("button", "", words);
    made.type = "button";
    made.dataset.act = path;
    made.addEventListener("click", () => this.act(words, path));
    return made;
  }

  async act(words, path) {
    this.told.textContent = words + " …";
    try {
      const answer = await fetch(path, {method: "POST", headers: {"X-Electron-Rescue": "1", "Authorization": "Bearer " + this.token.value}});
      const json = await answer.json();
      this.told.textContent = json.ok ? words + ": done" : words + ": " + json.error.message + " (" + json.error.hint + ")";
      document.body.dataset.told = json.ok ? "done" : json.error.code;
    } catch (problem) {
      this.told.textContent = words + ": no connection";
    }
  }

  row(table, cells, tag) {
    const line = element("tr");
    for (const cell of cells) {
      const made = element(tag || "td");
      if (cell instanceof Node) made.append(cell);
      else made.textContent = cell === null || cell === undefined ? "" : String(cell);
      line.append(made);
    }
    table.append(line);
    return line;
  }

  jobLink(id, text) {
    if (!id) return "";
    const made = element("a", "", text);
    made.href = "/job/" + encodeURIComponent(id);
    return made;
  }

  showSlots() {
    const state = this.link.state;
    this.slots.replaceChildren();
    this.row(this.slots, ["slot", "state", "", "device", "since", "job", ""], "th");
    for (const station of state.stations) {
      for (const slot of station.slots) {
        const acts = element("span");
        for (const act of ["again", "off", "on"]) acts.append(this.button(act, "/api/slots/" + encodeURIComponent(slot.name) + "/" + act));
        const device = element("span", "", slot.device || "");
        if (slot.device && slot.state === "hold") acts.append(this.button("release", "/api/release/" + encodeURIComponent(slot.device)));
        const line = this.row(this.slots, [station.station + " " + slot.name, slot.state, slot.message || slot.word, device,
          new Date(slot.since_ms).toLocaleTimeString(), this.jobLink(slot.job, "job"), acts]);
        line.dataset.slot = slot.name;
        line.dataset.state = slot.state;
      }
    }
    showTop(state);
  }

  async records() {
    try {
      const since = Date.now() - 24 * 3600 * 1000;
      const [sums, jobs] = await Promise.all([ask("/api/summary?since=" + since), ask("/api/jobs?most=50")]);
      if (sums.ok) this.showSums(sums.summary);
      if (jobs.ok) this.showJobs(jobs.jobs);
      document.body.dataset.records = sums.ok && jobs.ok ? "shown" : "none";
    } catch (problem) {
      document.body.dataset.records = "none";
    }
    setTimeout(() => this.records(), 5000);
  }

  showSums(sums) {
    this.sums.replaceChildren();
    this.row(this.sums, ["slot", "pass", "fail", "aborted", "lost", "yield", "first pass"], "th");
    this.row(this.sums, ["all", sums.pass, sums.fail, sums.aborted, sums.lost, percent(sums.yield), percent(sums.first_pass_yield)]);
    for (const slot of sums.slots) {
      this.row(this.sums, [slot.station + " " + slot.slot, slot.pass, slot.fail, slot.aborted, slot.lost, percent(slot.yield), percent(slot.first_pass_yield)]);
    }
    this.fails.replaceChildren();
    if (sums.fails.length > 0) this.row(this.fails, ["failed", "slot", "jobs"], "th");
    for (const fail of sums.fails) this.row(this.fails, [fail.code, fail.station + " " + fail.slot, fail.jobs]);
  }

  showJobs(jobs) {
    this.jobs.replaceChildren();
    this.row(this.jobs, ["started", "slot", "device", "outcome", "code", "seconds", ""], "th");
    for (const job of jobs) {
      const line = this.row(this.jobs, [new Date(job.started_ms).toLocaleString(), job.station + " " + (job.slot || ""), job.device, job.outcome || "open",
        job.code, job.seconds === null ? "" : job.seconds.toFixed(1), this.jobLink(job.id, "job")]);
      line.dataset.outcome = job.outcome || "open";
    }
  }

  tick() {
    const lost = Boolean(this.link.isLost());
    document.body.dataset.connection = lost ? "lost" : "live";
    document.getElementById("lost").hidden = !lost;
  }
}

if (location.pathname === "/lead") new Lead();
