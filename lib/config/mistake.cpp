#include "config/mistake.h"

#include <stdexcept>

namespace mentiond::config {

std::string to_text(const Mistake& mistake) {
  std::string text = mistake.file;
  if (mistake.place.line > 0) {
    text += ':' + std::to_string(mistake.place.line) + ':' + std::to_string(mistake.place.column);
  }
  return text + ": " + mistake.message;
}

void throw_exception_from_error(const Mistakes& mistakes, const boost::source_location&) {
  throw std::logic_error{mistakes.empty() ? "unread mistakes" : to_text(mistakes.front())};
}

}  // namespace mentiond::config
