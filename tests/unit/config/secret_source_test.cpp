#include "config/secret_source.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include "unit/config/loading.h"

namespace mentiond::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class Secrets : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "mentiond-config-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  std::string write(const std::string& name, const std::string& content,
                    std::filesystem::perms permissions = std::filesystem::perms::owner_all) const {
    const std::string path = folder + '/' + name;
    std::ofstream{path, std::ios::binary} << content;
    std::filesystem::permissions(path, permissions);
    return path;
  }
  static Result<Secret> read(const std::string& path, SecretSource::Kind kind = SecretSource::Kind::token,
                             SecretSource::Keeper keeper = SecretSource::Keeper::owner) {
    return SecretSource::file(path, kind, keeper).read();
  }

  std::string folder;
};

TEST_F(Secrets, AFileIsReadAnewEachTime) {
  const auto source =
      SecretSource::file(write("token", "first\n"), SecretSource::Kind::token, SecretSource::Keeper::owner);
  EXPECT_EQ(source.read()->reveal(), "first");
  write("token", "second\r\n\n");
  EXPECT_EQ(source.read()->reveal(), "second");
}

TEST_F(Secrets, WhatIsNoTokenIsRefusedWithTheFilesNameAndWithoutTheValue) {
  EXPECT_THAT(read(write("a", "")).error().message, testing::EndsWith("/a is empty"));
  EXPECT_THAT(read(write("b", "\n\n")).error().message, testing::EndsWith("/b is empty"));
  EXPECT_THAT(read(write("c", "hush\nhush")).error().message,
              testing::EndsWith("/c holds a line break; expected one line"));
  EXPECT_THAT(read(write("d", "hush hush")).error().message,
              HasSubstr("/d holds a blank or a character outside ASCII"));
  EXPECT_THAT(read(write("e", std::string(65 * 1024, 'x'))).error().message, HasSubstr("more than 64 KiB"));
  EXPECT_EQ(read(write("f", "hush\x01")).error().message.find("hush"), std::string::npos);
}

TEST_F(Secrets, APasswordMayHoldBlanksAndUnicode) {
  EXPECT_EQ(read(write("p", "pass wörd\n"), SecretSource::Kind::text)->reveal(), "pass wörd");
}

TEST_F(Secrets, AFileThatIsMissingOrAFolderIsNamed) {
  EXPECT_THAT(read(folder + "/none").error().message,
              folder + "/none cannot be read; expected a file that mentiond's user may read");
  EXPECT_THAT(read(folder).error().message, StartsWith(folder + " "));
}

TEST_F(Secrets, AFileThatOthersCanReadIsRefusedWithItsModeAndTheRemedy) {
  using std::filesystem::perms;
  for (const auto& [more, mode] : {std::pair{perms::others_read, "0404"}, std::pair{perms::others_write, "0402"},
                                   std::pair{perms::group_write, "0420"}, std::pair{perms::group_exec, "0410"}}) {
    const auto open = write("open", "hush", perms::owner_read | more);
    EXPECT_EQ(read(open).error().message,
              open + " has mode " + mode + ", which lets others than its owner at the secret; chmod 600 it");
    std::filesystem::remove(open);
  }
  EXPECT_EQ(read(write("closed", "t", perms::owner_read))->reveal(), "t");
}

TEST_F(Secrets, AFileThatIsOpenedToOthersLaterIsRefusedThen) {
  using std::filesystem::perms;
  const auto path = write("token", "t", perms::owner_read);
  const auto source = SecretSource::file(path, SecretSource::Kind::token, SecretSource::Keeper::owner);
  ASSERT_TRUE(source.read());
  std::filesystem::permissions(path, perms::owner_read | perms::others_read);
  EXPECT_THAT(source.read().error().message, HasSubstr("chmod 600"));
}

TEST_F(Secrets, ALinkIsAsOpenAsTheFileBehindIt) {
  using std::filesystem::perms;
  std::filesystem::create_symlink(write("open", "t", perms::owner_read | perms::others_read), folder + "/link");
  EXPECT_THAT(read(folder + "/link").error().message, StartsWith(folder + "/link has mode 0404"));
}

