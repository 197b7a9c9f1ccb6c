// Retention, and the room that the ledger takes.
#include <cerrno>
#include <cstring>

#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/failpoint.h"
#include "ledger/file_size.h"
#include "ledger/sqlite_ledger.h"

namespace mentiond::ledger {
namespace {

// A WAL grows while a reader keeps it from being reused; beyond this it gives its room back.
constexpr std::int64_t wal_limit = std::int64_t{64} << 20;

std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

}  // namespace

std::int64_t file_size(const std::string& path) {
  struct stat info{};
  return ::stat(path.c_str(), &info) == 0 ? std::int64_t{info.st_size} : 0;
}

Outcome<std::int64_t> SqliteLedger::prune(const Sink& sink, Time before, std::size_t max_rows) {
  std::vector<std::pair<TweetId, std::uint64_t>> old;
  const auto* position = position_of(sink);
  if (position == nullptr) return std::int64_t{0};
  const bool some_set_aside = has_set_aside(sink.key);
  {
    Statement select{*connection_,
                     "SELECT root_id, revision FROM post "
                     "WHERE state = 0 AND first_seen < ?1 AND revision <= ?2 ORDER BY first_seen"};
    auto rows = select.query(before, position->settled);
    while (old.size() < max_rows && rows.next()) {
      if (some_set_aside && waits_aside(sink.key, rows.id(0))) continue;
      old.emplace_back(rows.id(0), rows.revision(1));
    }
  }
  if (!connection_->ok()) return connection_->take_failure();
  if (old.empty()) return std::int64_t{0};
  auto pruned = write([&] {
    for (const auto& [root, revision] : old) prune_one(root, revision);
    MENTIOND_FAILPOINT("prune_before_commit");
    return static_cast<std::int64_t>(old.size());
  });
  MENTIOND_FAILPOINT("prune_after_commit");
  return pruned;
}

void SqliteLedger::prune_one(TweetId root, std::uint64_t revision) {
  delete_payload_.execute(revision);
  set_state_.execute(root, static_cast<int>(StoredState::pruned));
  counters_.add(Counters::payloads, -1);
  count_move(revision, 0);
  // Other sinks have nothing left that they could send, nor a person anything to look at.
  for (const auto& other : sinks_) {
    if (has_set_aside(other.key)) remove_set_aside(other.key, root);
  }
}

Outcome<Ledger::Space> SqliteLedger::space() {
  Space space;
  struct statvfs disk{};
  if (::statvfs(directory_of(connection_->path()).c_str(), &disk) != 0) {
    return Failure{Failure::Kind::fatal, "ledger " + connection_->path() + ": its file system does not answer: " +
                                             std::strerror(errno) + "; look at the disk and the kernel's log"};
  }
  space.free = static_cast<std::int64_t>(disk.f_bavail) * static_cast<std::int64_t>(disk.f_frsize);
  space.total = static_cast<std::int64_t>(disk.f_blocks) * static_cast<std::int64_t>(disk.f_frsize);
  space.file = file_size(connection_->path());
  space.wal = file_size(connection_->path() + "-wal");
  return space;
}

Outcome<bool> SqliteLedger::truncate_wal() {
  if (wal_holds_forgotten_) {
    if (auto erased = erase_wal(); !erased) return erased.error();
  }
  if (file_size(connection_->path() + "-wal") <= wal_limit) return false;
  const bool truncated = connection_->truncate_wal();
  return read(bool{truncated});
}

}  // namespace mentiond::ledger
