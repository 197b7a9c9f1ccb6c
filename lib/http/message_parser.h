// MessageParser: Beast's HTTP/1 parser, filling our own message shapes, with limits and content coding. Fed with bytes,
// it waits for nothing. Internal to this room; one thread an object, one message an object.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/beast/http/basic_parser.hpp>

#include "base/http_message.h"
#include "http/gzip.h"

namespace mentiond::http {

namespace beast = boost::beast;

struct ParseLimits {
  std::size_t head_bytes;      // start line and fields, names and values
  std::size_t body_bytes;      // as on the wire
  std::size_t inflated_bytes;  // after unpacking; 0: a packed body is kept as it is
};

// What our own rules find wrong, besides Beast's own errors.
enum class ParseError : std::uint8_t {
  too_many_fields = 1,
  head_too_large,
  inflated_too_large,
  unknown_coding,
  broken_coding,
  coding_cut,  // the body arrived whole, but its gzip stream is not
};
beast::error_code make_error_code(ParseError error);
// True for what a limit refused: ours or Beast's.
bool is_size_error(const beast::error_code& error);

// No honest service sends as many; each costs two strings.
inline constexpr std::size_t max_fields = 256;

// `put_eof`, `is_done`, `is_header_done`, `keep_alive` and `need_eof` are Beast's:
// https://www.boost.org/doc/libs/1_81_0/libs/beast/doc/html/beast/ref/boost__beast__http__basic_parser.html
template <bool is_request>
class MessageParser final : public beast::http::basic_parser<is_request> {
 public:
  explicit MessageParser(const ParseLimits& limits);

  // Takes what it can off the front of `bytes`, and says how much. With need_more it wants to see the rest again, with
  // more behind it.
  std::size_t put(std::string_view bytes, beast::error_code& error);

  std::string method;  // of a request
  std::string target;  // of a request
  int version = 11;    // HTTP/1.0 is 10
  int status = 0;      // of a reply
  HttpHeaders headers;
  std::string body;

 private:
  using string_view = beast::string_view;
  using error_code = beast::error_code;

  void on_request_impl(beast::http::verb verb, string_view method_text, string_view target_text, int protocol,
                       error_code& error) override;
  void on_response_impl(int code, string_view reason, int protocol, error_code& error) override;
  void on_field_impl(beast::http::field field, string_view name, string_view value, error_code& error) override;
  void on_header_impl(error_code& error) override;
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code& error) override;
  std::size_t on_body_impl(string_view bytes, error_code& error) override;
  void on_chunk_header_impl(std::uint64_t size, string_view extensions, error_code& error) override;
  std::size_t on_chunk_body_impl(std::uint64_t remain, string_view bytes, error_code& error) override;
  void on_finish_impl(error_code& error) override;

  ParseLimits limits_;
  std::size_t head_bytes_ = 0;
  std::size_t fields_ = 0;
  bool in_trailer_ = false;
  std::optional<Gunzip> gunzip_;
  Gunzip::State coding_ = Gunzip::State::at_end;  // nothing yet is a whole body too
};

using ReplyParser = MessageParser<false>;
using RequestParser = MessageParser<true>;

}  // namespace mentiond::http

template <>
struct boost::system::is_error_code_enum<mentiond::http::ParseError> : std::true_type {};