TEST(Exposure, OfAFileThatRootHandsToAServiceTheServicesGroupMayReadIt) {
  constexpr unsigned service = 999;
  EXPECT_EQ(exposure({0640, 0}, service), "");
  EXPECT_EQ(exposure({0440, 0}, service), "");
  EXPECT_THAT(exposure({0660, 0}, service), HasSubstr("mode 0660"));
  EXPECT_THAT(exposure({0644, 0}, service), HasSubstr("mode 0644"));
  EXPECT_THAT(exposure({0640, service}, service), HasSubstr("mode 0640"));
  EXPECT_THAT(exposure({0640, 0}, 0), HasSubstr("mode 0640"));
  EXPECT_EQ(exposure({0600, service}, service), "");
}

TEST(Keeper, ThePlatformKeepsWhatItMountsForAService) {
  using Keeper = SecretSource::Keeper;
  const auto environment = environment_of({{"CREDENTIALS_DIRECTORY", "/run/credentials/mentiond.service"}});
  EXPECT_EQ(keeper_of("/run/credentials/mentiond.service/token", environment), Keeper::platform);
  EXPECT_EQ(keeper_of("/run/secrets/token", environment), Keeper::platform);
  EXPECT_EQ(keeper_of("/var/run/secrets/mentiond/token", environment), Keeper::platform);
  EXPECT_EQ(keeper_of("/run/secrets/../token", environment), Keeper::owner);
  EXPECT_EQ(keeper_of("/run/secretsX/token", environment), Keeper::owner);
  EXPECT_EQ(keeper_of("/etc/mentiond/token", environment), Keeper::owner);
  EXPECT_EQ(keeper_of("/etc/mentiond/token", environment_of({{"CREDENTIALS_DIRECTORY", ""}})), Keeper::owner);
}

TEST_F(Secrets, AFileThatThePlatformKeepsIsReadWhateverItsMode) {
  using std::filesystem::perms;
  const auto open = write("open", "t", perms::owner_read | perms::group_read | perms::others_read);
  EXPECT_EQ(read(open, SecretSource::Kind::token, SecretSource::Keeper::platform)->reveal(), "t");
  const auto credential = load_text("x: {bearer_token_file: open}\nqueries: [{name: a, cloud: A, query: q}]\n",
                                    "m.yaml", environment_of({{"CREDENTIALS_DIRECTORY", folder}}));
  EXPECT_TRUE(credential);
}

TEST_F(Secrets, NoSecretIsNotAnEmptyOne) {
  EXPECT_FALSE(SecretSource{}.configured());
  EXPECT_EQ(SecretSource{}.read().error().message, "no secret is configured");
}

TEST_F(Secrets, ANameWithoutASlashIsASystemdCredential) {
  EXPECT_EQ(secret_path("/a/b", environment_of({})).value(), "/a/b");
  EXPECT_EQ(secret_path("./b", environment_of({})).value(), "./b");
  EXPECT_EQ(secret_path("x-token", environment_of({{"CREDENTIALS_DIRECTORY", "/run/c"}})).value(), "/run/c/x-token");
  EXPECT_THAT(secret_path("x-token", environment_of({})).error().message,
              StartsWith("\"x-token\" names a systemd credential, but $CREDENTIALS_DIRECTORY is not set; expected "));
}

std::string with_token_file(const std::string& path) {
  return "x: {bearer_token_file: " + path + "}\nqueries: [{name: a, cloud: A, query: q}]\n";
}

TEST_F(Secrets, AConfigurationReadsItsTokenFromAFileOrCredential) {
  const auto path = write("x-token", "token\n");
  const auto by_path = load_text(with_token_file(path), "m.yaml", environment_of({}));
  ASSERT_TRUE(by_path);
  EXPECT_EQ(by_path->bearer_token.read()->reveal(), "token");
  const auto by_name =
      load_text(with_token_file("x-token"), "m.yaml", environment_of({{"CREDENTIALS_DIRECTORY", folder}}));
  ASSERT_TRUE(by_name);
  EXPECT_EQ(by_name->bearer_token.path(), path);
  EXPECT_THAT(by_name->warnings, IsEmpty());
}

TEST_F(Secrets, ABadTokenFileIsAMistakeAtItsKey) {
  EXPECT_THAT(mistakes_in(with_token_file(folder + "/none")),
              ElementsAre(StartsWith("1:24: x.bearer_token_file: " + folder + "/none cannot be read; ")));
  EXPECT_THAT(mistakes_in(with_token_file(write("empty", "\n"))),
              ElementsAre("1:24: x.bearer_token_file: " + folder + "/empty is empty"));
  EXPECT_THAT(mistakes_in(with_token_file("x-token")),
              ElementsAre(StartsWith("1:24: x.bearer_token_file: \"x-token\" names a systemd credential, but ")));
}

