// What the model sink remembers of what it is sent and of what it has taken.
#include <algorithm>

#include "fakes/es_bulk.h"
#include "fakes/json_value.h"
#include "sim/model_elastic.h"

namespace mentiond::sim {

std::vector<ModelElastic::Line> ModelElastic::lines(const std::string& body) {
  std::vector<Line> out;
  const auto read = fakes::read_bulk(body, "");
  const auto* writes = std::get_if<std::vector<fakes::EsWrite>>(&read);
  if (writes == nullptr) return out;
  for (const auto& write : *writes) {
    Line line{write.id, write.version, "deleted"};
    if (write.op != fakes::EsOp::remove) {
      const auto json = fakes::JsonValue::parse(write.source);
      line.content = json ? json->text_at("tweet_id") : "broken";
      const fakes::JsonValue* clouds = json ? json->find("cloud") : nullptr;
      if (clouds != nullptr) {
        line.content += clouds->text();
        for (const auto& cloud : clouds->items()) line.content += "," + cloud.text();
      }
    }
    out.push_back(std::move(line));
  }
  return out;
}

void ModelElastic::watch(const std::string& body) {
  const auto sent = lines(body);
  if (sent.empty()) return world_.fail("(c) a bulk that Elasticsearch cannot read");
  for (const auto& line : sent) {
    auto& greatest = sent_[line.id];
    if (line.version < greatest && !revisions_may_return) {
      world_.fail("(c) " + line.id + " is sent at revision " + std::to_string(line.version) + " after " +
                  std::to_string(greatest));
    }
    greatest = std::max(greatest, line.version);
    const auto [known, fresh] = contents_.try_emplace(line.version, line.id, line.content);
    if (!fresh && !revisions_may_return && known->second != std::pair{line.id, line.content}) {
      world_.fail("(c) revision " + std::to_string(line.version) + " stands for " + known->second.first + " (" +
                  known->second.second + ") and for " + line.id + " (" + line.content + ")");
    }
  }
}

void ModelElastic::remember_outcome(const fakes::Request& request, const fakes::Answer& answer) {
  auto& taken = applied_[uuid_];
  for (const auto& line : lines(request.body)) {
    for (const auto& [name, index] : core_.cluster().indices()) {
      const auto at = index.documents.find(line.id);
      if (at != index.documents.end()) taken[line.id] = std::max(taken[line.id], at->second.version);
    }
  }
  const auto sent = lines(request.body);
  const auto json = fakes::JsonValue::parse(answer.body);
  const fakes::JsonValue* items = json ? json->find("items") : nullptr;
  if (items == nullptr || items->items().size() != sent.size()) return;
  for (std::size_t i = 0; i < sent.size(); ++i) {
    for (const auto& [op, item] : items->items()[i].members()) {
      if (item.integer_at("status") == 400) refused_.insert(sent[i].id);
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
