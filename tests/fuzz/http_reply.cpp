// Any bytes as an HTTP reply: the parser's answer does not depend on how the bytes are cut into pieces, and nothing it
// holds is beyond the limits. The same bytes as a body, packed and in chunks, come out as they went in.
#include <string>

#include "fuzz/http_model.h"
#include "fuzz/oracle.h"
#include "fuzz/promise.h"

namespace mentiond::fuzz {
namespace {

struct Parsed {
  Arrival arrival;
  http::ReplyParser parser;
  std::size_t taken = 0;
  bool by_size = false;  // refused for its size
};

void parse(Parsed& parsed, std::string_view bytes, std::size_t piece) {
  boost::beast::error_code error;
  Incoming incoming{bytes};
  parsed.arrival = feed(parsed.parser, incoming, piece, small_limits.head_bytes, error);
  parsed.taken = bytes.size() - incoming.bytes.size();
  parsed.by_size =
      parsed.arrival == Arrival::too_large || (parsed.arrival == Arrival::refused && http::is_size_error(error));
}

bool same_headers(const HttpHeaders& one, const HttpHeaders& other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end());
}

void check_limits(const http::ReplyParser& parser) {
  require(parser.body.size() <= std::max(small_limits.body_bytes, small_limits.inflated_bytes), "a body has a limit");
  std::size_t fields = 0;
  std::size_t head = 0;
  for (const auto& [name, value] : parser.headers) {
    ++fields;
    head += name.size() + value.size();
    require(value.find_first_of("\r\n") == std::string::npos, "a header's value is one line");
  }
  require(fields <= http::max_fields && head <= small_limits.head_bytes, "a head has a limit");
}

void check_pieces(std::string_view bytes) {
  Parsed whole{Arrival::cut, http::ReplyParser{small_limits}};
  parse(whole, bytes, small_limits.head_bytes);
  check_limits(whole.parser);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{100}}) {
    Parsed pieces{Arrival::cut, http::ReplyParser{small_limits}};
    parse(pieces, bytes, piece);
    check_limits(pieces.parser);
    // How much of a head waits in the buffer depends on the pieces, and with it the last bytes of that limit.
    if (whole.by_size || pieces.by_size) continue;
    require((whole.arrival == Arrival::whole) == (pieces.arrival == Arrival::whole),
            "whether a reply is whole does not depend on the pieces it comes in");
    if (whole.arrival != Arrival::whole) continue;
    require(pieces.parser.status == whole.parser.status && pieces.parser.body == whole.parser.body &&
                same_headers(pieces.parser.headers, whole.parser.headers) &&
                pieces.parser.keep_alive() == whole.parser.keep_alive() && pieces.taken == whole.taken,
            "what a reply says does not depend on the pieces it comes in");
  }
}

std::string in_chunks(std::string_view body) {
  constexpr std::string_view hex = "0123456789abcdef";
  std::string out;
  for (std::size_t size = 1; !body.empty(); size = size % 15 + 1) {
    const std::string_view chunk = body.substr(0, size);
    out.append(1, hex[chunk.size()]).append("\r\n").append(chunk).append("\r\n");
    body.remove_prefix(chunk.size());
  }
  return out + "0\r\n\r\n";
}

void check_packed(std::string_view body) {
  const std::string packed = http::gzip(body);
  require(http::gunzip(packed, body.size()) == body, "what is packed unpacks");
  if (!body.empty()) require(!http::gunzip(packed, body.size() - 1), "what unpacks beyond the limit is refused");
  require(!http::gunzip(packed.substr(0, packed.size() - 1), body.size()), "a cut stream is no whole one");
  if (packed.size() > small_limits.body_bytes / 2 || body.size() > small_limits.inflated_bytes) return;
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n";
  Parsed read{Arrival::cut, http::ReplyParser{small_limits}};
  parse(read, head + in_chunks(packed), 11);
  require(read.arrival == Arrival::whole && read.parser.body == body, "a packed reply in chunks arrives as it was");
  Parsed cut{Arrival::cut, http::ReplyParser{small_limits}};
  parse(cut, head + in_chunks(packed.substr(0, packed.size() - 1)), 11);
  require(cut.arrival == Arrival::refused, "whole chunks of a cut stream are no reply");
}

}  // namespace
}  // namespace mentiond::fuzz

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
  const std::string_view text = mentiond::fuzz::text_of(bytes, size);
  mentiond::fuzz::check_pieces(text);
  mentiond::fuzz::check_packed(text);
  return 0;
}
