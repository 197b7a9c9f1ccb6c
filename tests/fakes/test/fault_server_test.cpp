#include "fakes/fault_server.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes/json_value.h"
#include "fakes/request_reader.h"

namespace mentiond::fakes {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

Answer answer_with(Delivery delivery) {
  Answer answer = json_answer(200, R"({"whole":true})");
  answer.delivery = delivery;
  return answer;
}

// Everything the server says to one request that asks for a close, and how the connection ended.
struct Heard {
  std::string text;
  error_code end;
};
Heard ask(std::uint16_t port, const std::string& request) {
  asio::io_context io;
  asio::ip::tcp::socket socket{io};
  socket.connect({asio::ip::address_v4::loopback(), port});
  asio::write(socket, asio::buffer(request));
  Heard heard;
  asio::read(socket, asio::dynamic_buffer(heard.text), heard.end);
  return heard;
}

constexpr const char* plain = "GET /x?a=1 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

TEST(FaultServer, AWholeAnswerArrivesWithItsLength) {
  ServerThread server{[](const Request&) { return answer_with({}); }};
  const Heard heard = ask(server.port(), plain);
  EXPECT_THAT(heard.text, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(heard.text, HasSubstr("Content-Length: 14\r\n"));
  EXPECT_THAT(heard.text, EndsWith(R"({"whole":true})"));
}

TEST(FaultServer, ACutAnswerEndsAfterItsBytes) {
  ServerThread server{[](const Request&) { return answer_with({.kind = Delivery::Kind::cut, .after_bytes = 4}); }};
  const Heard heard = ask(server.port(), plain);
  EXPECT_THAT(heard.text, EndsWith("\r\n\r\n{\"wh"));
  EXPECT_EQ(heard.end, asio::error::eof);
}

TEST(FaultServer, AResetIsAReset) {
  ServerThread server{[](const Request&) { return answer_with({.kind = Delivery::Kind::reset}); }};
  EXPECT_EQ(ask(server.port(), plain).end, asio::error::connection_reset);
}

TEST(FaultServer, AHangUpSaysNothing) {
  ServerThread server{[](const Request&) { return answer_with({.kind = Delivery::Kind::hang_up}); }};
  EXPECT_EQ(ask(server.port(), plain).text, "");
}

TEST(FaultServer, SlowAndDelayedAnswersArriveWhole) {
  ServerThread server{[](const Request&) {
    return answer_with({.kind = Delivery::Kind::slow, .pause = Millis{0}, .delay = Millis{1}});
  }};
  EXPECT_THAT(ask(server.port(), plain).text, EndsWith(R"({"whole":true})"));
}

TEST(FaultServer, ACloseAfterTheAnswerIsNotAnnounced) {
  ServerThread server{[](const Request&) { return answer_with({.kind = Delivery::Kind::close}); }};
  const Heard heard = ask(server.port(), "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(heard.text, EndsWith(R"({"whole":true})"));
  EXPECT_THAT(heard.text, testing::Not(HasSubstr("Connection")));
}

TEST(FaultServer, AStalledAnswerStaysOpenAfterItsBytes) {
  ServerThread server{[](const Request&) { return answer_with({.kind = Delivery::Kind::stall, .after_bytes = 3}); }};
  asio::io_context io;
  asio::ip::tcp::socket socket{io};
  socket.connect({asio::ip::address_v4::loopback(), server.port()});
  asio::write(socket, asio::buffer(std::string_view{plain}));
  std::string text;
  while (!text.ends_with("{\"w")) {
    char c = 0;
    asio::read(socket, asio::buffer(&c, 1));
    text += c;
  }
  socket.non_blocking(true);
  char more = 0;
  error_code error;
  socket.read_some(asio::buffer(&more, 1), error);
  EXPECT_EQ(error, asio::error::would_block);
}

TEST(FaultServer, CallsRunOnTheServersThread) {
  ServerThread server{[](const Request&) { return answer_with({}); }};
  std::thread::id one, two;
  server.call([&] { one = std::this_thread::get_id(); });
  server.call([&] { two = std::this_thread::get_id(); });
  EXPECT_EQ(one, two);
  EXPECT_NE(one, std::this_thread::get_id());
}

TEST(RequestReader, ReadsRequestsByteByByteWithLengthsAndChunks) {
  RequestReader reader;
  const std::string bytes =
      "POST /_bulk?a=%20b+c HTTP/1.1\r\ncontent-length: 5\r\n\r\nhello"
      "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n";
  std::vector<Request> requests;
  for (const char c : bytes) {
    reader.feed({&c, 1});
    while (auto request = reader.take()) requests.push_back(std::move(*request));
  }
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[0].body, "hello");
  EXPECT_EQ(find(requests[0].query(), "a"), " b c");
  EXPECT_EQ(requests[1].body, "hello!");
  EXPECT_TRUE(requests[1].chunked);
}

TEST(RequestReader, WhatIsNoHttpIsBroken) {
  RequestReader reader;
  reader.feed("\x16\x03\x01 hello\r\n\r\n");
  EXPECT_FALSE(reader.take());
  EXPECT_TRUE(reader.broken());
}

TEST(JsonValue, ReadsOnlyWhatTheStandardAllows) {
  for (const auto* good : {"{}", "[1,-2.5e+3,0]", R"({"a":{"b":[true,false,null,"\u00e9\ud83d\ude00\n"]}})", " 1 "})
    EXPECT_TRUE(JsonValue::parse(good)) << good;
  for (const auto* bad :
       {"", "{", "{a:1}", "[1,]", "01", "1.", "+1", "\"\\x\"", "\"\n\"", "{} {}", "nul", "\"\\ud800\\u0041\""}) {
    EXPECT_FALSE(JsonValue::parse(bad)) << bad;
  }
  EXPECT_FALSE(JsonValue::parse(std::string(100, '[') + std::string(100, ']')));
  EXPECT_EQ(JsonValue::parse(R"("\u00e9\ud83d\ude00")")->text(), "\u00e9\U0001F600");
  EXPECT_EQ(JsonValue::parse("9223372036854775807")->integer(), 9223372036854775807LL);
  EXPECT_TRUE(is_json_object(" {\"a\":1}"));
  EXPECT_FALSE(is_json_object("[1]"));
}

}  // namespace
}  // namespace mentiond::fakes
