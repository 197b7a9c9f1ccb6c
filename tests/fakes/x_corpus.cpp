#include "fakes/x_corpus.h"

#include <algorithm>

namespace mentiond::fakes {
namespace {

// The seed of one aspect of one post.
std::uint64_t seed_of(std::uint64_t seed, std::uint64_t number, std::uint64_t aspect) {
  return (seed * 0x9E3779B97F4A7C15ULL) ^ (number * 0xD1B54A32D192ED03ULL) ^ (aspect << 56U);
}

bool is_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || byte >= 0x80;
}

// Fills the sentences of one post: everything in it is about one cloud (or about none that a query finds).
class Writer {
 public:
  Writer(PostText& out, Random& random, Cloud cloud, bool noise)
      : out_(out), random_(random), cloud_(cloud), noise_(noise) {}

  void fill(std::string_view sentence) {
    while (!sentence.empty()) {
      const auto brace = sentence.find('{');
      out_.add(sentence.substr(0, brace));
      if (brace == std::string_view::npos) return;
      place(sentence[brace + 1]);
      sentence.remove_prefix(brace + 3);
    }
  }

 private:
  void place(char what) {
    switch (what) {
      case 'm':
        out_.add(noise_ ? noise_subject(random_.next()) : marketplace(cloud_, random_.next()));
        return;
      case 'v':
        out_.add(vendor(random_.next()));
        return;
      case 'p':
        out_.add(product(random_.next()));
        return;
      case 'g':
        out_.add(noise_ ? "partner program" : programme(cloud_, random_.next()));
        return;
      case 'n':
        out_.add(std::to_string(2 + random_.below(96)));
        return;
      case 'a':
        out_.add_mention(user_name(static_cast<std::uint32_t>(random_.below(author_count))));
        return;
      case 'h':
        out_.add_hashtag(noise_ ? "cloudnews" : hashtag(cloud_, random_.next()));
        return;
      default:
        link();
    }
  }
  void link() {
    const std::string tail = std::to_string(random_.next() % 100'000'000);
    const std::string_view host = noise_ || random_.percent(60) ? "blog.example.com/posts" : link_host(cloud_);
    out_.add_link("https://" + std::string{host} + "/" + tail, random_.next());
  }

  PostText& out_;
  Random& random_;
  Cloud cloud_;
  bool noise_;
};

Cloud any_cloud(Random& random) {
  const auto share = random.below(100);  // roughly how often each is talked about
  return share < 48 ? Cloud::aws : share < 78 ? Cloud::azure : Cloud::gcp;
}

}  // namespace

std::uint64_t Random::next() {
  std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31U);
}

void PostText::add(std::string_view plain_text) {
  plain += plain_text;
  for (const char c : plain_text) {
    const std::size_t before = escaped.size();
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      default:
        escaped += c;
    }
    const bool continues = (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
    if (!continues) code_points += escaped.size() - before;
  }
}

void PostText::add_hashtag(std::string_view tag) {
  const auto start = code_points;
  add("#" + std::string{tag});
  hashtags.push_back({.start = start, .end = code_points, .value = std::string{tag}, .short_link = {}});
}

void PostText::add_mention(std::string_view name) {
  const auto start = code_points;
  add("@" + std::string{name});
  mentions.push_back({.start = start, .end = code_points, .value = std::string{name}, .short_link = {}});
}

void PostText::add_link(std::string_view expanded, std::uint64_t random) {
  static constexpr std::string_view alphabet = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ0123456789";
  std::string link = "https://t.co/";
  for (int i = 0; i < 10; ++i, random /= alphabet.size()) link += alphabet[random % alphabet.size()];
  const auto start = code_points;
  add(link);
  links.push_back({.start = start, .end = code_points, .value = std::string{expanded}, .short_link = link});
}

PostText invent_text(std::uint64_t seed, std::uint64_t number, unsigned noise) {
  Random random{seed_of(seed, number, 1)};
  PostText out;
  const bool is_noise = random.percent(noise);
  const Cloud cloud = any_cloud(random);
  const Sentence& sentence = sentences()[random.below(sentences().size())];
  out.lang = sentence.lang;
  Writer writer{out, random, cloud, is_noise};
  writer.fill(sentence.text);
  if (!is_noise && random.percent(2)) {  // as seen in real data: about 2 % of ids are found by a second query
    const auto other = static_cast<Cloud>((static_cast<unsigned>(cloud) + 1 + random.below(2)) % 3);
    out.add(" vs ");
    out.add(marketplace(other, random.next()));
  }
  if (random.percent(6)) {  // a long post
    for (auto left = 3 + random.below(6); left > 0; --left) {
      out.add("\n\n");
      writer.fill(long_sentences()[random.below(long_sentences().size())]);
    }
  }
  return out;
}

Metrics invent_metrics(std::uint64_t seed, std::uint64_t number) {
  Random random{seed_of(seed, number, 2)};
  const auto skewed = [&](std::uint64_t top) { return random.below(1 + random.below(1 + random.below(top))); };
  Metrics metrics;
  metrics.likes = skewed(900);
  metrics.reposts = skewed(120);
  metrics.replies = skewed(60);
  metrics.quotes = skewed(20);
  metrics.bookmarks = skewed(40);
  metrics.impressions = metrics.likes * 31 + random.below(4'000);
  return metrics;
}

std::uint32_t invent_author(std::uint64_t seed, std::uint64_t number) {
  Random random{seed_of(seed, number, 3)};
  return static_cast<std::uint32_t>(random.below(1 + random.below(author_count)));  // a few write much
}

PostText read_text(std::string_view plain, std::string_view lang) {
  PostText out;
  out.lang = lang;
  std::size_t at = 0;
  while (at < plain.size()) {
    const bool starts = at == 0 || !is_word(plain[at - 1]);
    std::size_t end = at + 1;
    if (starts && (plain[at] == '#' || plain[at] == '@')) {
      while (end < plain.size() && is_word(plain[end])) ++end;
      const auto name = plain.substr(at + 1, end - at - 1);
      if (name.empty()) {
        out.add(plain.substr(at, 1));
      } else if (plain[at] == '#') {
        out.add_hashtag(name);
      } else {
        out.add_mention(name);
      }
    } else if (starts && (plain.substr(at).starts_with("https://") || plain.substr(at).starts_with("http://"))) {
      end = std::min(plain.find_first_of(" \n\t", at), plain.size());
      out.add_link(plain.substr(at, end - at), at + 7);
    } else {
      while (end < plain.size() && !(plain[end] == '#' || plain[end] == '@' || plain.substr(end).starts_with("http")))
        ++end;
      out.add(plain.substr(at, end - at));
    }
    at = end;
  }
  return out;
}

}  // namespace mentiond::fakes
