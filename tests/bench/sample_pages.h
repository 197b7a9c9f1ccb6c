// Invented pages of X's recent search as large and as varied as real ones, for measuring: a hundred posts with every
// field that mentiond asks for, entities and link cards, languages and emoji, some of them long. The same seed, the
// same bytes.
#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

#include "base/json_writer.h"
#include "base/time.h"
#include "mention/tweet_id.h"

namespace mentiond::bench {

class SamplePages {
 public:
  explicit SamplePages(std::uint32_t seed) : random_(seed) {}

  std::string page(std::size_t posts) {
    std::string out;
    JsonWriter json{out};
    json.begin_object().key("data").begin_array();
    for (std::size_t i = 0; i < posts; ++i) post(json);
    json.end_array().key("meta").begin_object();
    json.key("newest_id").text("2083157183716917248").key("oldest_id").text("2083157000000000000");
    json.key("result_count").number(posts).key("next_token").text("b26v89c19zqg8o3fqk6l4xr5q0v1c2a9m3t7y5u1");
    json.end_object().end_object();
    return out;
  }

 private:
  static constexpr std::array<std::string_view, 8> sentences{
      "Our listing is live on the AWS Marketplace, private offers and all 🚀 ",
      "Comparing the Azure Marketplace with GCP Marketplace: fees, co-sell, time to list. ",
      "Wir sind jetzt im Azure Marketplace verfügbar – Größe spielt keine Rolle. ",
      "クラウドのマーケットプレイスで公開しました。詳しくはこちら ",
      "¿Alguien ha publicado en GCP Marketplace? Necesito consejos &amp; ejemplos.\n",
      "\"Procurement through the marketplace took us 3 days instead of 3 months\" — a customer\n\n",
      "New partner program tiers are out &gt; see the thread 🧵👇 ",
      "نحن متاحون الآن في AWS Marketplace للعملاء في المنطقة "};

  std::size_t below(std::size_t bound) { return random_() % bound; }
  std::string text(std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out.append(sentences.at(below(sentences.size())));
    return out + "https://t.co/a1B2c3D4e5";
  }
  std::string id() {
    next_ -= 1 + (std::uint64_t{below(50'000)} << 22U);
    return std::to_string(next_);
  }
  static JsonWriter& span(JsonWriter& json, std::size_t start, std::size_t end) {
    return json.begin_object().key("start").number(start).key("end").number(end);
  }
  void url(JsonWriter& json) {
    span(json, 80, 103).key("url").text("https://t.co/a1B2c3D4e5");
    json.key("expanded_url").text("https://marketplace.example.com/listings/observability-suite?src=x");
    json.key("display_url").text("marketplace.example.com/listings/obser…");
    if (below(3) == 0) {
      json.key("images").begin_array();
      for (const int width : {1200, 150}) {
        json.begin_object().key("url").text("https://pbs.twimg.com/news_img/2083157183716917248/abcDEF12?format=jpg");
        json.key("width").number(width).key("height").number(width / 2).end_object();
      }
      json.end_array().key("status").number(200).key("title").text("Observability Suite – buy it in your cloud");
      json.key("description").text("Deploy in minutes from the marketplace of your cloud, on one bill.");
      json.key("unwound_url").text("https://marketplace.example.com/listings/observability-suite");
    }
    json.end_object();
  }
  void entities(JsonWriter& json) {
    json.key("entities").begin_object().key("hashtags").begin_array();
    for (std::size_t i = below(3); i > 0; --i) span(json, 10, 21).key("tag").text("cloudcomputing").end_object();
    json.end_array().key("mentions").begin_array();
    for (std::size_t i = below(3); i > 0; --i) {
      span(json, 0, 12).key("username").text("example_user").key("id").text("1234567890123456789").end_object();
    }
    json.end_array().key("urls").begin_array();
    url(json);
    json.end_array();
    if (below(2) == 0) {
      json.key("annotations").begin_array();
      span(json, 22, 36).key("probability").number(0.8731).key("type").text("Product");
      json.key("normalized_text").text("AWS Marketplace").end_object().end_array();
    }
    json.end_object();
  }
  void post(JsonWriter& json) {
    const std::string version = id();
    json.begin_object().key("author_id").text("1402938475610293847");
    json.key("created_at").text(to_iso8601(TweetId{next_}.time()));
    json.key("edit_history_tweet_ids").begin_array().text(version).end_array();
    entities(json);
    json.key("id").text(version).key("lang").text("en");
    if (below(12) == 0) {
      json.key("note_tweet").begin_object().key("text").text(text(12));
      entities(json);
      json.end_object();
    }
    json.key("public_metrics")
        .begin_object()
        .key("retweet_count")
        .number(below(300))
        .key("reply_count")
        .number(below(40));
    json.key("like_count").number(below(5000)).key("quote_count").number(below(20));
    json.key("bookmark_count").number(below(90)).key("impression_count").number(below(200'000)).end_object();
    json.key("text").text(text(2 + below(2))).end_object();
  }

  std::mt19937 random_;
  std::uint64_t next_ = 2'083'157'183'716'917'248;
};

}  // namespace mentiond::bench
