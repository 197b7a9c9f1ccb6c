#include "admin/control.h"

namespace mentiond::admin {

std::string_view to_text(Answer::Outcome outcome) {
  switch (outcome) {
    case Answer::Outcome::done:
      return "done";
    case Answer::Outcome::bad_data:
      return "bad_data";
    case Answer::Outcome::ledger:
      break;
  }
  return "ledger";
}

std::string to_wire(const Order& order) {
  std::string bytes;
  for (const auto& word : order) bytes.append(word).push_back('\0');
  return bytes;
}

Order order_from_wire(std::string_view bytes) {
  Order order;
  for (auto end = bytes.find('\0'); end != std::string_view::npos; end = bytes.find('\0')) {
    order.emplace_back(bytes.substr(0, end));
    bytes.remove_prefix(end + 1);
  }
  if (!bytes.empty()) order.clear();  // the last word was cut off
  return order;
}

std::string to_wire(const Answer& answer) { return std::string{to_text(answer.outcome)} + '\n' + answer.text; }

std::optional<Answer> answer_from_wire(std::string_view bytes) {
  const auto end = bytes.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  for (const auto outcome : {Answer::Outcome::done, Answer::Outcome::bad_data, Answer::Outcome::ledger}) {
    if (bytes.substr(0, end) == to_text(outcome)) return Answer{outcome, std::string{bytes.substr(end + 1)}};
  }
  return std::nullopt;
}

}  // namespace mentiond::admin
