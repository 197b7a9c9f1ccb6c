// HttpClient: the Transport over real sockets, HTTP/1.1 with or without TLS.
//
// One client speaks to one service. It keeps one idle connection; where an endpoint cannot be reached (name, TCP,
// proxy, TLS) the next one is tried, and the one that worked stays first. TLS is 1.2 or newer, verified against the
// authorities of `trust`, never given up for clear text. Redirects are replies like any other and are not
// followed. A kept connection that turns out dead before the first byte of a reply is replaced by a fresh one, once:
// our requests may be repeated. Every wait has a deadline, and every size of a reply a limit. A reply is either whole
// or a failure; only a body that nothing but the close of a plain connection ends is whole when the server says so.
//
// Messages of failures name host, port and cause; never a header, a query string or a proxy's credentials.
// On the event loop's thread; several requests may be under way at once, each on a connection of its own.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "base/result.h"
#include "http/options.h"
#include "loop/transport.h"

namespace mentiond::http {

class HttpClient final : public Transport {
 public:
  // Fails where no request could ever succeed: no endpoint, a proxy URL or a ca_file that cannot be read.
  // `user_agent` goes with every request, "mentiond/0.1.0". The certificates are read here, once, and only if an
  // endpoint asks for TLS.
  static Result<std::unique_ptr<HttpClient>> create(boost::asio::any_io_executor executor, Options options,
                                                    std::string user_agent);
  ~HttpClient() override;  // as close()

  // The transport adds Host, User-Agent, Accept-Encoding, Content-Length and what gzip_body calls for; a request that
  // brings one of these itself keeps its own (but for Content-Length and Host, which are always ours).
  // The task may outlive the client: it then ends as cancelled.
  Task<Result<HttpReply, HttpFailure>> send(HttpRequest request) override;

  // Ends every request under way, and every later one, as HttpFailure::Kind::cancelled, and closes what is kept.
  void close();

 private:
  struct State;
  explicit HttpClient(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace mentiond::http
