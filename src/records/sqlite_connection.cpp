// SPDX-License-Identifier: GPL-3.0-or-later
#include "records/sqlite_connection.h"

#include "base/files.h"
#include "records/sqlite_library.h"

#include <fmt/format.h>

#include <map>

namespace records {
namespace {

// How long another writer (`station db …` beside a running station) is waited for.
constexpr int kBusyMilliseconds = 5000;

class SqliteAnswer final : public Answer {
 public:
  SqliteAnswer(const SqliteLibrary& sqlite, sqlite3_stmt* statement)
      : sqlite_(sqlite), statement_(statement) {}
  bool is_null(int column) const override {
    return sqlite_.column_type(statement_, column) == SQLITE_NULL;
  }
  std::int64_t integer(int column) const override {
    return sqlite_.column_int64(statement_, column);
  }
  double real(int column) const override { return sqlite_.column_double(statement_, column); }
  std::string text(int column) const override {
    const auto* bytes = reinterpret_cast<const char*>(sqlite_.column_text(statement_, column));
    if (bytes == nullptr) return {};
    const int size = sqlite_.column_bytes(statement_, column);
    return {bytes, static_cast<std::size_t>(size)};
  }

 private:
  const SqliteLibrary& sqlite_;
  sqlite3_stmt* statement_;
};

base::Error failure(int code, const std::string& path, std::string_view why) {
  const char* id = "records-failed";
  std::string hint = "look at the disk and at the rights of the folder; then start again";
  switch (code & 0xFF) {  // the low byte is the kind, the others the finer reason
    case SQLITE_FULL:
      id = "records-full";
      hint = "make room on the disk that holds the records; nothing that was written is lost";
      break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      id = "records-damaged";
      hint = "keep the file, and take the last good copy: station db check says what is wrong";
      break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      id = "records-busy";
      hint = "another program is writing to it; run the same command again";
      break;
    default:
      break;
  }
  return base::make_error(base::Errc::bad_file, id,
                          fmt::format("the records in {}: {}", base::printable(path), why), hint);
}

class SqliteConnection final : public Connection {
 public:
  SqliteConnection(const SqliteLibrary& sqlite, sqlite3* handle, std::string path)
      : sqlite_(sqlite), handle_(handle), path_(std::move(path)) {}
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;
  ~SqliteConnection() override {
    for (const auto& [sql, statement] : statements_) sqlite_.finalize(statement);
    sqlite_.close(handle_);
  }

  Engine engine() const override { return Engine::sqlite; }
  bool in_transaction() const override { return sqlite_.get_autocommit(handle_) == 0; }

  base::Result<> script(const std::string& sql) override {
    if (const int code = sqlite_.exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
        code != SQLITE_OK) {
      return failed(code);
    }
    return {};
  }

  base::Result<std::int64_t> run(const std::string& sql, const std::vector<Value>& values,
                                 const OnAnswer& on_answer) override {
    TRY_ASSIGN(sqlite3_stmt * statement, prepared(sql));
    bind(statement, values);
    int code = sqlite_.step(statement);
    const SqliteAnswer answer(sqlite_, statement);
    while (code == SQLITE_ROW && (!on_answer || on_answer(answer))) code = sqlite_.step(statement);
    base::Result<std::int64_t> result = sqlite_.changes(handle_);
    if (code != SQLITE_DONE && code != SQLITE_ROW) result = failed(code);
    sqlite_.reset(statement);
    sqlite_.clear_bindings(statement);
    return result;
  }

 private:
  base::Error failed(int code) const { return failure(code, path_, sqlite_.errmsg(handle_)); }

  // Statements are few, and the same ones come again and again.
  base::Result<sqlite3_stmt*> prepared(const std::string& sql) {
    if (const auto known = statements_.find(sql); known != statements_.end()) return known->second;
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite_.prepare_v2(handle_, sql.c_str(), -1, &statement, nullptr);
    if (code != SQLITE_OK) return failed(code);
    statements_.emplace(sql, statement);
    return statement;
  }

  // The values live until the statement is reset.
  void bind(sqlite3_stmt* statement, const std::vector<Value>& values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      // "$2" is a name to SQLite, whose numbers follow the order in which names first appear.
      const int at = sqlite_.bind_parameter_index(statement, fmt::format("${}", i + 1).c_str());
      if (at == 0) continue;
      if (const auto* integer = std::get_if<std::int64_t>(&values[i])) {
        sqlite_.bind_int64(statement, at, *integer);
      } else if (const auto* real = std::get_if<double>(&values[i])) {
        sqlite_.bind_double(statement, at, *real);
      } else if (const auto* text = std::get_if<std::string>(&values[i])) {
        sqlite_.bind_text(statement, at, text->data(), static_cast<int>(text->size()),
                          SQLITE_STATIC);
      } else {
        sqlite_.bind_null(statement, at);
      }
    }
  }

  const SqliteLibrary& sqlite_;
  sqlite3* handle_;
  std::string path_;
  std::map<std::string, sqlite3_stmt*> statements_;
};

}  // namespace

base::Result<std::unique_ptr<Connection>> open_sqlite(const std::string& path, Access access) {
  TRY_ASSIGN(const SqliteLibrary* sqlite, sqlite_library());
  if (access != Access::create && !base::exists(path)) {
    return base::make_error(base::Errc::bad_file, "no-records",
                            fmt::format("there are no records in {}", base::printable(path)),
                            "name the file with --db, or make one: station db init");
  }
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  if (access == Access::read) flags |= SQLITE_OPEN_READONLY;
  if (access == Access::write) flags |= SQLITE_OPEN_READWRITE;
  if (access == Access::create) flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  sqlite3* handle = nullptr;
  const int code = sqlite->open_v2(path.c_str(), &handle, flags, nullptr);
  if (handle == nullptr) return failure(code, path, "there is no memory for them");
  auto connection = std::make_unique<SqliteConnection>(*sqlite, handle, path);
  if (code != SQLITE_OK) return failure(code, path, sqlite->errstr(code));
  sqlite->busy_timeout(handle, kBusyMilliseconds);
  if (access == Access::read) {
    TRY(connection->script("PRAGMA query_only=ON; PRAGMA cache_size=-65536"));
  } else {
    // FULL: a commit that has returned survives a loss of power (facts 2.2: it costs nothing).
    TRY(connection->script(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=OFF"));
  }
  return std::unique_ptr<Connection>(std::move(connection));
}

}  // namespace records
