#include "xapi/page_parser.h"

#include <utility>

#include "xapi/json_walk.h"
#include "xapi/post_reader.h"

namespace mentiond::xapi {
namespace {

// Bytes of a partial error's title that a log line may quote.
constexpr std::size_t max_title = 200;

// Reads the members of a page's root object.
class PageReader {
 public:
  PageReader(JsonWalk& walk, Page& page) : walk_(walk), posts_(walk), page_(page) {}

  Result<void> read();

 private:
  bool read_member(std::string_view key);
  bool read_data();
  bool read_post();
  bool read_meta();
  bool read_includes();
  bool read_errors();
  bool read_error_title();

  JsonWalk& walk_;
  PostReader posts_;
  Page& page_;
  std::size_t tweets_ = 0;  // of page_.tweets, the first so many are this page's
  bool has_meta_ = false;
  std::optional<std::int64_t> result_count_;
};

Result<void> PageReader::read() {
  const bool whole = walk_.starts() == '{' ? walk_.fields([this](std::string_view key) { return read_member(key); })
                                           : walk_.fail("it does not begin with an object");
  if (!whole) return fail("the page cannot be read: ", walk_.why());
  if (!walk_.at_end()) return fail("the page cannot be read: something follows its end");
  page_.tweets.resize(tweets_);
  page_.bears_asked_field = posts_.bears_asked_field();
  if (!has_meta_) return fail("the answer is no page: it has no meta object");
  if (result_count_ && std::cmp_not_equal(*result_count_, page_.items())) {
    return fail("the page is not whole: meta.result_count is ", std::to_string(*result_count_), ", read were ",
                std::to_string(page_.items()));
  }
  return {};
}

bool PageReader::read_member(std::string_view key) {
  if (key == "data") return read_data();
  if (key == "meta") return read_meta();
  if (key == "includes") return read_includes();
  if (key == "errors") return read_errors();
  return walk_.skip();
}

bool PageReader::read_data() {
  tweets_ = 0;
  page_.bad.clear();
  if (walk_.is_null()) return walk_.skip();
  if (walk_.starts() != '[') return walk_.fail("data is no array");
  return walk_.items([this] { return read_post(); });
}

bool PageReader::read_post() {
  if (tweets_ + page_.bad.size() >= PageParser::max_items) return walk_.fail("more items than a page can have");
  if (tweets_ == page_.tweets.size()) page_.tweets.emplace_back();
  const char* const begin = walk_.here();
  const bool nests = walk_.starts() == '{' || walk_.starts() == '[';
  const std::string_view scalar = nests ? std::string_view{} : walk_.token();
  Tweet& tweet = page_.tweets[tweets_];
  const auto outcome = posts_.read(tweet);
  if (outcome == PostReader::Outcome::broken) return false;
  const std::string_view raw = nests ? walk_.raw_since(begin) : scalar;
  if (outcome == PostReader::Outcome::bad) {
    page_.bad.push_back({.id = posts_.id(), .raw = raw, .reason = std::string{posts_.reason()}, .root = posts_.root()});
    return true;
  }
  tweet.raw = raw;
  ++tweets_;
  return true;
}

bool PageReader::read_meta() {
  has_meta_ = walk_.starts() == '{';
  result_count_.reset();
  page_.next_token.clear();
  return walk_.fields_if([this](std::string_view key) {
    if (walk_.is_null()) return walk_.skip();
    if (key == "result_count") {
      if (!walk_.read_number_if(result_count_)) return false;
      return result_count_.has_value() || walk_.fail("meta.result_count is no number");
    }
    if (key != "next_token") return walk_.skip();
    std::string_view token;
    if (walk_.starts() != '"') return walk_.fail("meta.next_token is no string");
    if (!walk_.read_text(token)) return false;
    page_.next_token = token;
    return true;
  });
}

bool PageReader::read_includes() {
  return walk_.fields_if([this](std::string_view key) {
    if (key != "users") return walk_.skip();
    page_.users.clear();
    return walk_.items_if([this] {
      return walk_.fields_if([this](std::string_view part) {
        if (part != "id") return walk_.skip();
        std::string_view digits;
        if (!walk_.read_text_if(digits)) return false;
        if (const auto id = TweetId::parse(digits)) page_.users.push_back(*id);
        return true;
      });
    });
  });
}

bool PageReader::read_errors() {
  page_.partial_errors = 0;
  page_.first_error.clear();
  return walk_.items_if([this] {
    ++page_.partial_errors;
    return page_.partial_errors == 1 ? read_error_title() : walk_.skip();
  });
}

bool PageReader::read_error_title() {
  return walk_.fields_if([this](std::string_view key) {
    if (key != "title") return walk_.skip();
    std::string_view title;
    if (!walk_.read_text_if(title)) return false;
    page_.first_error = title.substr(0, max_title);
    return true;
  });
}

void forget(Page& page) {
  page.bad.clear();
  page.users.clear();
  page.next_token.clear();
  page.partial_errors = 0;
  page.first_error.clear();
  page.bears_asked_field = false;
}

}  // namespace

// The walk, with the copy of the body that the views point into.
struct PageParser::Buffers {
  JsonWalk walk;
};

PageParser::PageParser() : buffers_(std::make_unique<Buffers>()) {}
PageParser::PageParser(PageParser&&) noexcept = default;
PageParser& PageParser::operator=(PageParser&&) noexcept = default;
PageParser::~PageParser() = default;

Result<void> PageParser::parse_page(std::string_view body, Page& page) {
  forget(page);
  JsonWalk& walk = buffers_->walk;
  Result<void> outcome;
  if (body.size() > max_page_bytes) {
    outcome = fail("the page is larger than ", std::to_string(max_page_bytes), " bytes");
  } else if (!walk.open(body)) {
    outcome = fail("the page cannot be read: ", walk.why());
  } else {
    outcome = PageReader{walk, page}.read();
  }
  if (!outcome) {
    forget(page);
    page.tweets.clear();
  }
  return outcome;
}

Result<Page> PageParser::parse_page(std::string_view body) {
  Page page;
  const auto outcome = parse_page(body, page);
  if (!outcome) return outcome.error();
  return page;
}

Result<Tweet> PageParser::parse_post(std::string_view raw) {
  JsonWalk& walk = buffers_->walk;
  if (raw.size() > max_page_bytes) return fail("the stored post is larger than a page may be");
  if (!walk.open(raw)) return fail("the stored post is broken JSON: ", walk.why());
  const char* const begin = walk.here();
  Tweet tweet;
  PostReader posts{walk};
  const auto outcome = posts.read(tweet);
  if (outcome == PostReader::Outcome::broken) return fail("the stored post is broken JSON: ", walk.why());
  if (!walk.at_end()) return fail("the stored post is broken JSON: something follows its end");
  if (outcome == PostReader::Outcome::bad) return fail("the stored post cannot be read: ", posts.reason());
  tweet.raw = walk.raw_since(begin);
  return tweet;
}

}  // namespace mentiond::xapi
