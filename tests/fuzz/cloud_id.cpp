// Any text as a Cloud ID and as an API key: what is accepted is an address, or a header, that means what was written;
// what is refused is refused in fixed words.
#include "elastic/cloud_id.h"

#include <algorithm>
#include <set>
#include <string>

#include "base/base64.h"
#include "elastic/api_key.h"
#include "fuzz/oracle.h"
#include "fuzz/promise.h"
#include "http/endpoint.h"

namespace mentiond::fuzz {
namespace {

void check_cloud_id(std::string_view text) {
  const auto address = elastic::decode_cloud_id(text);
  if (!address) return;
  const auto endpoint = http::parse_endpoint(*address);
  require(endpoint.has_value(), "the address of a Cloud ID can be used");
  require(endpoint->tls && endpoint->path.empty(), "a Cloud ID leads to https and to no path");
  require(endpoint->host.find_first_of("@/?#\\ :") == std::string::npos, "the host is a host");
  // Encoded anew: label, host, port, cluster.
  const auto dot = address->find('.');
  const std::string cluster = address->substr(8, dot - 8);
  const std::string host = address->substr(dot + 1);
  const auto again = elastic::decode_cloud_id("a:b:" + base64_encode(host + '$' + cluster + "$kibana"));
  // A part that begins with a dot cannot be told from the address.
  if (cluster.empty() || host.starts_with('.') || host.starts_with(':')) return;
  if (cluster.find('$') != std::string::npos || host.find('$') != std::string::npos) return;
  require(again && *again == *address, "a Cloud ID made of an address leads to it");
}

// The refusals there are: one that is none of them could hold a part of the key.
const std::set<std::string>& refusals() {
  static const std::set<std::string> known = [] {
    std::set<std::string> messages;
    for (const std::string_view key : {"", "a b", "essu_", "a:b:c", "!", "YWI="}) {
      messages.insert(elastic::api_key_authorization(Secret{std::string{key}}).error().message);
    }
    return messages;
  }();
  return known;
}

void check_api_key(std::string_view text) {
  const auto header = elastic::api_key_authorization(Secret{std::string{text}});
  if (!header) {
    require(refusals().contains(header.error().message), "a refusal says nothing of the key");
    return;
  }
  const std::string& value = header->reveal();
  require(value.starts_with("ApiKey "), "the header names its scheme");
  const std::string key = value.substr(7);
  require(!key.empty() && std::ranges::all_of(key, [](char c) { return c > ' ' && c < 0x7F; }),
          "the header is one visible word");
  const auto again = elastic::api_key_authorization(Secret{key});
  require(again && again->reveal() == value, "the header's key is a key");
  if (key.starts_with("essu_")) return;
  const auto pair = base64_decode(key);
  require(pair && std::ranges::count(*pair, ':') == 1, "the key is the base64 of id:key");
  const auto from_pair = elastic::api_key_authorization(Secret{*pair});
  require(from_pair && (from_pair->reveal() == value || pair->starts_with("essu_")), "both forms give the same header");
}

void check_base64(std::string_view text) {
  require(base64_decode(base64_encode(text)) == std::string{text}, "what is encoded decodes");
  const auto bytes = base64_decode(text);
  if (!bytes) return;
  std::string padded{text};
  if (!padded.ends_with('=')) padded.append((4 - padded.size() % 4) % 4, '=');
  require(base64_encode(*bytes) == padded, "a text decodes only to what encodes to it");
}

}  // namespace
}  // namespace mentiond::fuzz

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
  const std::string_view text = mentiond::fuzz::text_of(bytes, size);
  mentiond::fuzz::check_cloud_id(text);
  mentiond::fuzz::check_cloud_id("label:" + mentiond::base64_encode(text));
  mentiond::fuzz::check_api_key(text);
  mentiond::fuzz::check_api_key(mentiond::base64_encode(text));
  mentiond::fuzz::check_base64(text);
  return 0;
}
