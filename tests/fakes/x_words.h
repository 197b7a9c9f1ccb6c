// The stuff that invented posts are made of: sentences in many languages, products, programmes, people who do not
// exist. In a sentence {m} stands for a marketplace, {v} for a vendor, {p} for a product, {g} for a partner programme,
// {n} for a number, {h} for a hashtag, {u} for a link, {a} for a person who is mentioned. Pure data.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace mentiond::fakes {

struct Sentence {
  std::string_view lang;  // BCP 47, as X tells it
  std::string_view text;
};

enum class Cloud : std::uint8_t { aws, gcp, azure };

std::span<const Sentence> sentences();
// Where each sentence of a long post comes from.
std::span<const std::string_view> long_sentences();
// The names under which a cloud's marketplace is written; the first ones hold the words of the standard query.
std::string_view marketplace(Cloud cloud, std::uint64_t random);
// About a cloud, but found by no standard query.
std::string_view noise_subject(std::uint64_t random);
std::string_view programme(Cloud cloud, std::uint64_t random);
std::string_view hashtag(Cloud cloud, std::uint64_t random);
std::string_view vendor(std::uint64_t random);
std::string_view product(std::uint64_t random);
// A link's expanded form names the cloud: some posts match by their link alone.
std::string_view link_host(Cloud cloud);
// The user name (no '@') and the display name of an invented person.
std::string user_name(std::uint32_t author);
std::string display_name(std::uint32_t author);

}  // namespace mentiond::fakes
