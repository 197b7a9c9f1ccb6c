#include "fakes/request_reader.h"

#include <charconv>

namespace mentiond::fakes {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

constexpr std::size_t max_head = std::size_t{64} << 10U;  // longer heads are no client of ours

}  // namespace

bool RequestReader::read_head() {
  const auto end = buffer_.find("\r\n\r\n");
  if (end == std::string::npos) {
    if (buffer_.size() > max_head) state_ = State::broken;
    return false;
  }
  std::string_view head = std::string_view{buffer_}.substr(0, end + 2);
  const auto line_end = head.find("\r\n");
  const auto line = head.substr(0, line_end);
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last || line.substr(last + 1).substr(0, 5) != "HTTP/") {
    state_ = State::broken;
    return false;
  }
  request_ = Request{};
  request_.method = line.substr(0, first);
  request_.target = line.substr(first + 1, last - first - 1);
  head.remove_prefix(line_end + 2);
  while (!head.empty()) {
    const auto stop = head.find("\r\n");
    const auto field = head.substr(0, stop);
    const auto colon = field.find(':');
    if (colon != std::string_view::npos) {
      request_.headers.add(std::string{field.substr(0, colon)}, std::string{trimmed(field.substr(colon + 1))});
    }
    head.remove_prefix(stop + 2);
  }
  buffer_.erase(0, end + 4);
  request_.chunked = request_.headers.find("Transfer-Encoding").value_or("") == "chunked";
  body_left_ = static_cast<std::size_t>(request_.headers.find_number("Content-Length").value_or(0));
  wants_continue_ = request_.headers.find("Expect").has_value();
  state_ = request_.chunked ? State::chunks : State::body;
  return true;
}

// Takes whole chunks off the buffer; true at the last one.
bool RequestReader::read_chunks() {
  for (;;) {
    const auto line = buffer_.find("\r\n");
    if (line == std::string::npos) return false;
    std::size_t size = 0;
    if (std::from_chars(buffer_.data(), buffer_.data() + line, size, 16).ec != std::errc{}) {
      state_ = State::broken;
      return false;
    }
    if (buffer_.size() < line + 2 + size + 2) return false;
    request_.body.append(buffer_, line + 2, size);
    buffer_.erase(0, line + 2 + size + 2);
    if (size == 0) return true;
  }
}

std::optional<Request> RequestReader::take() {
  if (state_ == State::head && !read_head()) return std::nullopt;
  if (state_ == State::chunks && !read_chunks()) return std::nullopt;
  if (state_ == State::body) {
    if (buffer_.size() < body_left_) return std::nullopt;
    request_.body = buffer_.substr(0, body_left_);
    buffer_.erase(0, body_left_);
  }
  if (state_ == State::broken) return std::nullopt;
  state_ = State::head;
  return std::move(request_);
}

bool RequestReader::wants_continue() {
  const bool wanted = wants_continue_ && state_ != State::head;
  if (wanted) wants_continue_ = false;
  return wanted;
}

}  // namespace mentiond::fakes
