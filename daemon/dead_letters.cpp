#include <algorithm>
#include <cinttypes>
#include <cstdio>

#include "base/ascii.h"
#include "base/json_writer.h"
#include "daemon/operate.h"
#include "daemon/start.h"
#include "daemon/verbs.h"
#include "ledger/ledger_reader.h"

namespace mentiond {
namespace {

// What a sink said may quote a tweet, and a tweet may hold what a terminal obeys.
std::string printable(std::string text) {
  std::ranges::replace_if(text, is_control, ' ');
  return text;
}

void print(const ledger::DeadLetter& letter) {
  std::printf("%s  %s  %d %s  %s%s\n", letter.id.c_str(), to_iso8601(letter.since).c_str(), letter.status,
              printable(letter.type).c_str(), letter.index.empty() ? "" : (letter.index + "  ").c_str(),
              printable(letter.reason).c_str());
}

void print_json(const ledger::DeadLetter& letter) {
  std::string line;
  JsonWriter json{line};
  json.begin_object().key("id").text(letter.id);
  if (letter.tweet) json.key("tweet_id").text(letter.tweet->to_string());
  json.key("index").text(letter.index).key("status").number(letter.status).key("type").text(letter.type);
  json.key("reason").text(letter.reason).key("since").text(to_iso8601(letter.since)).end_object();
  std::printf("%s", line.c_str());
}

}  // namespace

ExitCode dead_letters_list(const std::string& config, bool json) {
  const auto loaded = load_config(config);
  if (!loaded) return ExitCode::configuration;
  const auto reader = ledger::LedgerReader::open(loaded->ledger.path);
  if (!reader) return report(reader.error());
  bool first = true;
  if (json) std::printf("[");
  for (ledger::DeadLetterPage page;;) {
    const auto letters = (*reader)->dead_letters(page);
    if (!letters) return report(letters.error());
    if (letters->empty()) break;
    page.after = letters->back().id;
    for (const auto& letter : *letters) {
      if (json) std::printf(first ? "\n" : ",\n");
      first = false;
      json ? print_json(letter) : print(letter);
    }
  }
  if (json) std::printf("\n]\n");
  return ExitCode::done;
}

ExitCode dead_letters_change(const std::string& config, const DeadLettersChoice& choice) {
  const int ways = (choice.ids.empty() ? 0 : 1) + (choice.all ? 1 : 0) + (choice.type.empty() ? 0 : 1);
  if (ways != 1) return refuse(fail("say which: ids, --type T or --all"), ExitCode::usage);
  const auto loaded = load_config(config);
  if (!loaded) return ExitCode::configuration;
  admin::Order order{choice.verb, choice.all ? "all" : choice.type.empty() ? "ids" : "type"};
  if (!choice.type.empty()) order.push_back(choice.type);
  order.insert(order.end(), choice.ids.begin(), choice.ids.end());
  return operate(*loaded, order);
}

}  // namespace mentiond
