// gzip (RFC 1952) both ways on zlib: a whole body packed at once, and a stream unpacked piece by piece under a limit.
// Pure but for memory; one thread an object.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace mentiond::http {

// Packs for speed: bulk bodies shrink to about a fifth at zlib's fastest level, and stronger ones cost several times as
// much CPU for a few percent.
std::string gzip(std::string_view bytes);

// Unpacks a gzip stream that comes in pieces. Members that follow each other are one body; a stream that ends within a
// member is not whole. Never holds more than `limit` bytes, however much a small input would unpack to.
class Gunzip {
 public:
  enum class State : std::uint8_t {
    within,     // more input is needed
    at_end,     // all input so far is whole members; more may follow
    broken,     // not gzip, or damaged
    too_large,  // beyond the limit
  };

  explicit Gunzip(std::size_t limit);
  ~Gunzip();
  Gunzip(Gunzip&&) noexcept;
  Gunzip& operator=(Gunzip&&) noexcept;

  // Appends what `packed` unpacks to. After `broken` or `too_large` every further call says the same.
  State feed(std::string_view packed, std::string& out);

 private:
  struct Stream;
  std::unique_ptr<Stream> stream_;
};

// A whole body at once; nothing if it is no gzip, cut, or larger than `limit`.
std::optional<std::string> gunzip(std::string_view packed, std::size_t limit);

}  // namespace mentiond::http
