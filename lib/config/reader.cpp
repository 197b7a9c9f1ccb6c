#include "config/reader.h"

#include <algorithm>
#include <optional>
#include <sstream>

#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include "base/ascii.h"
#include "config/check.h"
#include "config/expand.h"
#include "config/nearest.h"

namespace mentiond::config {

namespace {

// Each is polled by itself, and X takes 450 requests in 15 minutes from an app: what is beyond this is no list that
// anybody wrote by hand. The rules compare each query with every other.
constexpr std::size_t most_queries = 1'000;

std::string list_names(const std::vector<std::string_view>& names) {
  std::string text;
  for (const auto name : names) text += (text.empty() ? "" : ", ") + std::string{name};
  return text;
}

// `words` with what they quote of `value`, whole or in part, replaced by what was `written`. A value may hold quotes of
// its own, of either kind: what is quoted ends with the last one up to which it is still the value's.
std::string with_names(std::string words, std::string_view value, std::string_view written) {
  constexpr std::string_view quotes = "\"'";
  std::size_t open = words.find_first_of(quotes);
  while (open != std::string::npos) {
    std::size_t close = words.rfind(words[open]);
    while (close > open && value.find(words.substr(open + 1, close - open - 1)) == std::string_view::npos) {
      close = words.rfind(words[open], close - 1);
    }
    if (close > open + 1) {
      words.replace(open + 1, close - open - 1, written);
      open = words.find_first_of(quotes, open + written.size() + 2);
    } else {
      open = words.find_first_of(quotes, open + 1);
    }
  }
  return words;
}

// yaml-cpp counts from 0.
Place place_of(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }
std::size_t offset_of(const YAML::Mark& mark) { return static_cast<std::size_t>(mark.pos); }

// Notes where a second document begins, and ignores what is in them.
class DocumentStarts final : public YAML::EventHandler {
 public:
  [[nodiscard]] const std::optional<YAML::Mark>& second() const { return second_; }

 private:
  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++count_ == 2) second_ = mark;
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}

  int count_ = 0;
  std::optional<YAML::Mark> second_;
};

// Two at most are asked for. YAML::LoadAll asks on and on, and what the parser can place nowhere, such as a stray
// comma, it gives out as one more empty document for ever: https://github.com/jbeder/yaml-cpp/issues/1040
std::optional<YAML::Mark> find_second_document(const std::string& yaml) {
  std::istringstream in{yaml};
  YAML::Parser parser{in};
  DocumentStarts starts;
  if (parser.HandleNextDocument(starts)) parser.HandleNextDocument(starts);
  return starts.second();
}

// Tabs and line ends are text; YAML allows no other (https://yaml.org/spec/1.2.2/#51-character-set), and yaml-cpp drops
// some of them.
bool is_forbidden(char c) { return is_control(c) && c != '\t' && c != '\n' && c != '\r'; }

class Reader {
 public:
  Reader(std::string_view yaml, const std::string& file, const Environment& environment, Mistakes& mistakes)
      : yaml_(yaml), file_(file), environment_(environment), mistakes_(mistakes) {}

  Draft read() {
    if (const auto root = parse()) {
      draft_.top.place = {1, 1};
      if (!root->IsNull()) read_map(*root, "", draft_.top, {1, 1});
    }
    return std::move(draft_);
  }

 private:
  void report(Place place, std::string message) { mistakes_.push_back({file_, place, std::move(message)}); }

  std::optional<YAML::Node> parse();
  void read_map(const YAML::Node& node, const std::string& prefix, Group& group, Place place);
  void read_entry(const std::string& name, Place place, const YAML::Node& value, const std::string& prefix,
                  Group& group);
  void read_queries(const YAML::Node& node, Place place);
  void read_key(const Key& key, Place place, const YAML::Node& node, Group& group);
  void read_scalar(const Key& key, Place place, const YAML::Node& node, Group& group);
  void report_unknown(const std::string& name, Place place, const std::string& prefix);
  [[nodiscard]] bool quote_is_open(std::size_t at) const;
  [[nodiscard]] std::optional<std::size_t> find_tab_in_indent() const;
  [[nodiscard]] Place place_at(std::size_t offset) const;

