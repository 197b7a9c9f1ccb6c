// A post as JSON: every field's value rendered once, side by side, so that a reply is put together by copying what was
// asked for under the names of either vocabulary. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "fakes/x_corpus.h"

namespace mentiond::fakes {

// X renamed its fields in August 2026 (x-api/facts.md, section 0): both are in use.
enum class Vocabulary : std::uint8_t { tweet, post };

enum class Field : std::uint8_t {
  id,
  text,
  edit_history,
  author_id,
  created_at,
  lang,
  public_metrics,
  entities,
  note,
  conversation_id,
  possibly_sensitive,
  reply_settings,
  edit_controls,
  count_
};
constexpr std::size_t field_count = static_cast<std::size_t>(Field::count_);

// The fields that a reply shows; id, text and edit history always.
class FieldSet {
 public:
  void add(Field field) { bits_ |= 1U << static_cast<unsigned>(field); }
  [[nodiscard]] bool has(Field field) const { return (bits_ >> static_cast<unsigned>(field) & 1U) != 0; }
  static FieldSet basic();

 private:
  unsigned bits_ = 0;
};

std::string_view field_name(Field field, Vocabulary vocabulary);
// Nothing for a name that the vocabulary's `*.fields` parameter does not list. A listed field that no post of ours has
// (a poll, a place) gives `id`, which is there anyway.
std::optional<Field> field_named(std::string_view name, Vocabulary vocabulary);

struct PostHead {
  std::uint64_t id = 0;
  std::vector<std::uint64_t> history;  // oldest first, the id itself last
  std::uint32_t author = 0;
  Time time{};
};

class RenderedPost {
 public:
  RenderedPost(const PostHead& head, const PostText& text, const Metrics& metrics);
  // Appends the object.
  void write(std::string& out, FieldSet fields, Vocabulary vocabulary) const;

 private:
  void add_entities(const PostText& text, std::size_t shown);
  void add_rest(const PostHead& head);
  void close(Field field) { ends_[static_cast<std::size_t>(field)] = static_cast<std::uint32_t>(bytes_.size()); }
  [[nodiscard]] std::string_view value(Field field) const;

  std::string bytes_;
  std::array<std::uint32_t, field_count> ends_{};
  std::uint32_t reposts_ = 0;  // the one member whose name differs inside a value
};

std::uint64_t author_id(std::uint32_t author);
// {"id":…,"name":…,"username":…} and what of `fields` (comma-separated names) we know.
void write_user(std::string& out, std::uint32_t author, std::string_view fields, Vocabulary vocabulary);
// True if a comma-separated list names it.
bool lists(std::string_view list, std::string_view name);

}  // namespace mentiond::fakes
