#include <algorithm>

#include "base/ascii.h"
#include "base/json_writer.h"
#include "config/config.h"
#include "config/expand.h"

namespace mentiond::config {

namespace {

// A text that YAML takes for itself without quotes: plain words and numbers, paths and URLs.
bool is_plain(std::string_view text) {
  const auto ok = [](char c) {
    return is_digit(c) || is_letter(c) || c == '_' || c == '-' || c == '.' || c == '/' || c == ':';
  };
  if (text.empty() || !std::all_of(text.begin(), text.end(), ok)) return false;
  return text.front() != '-' && text.front() != ':' && text.front() != '.' && text.back() != ':' && text != "null";
}

std::string scalar(std::string_view text) {
  std::string out = escape(text);
  if (is_plain(out)) return out;
  std::string quoted;  // YAML's double quotes know all of JSON's escapes
  JsonWriter{quoted}.text(out);
  return quoted;
}

std::string_view name_of(const Key& key) {
  const auto dot = key.path.rfind('.');
  return dot == std::string_view::npos ? key.path : key.path.substr(dot + 1);
}

class Printer {
 public:
  explicit Printer(const Config& config) : config_(config), draft_(config.draft) {}

  std::string print() {
    for (const Key& key : all_keys()) {
      const std::string_view section = key.path.substr(0, key.path.find_first_of(".["));
      if (section == "elasticsearch" && !config_.elasticsearch) continue;
      if (section != section_) begin(section, key);
      if (!key.path.starts_with(query_prefix)) entry(key, section == key.path ? "" : "  ");
    }
    return std::move(out_);
  }

 private:
  void begin(std::string_view section, const Key& key) {
    section_ = section;
    if (key.path == section) return;
    out_ += std::string{section} + ":\n";
    if (section == "queries") queries();
  }

  // Only what each query has of its own: the schedule of `poll` stands above.
  void queries() {
    for (const Group& query : draft_.queries) {
      std::string_view indent = "  - ";
      for (const Key& key : all_keys()) {
        if (!key.path.starts_with(query_prefix) || query.find(key.path) == nullptr) continue;
        out_ += std::string{indent} + std::string{name_of(key)} + ": " + scalar(query.text(key.path)) + '\n';
        indent = "    ";
      }
    }
  }

  void entry(const Key& key, std::string_view indent) {
    const Group& top = draft_.top;
    // A default that another key has replaced does not hold.
    if (key.path == "poll.every" && top.has("poll.daily_at")) return;
    if (key.path == "elasticsearch.urls" && top.has("elasticsearch.cloud_id")) return;
    const std::string line = std::string{indent} + std::string{name_of(key)} + ": ";
    if (key.shape == Shape::list) {
      out_ += line + list(key) + '\n';
    } else if (top.find(key.path) != nullptr || !key.fallback.empty()) {
      out_ += line + (key.type == Type::secret ? scalar(Secret::masked) : scalar(top.text(key.path)));
      if (key.path == "elasticsearch.gzip") out_ += config_.elasticsearch->deliver.gzip ? "  # on" : "  # off";
      out_ += '\n';
    }
  }

  [[nodiscard]] std::string list(const Key& key) const {
    const auto found = draft_.top.values.find(key.path);
    if (found == draft_.top.values.end()) return key.fallback.empty() ? "[]" : '[' + scalar(key.fallback) + ']';
    std::string text;
    for (const Value& value : found->second) text += (text.empty() ? "" : ", ") + scalar(value.text);
    return '[' + text + ']';
  }

  const Config& config_;
  const Draft& draft_;
  std::string_view section_;
  std::string out_;
};

}  // namespace

std::string effective(const Config& config) { return Printer{config}.print(); }

}  // namespace mentiond::config
