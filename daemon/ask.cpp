#include "daemon/ask.h"

#include <optional>
#include <utility>

#include <boost/asio/co_spawn.hpp>

#include "daemon/start.h"

namespace mentiond {

Result<Asker> Asker::create(http::Options options) {
  Asker asker;
  auto client = http::HttpClient::create(asker.loop_->get_executor(), std::move(options), user_agent());
  if (!client) return client.error();
  asker.client_ = std::move(*client);
  return asker;
}

Result<HttpReply, HttpFailure> Asker::ask(HttpRequest request) {
  std::optional<Result<HttpReply, HttpFailure>> answer;
  boost::asio::co_spawn(*loop_, client_->send(std::move(request)),
                        [&](const std::exception_ptr& thrown, Result<HttpReply, HttpFailure> result) {
                          if (thrown) std::rethrow_exception(thrown);
                          answer.emplace(std::move(result));
                        });
  loop_->restart();
  while (!answer && loop_->run_one() > 0) {
  }
  if (!answer) return HttpFailure{HttpFailure::Kind::cancelled, "the request was given up"};
  return std::move(*answer);
}

}  // namespace mentiond
