// SPDX-License-Identifier: GPL-3.0-or-later
#include "records/postgres_connection.h"

#include "base/bytes.h"
#include "records/postgres_library.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <locale>
#include <optional>
#include <sstream>

namespace records {
namespace {

class PostgresAnswer final : public Answer {
 public:
  PostgresAnswer(const PostgresLibrary& pq, const PGresult* result) : pq_(pq), result_(result) {}
  bool is_null(int column) const override { return pq_.getisnull(result_, 0, column) != 0; }
  std::int64_t integer(int column) const override {
    // A sum is a NUMERIC, whose text is the same as long as it is whole.
    std::int64_t value = 0;
    const std::string told = text(column);
    std::from_chars(told.data(), told.data() + told.size(), value);
    return value;
  }
  double real(int column) const override {
    // std::from_chars of a double is missing from libc++ before LLVM 20.
    double value = 0;
    std::istringstream told(text(column));
    told.imbue(std::locale::classic());
    told >> value;
    return value;
  }
  std::string text(int column) const override {
    return {pq_.getvalue(result_, 0, column),
            static_cast<std::size_t>(pq_.getlength(result_, 0, column))};
  }

 private:
  const PostgresLibrary& pq_;
  const PGresult* result_;
};

// As the server reads it; none: NULL.
std::optional<std::string> as_text(const Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return fmt::format("{}", *integer);
  if (const auto* real = std::get_if<double>(&value)) return fmt::format("{}", *real);
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  return std::nullopt;
}

class PostgresConnection final : public Connection {
 public:
  PostgresConnection(const PostgresLibrary& pq, PGconn* handle, std::string shown)
      : pq_(pq), handle_(handle), shown_(std::move(shown)) {
    // It would print to standard error.
    pq_.set_notice_processor(
        handle_, [](void*, const char*) {}, nullptr);
  }
  PostgresConnection(const PostgresConnection&) = delete;
  PostgresConnection& operator=(const PostgresConnection&) = delete;
  ~PostgresConnection() override { pq_.finish(handle_); }

  Engine engine() const override { return Engine::postgresql; }
  bool in_transaction() const override {
    const PGTransactionStatusType now = pq_.transaction_status(handle_);
    return now == PQTRANS_INTRANS || now == PQTRANS_INERROR;
  }

  base::Result<> script(const std::string& sql) override {
    PGresult* result = pq_.exec(handle_, sql.c_str());
    const bool good = pq_.result_status(result) == PGRES_COMMAND_OK ||
                      pq_.result_status(result) == PGRES_TUPLES_OK;
    base::Result<> done;
    if (!good) done = failed(result);
    pq_.clear(result);
    return done;
  }

  base::Result<std::int64_t> run(const std::string& sql, const std::vector<Value>& values,
                                 const OnAnswer& on_answer) override {
    std::vector<std::optional<std::string>> texts;
    std::vector<const char*> pointers;
    for (const Value& value : values) texts.push_back(as_text(value));
    for (const auto& text : texts) pointers.push_back(text ? text->c_str() : nullptr);
    if (pq_.send_query_params(handle_, sql.c_str(), static_cast<int>(values.size()), nullptr,
                              pointers.data(), nullptr, nullptr, 0) != 1) {
      return failed(nullptr);
    }
    pq_.set_single_row_mode(handle_);
    base::Result<std::int64_t> changed = std::int64_t{0};
    bool wanted = static_cast<bool>(on_answer);
    // To the end in any case: only then does the connection take another question.
    while (PGresult* result = pq_.get_result(handle_)) {
      take(result, on_answer, wanted, changed);
      pq_.clear(result);
    }
    return changed;
  }

