// The functions through which SQLite reaches MemoryDisk.
#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "sim/memory_disk.h"

namespace mentiond::sim {
namespace {

MemoryDisk* disk = nullptr;

// What stands behind an sqlite3_file: SQLite gives the memory.
struct Handle {
  sqlite3_file base;
  std::shared_ptr<MemoryDisk::Content>* content;
};

Handle& handle(sqlite3_file* file) { return *static_cast<Handle*>(static_cast<void*>(file)); }
MemoryDisk::Content& content(sqlite3_file* file) { return **handle(file).content; }

int close_file(sqlite3_file* file) {
  delete handle(file).content;
  return SQLITE_OK;
}

int read_file(sqlite3_file* file, void* out, int count, sqlite3_int64 offset) {
  if (disk->dead()) return SQLITE_IOERR_READ;
  const std::string& bytes = content(file).bytes;
  const auto wanted = static_cast<std::size_t>(count);
  const auto at = std::min(static_cast<std::size_t>(offset), bytes.size());
  const auto there = std::min(wanted, bytes.size() - at);
  auto* target = static_cast<char*>(out);
  std::copy_n(bytes.data() + at, there, target);
  std::fill_n(target + there, wanted - there, '\0');
  return there == wanted ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

int write_file(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
  const std::string text{static_cast<const char*>(bytes), static_cast<std::size_t>(count)};
  return disk->write(content(file), {offset, text, false});
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) { return disk->write(content(file), {size, {}, true}); }
int sync_file(sqlite3_file* file, int) { return disk->sync(content(file)); }

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  *size = static_cast<sqlite3_int64>(content(file).bytes.size());
  return disk->dead() ? SQLITE_IOERR_FSTAT : SQLITE_OK;
}

int lock(sqlite3_file*, int) { return SQLITE_OK; }
int check_reserved(sqlite3_file*, int* reserved) {
  *reserved = 0;
  return SQLITE_OK;
}
int control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int sector_size(sqlite3_file*) { return 4096; }
int characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

int map_shared(sqlite3_file* file, int region, int size, int extend, void volatile** out) {
  auto& shared = content(file).shared;
  const auto wanted = static_cast<std::size_t>(region);
  *out = nullptr;
  if (wanted >= shared.size() && extend == 0) return SQLITE_OK;
  while (shared.size() <= wanted) {
    shared.push_back(std::make_unique<char[]>(static_cast<std::size_t>(size)));
  }
  *out = shared[wanted].get();
  return SQLITE_OK;
}
int lock_shared(sqlite3_file*, int, int, int) { return SQLITE_OK; }
void barrier(sqlite3_file*) {}
int unmap_shared(sqlite3_file* file, int remove) {
  if (remove != 0) content(file).shared.clear();
  return SQLITE_OK;
}

constexpr sqlite3_io_methods methods{.iVersion = 2,
                                     .xClose = close_file,
                                     .xRead = read_file,
                                     .xWrite = write_file,
                                     .xTruncate = truncate_file,
                                     .xSync = sync_file,
                                     .xFileSize = file_size,
                                     .xLock = lock,
                                     .xUnlock = lock,
                                     .xCheckReservedLock = check_reserved,
                                     .xFileControl = control,
                                     .xSectorSize = sector_size,
                                     .xDeviceCharacteristics = characteristics,
                                     .xShmMap = map_shared,
                                     .xShmLock = lock_shared,
                                     .xShmBarrier = barrier,
                                     .xShmUnmap = unmap_shared,
                                     .xFetch = nullptr,
                                     .xUnfetch = nullptr};

int open_file(sqlite3_vfs*, sqlite3_filename name, sqlite3_file* file, int flags, int* out_flags) {
  file->pMethods = nullptr;
  if (disk->dead()) return SQLITE_CANTOPEN;
  if ((flags & SQLITE_OPEN_CREATE) == 0 && (flags & SQLITE_OPEN_MAIN_DB) == 0 && !disk->exists(name))
    return SQLITE_CANTOPEN;
  handle(file).content = new std::shared_ptr<MemoryDisk::Content>{disk->open(name == nullptr ? "temporary" : name)};
  file->pMethods = &methods;
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}

int remove_file(sqlite3_vfs*, const char* name, int) { return disk->remove(name); }
int access_file(sqlite3_vfs*, const char* name, int, int* out) {
  *out = disk->exists(name) ? 1 : 0;
  return SQLITE_OK;
}
int full_name(sqlite3_vfs*, const char* name, int size, char* out) {
  sqlite3_snprintf(size, out, "%s", name);
  return SQLITE_OK;
}
int randomness(sqlite3_vfs*, int count, char* out) {
  for (int i = 0; i < count; ++i) out[i] = static_cast<char>(disk->random());
  return count;
}
int do_not_sleep(sqlite3_vfs*, int micros) { return micros; }
int no_time(sqlite3_vfs*, double* out) {
  *out = 2461263.0;  // nothing in the ledger asks for it
  return SQLITE_OK;
}
int no_last_error(sqlite3_vfs*, int, char*) { return SQLITE_OK; }

}  // namespace

MemoryDisk::MemoryDisk(std::uint64_t seed) : chance_(seed), before_(sqlite3_vfs_find(nullptr)) {
  vfs_.iVersion = 1;
  vfs_.szOsFile = static_cast<int>(sizeof(Handle));
  vfs_.mxPathname = before_->mxPathname;
  vfs_.zName = "memory_disk";
  vfs_.xOpen = open_file;
  vfs_.xDelete = remove_file;
  vfs_.xAccess = access_file;
  vfs_.xFullPathname = full_name;
  vfs_.xRandomness = randomness;
  vfs_.xSleep = do_not_sleep;
  vfs_.xCurrentTime = no_time;
  vfs_.xGetLastError = no_last_error;
  disk = this;
  if (sqlite3_vfs_register(&vfs_, 1) != SQLITE_OK) throw std::runtime_error("cannot register the memory disk");
  // SQLite's own random numbers begin anew from ours: a seed is a history, whatever ran before it.
  sqlite3_randomness(0, nullptr);
}

MemoryDisk::~MemoryDisk() {
  sqlite3_vfs_unregister(&vfs_);
  sqlite3_vfs_register(before_, 1);
  disk = nullptr;
}

}  // namespace mentiond::sim
