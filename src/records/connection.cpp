// SPDX-License-Identifier: GPL-3.0-or-later
#include "records/connection.h"

#include <utility>

namespace records {

base::Result<Transaction> Transaction::begin(Connection& connection) {
  // SQLite: the right to write is taken at once, so that nothing read before can be out of date.
  TRY(connection.run(connection.engine() == Engine::sqlite ? "BEGIN IMMEDIATE" : "BEGIN"));
  return Transaction(connection);
}

base::Result<> Transaction::commit() {
  TRY(connection_->run("COMMIT"));
  connection_ = nullptr;
  return {};
}

Transaction::Transaction(Transaction&& other) noexcept
    : connection_(std::exchange(other.connection_, nullptr)) {}

Transaction::~Transaction() {
  if (connection_ == nullptr || !connection_->in_transaction()) return;
  // Where that fails, too, the engine has undone it by itself, or does so at the next start.
  [[maybe_unused]] const auto undone = connection_->run("ROLLBACK");
}

Value text_or_null(std::string text) {
  if (text.empty()) return std::monostate{};
  return text;
}

}  // namespace records
