// Replies in every framing that HTTP/1.1 has, and in every state of damage.
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>

#include "client_test.h"
#include "http/gzip.h"
#include "support/source_dir.h"

namespace mentiond::http {
namespace {

using ::testing::HasSubstr;

class ClientReply : public ClientTest {};

std::string with_length(const std::string& body, const std::string& fields = "") {
  return "HTTP/1.1 200 OK\r\n" + fields + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

TEST_F(ClientReply, HeadersAndBodyArriveAsSent) {
  RawServer server{loop, once(with_length("hello", "X-One: 1\r\nx-rate-limit-remaining: 449\r\n"))};
  const auto reply = get(server);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 200);
  EXPECT_EQ(reply->body, "hello");
  EXPECT_EQ(reply->headers.find_number("X-Rate-Limit-Remaining"), 449);
}

TEST_F(ClientReply, OurOwnCredentialsAreMaskedWhereverTheServerRepeatsThem) {
  const std::string secret = "c2VjcmV0/and+more=";
  HttpRequest request;
  request.headers.add("Authorization", "Basic " + secret);
  RawServer server{loop,
                   once(with_length("[Basic " + secret + "], [c2VjcmV0\\/and+more=], [" + secret + secret + "]."))};
  const auto reply = send(*client(options_for(server)), request);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->body, "[Basic ***], [***], [******].");
}

TEST_F(ClientReply, WhatIsTooShortForASecretIsAWordLikeAnyOther) {
  HttpRequest request;
  request.headers.add("Authorization", "Bearer marketplace");
  RawServer server{loop, once(with_length("AWS marketplace"))};
  const auto reply = send(*client(options_for(server)), request);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->body, "AWS marketplace");
}

TEST_F(ClientReply, ChunksAndTheirTrailerAreOneBody) {
  RawServer server{loop, once("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                              "4;ext=1\r\nwiki\r\n5\r\npedia\r\n0\r\nX-Trailer: 1\r\n\r\n")};
  const auto reply = get(server);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->body, "wikipedia");
  EXPECT_FALSE(reply->headers.find("X-Trailer"));
}

TEST_F(ClientReply, OneByteAtATimeIsTheSameReply) {
  RawServer server{loop, [](Peer& peer) -> Task<void> {
                     co_await peer.request();
                     co_await peer.send_slowly(
                         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX: y\r\n\r\n"
                         "4\r\nwiki\r\n1\r\n!\r\n0\r\n\r\n");
                   }};
  const auto reply = get(server);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->body, "wiki!");
}

// Of which Beast asserts too much.
TEST_F(ClientReply, NoChunkButTheLastMayComeOneByteAtATimeToo) {
  RawServer server{loop, [](Peer& peer) -> Task<void> {
                     co_await peer.request();
                     co_await peer.send_slowly("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
                   }};
  const auto reply = get(server);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->body, "");
}

TEST_F(ClientReply, AReplyWithoutLengthEndsWithAPlainConnection) {
  RawServer server{loop, once("HTTP/1.0 200 OK\r\n\r\nuntil the end")};
  const auto reply = get(server);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->body, "until the end");
}

TEST_F(ClientReply, AReplyWithoutLengthIsCutByAReset) {
  RawServer server{loop, [](Peer& peer) -> Task<void> {
                     co_await peer.request();
                     co_await peer.send("HTTP/1.0 200 OK\r\n\r\nuntil");
                     peer.reset();
                   }};
  EXPECT_EQ(kind_of(get(server)), "cut");
}

TEST_F(ClientReply, StatusesWithoutBodyEndWithTheirHead) {
  for (const std::string status : {"204 No Content", "304 Not Modified"}) {
    RawServer server{loop, always("HTTP/1.1 " + status + "\r\nContent-Length: 10\r\n\r\n")};
    const auto reply = get(server);
    ASSERT_TRUE(reply) << status;
    EXPECT_EQ(reply->body, "");
  }
}

