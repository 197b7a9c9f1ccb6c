// ModelX: X as the collector reaches it: the fake X of tests/fakes behind a Transport of virtual time, with a bad day
// now and then: weather that lasts, and trouble with single requests. Tells the oracle of each page that arrives whole.
#pragma once

#include <map>
#include <string>

#include "fakes/xsim.h"
#include "loop/transport.h"
#include "sim/oracle.h"
#include "sim/plan.h"
#include "sim/posts.h"
#include "sim/world.h"

namespace mentiond::sim {

class ModelX final : public Transport {
 public:
  ModelX(World& world, const Plan& plan, Oracle& oracle);

  Task<Result<HttpReply, HttpFailure>> send(HttpRequest request) override;

  enum class Weather : std::uint8_t { calm, flaky, down, capped, refused, forbidden, slow, limited, renamed, rejects };
  // What X is like from now on; whatever was wrong before is mended.
  void turn(Weather weather);
  void mend();
  // The token file as the operator keeps it; X may want another one.
  [[nodiscard]] const std::string& token_file() const { return token_file_; }

  fakes::XSim& core() { return core_; }
  Posts& posts() { return posts_; }

 private:
  static constexpr std::chrono::days x_window{7};  // https://docs.x.com/x-api/posts/search-recent-posts
  static std::string parameter(const HttpRequest& request, std::string_view name);

  struct Trouble {
    enum class Kind : std::uint8_t { none, unreachable, lost, cut, preset, page };
    Kind kind = Kind::none;
    std::string name;  // of the preset, or of the fault of the page
  };
  [[nodiscard]] Trouble draw_trouble(const HttpRequest& request);
  [[nodiscard]] Trouble draw_flaky(const HttpRequest& request);
  fakes::Answer handle(const HttpRequest& request, const Trouble& trouble);
  HttpReply to_reply(fakes::Answer answer);
  [[nodiscard]] bool is_borne_out(Time date) const;
  // A replica that is behind shows an edited post as it was before, where that has its place on the page.
  std::string from_stale_replica(const HttpRequest& request, const std::string& body);
  // What a page that X has just made covers and bears; nothing if it is none.
  std::optional<ServedPage> read_page(const HttpRequest& request, const std::string& body);
  void configure(const std::string& json);
  [[nodiscard]] Time x_now() const { return world_.now() + plan_.x_clock_offset; }

  World& world_;
  const Plan& plan_;
  Oracle& oracle_;
  fakes::XSim core_;
  Posts posts_;
  Weather weather_ = Weather::calm;
  std::string token_;
  std::string token_file_;
  bool strange_before_ = false;                     // the date of the last reply was none that could be believed
  std::map<std::string, std::uint64_t> positions_;  // of page tokens: pages go on below that id
};

}  // namespace mentiond::sim