  std::string_view yaml_;
  const std::string& file_;
  const Environment& environment_;
  Mistakes& mistakes_;
  Draft draft_;
};

std::optional<YAML::Node> Reader::parse() {
  if (const auto bad = find_invalid_utf8(yaml_)) {
    report(place_at(*bad), "a byte that is not UTF-8; expected a text file in UTF-8");
    return std::nullopt;
  }
  if (const auto bad = std::ranges::find_if(yaml_, is_forbidden); bad != yaml_.end()) {
    report(place_at(static_cast<std::size_t>(bad - yaml_.begin())),
           "a control character; expected a text file in UTF-8");
    return std::nullopt;
  }
  try {
    const std::string text{yaml_};
    if (const auto second = find_second_document(text)) {
      const bool announced = text.compare(offset_of(*second), 3, "---") == 0;
      report(place_of(*second), announced ? "a second YAML document; expected one (is there a stray --- line?)"
                                          : "not valid YAML: this belongs to nothing above it; look for a stray comma, "
                                            "bracket or quote");
      return std::nullopt;
    }
    return YAML::Load(text);
  } catch (const YAML::DeepRecursion& error) {
    report(place_of(error.mark), "nested too deeply; expected lists and maps as in the sample configuration");
    return std::nullopt;
  } catch (const YAML::Exception& error) {
    if (const auto tab = find_tab_in_indent()) {
      report(place_at(*tab), "not valid YAML: a tab in the indent; expected blanks");
      return std::nullopt;
    }
    report(error.mark.is_null() ? Place{1, 1} : place_of(error.mark),
           "not valid YAML: " + error.msg + "; look for a missing quote, bracket or blank, or for a wrong indent");
    return std::nullopt;
  }
}

Place Reader::place_at(std::size_t offset) const {
  const std::string_view before = yaml_.substr(0, offset);
  const auto line_start = before.rfind('\n') + 1;  // npos + 1 is 0: the first line
  return {static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1,
          static_cast<int>(offset - line_start) + 1};
}

// yaml-cpp complains about whatever comes behind it instead.
std::optional<std::size_t> Reader::find_tab_in_indent() const {
  for (std::size_t line = 0; line < yaml_.size();) {
    const std::size_t end = std::min(yaml_.find('\n', line), yaml_.size());
    const std::size_t stop = std::min(yaml_.find_first_not_of(" \t", line), end);
    const std::size_t tab = yaml_.find('\t', line);
    if (tab < stop && stop < end) return tab;
    line = end + 1;
  }
  return std::nullopt;
}

// yaml-cpp 0.7 takes the end of the file for the end of a quoted text, which would swallow every key below.
bool Reader::quote_is_open(std::size_t at) const {
  if (at >= yaml_.size() || (yaml_[at] != '"' && yaml_[at] != '\'')) return false;
  const char quote = yaml_[at];
  for (++at; at < yaml_.size(); ++at) {
    if (quote == '"' && yaml_[at] == '\\') {
      ++at;
    } else if (yaml_[at] == quote) {
      if (quote == '"' || at + 1 >= yaml_.size() || yaml_[at + 1] != quote) return false;
      ++at;
    }
  }
  return true;
}

void Reader::read_map(const YAML::Node& node, const std::string& prefix, Group& group, Place place) {
  if (!node.IsMap()) {
    report(place, (prefix.empty() ? "the file" : prefix.substr(0, prefix.size() - 1)) +
                      " must hold keys and their values; expected " + list_names(names_below(prefix)));
    return;
  }
  std::map<std::string, Place> seen;
  for (const auto& entry : node) {
    const Place key_place = place_of(entry.first.Mark());
    if (!entry.first.IsScalar()) {
      report(key_place, "a key that is no text; expected " + list_names(names_below(prefix)));
      continue;
    }
    const std::string& name = entry.first.Scalar();
    if (const auto [first, fresh] = seen.emplace(name, key_place); !fresh) {
      report(key_place, prefix + name + " is given twice, first in line " + std::to_string(first->second.line) +
                            "; expected once");
      continue;
    }
    read_entry(name, key_place, entry.second, prefix, group);
  }
}

