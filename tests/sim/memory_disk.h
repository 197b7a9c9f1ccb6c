// MemoryDisk: the disk under the simulation's ledger: an SQLite VFS in memory that becomes the default one while it
// lives. It knows what was synced and what was only written, and so what a power cut may take away; it can be full,
// fail a sync, and die in the middle of a call. One connection a file at a time: locks always succeed. One at a time
// in a program; one thread. https://www.sqlite.org/vfs.html https://www.sqlite.org/psow.html
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sqlite3.h>

#include "sim/chance.h"

namespace mentiond::sim {

class MemoryDisk {
 public:
  explicit MemoryDisk(std::uint64_t seed);
  ~MemoryDisk();
  MemoryDisk(const MemoryDisk&) = delete;
  MemoryDisk& operator=(const MemoryDisk&) = delete;

  // --- ways to die ---
  // The process is gone from now on: whatever it still does to its files fails and changes nothing.
  void die() { dead_ = true; }
  // The same in the middle of the n-th write, sync or truncation from now; torn as a write may be.
  void die_after(int changes) { changes_left_ = changes; }
  // The n-th sync from now fails once, and takes what was not synced with it.
  // https://wiki.postgresql.org/wiki/Fsync_Errors
  void fail_sync_after(int syncs) { syncs_left_ = syncs; }
  [[nodiscard]] bool dead() const { return dead_; }
  [[nodiscard]] bool sync_failed() const { return sync_failed_; }
  // What the next process finds. A killed process loses nothing that it wrote; a power cut takes a random part of what
  // was not synced: whole writes, or sectors of them. All handles of the old process must be closed by then.
  enum class Cut : std::uint8_t { kill, power };
  void revive(Cut cut);

  // --- room ---
  // The files may not grow beyond so many bytes altogether. Nothing: no limit.
  void limit(std::optional<std::int64_t> bytes) { limit_ = bytes; }
  // The n-th write from now finds no room; the one after it does.
  void fill_after(int writes) { writes_left_ = writes; }
  [[nodiscard]] std::int64_t used() const;
  [[nodiscard]] std::int64_t size(const std::string& name) const;

  // --- copies, as an operator makes them ---
  using Image = std::map<std::string, std::string>;
  [[nodiscard]] Image copy() const;
  void restore(const Image& image);

  struct Change {
    std::int64_t offset = 0;
    std::string bytes;
    bool truncates = false;  // to `offset`
  };
  struct Content {
    std::string bytes;
    std::string synced;
    std::vector<Change> unsynced;  // in order
    bool ever_synced = false;
    std::vector<std::unique_ptr<char[]>> shared;  // the WAL index
  };
  // For the VFS's functions alone.
  std::shared_ptr<Content> open(const std::string& name);
  bool exists(const std::string& name) const { return files_.contains(name); }
  int remove(const std::string& name);
  int write(Content& content, Change change);
  int sync(Content& content);
  std::uint64_t random() { return chance_.next(); }

 private:
  static void apply(std::string& bytes, const Change& change);
  void lose(Content& content);
  bool dies_now(Content& content, const Change* change);

  Chance chance_;
  sqlite3_vfs* before_;
  sqlite3_vfs vfs_{};
  std::map<std::string, std::shared_ptr<Content>> files_;
  std::optional<std::int64_t> limit_;
  int changes_left_ = 0;
  int writes_left_ = 0;
  int syncs_left_ = 0;
  bool dead_ = false;
  bool sync_failed_ = false;
};

}  // namespace mentiond::sim
