#include "http/pins.h"

#include <algorithm>
#include <memory>
#include <new>

#include <openssl/evp.h>
#include <openssl/x509v3.h>

namespace mentiond::http {
namespace {

// An honest chain has two to four.
constexpr std::size_t most_shown = 6;

struct Presented {
  enum class Role : std::uint8_t { authority, no_authority };
  Fingerprint fingerprint{};
  Role role = Role::no_authority;
  bool pinned = false;
};
using Chain = std::vector<Presented>;
using Pins = std::vector<Fingerprint>;

// What OpenSSL owns for us, together with the object that it hangs on.
template <class T>
void release(void*, void* owned, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<T*>(owned);
}

int pins_index() {
  static const int index =
      CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL_CTX, 0, nullptr, nullptr, nullptr, &release<Pins>);
  return index;
}

int chain_index() {
  static const int index = CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL, 0, nullptr, nullptr, nullptr, &release<Chain>);
  return index;
}

Presented look_at(X509* certificate, const Pins& pins) {
  Presented seen;
  X509_digest(certificate, EVP_sha256(), seen.fingerprint.data(), nullptr);
  // 1: basic constraints say CA, and the key usage, if any, allows to sign certificates. The other values are guesses
  // about certificates of version 1: https://www.openssl.org/docs/man3.0/man3/X509_check_ca.html
  if (X509_check_ca(certificate) == 1) seen.role = Presented::Role::authority;
  seen.pinned = std::ranges::find(pins, seen.fingerprint) != pins.end();
  return seen;
}

// Notes what is presented, and makes roots of what is pinned. A root that is added stays with the context, which
// changes nothing: its fingerprint is pinned for good.
Chain take_roots(X509_STORE_CTX* verification, const Pins& pins) {
  Chain chain;
  const STACK_OF(X509)* presented = X509_STORE_CTX_get0_untrusted(verification);
  for (int i = 0; i < sk_X509_num(presented); ++i) {
    X509* certificate = sk_X509_value(presented, i);
    const Presented& seen = chain.emplace_back(look_at(certificate, pins));
    const bool becomes_root = seen.pinned && seen.role == Presented::Role::authority;
    if (becomes_root) X509_STORE_add_cert(X509_STORE_CTX_get0_store(verification), certificate);
  }
  return chain;
}

// Takes the place of X509_verify_cert, to call it when the roots are known. OpenSSL's frames know no exceptions.
int verify_with_pins(X509_STORE_CTX* verification, void*) noexcept {
  try {
    auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(verification, SSL_get_ex_data_X509_STORE_CTX_idx()));
    const auto* pins = static_cast<const Pins*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), pins_index()));
    auto chain = std::make_unique<Chain>(take_roots(verification, *pins));
    if (auto* before = static_cast<Chain*>(SSL_get_ex_data(ssl, chain_index()))) {
      *before = std::move(*chain);
    } else if (SSL_set_ex_data(ssl, chain_index(), chain.get()) == 1) {
      static_cast<void>(chain.release());
    }
  } catch (const std::bad_alloc&) {
    X509_STORE_CTX_set_error(verification, X509_V_ERR_OUT_OF_MEM);
    return 0;
  }
  return X509_verify_cert(verification);
}

std::string remedy(const Chain& chain) {
  const auto any = [&](auto wanted) { return std::ranges::any_of(chain, wanted); };
  const auto is_authority = [](const Presented& seen) { return seen.role == Presented::Role::authority; };
  if (any([&](const Presented& seen) { return seen.pinned && is_authority(seen); })) {
    return "the pinned CA is among them, but did not sign the server's certificate";
  }
  if (any([](const Presented& seen) { return seen.pinned; })) {
    return "the pinned one is no CA, and only a CA can be pinned; pin the CA that signed it, or name that CA's "
           "certificate as ca_file";
  }
  if (!any(is_authority)) {
    return "none of them is a CA, so that there is nothing to compare with the pins; let the server send its CA too, "
           "or name the CA's certificate as ca_file";
  }
  return "no CA among them is pinned; if one is known to be the cluster's own, put its fingerprint into "
         "ca_fingerprints";
}

}  // namespace

void pin_authorities(SSL_CTX* context, std::vector<Fingerprint> pins) {
  auto owned = std::make_unique<Pins>(std::move(pins));
  if (SSL_CTX_set_ex_data(context, pins_index(), owned.get()) != 1) throw std::bad_alloc{};
  static_cast<void>(owned.release());
  SSL_CTX_set_cert_verify_callback(context, &verify_with_pins, nullptr);
  // A pinned CA that is signed by another is the end of the chain all the same.
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_PARTIAL_CHAIN);
}

std::string describe_presented(SSL* ssl) {
  const auto* chain = static_cast<const Chain*>(SSL_get_ex_data(ssl, chain_index()));
  if (chain == nullptr) return {};
  std::string text = "no authority that ca_fingerprints pins vouches for it; it presents ";
  for (std::size_t i = 0; i < std::min(chain->size(), most_shown); ++i) {
    const bool authority = (*chain)[i].role == Presented::Role::authority;
    text.append(i == 0 ? "" : ", ").append(to_text((*chain)[i].fingerprint)).append(authority ? " (a CA)" : " (no CA)");
  }
  if (chain->size() > most_shown) text += " and more";
  return text + "; " + remedy(*chain);
}

}  // namespace mentiond::http
