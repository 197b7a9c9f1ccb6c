#include <filesystem>
#include <fstream>
#include <map>

#include "config/build.h"
#include "config/config.h"
#include "config/reader.h"
#include "config/rules.h"

namespace mentiond::config {

namespace {

// Hundreds of queries fit into a small part of this; what is larger is another file.
constexpr std::size_t max_file_bytes = 1024 * 1024;

// In the order of the file; those of one place in the order in which they were found. (std::stable_sort would do, but
// GCC 12's uses what Clang takes for deprecated.)
Mistakes sorted(Mistakes mistakes) {
  std::multimap<Place, Mistake> by_place;
  for (Mistake& mistake : mistakes) by_place.emplace(mistake.place, std::move(mistake));
  Mistakes in_order;
  for (auto& [place, mistake] : by_place) in_order.push_back(std::move(mistake));
  return in_order;
}

}  // namespace

Result<std::string> find_config(const std::optional<std::string>& option, const Environment& environment) {
  const auto variable = environment("MENTIOND_CONFIG");
  std::string path{default_path};
  std::string named_by = "the default";
  if (option) {
    path = *option;
    named_by = "--config";
  } else if (variable && !variable->empty()) {
    path = *variable;
    named_by = "$MENTIOND_CONFIG";
  }
  std::error_code error;
  if (std::filesystem::exists(path, error)) return Result<std::string>{boost::system::in_place_value, path};
  return fail("no configuration file at ", path, " (", named_by,
              "); it is looked for at --config, else at $MENTIOND_CONFIG, else at ", default_path);
}

Result<Config, Mistakes> load_text(std::string_view yaml, const std::string& file, const Environment& environment) {
  Mistakes mistakes;
  Draft draft = read_draft(yaml, file, environment, mistakes);
  if (draft.top.place == Place{}) return sorted(std::move(mistakes));  // not YAML at all: nothing else to be said
  check_rules(draft, file, mistakes);
  Config config = build(std::move(draft), file, environment, mistakes);
  if (!mistakes.empty()) return sorted(std::move(mistakes));
  return config;
}

Result<Config, Mistakes> load_file(const std::string& path, const Environment& environment) {
  std::ifstream in{path, std::ios::binary};
  std::string yaml(max_file_bytes + 1, '\0');
  in.read(yaml.data(), static_cast<std::streamsize>(yaml.size()));
  if (in.bad() || (in.fail() && !in.eof())) {
    return Mistakes{{path, {}, "cannot be read; expected a file that mentiond's user may read"}};
  }
  yaml.resize(static_cast<std::size_t>(in.gcount()));
  if (yaml.size() > max_file_bytes) return Mistakes{{path, {}, "is larger than 1 MiB; expected a configuration"}};
  return load_text(yaml, path, environment);
}

}  // namespace mentiond::config
