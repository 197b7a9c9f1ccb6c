// ModelElastic: Elasticsearch as the deliverer reaches it: the fake of tests/fakes behind a Transport of virtual time,
// with bulks that are lost, cut, half applied, applied twice or long after their sender gave up, with operators who
// close and block and replace things. Keeps what each cluster has taken, and watches the revisions that are sent.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "fakes/elasticsim.h"
#include "loop/transport.h"
#include "mention/tweet_id.h"
#include "sim/plan.h"
#include "sim/world.h"

namespace mentiond::sim {

class ModelElastic final : public Transport {
 public:
  ModelElastic(World& world, const Plan& plan);

  Task<Result<HttpReply, HttpFailure>> send(HttpRequest request) override;

  enum class Weather : std::uint8_t {
    calm,
    flaky,
    down,
    overloaded,
    unavailable,
    refused,
    forbidden,
    shard_limit,
    read_only,
    closed,
    flood,
    no_creation,
    no_template,
    foreign_template,
    proxy,
    small_bodies,
    drift
  };
  void turn(Weather weather);
  // The operator puts everything right.
  void mend();
  // An empty cluster comes up in this one's place.
  void replace();
  // Somebody deletes an index, or a few. The day's of each, as a range of ids; nothing where there is none.
  struct Lost {
    TweetId from, to;
  };
  std::optional<Lost> lose_index();
  // A new process has no connection.
  void disconnect() { connected_ = false; }
  [[nodiscard]] const std::string& key_file() const { return key_file_; }

  // Documents of this root will never be indexed; some fail by themselves, some take their whole request with them.
  void poison(TweetId root);
  [[nodiscard]] bool is_poison(TweetId root) const { return poison_.contains(root.to_string()); }
  // The sink refused a document of this root for the document's own sake.
  [[nodiscard]] bool refused(const std::string& root) const { return refused_.contains(root); }

  [[nodiscard]] bool has_applied(const std::string& cluster, TweetId root, std::uint64_t revision) const;
  [[nodiscard]] const fakes::EsCluster& cluster() const { return core_.cluster(); }
  [[nodiscard]] const std::string& uuid() const { return uuid_; }

  bool revisions_may_return = false;  // the ledger is an older copy
  // Was that root forgotten by then?
  std::function<bool(TweetId root, std::uint64_t revision)> is_forgotten;

 private:
  enum class Trouble : std::uint8_t {
    none,
    unreachable,
    unreachable_late,
    lost,
    late,
    cut,
    twice,
    refuses,
    half,
    short_items,
    long_items,
    swapped_op,
    no_items,
    some_items,
    slow
  };
  struct Line {
    std::string id, index;
    std::int64_t version = 0;
    std::string content;  // what must be the same for the same revision
  };
  struct LateBulk {
    fakes::Request request;
    Time due;
    std::string cluster;
  };

  [[nodiscard]] Trouble draw_trouble();
  fakes::Answer handle(const fakes::Request& request, Trouble trouble);
  fakes::Answer apply(const fakes::Request& request);
  [[nodiscard]] bool bears_bad_request() const;
  void apply_late_bulks();
  void admin(const char* path, const std::string& body, const char* method = "POST");
  void set_rules(const std::string& first);
  void set_indices(const char* change, const std::string& body);
  void watch(const std::vector<Line>& sent);
  void remember_outcome(const fakes::Answer& answer);
  static std::vector<Line> lines(const std::string& body);

  World& world_;
  const Plan& plan_;
  fakes::ElasticSim core_;
  Weather weather_ = Weather::calm;
  std::string uuid_ = "cluster-0";
  int clusters_ = 0;
  std::string key_, key_file_;
  bool connected_ = false;
  bool rules_changed_ = false;
  std::string weather_rules_;
  std::map<std::string, std::string> poison_;  // id: preset
  std::set<std::string> refused_;
  std::vector<Line> bulk_;  // what was read last
  std::vector<LateBulk> late_;
  std::map<std::string, std::map<std::string, std::int64_t>> applied_;    // cluster: id: greatest version
  std::map<std::string, std::int64_t> sent_;                              // id: greatest version
  std::map<std::int64_t, std::pair<std::string, std::string>> contents_;  // version: id and content
};

}  // namespace mentiond::sim