void Reader::read_entry(const std::string& name, Place place, const YAML::Node& value, const std::string& prefix,
                        Group& group) {
  if (const Key* const key = find_key(prefix + name)) {
    group.given.insert(prefix + name);
    read_key(*key, place, value, group);
    return;
  }
  const auto names = names_below(prefix);
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    report_unknown(name, place, prefix);
    return;
  }
  draft_.sections.emplace(name, place);
  if (name == "queries") {
    read_queries(value, place);
  } else if (!value.IsNull()) {
    read_map(value, name + '.', group, place_of(value.Mark()));
  } else if (name == "elasticsearch") {
    // Commenting out all keys may mean "the defaults" or "no Elasticsearch": not for us to guess.
    report(place,
           "elasticsearch is empty; leave the section out to keep everything in the ledger, or give it urls or "
           "cloud_id");
  }
}

void Reader::read_queries(const YAML::Node& node, Place place) {
  if (!node.IsSequence()) {
    report(place,
           "queries must be a list; expected entries such as - {name: aws, cloud: AWS, query: \"AWS Marketplace\"}");
    return;
  }
  if (node.size() > most_queries) {
    report(place, "queries has " + std::to_string(node.size()) + " entries; expected " + std::to_string(most_queries) +
                      " at most");
    return;
  }
  for (const auto& item : node) {
    Group group;
    group.place = item.IsNull() ? place : place_of(item.Mark());
    read_map(item, std::string{query_prefix}, group, group.place);
    if (item.IsMap()) draft_.queries.push_back(std::move(group));
  }
}

void Reader::report_unknown(const std::string& name, Place place, const std::string& prefix) {
  const auto names = names_below(prefix);
  std::string message = "unknown key " + prefix + name + "; ";
  if (const auto meant = nearest(name, names)) {
    report(place, message + "did you mean " + prefix + std::string{*meant} + '?');
    return;
  }
  for (const Key& key : all_keys()) {
    const auto dot = key.path.rfind('.');
    if (dot != std::string_view::npos && key.path.substr(dot + 1) == name) {
      report(place, message + "did you mean " + std::string{key.path} + '?');
      return;
    }
  }
  report(place, message + "expected one of " + list_names(names));
}

void Reader::read_key(const Key& key, Place place, const YAML::Node& node, Group& group) {
  if (key.shape == Shape::one) {
    read_scalar(key, place, node, group);
    return;
  }
  if (!node.IsSequence()) {
    report(node.IsNull() ? place : place_of(node.Mark()),
           std::string{key.path} + " must be a list; expected [one] or [one, another]");
    return;
  }
  group.values[std::string{key.path}];  // a list given empty is not its default
  for (const auto& item : node) read_scalar(key, item.IsNull() ? place : place_of(item.Mark()), item, group);
}

void Reader::read_scalar(const Key& key, Place key_place, const YAML::Node& node, Group& group) {
  const std::string path{key.path};
  if (node.IsNull()) {
    report(key_place, path + " has no value; " +
                          (key.fallback.empty() ? std::string{"expected a "} + describe_type(key)
                                                : "leave the key out for its default, " + std::string{key.fallback}));
    return;
  }
  const Place place = place_of(node.Mark());
  if (!node.IsScalar()) {
    report(place, path + " is a " + (node.IsMap() ? "map" : "list") + "; expected one value: " + describe_type(key));
    return;
  }
  if (quote_is_open(offset_of(node.Mark()))) {
    report(place, "not valid YAML: a quote that is never closed; look for its missing end");
    return;
  }
  const auto text = expand(node.Scalar(), environment_);
  if (!text) {
    report(place, path + ": " + text.error().message);
    return;
  }
  if (auto problem = check(key, *text)) {
    // A variable may hold a secret that was meant for another key: show its name, not its value.
    if (*text != node.Scalar()) *problem = with_names(*problem, *text, node.Scalar());
    report(place, path + ": " + *problem);
    return;
  }
  group.values[path].push_back({*text, place, node.Scalar()});
}

}  // namespace

Draft read_draft(std::string_view yaml, const std::string& file, const Environment& environment, Mistakes& mistakes) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (yaml.starts_with(byte_order_mark)) yaml.remove_prefix(byte_order_mark.size());
  return Reader{yaml, file, environment, mistakes}.read();
}

}  // namespace mentiond::config
