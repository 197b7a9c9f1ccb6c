// How a text answers the query that found it. X ANDs a query's words and finds them anywhere in the post, in its links
// and its cards too, so a tweet that X serves for "AWS Marketplace" need not talk of the AWS Marketplace.
// https://docs.x.com/x-api/posts/search/integrate/build-a-query
// Pure; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mentiond {

enum class Match : std::uint8_t {
  phrase,  // one of the query's phrases stands in the text, word beside word
  loose,   // X found it by something else
};
std::string_view to_text(Match match);  // as the document says it

// Words in lower case (ASCII only), one blank between two: "aws marketplace".
using Phrase = std::string;

// The phrases that a query of X searches for: each quoted phrase, and each run of plain keywords. Operators (lang:en,
// -is:retweet, from:x, #tag, @name, $CASHTAG) and whatever is negated, a whole group included, are left out and do not
// interrupt a run; OR, parentheses and quotes do. Where some phrase has two words or more, single words are dropped: in
// `"AWS Marketplace" cloud` the lone `cloud` proves nothing.
std::vector<Phrase> phrases_of(std::string_view query);

// `phrase` if the words of some phrase stand next to each other in the text, in order, compared without ASCII case, on
// word borders, with nothing but blanks and punctuation between them (Unicode's common ones included). So
// "AWS-Marketplace:" and "#AWS #Marketplace" are phrases; "AWSMarketplace" and "#AWSMarketplace" are loose (one word,
// which X does not find by the two: it came by something else), and so are words inside a link. `text` has its HTML
// entities decoded.
Match classify(std::string_view text, std::span<const Phrase> phrases);

}  // namespace mentiond
