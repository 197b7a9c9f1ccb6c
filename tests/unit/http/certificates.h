// Certificates that a test makes for itself, through OpenSSL's own calls.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <boost/asio/ssl/context.hpp>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "http/fingerprint.h"

namespace mentiond::http {

struct CertificateWish {
  std::string subject = "test";
  std::string names;       // "DNS:localhost,IP:127.0.0.1"; none if empty
  long begins_in = -3600;  // seconds from now
  long ends_in = 3600;
  bool authority = false;
  std::string key_usage = {};  // "digitalSignature"; any if empty
};

class Certificate {
 public:
  // Signed by `issuer`, or by itself.
  explicit Certificate(const CertificateWish& wish, const Certificate* issuer = nullptr);

  // A context that presents this certificate, and behind it those of `more`.
  [[nodiscard]] std::unique_ptr<boost::asio::ssl::context> server_context(
      const std::vector<Certificate>& more = {}) const;
  [[nodiscard]] Fingerprint fingerprint() const;
  void write_pem(const std::string& path) const;

 private:
  std::shared_ptr<EVP_PKEY> key_;
  std::shared_ptr<X509> certificate_;
};

}  // namespace mentiond::http
