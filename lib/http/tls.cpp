#include "http/tls.h"

#include <cstdlib>
#include <filesystem>

#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/error.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "http/pins.h"

namespace mentiond::http {
namespace {

bool is_address(const std::string& host) {
  boost::system::error_code error;
  boost::asio::ip::make_address(host, error);
  return !error;
}

// https://www.openssl.org/docs/man3.0/man3/X509_STORE_CTX_get_error.html
std::string describe_certificate(SSL* ssl, long verdict, const std::string& host) {
  switch (verdict) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "the certificate has expired; renew it there, or check this machine's clock";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "the certificate is not valid yet; check this machine's clock";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return "the certificate is not for " + host + "; use a host that it names";
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      if (auto presented = describe_presented(ssl); !presented.empty()) return presented;
      return "the certificate is self-signed; if it is the right one, name it as ca_file";
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      if (auto presented = describe_presented(ssl); !presented.empty()) return presented;
      return "the certificate's authority is unknown here; name the authority's certificate as ca_file, or install "
             "ca-certificates";
    default:
      return std::string{"the certificate is refused: "} + X509_verify_cert_error_string(verdict);
  }
}

// So many hashed names (5d3033c5.0) are a whole store, not a stray certificate beside a bundle.
constexpr int hashed_names_of_a_store = 20;

bool is_hashed_store(const char* folder) {
  std::error_code error;
  int hashed = 0;
  for (std::filesystem::directory_iterator at{folder, error}, end; !error && at != end; at.increment(error)) {
    if (at->path().extension() == ".0" && ++hashed >= hashed_names_of_a_store) return true;
  }
  return false;
}

// A hashed folder is looked into when a certificate is needed; the bundle in one file costs 40 ms and 1.5 MB for each
// context (OpenSSL 3.0, 144 authorities), at start. SSL_CERT_FILE and SSL_CERT_DIR are OpenSSL's own and keep their
// say: https://www.openssl.org/docs/man3.0/man3/SSL_CTX_set_default_verify_paths.html
bool trust_system_store(SSL_CTX* context) {
  const char* folder = std::getenv(X509_get_default_cert_dir_env());
  if (folder == nullptr) folder = X509_get_default_cert_dir();
  const bool lazily = std::getenv(X509_get_default_cert_file_env()) == nullptr && is_hashed_store(folder);
  return (lazily ? SSL_CTX_set_default_verify_dir(context) : SSL_CTX_set_default_verify_paths(context)) == 1;
}

}  // namespace

Result<std::unique_ptr<boost::asio::ssl::context>> make_tls_context(const Trust& trust) {
  auto context = std::make_unique<boost::asio::ssl::context>(boost::asio::ssl::context::tls_client);
  SSL_CTX* native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  // Buffers of idle connections are given back: 34 KiB each.
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  context->set_verify_mode(boost::asio::ssl::verify_peer);
  boost::system::error_code error;
  // Pins say which authorities may speak for the server: the world's are not asked beside them.
  if (!trust.ca_fingerprints.empty()) {
    pin_authorities(native, trust.ca_fingerprints);
  } else if (!trust_system_store(native)) {
    return fail("the system's certificate store cannot be read; install ca-certificates");
  }
  if (!trust.ca_file.empty()) context->load_verify_file(trust.ca_file, error);
  if (error) {
    return fail("ca_file ", trust.ca_file, ": no certificate can be read (", error.message(),
                "); a PEM file is needed");
  }
  return context;
}

Result<void> expect_host(SSL* ssl, const std::string& host) {
  X509_VERIFY_PARAM* expected = SSL_get0_param(ssl);
  bool done = false;
  if (is_address(host)) {
    done = X509_VERIFY_PARAM_set1_ip_asc(expected, host.c_str()) == 1;
  } else {
    X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    const std::string name = host.ends_with('.') ? host.substr(0, host.size() - 1) : host;
    done = SSL_set1_host(ssl, name.c_str()) == 1 &&
           SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>(name.c_str())) == 1;
  }
  if (!done) return fail("'", host, "' is no name that a certificate could bear");
  return {};
}

std::string describe_tls_failure(SSL* ssl, const std::string& host, const boost::system::error_code& error) {
  if (const long verdict = SSL_get_verify_result(ssl); verdict != X509_V_OK)
    return describe_certificate(ssl, verdict, host);
  if (error.category() == boost::asio::error::get_ssl_category()) {
    switch (ERR_GET_REASON(static_cast<unsigned long>(error.value()))) {
      case SSL_R_UNSUPPORTED_PROTOCOL:
      case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
        return "it offers only TLS versions older than 1.2, which are not safe; enable TLS 1.2 or 1.3 there";
      case SSL_R_WRONG_VERSION_NUMBER:
        return "it does not speak TLS on this port; is http:// meant?";
      default:
        break;
    }
  }
  if (error == boost::asio::error::eof || error == boost::asio::ssl::error::stream_truncated ||
      error == boost::asio::error::connection_reset) {
    return "it closed the connection during the TLS handshake";
  }
  return "the TLS handshake failed: " + error.message();
}

}  // namespace mentiond::http
