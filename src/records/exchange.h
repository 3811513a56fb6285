// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Records that go from one database to another: forwarded to a server, or by way of a file. A job
// is taken in at most once, by its id; the same id with another content is refused.

#include "base/cancel.h"
#include "base/result.h"
#include "records/connection.h"
#include "records/row.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace records {

// A closed job and all that belongs to it.
struct Entry {
  Row row;
  std::string report;  // JSON; empty: none
  std::vector<HookRun> hooks;
  std::optional<Recipe> recipe;
};

// Errors beyond the connection's: refused, id "no-such-job", where it is not there or still open.
base::Result<Entry> read_entry(Connection& connection, const std::string& id);

enum class Taken { added, known };
// In one transaction. A hook run that came later is added to a job that is known. Errors beyond the
// connection's: refused, id "record-differs", where the id or the number of the row in its station
// belongs to another content: a disk was cloned, or put back to an older state; bad_file, id
// "bad-record", where it is still open or its digest is not that of its content.
base::Result<Taken> take_in(Connection& connection, const Entry& entry);

// One entry as one line of an export (without the line's end), and back. Errors: bad_file, id
// "bad-record".
std::string line_of(const Entry& entry);
base::Result<Entry> entry_of(std::string_view line);

// Every closed job, oldest first, as lines; false from `on_line`: no more. Returns how many.
base::Result<std::int64_t> export_all(Connection& connection,
                                      const std::function<bool(const std::string& line)>& on_line);

struct CheckResult {
  std::int64_t jobs = 0;
  std::int64_t open = 0;
  std::int64_t waiting = 0;           // to be forwarded
  std::vector<std::string> problems;  // sentences; at most 20
};
// Reads every row: the file's own structure, digests, the sums that are kept.
base::Result<CheckResult> check(Connection& connection, const base::CancelToken& cancel);

struct Pruned {
  std::int64_t reports = 0;
  std::vector<std::string> backups;  // files that no record needs any longer: to be removed
};
// Removes the JSON documents of jobs that ended before `before_ms` and were forwarded, where they
// had to be; rows stay for good. `by`: who wants it, for the record of it at `now_ms`.
base::Result<Pruned> prune(Connection& connection, std::int64_t before_ms, std::int64_t now_ms,
                           const std::string& by);

}  // namespace records
