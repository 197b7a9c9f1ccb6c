#include "fakes/x_render.h"

#include <algorithm>
#include <span>

#include "base/json_writer.h"

namespace mentiond::fakes {
namespace {

// X cuts a long post's text near this many characters and closes it with an ellipsis and a link.
constexpr std::size_t cut_at = 255;
constexpr std::size_t longest = 280;

struct Name {
  std::string_view tweet, post;
  bool asked_for_in_post;  // whether post.fields lists it
};
constexpr Name names[field_count] = {
    {"id", "id", true},
    {"text", "text", true},
    {"edit_history_tweet_ids", "edit_history_post_ids", false},
    {"author_id", "author_id", false},
    {"created_at", "created_at", true},
    {"lang", "lang", true},
    {"public_metrics", "public_metrics", true},
    {"entities", "entities", true},
    {"note_tweet", "note_post", true},
    {"conversation_id", "conversation_id", true},
    {"possibly_sensitive", "possibly_sensitive", true},
    {"reply_settings", "reply_settings", true},
    {"edit_controls", "edit_controls", true},
};
// Listed by X, borne by none of our posts.
constexpr std::string_view absent[] = {"article",
                                       "attachments",
                                       "card_uri",
                                       "community_id",
                                       "context_annotations",
                                       "display_text_range",
                                       "geo",
                                       "matched_media_notes",
                                       "media_metadata",
                                       "paid_partnership",
                                       "scopes",
                                       "source",
                                       "withheld"};
constexpr std::string_view absent_in_post[] = {"in_reply_to_user_id", "referenced_tweets"};

// Bytes of the first `count` code points.
std::size_t bytes_of(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if ((static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U && count-- == 0) break;
  }
  return at;
}

void write_entities(JsonWriter& json, const PostText& text, std::size_t end) {
  const auto list = [&](std::string_view name, const std::vector<Entity>& all, auto write_rest) {
    if (std::ranges::none_of(all, [&](const Entity& one) { return one.end <= end; })) return;
    json.key(name).begin_array();
    for (const auto& one : all) {
      if (one.end > end) continue;
      json.begin_object().key("start").number(one.start).key("end").number(one.end);
      write_rest(one);
      json.end_object();
    }
    json.end_array();
  };
  json.begin_object();
  list("hashtags", text.hashtags, [&](const Entity& one) { json.key("tag").text(one.value); });
  list("mentions", text.mentions, [&](const Entity& one) { json.key("username").text(one.value); });
  list("urls", text.links, [&](const Entity& one) {
    json.key("url").text(one.short_link).key("expanded_url").text(one.value);
    json.key("display_url").text(std::string_view{one.value}.substr(one.value.find("//") + 2));
  });
  json.end_object();
}

}  // namespace

FieldSet FieldSet::basic() {
  FieldSet set;
  for (const auto field : {Field::id, Field::text, Field::edit_history}) set.add(field);
  return set;
}

std::string_view field_name(Field field, Vocabulary vocabulary) {
  const Name& name = names[static_cast<std::size_t>(field)];
  return vocabulary == Vocabulary::tweet ? name.tweet : name.post;
}

std::optional<Field> field_named(std::string_view name, Vocabulary vocabulary) {
  for (std::size_t i = 0; i < field_count; ++i) {
    if (vocabulary == Vocabulary::post && !names[i].asked_for_in_post) continue;
    if (field_name(static_cast<Field>(i), vocabulary) == name) return static_cast<Field>(i);
  }
  if (std::ranges::find(absent, name) != std::end(absent)) return Field::id;
  if (vocabulary == Vocabulary::tweet && std::ranges::find(absent_in_post, name) != std::end(absent_in_post))
    return Field::id;
  return std::nullopt;
}

RenderedPost::RenderedPost(const PostHead& head, const PostText& text, const Metrics& metrics)
    : reposts_(static_cast<std::uint32_t>(metrics.reposts)) {
  bytes_.reserve(text.escaped.size() * 2 + 700);
  const auto json = [&] { return JsonWriter{bytes_}; };  // each value on its own, so no comma before it
  const bool is_long = text.code_points > longest;
  const std::size_t shown = is_long ? cut_at : text.code_points;
  const std::string id = std::to_string(head.id);
  json().text(id), close(Field::id);
  if (is_long) {
    json().text(text.escaped.substr(0, bytes_of(text.escaped, shown)) + "\u2026 https://t.co/" +
                id.substr(id.size() - std::min<std::size_t>(id.size(), 10)));
  } else {
    json().text(text.escaped);
  }
  close(Field::text);
  auto history = json();
  history.begin_array();
  for (const auto version : head.history) history.text(std::to_string(version));
  history.end_array(), close(Field::edit_history);
  json().text(std::to_string(author_id(head.author))), close(Field::author_id);
  json().text(to_iso8601(head.time)), close(Field::created_at);
  json().text(text.lang), close(Field::lang);
  bytes_ += R"("reply_count":)" + std::to_string(metrics.replies) + R"(,"like_count":)" +
            std::to_string(metrics.likes) + R"(,"quote_count":)" + std::to_string(metrics.quotes) +
            R"(,"bookmark_count":)" + std::to_string(metrics.bookmarks) + R"(,"impression_count":)" +
            std::to_string(metrics.impressions) + "}";
  close(Field::public_metrics);
  add_entities(text, shown);
  add_rest(head);
}

// The entities of what `text` shows, and the note that holds the whole of a long post.
void RenderedPost::add_entities(const PostText& text, std::size_t shown) {
  JsonWriter entities{bytes_};
  write_entities(entities, text, shown);
  if (bytes_.ends_with("{}")) bytes_.resize(bytes_.size() - 2);  // X leaves out what has no value
  close(Field::entities);
  if (shown < text.code_points) {
    JsonWriter note{bytes_};
    note.begin_object().key("text").text(text.escaped).key("entities");
    write_entities(note, text, text.code_points);
    note.end_object();
  }
  close(Field::note);
}

void RenderedPost::add_rest(const PostHead& head) {
  const auto json = [&] { return JsonWriter{bytes_}; };
  json().text(std::to_string(head.history.front())), close(Field::conversation_id);
  json().boolean(false), close(Field::possibly_sensitive);
  json().text("everyone"), close(Field::reply_settings);
  const Time until = head.time + std::chrono::minutes{30};  // edits: at most 5, within 30 minutes
  json()
      .begin_object()
      .key("edits_remaining")
      .number(6 - head.history.size())
      .key("is_edit_eligible")
      .boolean(true)
      .key("editable_until")
      .text(to_iso8601(until))
      .end_object();
  close(Field::edit_controls);
}

std::string_view RenderedPost::value(Field field) const {
  const auto at = static_cast<std::size_t>(field);
  const std::uint32_t start = at == 0 ? 0 : ends_[at - 1];
  return std::string_view{bytes_}.substr(start, ends_[at] - start);
}

void RenderedPost::write(std::string& out, FieldSet fields, Vocabulary vocabulary) const {
  char mark = '{';
  for (std::size_t i = 0; i < field_count; ++i) {
    const auto field = static_cast<Field>(i);
    const auto bytes = value(field);
    if (!fields.has(field) || bytes.empty()) continue;
    out += mark;
    mark = ',';
    out += '"';
    out += field_name(field, vocabulary);
    out += "\":";
    if (field == Field::public_metrics) {
      out += vocabulary == Vocabulary::tweet ? R"({"retweet_count":)" : R"({"repost_count":)";
      out += std::to_string(reposts_);
      out += ',';
    }
    out += bytes;
  }
  out += '}';
}

std::uint64_t author_id(std::uint32_t author) {
  Random random{author + 77U};
  return 1'000'000'000ULL + random.next() % 1'600'000'000'000'000'000ULL;
}

bool lists(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    const auto comma = list.find(',');
    if (list.substr(0, comma) == name) return true;
    list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
  }
  return false;
}

void write_user(std::string& out, std::uint32_t author, std::string_view fields, Vocabulary vocabulary) {
  JsonWriter json{out};
  json.begin_object().key("id").text(std::to_string(author_id(author))).key("name").text(display_name(author));
  json.key("username").text(user_name(author));
  if (lists(fields, "verified")) json.key("verified").boolean(author % 3 == 0);
  if (lists(fields, "created_at"))
    json.key("created_at").text("2014-05-" + std::to_string(10 + author % 20) + "T08:15:00.000Z");
  if (lists(fields, "description")) json.key("description").text("Invented account no. " + std::to_string(author));
  if (lists(fields, "public_metrics")) {
    json.key("public_metrics")
        .begin_object()
        .key("followers_count")
        .number(author % 9'000)
        .key("following_count")
        .number(author % 800)
        .key(vocabulary == Vocabulary::tweet ? "tweet_count" : "post_count")
        .number(author * 3)
        .key("listed_count")
        .number(author % 40)
        .end_object();
  }
  json.end_object();
}

}  // namespace mentiond::fakes