 private:
  void take(PGresult* result, const OnAnswer& on_answer, bool& wanted,
            base::Result<std::int64_t>& changed) {
    switch (pq_.result_status(result)) {
      case PGRES_SINGLE_TUPLE:
        if (wanted) wanted = on_answer(PostgresAnswer(pq_, result));
        break;
      case PGRES_TUPLES_OK:
        break;
      case PGRES_COMMAND_OK: {
        const std::string_view count = pq_.cmd_tuples(result);
        std::int64_t rows = 0;
        std::from_chars(count.data(), count.data() + count.size(), rows);
        if (changed) changed = rows;
        break;
      }
      default:
        if (changed) changed = failed(result);
        break;
    }
  }

  base::Error failed(const PGresult* result) const {
    const char* state =
        result == nullptr ? nullptr : pq_.result_error_field(result, PG_DIAG_SQLSTATE);
    const std::string_view code = state == nullptr ? "" : state;
    // The connection is lost, or the server is going down (class 57P).
    if (pq_.status(handle_) != CONNECTION_OK || code.empty() || code.starts_with("57P") ||
        code.starts_with("08")) {
      return base::make_error(base::Errc::device_gone, "records-unreachable",
                              fmt::format("the connection to {} was lost", shown_),
                              "what was not confirmed is sent again when it is back");
    }
    const char* told = pq_.result_error_field(result, PG_DIAG_MESSAGE_PRIMARY);
    // Of wrong data (class 22) the server's words hold the data.
    const std::string why = told == nullptr || code.starts_with("22") ? std::string("wrong data")
                                                                      : base::printable(told);
    const bool full = code == "53100";
    return base::make_error(base::Errc::bad_file, full ? "records-full" : "records-failed",
                            fmt::format("the records on {}: {} ({})", shown_, why, code),
                            full
                                ? "make room on the server's disk"
                                : "look at the server's log, and at the rights of this user there");
  }

  const PostgresLibrary& pq_;
  PGconn* handle_;
  std::string shown_;
};

}  // namespace

bool is_server(std::string_view name) {
  return name.starts_with("postgresql://") || name.starts_with("postgres://");
}

std::string shown_server(const std::string& url) {
  const std::size_t begin = url.find("://");
  if (begin == std::string::npos) return base::printable(url);
  const std::size_t host = begin + 3;
  const std::size_t question = url.find('?', host);
  const std::size_t slash = std::min(url.find('/', host), question);
  const std::size_t at = url.rfind('@', slash);
  const std::size_t shown = at == std::string::npos || at < host ? host : at + 1;
  // Behind the question mark there may be a password as well.
  return base::printable(url.substr(0, host) + url.substr(shown, question == std::string::npos
                                                                     ? question
                                                                     : question - shown));
}

base::Result<std::unique_ptr<Connection>> open_postgres(const std::string& url) {
  TRY_ASSIGN(const PostgresLibrary* pq, postgres_library());
  // What stands in the address comes later and counts more.
  const std::array names{"connect_timeout", "tcp_user_timeout", "application_name", "dbname",
                         static_cast<const char*>(nullptr)};
  const std::array values{"10", "20000", "electron-rescue", url.c_str(),
                          static_cast<const char*>(nullptr)};
  PGconn* handle = pq->connectdb_params(names.data(), values.data(), 1);
  auto connection = std::make_unique<PostgresConnection>(*pq, handle, shown_server(url));
  if (handle == nullptr || pq->status(handle) != CONNECTION_OK) {
    // The library's own text names host and user, and never the password.
    std::string why = handle == nullptr ? "no memory" : pq->error_message(handle);
    while (!why.empty() && why.back() == '\n') why.pop_back();
    return base::make_error(
        base::Errc::device_gone, "records-unreachable",
        fmt::format("{} cannot be reached: {}", shown_server(url), base::printable(why)),
        "is the server running, and does it let this user in?");
  }
  return std::unique_ptr<Connection>(std::move(connection));
}

base::Result<std::unique_ptr<Connection>> open_named(const std::string& name, Access access) {
  if (is_server(name)) return open_postgres(name);
  return open_sqlite(name, access);
}

}  // namespace records
