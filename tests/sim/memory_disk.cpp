#include "sim/memory_disk.h"

#include <algorithm>
#include <stdexcept>

namespace mentiond::sim {

namespace {

constexpr std::size_t sector = 512;  // what a disk writes whole, or not at all

}  // namespace

void MemoryDisk::apply(std::string& bytes, const Change& change) {
  const auto at = static_cast<std::size_t>(change.offset);
  if (change.truncates) {
    bytes.resize(std::min(bytes.size(), at));
    return;
  }
  if (bytes.size() < at + change.bytes.size()) bytes.resize(at + change.bytes.size());
  bytes.replace(at, change.bytes.size(), change.bytes);
}

std::shared_ptr<MemoryDisk::Content> MemoryDisk::open(const std::string& name) {
  auto& content = files_[name];
  if (!content) content = std::make_shared<Content>();
  return content;
}

int MemoryDisk::remove(const std::string& name) {
  if (dead_) return SQLITE_IOERR_DELETE;
  return files_.erase(name) > 0 ? SQLITE_OK : SQLITE_IOERR_DELETE_NOENT;
}

bool MemoryDisk::dies_now(Content& content, const Change* change) {
  if (dead_) return true;
  if (changes_left_ == 0 || --changes_left_ > 0) return false;
  dead_ = true;
  if (change == nullptr || change->truncates || change->bytes.empty()) return true;
  // A write that was cut off: its beginning is there.
  Change part{change->offset, change->bytes.substr(0, chance_.below(change->bytes.size() + 1)), false};
  apply(content.bytes, part);
  content.unsynced.push_back(std::move(part));
  return true;
}

int MemoryDisk::write(Content& content, Change change) {
  if (dies_now(content, &change)) return SQLITE_IOERR_WRITE;
  if (!change.truncates && writes_left_ > 0 && --writes_left_ == 0) return SQLITE_FULL;
  const auto end = change.offset + static_cast<std::int64_t>(change.bytes.size());
  const auto growth = end - static_cast<std::int64_t>(content.bytes.size());
  if (limit_ && growth > 0 && used() + growth > *limit_) return SQLITE_FULL;
  apply(content.bytes, change);
  content.unsynced.push_back(std::move(change));
  return SQLITE_OK;
}

int MemoryDisk::sync(Content& content) {
  if (dies_now(content, nullptr)) return SQLITE_IOERR_FSYNC;
  if (syncs_left_ > 0 && --syncs_left_ == 0) {
    sync_failed_ = true;
    lose(content);
    return SQLITE_IOERR_FSYNC;
  }
  for (const auto& change : content.unsynced) apply(content.synced, change);
  content.unsynced.clear();
  content.ever_synced = true;
  return SQLITE_OK;
}

// What was not synced arrives in part and in any order.
void MemoryDisk::lose(Content& content) {
  for (const auto& change : content.unsynced) {
    const auto fate = chance_.below(3);
    if (fate == 0) continue;
    if (fate == 1 || change.truncates) {
      apply(content.synced, change);
      continue;
    }
    for (std::size_t at = 0; at < change.bytes.size(); at += sector) {
      if (chance_.below(2) == 0) continue;
      apply(content.synced, {change.offset + static_cast<std::int64_t>(at), change.bytes.substr(at, sector), false});
    }
  }
  content.bytes = content.synced;
  content.unsynced.clear();
}

void MemoryDisk::revive(Cut cut) {
  for (auto at = files_.begin(); at != files_.end();) {
    Content& content = *at->second;
    content.shared.clear();
    if (cut == Cut::power) {
      const bool vanishes = !content.ever_synced && chance_.below(2) == 0;
      if (vanishes) {
        at = files_.erase(at);
        continue;
      }
      lose(content);
    }
    // A handle that somebody forgot to close must not reach what the next process reads.
    at->second = std::make_shared<Content>(std::move(content));
    ++at;
  }
  dead_ = false;
  sync_failed_ = false;
  changes_left_ = 0;
  writes_left_ = 0;
  syncs_left_ = 0;
}

std::int64_t MemoryDisk::used() const {
  std::int64_t sum = 0;
  for (const auto& [name, content] : files_) sum += static_cast<std::int64_t>(content->bytes.size());
  return sum;
}

std::int64_t MemoryDisk::size(const std::string& name) const {
  const auto at = files_.find(name);
  return at == files_.end() ? 0 : static_cast<std::int64_t>(at->second->bytes.size());
}

MemoryDisk::Image MemoryDisk::copy() const {
  Image image;
  for (const auto& [name, content] : files_) image[name] = content->bytes;
  return image;
}

void MemoryDisk::restore(const Image& image) {
  files_.clear();
  for (const auto& [name, bytes] : image) {
    auto content = std::make_shared<Content>();
    content->bytes = bytes;
    content->synced = bytes;
    content->ever_synced = true;
    files_[name] = std::move(content);
  }
}

}  // namespace mentiond::sim
