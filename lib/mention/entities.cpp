#include "mention/entities.h"

#include <array>

namespace mentiond {
namespace {

struct Entity {
  std::string_view name;
  char meaning;
};
constexpr std::array<Entity, 3> entities{{{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}}};

}  // namespace

void append_decoded(std::string& out, std::string_view text) {
  for (auto at = text.find('&'); at != std::string_view::npos; at = text.find('&')) {
    out.append(text.substr(0, at));
    text.remove_prefix(at);
    std::size_t taken = 1;
    char meaning = '&';
    for (const Entity& entity : entities) {
      if (!text.starts_with(entity.name)) continue;
      taken = entity.name.size();
      meaning = entity.meaning;
    }
    out.push_back(meaning);
    text.remove_prefix(taken);
  }
  out.append(text);
}

std::string decode_entities(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  append_decoded(out, text);
  return out;
}

}  // namespace mentiond
