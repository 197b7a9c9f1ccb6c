#include <fstream>
#include <iostream>

#include "daemon/operate.h"
#include "daemon/start.h"
#include "daemon/verbs.h"

namespace mentiond {
namespace {

bool read_words(std::istream& in, std::vector<std::string>& words) {
  for (std::string word; in >> word;) words.push_back(word);
  return in.eof();
}

}  // namespace

ExitCode forget(const std::string& config, std::vector<std::string> ids, const std::string& file) {
  if (ids.empty() == file.empty()) return refuse(fail("say which: ids, or --file F (- is stdin)"), ExitCode::usage);
  const auto loaded = load_config(config);
  if (!loaded) return ExitCode::configuration;
  if (file == "-") {
    read_words(std::cin, ids);
  } else if (!file.empty()) {
    std::ifstream in{file};
    if (!in || !read_words(in, ids)) return refuse(fail("cannot read ", file), ExitCode::bad_data);
  }
  if (ids.empty()) return refuse(fail(file, " holds no ids"), ExitCode::bad_data);
  ids.insert(ids.begin(), "forget");
  return operate(*loaded, ids);
}

}  // namespace mentiond
