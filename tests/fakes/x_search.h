// A search request as X reads it: every parameter checked, or the 400 that X would send. And X's page tokens. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "fakes/message.h"
#include "fakes/x_options.h"

namespace mentiond::fakes {

struct Search {
  std::string query;
  std::size_t max_results = 10;
  std::uint64_t low = 0;   // ids greater than this
  std::uint64_t high = 0;  // and smaller than this
  std::uint64_t hash = 0;  // of everything that a page token is bound to
  FieldSet fields = FieldSet::basic();
  Vocabulary vocabulary = Vocabulary::tweet;
  bool users = false;  // expansions=author_id
  std::string user_fields;
};

std::variant<Search, Answer> read_search(const Parameters& parameters, const XOptions& options, Time now);

// Opaque, and bound to the request it belongs to: the pages go on below `last`.
std::string make_page_token(std::uint64_t last, Time issued, std::uint64_t hash);

}  // namespace mentiond::fakes
