#include "http/gzip.h"

#include <algorithm>
#include <limits>
#include <new>

#include <zlib.h>

namespace mentiond::http {
namespace {

constexpr int gzip_window = MAX_WBITS + 16;  // zlib's way to say: a gzip wrapper, not zlib's own
constexpr int memory_level = 8;              // zlib's default
constexpr std::size_t step = 64 * 1024;      // the output grows by at least this much

// zlib takes non-const input and counts in 32 bits.
Bytef* bytes_of(std::string_view text) { return reinterpret_cast<Bytef*>(const_cast<char*>(text.data())); }
constexpr std::size_t most = std::numeric_limits<uInt>::max();

}  // namespace

std::string gzip(std::string_view bytes) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, gzip_window, memory_level, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
  std::string out;
  out.resize(deflateBound(&stream, bytes.size()));
  std::size_t written = 0;
  int result = Z_OK;
  while (result == Z_OK) {
    const std::string_view piece = bytes.substr(0, most);
    const std::size_t room = std::min(out.size() - written, most);
    stream.next_in = bytes_of(piece);
    stream.avail_in = static_cast<uInt>(piece.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + written);
    stream.avail_out = static_cast<uInt>(room);
    result = deflate(&stream, piece.size() == bytes.size() ? Z_FINISH : Z_NO_FLUSH);
    bytes.remove_prefix(piece.size() - stream.avail_in);
    written += room - stream.avail_out;
  }
  deflateEnd(&stream);
  out.resize(written);
  return out;
}

struct Gunzip::Stream {
  z_stream z{};
  std::size_t room;  // bytes that may still come out
  State state = State::within;

  explicit Stream(std::size_t limit) : room(limit) {
    if (inflateInit2(&z, gzip_window) != Z_OK) throw std::bad_alloc();
  }
  ~Stream() { inflateEnd(&z); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // Takes as much of `packed` as zlib will in one call.
  State inflate_some(std::string_view& packed, std::string& out) {
    if (state == State::at_end) inflateReset(&z);
    const std::size_t old_size = out.size();
    // One byte more than allowed, so that an exact fit and an excess differ.
    const std::size_t grown = std::min({room + 1, std::max(step, packed.size() * 4), most});
    const std::string_view piece = packed.substr(0, most);
    out.resize(old_size + grown);
    z.next_in = bytes_of(piece);
    z.avail_in = static_cast<uInt>(piece.size());
    z.next_out = reinterpret_cast<Bytef*>(out.data() + old_size);
    z.avail_out = static_cast<uInt>(grown);
    const int result = inflate(&z, Z_NO_FLUSH);
    packed.remove_prefix(piece.size() - z.avail_in);
    const std::size_t produced = grown - z.avail_out;
    out.resize(old_size + std::min(produced, room));
    if (produced > room) return State::too_large;
    room -= produced;
    if (result == Z_STREAM_END) return State::at_end;
    return result == Z_OK || result == Z_BUF_ERROR ? State::within : State::broken;
  }
};

Gunzip::Gunzip(std::size_t limit) : stream_(std::make_unique<Stream>(limit)) {}
Gunzip::~Gunzip() = default;
Gunzip::Gunzip(Gunzip&&) noexcept = default;
Gunzip& Gunzip::operator=(Gunzip&&) noexcept = default;

Gunzip::State Gunzip::feed(std::string_view packed, std::string& out) {
  State& state = stream_->state;
  // Output may still wait within zlib when the input is used up: go on until it leaves room unused.
  for (bool full = false; (!packed.empty() || full) && state != State::broken && state != State::too_large;) {
    state = stream_->inflate_some(packed, out);
    full = state == State::within && stream_->z.avail_out == 0;
  }
  return state;
}

std::optional<std::string> gunzip(std::string_view packed, std::size_t limit) {
  Gunzip stream{limit};
  std::string out;
  if (stream.feed(packed, out) != Gunzip::State::at_end) return std::nullopt;
  return out;
}

}  // namespace mentiond::http
