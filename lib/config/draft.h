// Draft: what a configuration file says, checked key by key, before the keys are looked at together. Plain values.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/keys.h"
#include "config/mistake.h"

namespace mentiond::config {

// A valid value: its text with the environment expanded, where it stands, and how it is written there. Messages show
// what is written: a variable may hold a secret that was meant for another key.
struct Value {
  std::string text;
  Place place;
  std::string written;
};

// The keys of the file, or those of one query.
struct Group {
  Place place;
  std::map<std::string, std::vector<Value>, std::less<>> values;  // by Key::path; one each but for lists
  std::set<std::string, std::less<>> given;                       // keys that the file has, valid or not
  [[nodiscard]] bool has(std::string_view path) const { return given.contains(path); }
  // The value given; nullptr if there is none, or none that is valid.
  [[nodiscard]] const Value* find(std::string_view path) const {
    const auto found = values.find(path);
    return found == values.end() || found->second.empty() ? nullptr : &found->second.front();
  }
  // The value given, else the default.
  [[nodiscard]] std::string_view text(std::string_view path) const {
    const Value* const value = find(path);
    return value != nullptr ? std::string_view{value->text} : find_key(path)->fallback;
  }
};

struct Draft {
  Group top;
  std::vector<Group> queries;
  std::map<std::string, Place, std::less<>> sections;  // those that the file has
};

}  // namespace mentiond::config
