#include "collect/options.h"

namespace mentiond::collect {

std::optional<xapi::Vocabulary> fixed(VocabularyChoice choice) {
  switch (choice) {
    case VocabularyChoice::automatic:
      return std::nullopt;
    case VocabularyChoice::tweet:
      return xapi::Vocabulary::tweet;
    case VocabularyChoice::post:
      return xapi::Vocabulary::post;
  }
  return std::nullopt;
}

}  // namespace mentiond::collect
