#include "certificates.h"

#include <cstdio>
#include <stdexcept>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace mentiond::http {
namespace {

void must(bool done) {
  if (!done) throw std::runtime_error("OpenSSL refuses to make a test certificate");
}

void add_extension(X509* certificate, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  must(extension != nullptr);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

}  // namespace

Certificate::Certificate(const CertificateWish& wish, const Certificate* issuer)
    : key_(EVP_EC_gen("P-256"), EVP_PKEY_free), certificate_(X509_new(), X509_free) {
  X509* made = certificate_.get();
  must(key_ && made != nullptr);
  static long serial = 1;
  X509_set_version(made, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(made), wish.begins_in);
  X509_gmtime_adj(X509_getm_notAfter(made), wish.ends_in);
  X509_set_pubkey(made, key_.get());
  X509_NAME* name = X509_get_subject_name(made);
  const auto* text = reinterpret_cast<const unsigned char*>(wish.subject.c_str());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, text, -1, -1, 0);
  X509_set_issuer_name(made, issuer == nullptr ? name : X509_get_subject_name(issuer->certificate_.get()));
  if (wish.authority) add_extension(made, NID_basic_constraints, "critical,CA:TRUE");
  if (!wish.key_usage.empty()) add_extension(made, NID_key_usage, wish.key_usage);
  if (!wish.names.empty()) add_extension(made, NID_subject_alt_name, wish.names);
  must(X509_sign(made, issuer == nullptr ? key_.get() : issuer->key_.get(), EVP_sha256()) > 0);
}

std::unique_ptr<boost::asio::ssl::context> Certificate::server_context(const std::vector<Certificate>& more) const {
  auto context = std::make_unique<boost::asio::ssl::context>(boost::asio::ssl::context::tls_server);
  must(SSL_CTX_use_certificate(context->native_handle(), certificate_.get()) == 1);
  must(SSL_CTX_use_PrivateKey(context->native_handle(), key_.get()) == 1);
  for (const Certificate& other : more) {
    must(SSL_CTX_ctrl(context->native_handle(), SSL_CTRL_CHAIN_CERT, 1, other.certificate_.get()) == 1);
  }
  return context;
}

Fingerprint Certificate::fingerprint() const {
  Fingerprint digest{};
  must(X509_digest(certificate_.get(), EVP_sha256(), digest.data(), nullptr) == 1);
  return digest;
}

void Certificate::write_pem(const std::string& path) const {
  std::FILE* file = std::fopen(path.c_str(), "w");
  must(file != nullptr);
  const bool written = PEM_write_X509(file, certificate_.get()) == 1;
  must(std::fclose(file) == 0 && written);
}

}  // namespace mentiond::http
