#include "ledger/statement.h"

namespace mentiond::ledger {

bool Rows::next() {
  if (statement_ == nullptr || !connection_->ok()) return false;
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  connection_->check(code);
  return false;
}

std::string_view Rows::bytes(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  if (data == nullptr) return {};
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

bool Statement::ready() {
  if (!connection_.ok()) return false;
  if (statement_ != nullptr) return true;
  return connection_.check(
      sqlite3_prepare_v3(connection_.handle(), sql_, -1, SQLITE_PREPARE_PERSISTENT, &statement_, nullptr));
}

// An empty view may have no address, which SQLite would take for NULL.
void Statement::bind(int index, std::string_view text) {
  const char* data = text.empty() ? "" : text.data();
  connection_.check(sqlite3_bind_text64(statement_, index, data, text.size(), SQLITE_STATIC, SQLITE_UTF8));
}

void Statement::bind(int index, Blob blob) {
  const char* data = blob.bytes.empty() ? "" : blob.bytes.data();
  connection_.check(sqlite3_bind_blob64(statement_, index, data, blob.bytes.size(), SQLITE_STATIC));
}

}  // namespace mentiond::ledger
