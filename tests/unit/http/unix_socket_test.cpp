// HTTP over a Unix socket: the same server and client, and a door that only its owner can open.
#include "http/unix_socket.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client_test.h"
#include "http/server.h"

namespace mentiond::http {
namespace {

using ::testing::HasSubstr;

class UnixSocket : public ClientTest {
 protected:
  UnixSocket() {
    std::string pattern = (std::filesystem::temp_directory_path() / "mentiond-unix-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder = pattern;
    path = folder / "admin.sock";
  }
  ~UnixSocket() override { std::filesystem::remove_all(folder); }

  Result<std::unique_ptr<HttpServer>> listen(const std::string& where) {
    ServerOptions options;
    options.socket = where;
    return HttpServer::listen(loop.get_executor(), options, [](const HttpServerRequest& request) {
      HttpReply reply;
      reply.status = 200;
      reply.body = request.target;
      return reply;
    });
  }
  std::unique_ptr<HttpClient> client_of(const std::string& where) {
    Options options;
    Endpoint endpoint;
    endpoint.host = "localhost";
    endpoint.socket = where;
    options.endpoints = {endpoint};
    options.proxy.http_proxy = "http://127.0.0.1:1";  // which is never asked for a socket
    return client(options);
  }

  std::filesystem::path folder;
  std::string path;
};

TEST_F(UnixSocket, AnswersOverOneConnectionAndNamesItself) {
  const auto server = listen(path);
  ASSERT_TRUE(server) << server.error().message;
  EXPECT_EQ((*server)->address(), "unix:" + path);
  const auto one = client_of(path);
  for (int i = 0; i < 3; ++i) {
    HttpRequest request;
    request.target = "/status";
    const auto reply = send(*one, request);
    ASSERT_TRUE(reply) << reply.error().message;
    EXPECT_EQ(reply->body, "/status");
  }
  EXPECT_EQ((*server)->connections(), 1U);
}

TEST_F(UnixSocket, IsItsOwnersAlone) {
  const auto server = listen(path);
  ASSERT_TRUE(server);
  struct stat facts{};
  ASSERT_EQ(stat(path.c_str(), &facts), 0);
  EXPECT_TRUE(S_ISSOCK(facts.st_mode));
  EXPECT_EQ(facts.st_mode & 0777U, 0600U);
}

TEST_F(UnixSocket, IsTakenAwayAtTheEnd) {
  auto server = listen(path);
  ASSERT_TRUE(server);
  (*server)->stop();
  EXPECT_FALSE(std::filesystem::exists(path));
  loop.poll();
}

TEST_F(UnixSocket, AStoppedServerLeavesItsSuccessorsSocketAlone) {
  auto server = listen(path);
  ASSERT_TRUE(server);
  (*server)->stop();
  const auto next = listen(path);
  ASSERT_TRUE(next);
  server->reset();
  EXPECT_TRUE(std::filesystem::exists(path));
}

TEST_F(UnixSocket, ADeadProgramsSocketGivesWay) {
  const auto left_behind = listen_unix(path);
  ASSERT_TRUE(left_behind);
  ::close(*left_behind);
  ASSERT_TRUE(std::filesystem::exists(path));
  const auto server = listen(path);
  ASSERT_TRUE(server) << server.error().message;
  EXPECT_TRUE(send(*client_of(path)));
}

TEST_F(UnixSocket, ALiveProgramsSocketDoesNot) {
  const auto first = listen(path);
  ASSERT_TRUE(first);
  const auto second = listen(path);
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, HasSubstr("unix:" + path + ": another program listens there"));
  EXPECT_TRUE(send(*client_of(path)));
}

TEST_F(UnixSocket, AFileIsNeverReplaced) {
  std::ofstream{path} << "precious";
  const auto server = listen(path);
  ASSERT_FALSE(server);
  EXPECT_THAT(server.error().message, HasSubstr("no socket"));
  EXPECT_EQ(std::filesystem::file_size(path), 8U);
}

TEST_F(UnixSocket, APlaceThatCannotBeIsNamed) {
  EXPECT_THAT(listen(folder / "none" / "s").error().message, HasSubstr("its folder must be there and writable"));
  EXPECT_THAT(listen("/" + std::string(max_socket_path, 'x')).error().message, HasSubstr("longer than 103 bytes"));
}

TEST_F(UnixSocket, WhereNobodyListensTheClientSaysSo) {
  const auto reply = send(*client_of(path));
  EXPECT_EQ(kind_of(reply), "connect");
  EXPECT_THAT(reply.error().message, HasSubstr("unix:" + path + ": "));
  EXPECT_EQ(kind_of(send(*client_of("/" + std::string(200, 'x')))), "connect");
}

}  // namespace
}  // namespace mentiond::http
