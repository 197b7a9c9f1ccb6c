// What the model sink remembers of what it is sent and of what it has taken.
#include <algorithm>

#include "fakes/es_bulk.h"
#include "fakes/json_value.h"
#include "sim/model_elastic.h"

namespace mentiond::sim {

namespace {

// From `name` to the next `end`; all sources are of one writer, so that nothing need be parsed.
std::string_view stretch(std::string_view source, std::string_view name, char end) {
  const auto at = source.find(name);
  if (at == std::string_view::npos) return {};
  return source.substr(at, source.find(end, at + name.size()) - at);
}

constexpr std::string_view deleted = "deleted";

}  // namespace

std::vector<ModelElastic::Line> ModelElastic::lines(const std::string& body) {
  std::vector<Line> out;
  const auto read = fakes::read_bulk(body, "");
  const auto* writes = std::get_if<std::vector<fakes::EsWrite>>(&read);
  if (writes == nullptr) return out;
  out.reserve(writes->size());
  for (const auto& write : *writes) {
    Line line{write.id, write.index, write.version, std::string{deleted}};
    if (write.op != fakes::EsOp::remove) {
      line.content = stretch(write.source, R"("tweet_id":)", ',');
      line.content += stretch(write.source, R"("cloud":)", ']');
    }
    out.push_back(std::move(line));
  }
  return out;
}

void ModelElastic::watch(const std::vector<Line>& sent) {
  if (sent.empty()) return world_.fail("(c) a bulk that Elasticsearch cannot read");
  for (const auto& line : sent) {
    auto& greatest = sent_[line.id];
    if (line.version < greatest && !revisions_may_return) {
      world_.fail("(c) " + line.id + " is sent at revision " + std::to_string(line.version) + " after " +
                  std::to_string(greatest));
    }
    greatest = std::max(greatest, line.version);
    const auto root = TweetId::parse(line.id).value_or(TweetId{});
    if (line.content != deleted && is_forgotten(root, static_cast<std::uint64_t>(line.version))) {
      world_.fail("(f) " + line.id + " was forgotten, and is sent");
    }
    const auto [known, fresh] = contents_.try_emplace(line.version, line.id, line.content);
    if (!fresh && !revisions_may_return && known->second != std::pair{line.id, line.content}) {
      world_.fail("(c) revision " + std::to_string(line.version) + " stands for " + known->second.first + " (" +
                  known->second.second + ") and for " + line.id + " (" + line.content + ")");
    }
  }
}

void ModelElastic::remember_outcome(const fakes::Answer& answer) {
  auto& taken = applied_[uuid_];
  const auto& sent = bulk_;
  for (const auto& line : sent) {
    const auto index = core_.cluster().indices().find(line.index);
    if (index == core_.cluster().indices().end()) continue;
    const auto at = index->second.documents.find(line.id);
    if (at != index->second.documents.end()) taken[line.id] = std::max(taken[line.id], at->second.version);
  }
  const auto json = fakes::JsonValue::parse(answer.body);
  const fakes::JsonValue* items = json ? json->find("items") : nullptr;
  if (items == nullptr || items->items().size() != sent.size()) return;
  for (std::size_t i = 0; i < sent.size(); ++i) {
    for (const auto& [op, item] : items->items()[i].members()) {
      if (item.integer_at("status") == 400) refused_.insert(sent[i].id);
      // What is not there need not be deleted.
      const bool gone = op == "delete" && item.integer_at("status") == 404;
      if (gone) taken[sent[i].id] = std::max(taken[sent[i].id], sent[i].version);
    }
  }
}

bool ModelElastic::has_applied(const std::string& cluster, TweetId root, std::uint64_t revision) const {
  const auto taken = applied_.find(cluster);
  if (taken == applied_.end()) return false;
  const auto at = taken->second.find(root.to_string());
  return at != taken->second.end() && at->second >= static_cast<std::int64_t>(revision);
}

}  // namespace mentiond::sim
