// Loading a configuration in a test: an environment of its own, and what came of it as lines of text.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/config.h"
#include "support/source_dir.h"

namespace mentiond::config {

using Variables = std::map<std::string, std::string>;

inline Environment environment_of(Variables variables) {
  return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional{found->second};
  };
}

// The mistakes as "line:column: message" of a file named m.yaml; empty: it loads.
inline std::vector<std::string> mistakes_in(std::string_view yaml, Variables variables = {}) {
  const auto config = load_text(yaml, "m.yaml", environment_of(std::move(variables)));
  std::vector<std::string> lines;
  if (config) return lines;
  for (const Mistake& mistake : config.error())
    lines.push_back(to_text(mistake).substr(std::string_view{"m.yaml:"}.size()));
  return lines;
}

// The least that loads, with `more` (top-level keys and sections) below it. It has 2 lines: `more` begins at line 3.
inline std::string minimal(std::string_view more = {}) {
  return "x: {bearer_token: secret-token}\nqueries: [{name: aws, cloud: AWS, query: AWS Marketplace}]\n" +
         std::string{more};
}

inline std::string source_path(const std::string& path) { return (source_dir() / path).string(); }

}  // namespace mentiond::config
