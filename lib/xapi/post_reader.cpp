#include "xapi/post_reader.h"

namespace mentiond::xapi {
namespace {

// Parses an id that names something: 0 does not.
std::optional<TweetId> real_id(std::string_view digits) {
  const auto id = TweetId::parse(digits);
  return id && *id != TweetId{} ? id : std::nullopt;
}

void reset(Tweet& tweet) {
  tweet.id = tweet.root = {};
  tweet.author.reset();
  tweet.created_at.reset();
  tweet.text = tweet.note_text = tweet.lang = tweet.raw = {};
  tweet.metrics = {};
  tweet.hashtags.clear();
  tweet.mentioned.clear();
  tweet.urls.clear();
}

std::optional<std::int64_t>* metric(PublicMetrics& metrics, std::string_view key) {
  if (key == "like_count") return &metrics.likes;
  if (key == "retweet_count" || key == "repost_count") return &metrics.reposts;
  if (key == "reply_count") return &metrics.replies;
  if (key == "quote_count") return &metrics.quotes;
  if (key == "bookmark_count") return &metrics.bookmarks;
  if (key == "impression_count") return &metrics.impressions;
  return nullptr;
}

// An expanded link may still be a shortener's: unwound_url is where it ends.
int worth_of_url(std::string_view key) {
  if (key == "unwound_url") return 3;
  if (key == "expanded_url") return 2;
  return key == "url" ? 1 : 0;
}

}  // namespace

PostReader::Outcome PostReader::read(Tweet& tweet) {
  reset(tweet);
  reason_ = {};
  id_.reset();
  root_.reset();
  has_text_ = has_note_entities_ = false;
  if (walk_.starts() != '{') {
    blame("the item is no object");
    return walk_.skip() ? Outcome::bad : Outcome::broken;
  }
  const bool whole = walk_.fields([&](std::string_view key) { return read_field(key, tweet); });
  if (!whole) return Outcome::broken;
  if (!id_) blame("id: missing");
  if (!has_text_ && tweet.note_text.empty()) blame("text: missing");
  if (!reason_.empty()) return Outcome::bad;
  tweet.id = *id_;
  tweet.root = root_.value_or(*id_);
  return Outcome::read;
}

bool PostReader::read_field(std::string_view key, Tweet& tweet) {
  if (walk_.is_null()) return walk_.skip();
  if (key == "id") return read_id();
  if (key == "text") return read_text(tweet);
  if (key == "edit_history_tweet_ids" || key == "edit_history_post_ids") return read_history();
  bears_asked_field_ = true;
  if (key == "entities") return has_note_entities_ ? walk_.skip() : read_entities(tweet);
  if (key == "public_metrics") return read_metrics(tweet);
  if (key == "created_at") return read_created_at(tweet);
  if (key == "author_id") return read_author(tweet);
  if (key == "lang") return walk_.read_text_if(tweet.lang);
  if (key == "note_tweet" || key == "note_post") return read_note(tweet);
  return walk_.skip();
}

bool PostReader::read_id() {
  if (walk_.starts() != '"') {
    // Not as X says it, but enough to name the dead letter by.
    id_ = real_id(walk_.token());
    blame("id: not a string");
    return walk_.skip();
  }
  std::string_view digits;
  if (!walk_.read_text(digits)) return false;
  id_ = real_id(digits);
  if (!id_) blame("id: not a number of 1 to 19 digits");
  return true;
}

bool PostReader::read_text(Tweet& tweet) {
  if (walk_.starts() != '"') {
    blame("text: not a string");
    return walk_.skip();
  }
  has_text_ = true;
  return walk_.read_text(tweet.text);
}

bool PostReader::read_history() {
  if (walk_.starts() != '[') {
    blame("edit history: not an array");
    return walk_.skip();
  }
  root_.reset();
  return walk_.items([this] {
    std::string_view digits;
    if (!walk_.read_text_if(digits)) return false;
    const auto version = real_id(digits);
    if (!version) blame("edit history: an entry is no id");
    if (!root_) root_ = version;
    return true;
  });
}

bool PostReader::read_author(Tweet& tweet) {
  std::string_view digits;
  if (!walk_.read_text_if(digits)) return false;
  tweet.author = real_id(digits);
  return true;
}

bool PostReader::read_created_at(Tweet& tweet) {
  std::string_view text;
  if (!walk_.read_text_if(text)) return false;
  tweet.created_at = parse_iso8601(text);
  return true;
}

bool PostReader::read_metrics(Tweet& tweet) {
  return walk_.fields_if([&](std::string_view key) {
    const auto target = metric(tweet.metrics, key);
    if (target == nullptr) return walk_.skip();
    target->reset();
    if (!walk_.read_number_if(*target)) return false;
    if (target->value_or(0) < 0) target->reset();
    return true;
  });
}

bool PostReader::read_note(Tweet& tweet) {
  return walk_.fields_if([&](std::string_view key) {
    if (key == "text") return walk_.read_text_if(tweet.note_text);
    if (key != "entities" || walk_.starts() != '{') return walk_.skip();
    has_note_entities_ = true;  // of the whole text; those beside it are of the cut one
    return read_entities(tweet);
  });
}

bool PostReader::read_entities(Tweet& tweet) {
  tweet.hashtags.clear();
  tweet.mentioned.clear();
  tweet.urls.clear();
  return walk_.fields_if([&](std::string_view key) {
    if (key == "urls") return read_urls(tweet.urls);
    if (key == "hashtags") return read_names("tag", tweet.hashtags);
    if (key == "mentions") return read_names("username", tweet.mentioned);
    return walk_.skip();
  });
}

bool PostReader::read_names(std::string_view key, std::vector<std::string_view>& names) {
  names.clear();
  return walk_.items_if([&] {
    std::string_view name;
    const bool whole =
        walk_.fields_if([&](std::string_view part) { return part == key ? walk_.read_text_if(name) : walk_.skip(); });
    if (!name.empty()) names.push_back(name);
    return whole;
  });
}

bool PostReader::read_urls(std::vector<std::string_view>& urls) {
  urls.clear();
  return walk_.items_if([&] {
    std::string_view best;
    int best_worth = 0;
    const bool whole = walk_.fields_if([&](std::string_view part) {
      const int worth = worth_of_url(part);
      if (worth == 0) return walk_.skip();
      std::string_view url;
      if (!walk_.read_text_if(url)) return false;
      if (worth >= best_worth && !url.empty()) {
        best = url;
        best_worth = worth;
      }
      return true;
    });
    if (!best.empty()) urls.push_back(best);
    return whole;
  });
}

}  // namespace mentiond::xapi
