#include "ledger/salvage.h"

#include <set>

#include "base/failpoint.h"
#include "ledger/connection.h"
#include "ledger/lock_file.h"
#include "ledger/new_file.h"
#include "ledger/page_records.h"
#include "ledger/salvage_mend.h"
#include "ledger/salvage_tables.h"
#include "ledger/schema.h"

namespace mentiond::ledger {
namespace {

// Pages read in one transaction of the new ledger.
constexpr std::uint32_t pages_a_commit = 1'000;
// A page whose number the schema names as the root of the table gap.
constexpr std::string_view schema_shape = "tttit";

class Scan {
 public:
  Scan(const PageFile& file, Connection& to) : file_(file), to_(to), tables_(to) {}

  void run(Salvaged& salvaged) {
    for (std::uint32_t number = 1; number <= file_.pages(); ++number) {
      if (number % pages_a_commit == 1) to_.execute("BEGIN");
      read(number);
      MENTIOND_FAILPOINT("salvage_page_read");
      if (number % pages_a_commit == 0 || number == file_.pages()) {
        to_.execute("COMMIT");
        to_.checkpoint_if_due();
      }
      if (!to_.ok()) return;
    }
    salvaged.broken_records = broken_;
    // A table that small is one leaf, which its root is; one that has grown beyond is whole if everything is.
    const bool leaf = gap_root_ != 0 && whole_leaves_.contains(gap_root_);
    salvaged.gaps_certain = leaf || (gap_root_ != 0 && inner_.contains(gap_root_) && broken_ == 0 && missing_ == 0);
  }

 private:
  void read(std::uint32_t number) {
    const auto page = file_.read(number);
    if (!page) {
      ++missing_;
      return;
    }
    const auto broken = read_records(file_, *page, number, [&](const StoredRecord& record) {
      if (record.in_table && record.shape() == schema_shape && record.values[1].bytes == "gap") {
        gap_root_ = static_cast<std::uint32_t>(record.values[3].number);
      }
      tables_.take(record);
    });
    broken_ += broken;
    const auto kind = kind_of(*page, number);
    if (kind == PageKind::index_leaf && broken == 0) whole_leaves_.insert(number);
    if (kind == PageKind::index_inner && broken == 0) inner_.insert(number);
  }

  const PageFile& file_;
  Connection& to_;
  SalvageTables tables_;
  std::int64_t broken_ = 0;
  std::int64_t missing_ = 0;
  std::uint32_t gap_root_ = 0;
  std::set<std::uint32_t> whole_leaves_;
  std::set<std::uint32_t> inner_;
};

Outcome<Salvaged> rebuild(const PageFile& file, const std::string& part, Time now) {
  auto to = Connection::open(part, Connection::Access::write);
  if (!to) return to.error();
  if (auto made = bring_up_to_date(**to, migrations()); !made) return made.error();
  // Nobody sees it before it is finished, and then it is synced.
  (*to)->execute("PRAGMA synchronous=OFF");
  Salvaged salvaged;
  Scan{file, **to}.run(salvaged);
  SalvageMend{**to, now}.run(salvaged);
  MENTIOND_FAILPOINT("salvage_mended");
  if ((*to)->ok()) (*to)->truncate_wal();
  if (!(*to)->ok()) return (*to)->take_failure();
  return salvaged;
}

}  // namespace

Outcome<Salvaged> salvage(const std::string& path, const std::string& target, Time now) {
  if (auto failure = Connection::look_at(path, Connection::Access::read)) return std::move(*failure);
  const auto lock = LockFile::take(path);
  if (!lock) return lock.error();
  const auto file = PageFile::open(path);
  if (!file) return file.error();
  auto made = NewFile::create(target);
  if (!made) return made.error();
  auto salvaged = rebuild(*file, made->part(), now);
  if (!salvaged) return salvaged;
  MENTIOND_FAILPOINT("salvage_before_finish");
  if (auto finished = made->finish(); !finished) return finished.error();
  return salvaged;
}

}  // namespace mentiond::ledger
