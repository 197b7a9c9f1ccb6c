// Any text as a configuration: it loads, or there are mistakes, each with a place in the text and words that hold no
// secret. What loads prints as a text that, with its secrets put back, loads as the same.
#include "config/config.h"

#include <algorithm>
#include <optional>
#include <string>

#include "base/json_writer.h"
#include "config/expand.h"
#include "config/keys.h"
#include "fuzz/oracle.h"
#include "fuzz/promise.h"

namespace mentiond::fuzz {
namespace {

constexpr std::string_view canary = "canary-7c1f0a";

// One variable holds a secret; one is a valid API key.
std::optional<std::string> variable(const std::string& name) {
  if (name == "TOKEN") return std::string{canary};
  if (name == "KEY") return "aWQ6a2V5";
  return std::nullopt;
}

void check_mistakes(const config::Mistakes& mistakes, std::string_view yaml) {
  require(!mistakes.empty(), "what does not load has a mistake");
  const int lines = static_cast<int>(std::ranges::count(yaml, '\n')) + static_cast<int>(std::ranges::count(yaml, '\r'));
  config::Place last{};
  for (const config::Mistake& mistake : mistakes) {
    require(mistake.file == "m.yaml" && !mistake.message.empty(), "a mistake names its file and has words");
    require(mistake.place.line >= 0 && mistake.place.line <= lines + 1 && mistake.place.column >= 0,
            "a mistake has a place in the text");
    require(last <= mistake.place, "mistakes stand in the order of the file");
    last = mistake.place;
    const bool shown = mistake.message.find(canary) != std::string::npos;
    require(!shown || yaml.find("canary") != std::string_view::npos, "a mistake shows no variable's value");
  }
}

std::string with_secrets(std::string text, const config::Config& config) {
  for (const config::Key& key : config::all_keys()) {
    const config::Value* const value = config.draft.top.find(key.path);
    if (key.type != config::Type::secret || value == nullptr) continue;
    const std::string name{key.path.substr(key.path.find('.') + 1)};
    const std::string masked = "\n  " + name + ": \"***\"\n";
    // The section's own line stands above its keys: api_key is in one section alone, and so is every other secret.
    const auto at = text.find(masked);
    require(at != std::string::npos, "a secret is printed as ***");
    std::string shown = "\n  " + name + ": ";
    JsonWriter{shown}.text(config::escape(value->text));
    text.replace(at, masked.size(), shown + '\n');
  }
  return text;
}

void check_config(const config::Config& config) {
  const std::string printed = config::effective(config);
  const std::string whole = with_secrets(printed, config);
  const auto again = config::load_text(whole, "m.yaml", variable);
  require(again.has_value(), "what is printed loads");
  require(config::effective(*again) == printed, "what is printed loads as the same");
  require(!config.collect.queries.empty(), "a configuration has queries");
  require(config.bearer_token.configured(), "a configuration has a token");
}

}  // namespace
}  // namespace mentiond::fuzz

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
  using namespace mentiond;
  const std::string_view yaml = fuzz::text_of(bytes, size);
  // A key that names a secret's file would make a fuzzer open whatever path it invents.
  if (yaml.find("_file") != std::string_view::npos) return 0;
  const auto config = config::load_text(yaml, "m.yaml", fuzz::variable);
  if (config) {
    fuzz::check_config(*config);
  } else {
    fuzz::check_mistakes(config.error(), yaml);
  }
  return 0;
}