TEST_F(ClientReply, AHeadRequestExpectsNoBody) {
  RawServer server{loop, always("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nContent-Encoding: gzip\r\n\r\n")};
  HttpRequest request;
  request.method = "HEAD";
  const auto one = client(options_for(server));
  EXPECT_EQ(kind_of(send(*one, request)), "status 200");
  EXPECT_EQ(kind_of(send(*one, request)), "status 200");
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(ClientReply, InterimRepliesArePassedOver) {
  RawServer server{
      loop, once("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + with_length("real"))};
  const auto reply = get(server);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->body, "real");
  EXPECT_FALSE(reply->headers.find("Link"));
}

TEST_F(ClientReply, InterimRepliesWithoutEndAreMalformed) {
  std::string many;
  for (int i = 0; i < 100; ++i) many += "HTTP/1.1 100 Continue\r\n\r\n";
  RawServer endless{loop, once(many)};
  EXPECT_EQ(kind_of(get(endless)), "malformed");
  RawServer switching{loop, once("HTTP/1.1 101 Switching Protocols\r\n\r\n")};
  EXPECT_EQ(kind_of(get(switching)), "malformed");
}

TEST_F(ClientReply, ARedirectIsAReplyAndIsNotFollowed) {
  RawServer elsewhere{loop, once(with_length("stolen"))};
  RawServer server{loop, once("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:" + std::to_string(elsewhere.port()) +
                              "/\r\nContent-Length: 0\r\n\r\n")};
  EXPECT_EQ(kind_of(get(server)), "status 302");
  EXPECT_EQ(elsewhere.accepted(), 0);
}

TEST_F(ClientReply, WhatIsNotHttpIsMalformed) {
  for (const std::string junk : {"SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/2.0 200 OK\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n",
                                 "HTTP/1.1 200 OK\r\nbroken field\r\n\r\n",
                                 "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                                 "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
                                 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnothex\r\n"}) {
    RawServer server{loop, once(junk)};
    EXPECT_EQ(kind_of(get(server)), "malformed") << junk;
  }
}

TEST_F(ClientReply, AGzipReplyArrivesUnpacked) {
  std::string body;
  for (int i = 0; i < 20'000; ++i) body += "line " + std::to_string(i * i) + "\n";
  RawServer server{loop, once(with_length(gzip(body), "Content-Encoding: gzip\r\n"))};
  const auto reply = get(server);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->body, body);
}

TEST_F(ClientReply, ADamagedGzipReplyIsMalformed) {
  const std::string whole = gzip("some text that is packed, some text that is packed");
  std::string corrupt = whole;
  corrupt[corrupt.size() - 6] ^= 1;  // the checksum
  for (const std::string& body : {whole.substr(0, whole.size() - 1), whole.substr(0, 5), corrupt, whole + "garbage",
                                  std::string{"not packed at all"}}) {
    RawServer server{loop, once(with_length(body, "Content-Encoding: gzip\r\n"))};
    EXPECT_EQ(kind_of(get(server)), "malformed");
  }
}

TEST_F(ClientReply, ACodingNobodyAskedForIsMalformed) {
  RawServer server{loop, once(with_length("???", "Content-Encoding: br\r\n"))};
  const auto reply = get(server);
  EXPECT_EQ(kind_of(reply), "malformed");
  RawServer plain{loop, once(with_length("as it is", "Content-Encoding: identity\r\n"))};
  EXPECT_EQ(kind_of(get(plain)), "status 200");
}

TEST_F(ClientReply, AGzipBombStopsAtTheLimit) {
  const std::string bomb = gzip(std::string(8 * 1024 * 1024, '\0'));
  ASSERT_LT(bomb.size(), 64U * 1024);
  RawServer server{loop, always(with_length(bomb, "Content-Encoding: gzip\r\n"))};
  Options options = options_for(server);
  options.max_inflated_bytes = 8 * 1024 * 1024 - 1;
  EXPECT_EQ(kind_of(get(options)), "too_large");
  ++options.max_inflated_bytes;
  EXPECT_EQ(kind_of(get(options)), "status 200");
}

TEST_F(ClientReply, ABodyBeyondTheLimitIsTooLargeInEveryFraming) {
  const std::string body(2'001, 'x');
  for (const std::string& reply :
       {with_length(body), "HTTP/1.0 200 OK\r\n\r\n" + body,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7d1\r\n" + body + "\r\n0\r\n\r\n"}) {
    RawServer server{loop, once(reply)};
    Options options = options_for(server);
    options.max_body_bytes = 2'000;
    EXPECT_EQ(kind_of(get(options)), "too_large") << reply.substr(0, 40);
    options.max_body_bytes = 2'001;
    EXPECT_EQ(kind_of(get(options)), "status 200") << reply.substr(0, 40);
  }
}

TEST_F(ClientReply, HeadersBeyondTheLimitsAreTooLarge) {
  std::string many = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 300; ++i) many += "F" + std::to_string(i) + ": 1\r\n";
  RawServer too_many{loop, once(many + "\r\n")};
  EXPECT_EQ(kind_of(get(too_many)), "too_large");
  RawServer too_long{loop, once("HTTP/1.1 200 OK\r\nLong: " + std::string(100'000, 'x') + "\r\n\r\n")};
  EXPECT_EQ(kind_of(get(too_long)), "too_large");
  std::string sum = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 20; ++i) sum += "Long: " + std::string(5'000, 'x') + "\r\n";
  RawServer too_much{loop, once(sum + "\r\n")};
  EXPECT_EQ(kind_of(get(too_much)), "too_large");
}

// The heart of the matter: half a reply never passes for a whole one.
class CutReply : public ClientTest {
 protected:
  void expect_every_cut_to_fail(const std::string& whole, bool by_reset) {
    std::size_t at = 0;
    RawServer server{loop, [&whole, &at, by_reset](Peer& peer) -> Task<void> {
                       co_await peer.request();
                       co_await peer.send(std::string_view{whole}.substr(0, at));
                       if (by_reset) peer.reset();
                     }};
    for (; at < whole.size(); ++at) EXPECT_EQ(kind_of(get(server)), "cut") << "after " << at << " bytes";
  }
};

TEST_F(CutReply, WithALengthFailsAtEveryByte) {
  expect_every_cut_to_fail(with_length("{\"data\":[]}", "Content-Type: application/json\r\n"), false);
}

TEST_F(CutReply, WithALengthFailsAtEveryByteByReset) { expect_every_cut_to_fail(with_length("{\"data\":[]}"), true); }

TEST_F(CutReply, InChunksFailsAtEveryByte) {
  expect_every_cut_to_fail(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", false);
}

TEST_F(CutReply, InGzipFailsAtEveryByte) {
  expect_every_cut_to_fail(with_length(gzip("hello hello hello"), "Content-Encoding: gzip\r\n"), false);
}

// The same with what servers really sent (tests/fixtures/http).
struct Recorded {
  std::string file;
  std::string begin;  // of its body, unpacked
  std::string end;
};

std::ostream& operator<<(std::ostream& out, const Recorded& recorded) { return out << recorded.file; }

class RecordedReply : public CutReply, public ::testing::WithParamInterface<Recorded> {
 protected:
  void SetUp() override {
    std::ifstream file{source_dir() / "tests" / "fixtures" / "http" / GetParam().file, std::ios::binary};
    whole_.assign(std::istreambuf_iterator<char>{file}, {});
    ASSERT_GT(whole_.size(), 500U) << "no fixture " << GetParam().file;
  }
  std::string whole_;
};

TEST_P(RecordedReply, IsReadWhenItIsWhole) {
  RawServer server{loop, once(whole_)};
  const auto reply = get(server);
  ASSERT_EQ(kind_of(reply), "status 200");
  EXPECT_THAT(reply->body, ::testing::StartsWith(GetParam().begin));
  EXPECT_THAT(reply->body, ::testing::EndsWith(GetParam().end));
}

TEST_P(RecordedReply, CutAtEveryByteFails) { expect_every_cut_to_fail(whole_, false); }

TEST_P(RecordedReply, CutAtEveryByteByResetFails) { expect_every_cut_to_fail(whole_, true); }

INSTANTIATE_TEST_SUITE_P(OfElasticsearchAndX, RecordedReply,
                         ::testing::Values(Recorded{"bulk_reply.http", R"({"took":)", R"("status":201}}]})"},
                                           Recorded{"bulk_reply_gzip.http", R"({"took":)", R"("status":201}}]})"},
                                           Recorded{"x_page.http", R"({"data":[{"id":")", R"("result_count":2}})"},
                                           Recorded{"x_page_gzip.http", R"({"data":[{"id":")",
                                                    R"("result_count":2}})"}));

TEST_F(CutReply, MessagesNameThePlaceButNotTheQuery) {
  RawServer server{loop, once("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel")};
  HttpRequest request;
  request.target = "/2/search?query=secretword";
  request.headers.add("Authorization", "Bearer secretword");
  const auto reply = send(*client(options_for(server)), request);
  ASSERT_FALSE(reply);
  EXPECT_THAT(reply.error().message, HasSubstr("127.0.0.1:" + std::to_string(server.port())));
  EXPECT_THAT(reply.error().message, ::testing::Not(HasSubstr("secretword")));
}

}  // namespace
}  // namespace mentiond::http
