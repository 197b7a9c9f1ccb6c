#include "http/message_parser.h"

#include <algorithm>

#include <boost/beast/http/error.hpp>

#include "base/ascii.h"

namespace mentiond::http {
namespace {

// Categories live for ever and are never deleted through their base, which has no virtual destructor.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"
class ParseCategory final : public boost::system::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "mentiond.http"; }
  [[nodiscard]] std::string message(int value) const override {
    switch (static_cast<ParseError>(value)) {
      case ParseError::too_many_fields:
        return "too many header fields";
      case ParseError::head_too_large:
        return "the head is too large";
      case ParseError::inflated_too_large:
        return "the body unpacks to too much";
      case ParseError::unknown_coding:
        return "a content coding nobody asked for";
      case ParseError::broken_coding:
        return "the body's gzip stream is damaged";
      case ParseError::coding_cut:
        return "the body's gzip stream ends early";
    }
    return "unknown";
  }
};
#pragma GCC diagnostic pop

}  // namespace

beast::error_code make_error_code(ParseError error) {
  static const ParseCategory category;
  return {static_cast<int>(error), category};
}

bool is_size_error(const beast::error_code& error) {
  return error == ParseError::too_many_fields || error == ParseError::head_too_large ||
         error == ParseError::inflated_too_large || error == beast::http::error::header_limit ||
         error == beast::http::error::body_limit || error == beast::http::error::buffer_overflow;
}

template <bool is_request>
MessageParser<is_request>::MessageParser(const ParseLimits& limits) : limits_(limits) {
  this->eager(true);
  this->header_limit(static_cast<std::uint32_t>(limits.head_bytes));
  this->body_limit(limits.body_bytes);
}

// Beast 1.81 asserts that five bytes of the last chunk are there once it has seen that chunk's first line. Of a body
// without other chunks there may be four: the last line end comes byte by byte. In a build with assertions any peer
// could end the process (https://github.com/boostorg/beast/pull/2861); without them Beast reads on as it should.
template <bool is_request>
std::size_t MessageParser<is_request>::put(std::string_view bytes, beast::error_code& error) {
  constexpr std::size_t last_chunk = std::string_view{"0\r\n\r\n"}.size();
  if (this->is_header_done() && this->chunked() && bytes.size() < last_chunk && bytes.starts_with("0\r\n")) {
    error = beast::http::error::need_more;
    return 0;
  }
  return beast::http::basic_parser<is_request>::put(boost::asio::buffer(bytes.data(), bytes.size()), error);
}

template <bool is_request>
void MessageParser<is_request>::on_request_impl(beast::http::verb, string_view method_text, string_view target_text,
                                                int protocol, error_code&) {
  head_bytes_ += method_text.size() + target_text.size();
  method = method_text;
  target = target_text;
  version = protocol;
}

template <bool is_request>
void MessageParser<is_request>::on_response_impl(int code, string_view reason, int, error_code&) {
  head_bytes_ += reason.size();
  status = code;
}

template <bool is_request>
void MessageParser<is_request>::on_field_impl(beast::http::field, string_view name, string_view value,
                                              error_code& error) {
  head_bytes_ += name.size() + value.size();
  if (head_bytes_ > limits_.head_bytes) {
    error = ParseError::head_too_large;
  } else if (++fields_ > max_fields) {
    error = ParseError::too_many_fields;
  } else if (!in_trailer_) {
    headers.add(std::string{name}, std::string{value});
  }
}

template <bool is_request>
void MessageParser<is_request>::on_header_impl(error_code& error) {
  in_trailer_ = true;
  const auto coding = headers.find("Content-Encoding");
  if (limits_.inflated_bytes == 0 || !coding) return;
  const std::string name = lower(*coding);
  if (name == "gzip" || name == "x-gzip") {
    gunzip_.emplace(limits_.inflated_bytes);
  } else if (name != "identity" && !name.empty()) {
    error = ParseError::unknown_coding;
  }
}

template <bool is_request>
void MessageParser<is_request>::on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) {
  // Beast has refused a length beyond the limit by now.
  if (length && !gunzip_) body.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(*length, limits_.body_bytes)));
}

template <bool is_request>
std::size_t MessageParser<is_request>::on_body_impl(string_view bytes, error_code& error) {
  if (!gunzip_) {
    body.append(bytes.data(), bytes.size());
    return bytes.size();
  }
  coding_ = gunzip_->feed({bytes.data(), bytes.size()}, body);
  if (coding_ == Gunzip::State::broken) error = ParseError::broken_coding;
  if (coding_ == Gunzip::State::too_large) error = ParseError::inflated_too_large;
  return bytes.size();
}

template <bool is_request>
void MessageParser<is_request>::on_chunk_header_impl(std::uint64_t, string_view, error_code&) {}

template <bool is_request>
std::size_t MessageParser<is_request>::on_chunk_body_impl(std::uint64_t, string_view bytes, error_code& error) {
  return on_body_impl(bytes, error);
}

template <bool is_request>
void MessageParser<is_request>::on_finish_impl(error_code& error) {
  if (coding_ == Gunzip::State::within) error = ParseError::coding_cut;
}

template class MessageParser<true>;
template class MessageParser<false>;

}  // namespace mentiond::http
