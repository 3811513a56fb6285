// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// One connection to a database, SQLite or PostgreSQL, by the SQL that both understand: parameters
// are $1, $2, …. Not thread-safe. Nothing throws; no error's text holds a value that was bound.

#include "base/result.h"

#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

namespace records {

enum class Engine { sqlite, postgresql };

// NULL, a number, a text (UTF-8).
using Value = std::variant<std::monostate, std::int64_t, double, std::string>;

// One row of an answer, while it is handed out. Columns are counted from 0; NULL is 0 and "".
class Answer {
 public:
  virtual ~Answer() = default;
  virtual bool is_null(int column) const = 0;
  virtual std::int64_t integer(int column) const = 0;
  virtual double real(int column) const = 0;
  virtual std::string text(int column) const = 0;
};
// False: no more rows are wanted.
using OnAnswer = std::function<bool(const Answer& answer)>;

class Connection {
 public:
  virtual ~Connection() = default;
  virtual Engine engine() const = 0;
  // One statement; returns how many rows it has changed. Errors: bad_file, ids "records-full",
  // "records-damaged", "records-busy", "records-failed"; of a server also device_gone, id
  // "records-unreachable", after which this connection is of no more use.
  virtual base::Result<std::int64_t> run(const std::string& sql,
                                         const std::vector<Value>& values = {},
                                         const OnAnswer& on_answer = {}) = 0;
  // Several statements without parameters.
  virtual base::Result<> script(const std::string& sql) = 0;
  // Something was begun and not ended.
  virtual bool in_transaction() const = 0;
};

// What is not committed when it is destroyed has not happened.
class Transaction {
 public:
  static base::Result<Transaction> begin(Connection& connection);
  base::Result<> commit();
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

 private:
  explicit Transaction(Connection& connection) : connection_(&connection) {}
  Connection* connection_;
};

// A text that is empty is NULL.
Value text_or_null(std::string text);

}  // namespace records