TEST_F(Secrets, AFileThatOthersCanReadIsAMistakeAtItsKey) {
  const auto path = write("open", "t", std::filesystem::perms::owner_read | std::filesystem::perms::others_read);
  EXPECT_THAT(mistakes_in(with_token_file(path)),
              ElementsAre(StartsWith("1:24: x.bearer_token_file: " + path + " has mode 0404")));
}

TEST_F(Secrets, CredentialsForElasticsearchMayAllComeFromFiles) {
  const auto authorization = [&](const std::string& keys) {
    const auto config = load_text(minimal("elasticsearch: {" + keys + "}"), "m.yaml", environment_of({}));
    return config ? config->elasticsearch->credentials.authorization()->reveal() : to_text(config.error().front());
  };
  EXPECT_EQ(authorization("api_key_file: " + write("k", "a:b\n")), "ApiKey YTpi");
  EXPECT_EQ(authorization("username_file: " + write("u", "me\n") + ", password_file: " + write("p", "pw\n")),
            "Basic bWU6cHc=");
  EXPECT_EQ(authorization("urls: [http://far.example:9200]"), "");
}

TEST_F(Secrets, AFileChangedToNoKeyIsAnErrorOfTheNextRead) {
  const auto path = write("k", "a:b");
  const auto config = load_text(minimal("elasticsearch: {api_key_file: " + path + "}"), "m.yaml", environment_of({}));
  ASSERT_TRUE(config);
  write("k", "");
  EXPECT_THAT(config->elasticsearch->credentials.authorization().error().message, path + " is empty");
  write("u", "me");
  const auto basic =
      load_text(minimal("elasticsearch: {username_file: " + folder + "/u, password: p}"), "m.yaml", environment_of({}));
  ASSERT_TRUE(basic);
  write("u", "");
  EXPECT_THAT(basic->elasticsearch->credentials.authorization().error().message, folder + "/u is empty");
}

TEST_F(Secrets, AFileKeyNeedsItsPartnerToo) {
  EXPECT_THAT(mistakes_in(minimal("elasticsearch: {username_file: " + write("u", "me") + "}\n")),
              testing::Contains(StartsWith("3:32: elasticsearch.username_file needs elasticsearch.password")));
}

TEST_F(Secrets, AConfigurationIsFoundAtTheOptionThenTheVariableThenItsDefault) {
  const auto path = write("m.yaml", "");
  const auto other = write("n.yaml", "");
  EXPECT_EQ(find_config(path, environment_of({{"MENTIOND_CONFIG", other}})).value(), path);
  EXPECT_EQ(find_config(std::nullopt, environment_of({{"MENTIOND_CONFIG", other}})).value(), other);
  EXPECT_EQ(find_config(folder + "/no", environment_of({})).error().message,
            "no configuration file at " + folder +
                "/no (--config); it is looked for at --config, else at $MENTIOND_CONFIG, "
                "else at /etc/mentiond/mentiond.yaml");
  EXPECT_THAT(find_config(std::nullopt, environment_of({{"MENTIOND_CONFIG", folder + "/no"}})).error().message,
              HasSubstr("($MENTIOND_CONFIG)"));
}

TEST_F(Secrets, AConfigurationThatCannotBeReadOrIsNoneIsSaidSo) {
  const auto of = [&](const std::string& path) { return to_text(load_file(path, environment_of({})).error().front()); };
  EXPECT_EQ(of(folder + "/no"), folder + "/no: cannot be read; expected a file that mentiond's user may read");
  EXPECT_EQ(of(folder), folder + ": cannot be read; expected a file that mentiond's user may read");
  EXPECT_EQ(of(write("big", std::string(1024 * 1024 + 1, '#'))),
            folder + "/big: is larger than 1 MiB; expected a configuration");
  EXPECT_THAT(of(write("m.yaml", "x: 1\n")), StartsWith(folder + "/m.yaml:1:1: x.bearer_token is missing"));
}

}  // namespace
}  // namespace mentiond::config
