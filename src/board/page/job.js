// SPDX-License-Identifier: GPL-3.0-or-later
//
// One job: its row, its hooks, its report.
"use strict";

async function startJob() {
  document.body.dataset.page = "job";
  const main = document.getElementById("main");
  main.className = "lead";
  const id = decodeURIComponent(location.pathname.substring("/job/".length));
  const json = await (await fetch("/api/jobs/" + encodeURIComponent(id))).json();
  document.getElementById("sound").hidden = true;
  if (!json.ok) {
    main.append(element("p", "told", json.error.message));
    document.body.dataset.job = "none";
    return;
  }
  document.body.dataset.job = json.job.outcome || "open";
  main.append(element("h1", "", "Job " + json.job.id));
  const table = element("table", "row");
  for (const [name, value] of Object.entries(json.job)) {
    if (value === null) continue;
    const line = element("tr");
    const text = name.endsWith("_ms") ? new Date(value).toLocaleString() : String(value);
    line.append(element("th", "", name), element("td", "", text));
    table.append(line);
  }
  main.append(table);
  for (const hook of json.hooks) main.append(element("pre", "hook", JSON.stringify(hook, null, 2)));
  if (json.report) main.append(element("pre", "report", JSON.stringify(json.report, null, 2)));
}

if (location.pathname.startsWith("/job/")) startJob();
