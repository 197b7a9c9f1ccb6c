// TLS as this room wants it: 1.2 or newer, the peer's certificate verified for its host. Internal; loop's thread.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "base/result.h"
#include "http/options.h"

namespace mentiond::http {

Result<std::unique_ptr<boost::asio::ssl::context>> make_tls_context(const Trust& trust);

// Before the handshake: the name to ask for (SNI, RFC 6066; not for addresses) and the name or address that the
// certificate must bear.
Result<void> expect_host(SSL* ssl, const std::string& host);

// Why the handshake with `host` failed, and what to do about it.
std::string describe_tls_failure(SSL* ssl, const std::string& host, const boost::system::error_code& error);

}  // namespace mentiond::http
