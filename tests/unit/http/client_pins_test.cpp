// Pinned authorities: which servers they let in, and what is said to those who are kept out.
#include <filesystem>

#include <gmock/gmock.h>

#include "certificates.h"
#include "client_test.h"

namespace mentiond::http {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const std::string both_names = "DNS:localhost,IP:127.0.0.1";

class ClientPins : public ClientTest {
 protected:
  static Options pinning(const RawServer& server, std::vector<Fingerprint> pins, const std::string& host) {
    Options options;
    options.endpoints = {server.endpoint(host)};
    options.trust.ca_fingerprints = std::move(pins);
    return options;
  }
  // What becomes of a request to a server that presents `chain`, its own certificate first: "status 200", or why not.
  std::string outcome(const std::vector<Certificate>& chain, std::vector<Fingerprint> pins,
                      const std::string& host = "localhost") {
    const auto context = chain[0].server_context({chain.begin() + 1, chain.end()});
    RawServer server{loop, always(ok), context.get()};
    const auto reply = get(pinning(server, std::move(pins), host));
    if (!reply) {
      EXPECT_EQ(kind_of(reply), "tls");
    }
    return reply ? kind_of(reply) : reply.error().message;
  }

  const Certificate authority{{"test authority", "", -3600, 3600, true}};
  const Certificate good{{"good", both_names}, &authority};
  const Certificate stranger{{"another authority", "", -3600, 3600, true}};
};

TEST_F(ClientPins, ACaThatIsPresentedAndPinnedIsARoot) {
  EXPECT_EQ(outcome({good, authority}, {authority.fingerprint()}), "status 200");
  EXPECT_EQ(outcome({good, authority}, {authority.fingerprint()}, "127.0.0.1"), "status 200");
}

TEST_F(ClientPins, OneOfSeveralPinsIsEnough) {
  EXPECT_EQ(outcome({good, authority}, {stranger.fingerprint(), authority.fingerprint()}), "status 200");
}

TEST_F(ClientPins, ACaInTheMiddleOfTheChainMayBePinned) {
  const Certificate middle{{"middle", "", -3600, 3600, true}, &authority};
  const Certificate below{{"below", both_names}, &middle};
  EXPECT_EQ(outcome({below, middle}, {middle.fingerprint()}), "status 200");
  EXPECT_EQ(outcome({below, middle, authority}, {authority.fingerprint()}), "status 200");
}

TEST_F(ClientPins, AServersOwnCertificateThatIsItsOwnCaMayBePinned) {
  const Certificate alone{{"alone", both_names, -3600, 3600, true}};
  EXPECT_EQ(outcome({alone}, {alone.fingerprint()}), "status 200");
}

TEST_F(ClientPins, AnotherCaIsRefusedAndShown) {
  const Certificate foreign{{"foreign", both_names}, &stranger};
  EXPECT_THAT(outcome({foreign, stranger}, {authority.fingerprint()}),
              AllOf(HasSubstr(to_text(foreign.fingerprint()) + " (no CA)"),
                    HasSubstr(to_text(stranger.fingerprint()) + " (a CA)"), HasSubstr("no CA among them is pinned")));
}

TEST_F(ClientPins, ALeafThatIsPinnedIsRefusedWithTheReason) {
  EXPECT_THAT(outcome({good, authority}, {good.fingerprint()}),
              AllOf(HasSubstr("the pinned one is no CA"), HasSubstr("pin the CA that signed it")));
  const Certificate alone{{"alone", both_names}};
  EXPECT_THAT(outcome({alone}, {alone.fingerprint()}), HasSubstr("the pinned one is no CA"));
}

TEST_F(ClientPins, ACaThatMaySignNothingIsNoCa) {
  const Certificate odd{{"odd", both_names, -3600, 3600, true, "digitalSignature"}};
  EXPECT_THAT(outcome({odd}, {odd.fingerprint()}), HasSubstr("the pinned one is no CA"));
}

TEST_F(ClientPins, AServerThatDoesNotSendItsCaIsToldHowToMendThat) {
  EXPECT_THAT(outcome({good}, {authority.fingerprint()}),
              AllOf(HasSubstr("none of them is a CA"), HasSubstr("ca_file")));
}

TEST_F(ClientPins, APinnedCaThatDidNotSignTheServersCertificateVouchesForNothing) {
  const Certificate foreign{{"foreign", both_names}, &stranger};
  EXPECT_THAT(outcome({foreign, authority}, {authority.fingerprint()}),
              HasSubstr("did not sign the server's certificate"));
  // One that bears its name and has another key.
  const Certificate twin{{"test authority", "", -3600, 3600, true}};
  const Certificate forged{{"forged", both_names}, &twin};
  EXPECT_THAT(outcome({forged, authority}, {authority.fingerprint()}), Not(HasSubstr("status 200")));
}

TEST_F(ClientPins, DatesAndNamesAreVerifiedAllTheSame) {
  const std::vector<Fingerprint> pins{authority.fingerprint()};
  const Certificate old{{"old", both_names, -7200, -3600}, &authority};
  EXPECT_THAT(outcome({old, authority}, pins), HasSubstr("has expired"));
  const Certificate other{{"other", "DNS:other.example.org,IP:127.0.0.2"}, &authority};
  EXPECT_THAT(outcome({other, authority}, pins), HasSubstr("not for localhost"));
  EXPECT_THAT(outcome({other, authority}, pins, "127.0.0.1"), HasSubstr("not for 127.0.0.1"));
  const Certificate past{{"past authority", "", -7200, -3600, true}};
  const Certificate below{{"below", both_names}, &past};
  EXPECT_THAT(outcome({below, past}, {past.fingerprint()}), HasSubstr("has expired"));
}

TEST_F(ClientPins, ThePinsTakeThePlaceOfTheSystemsStore) {
  const auto pem = (std::filesystem::temp_directory_path() / ("mentiond-pins-" + std::to_string(getpid()))).string();
  authority.write_pem(pem);
  setenv("SSL_CERT_FILE", pem.c_str(), 1);
  EXPECT_EQ(outcome({good, authority}, {}), "status 200");
  EXPECT_THAT(outcome({good, authority}, {stranger.fingerprint()}), HasSubstr("no CA among them is pinned"));
  unsetenv("SSL_CERT_FILE");
  std::filesystem::remove(pem);
}

TEST_F(ClientPins, WhatCaFileHoldsIsTrustedBesideThePins) {
  const auto pem = (std::filesystem::temp_directory_path() / ("mentiond-ca-" + std::to_string(getpid()))).string();
  authority.write_pem(pem);
  const auto context = good.server_context();
  RawServer server{loop, always(ok), context.get()};
  Options options = pinning(server, {stranger.fingerprint()}, "localhost");
  options.trust.ca_file = pem;
  EXPECT_EQ(kind_of(get(options)), "status 200");
  std::filesystem::remove(pem);
}

TEST_F(ClientPins, NoRequestAndNoPlaintextReachesAServerThatIsRefused) {
  const auto context = good.server_context();
  std::string heard;
  RawServer server{loop, [&heard](Peer& peer) -> Task<void> { heard = co_await peer.some(); }, context.get()};
  EXPECT_EQ(kind_of(get(pinning(server, {stranger.fingerprint()}, "localhost"))), "tls");
  EXPECT_EQ(heard, "");
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(ClientPins, ALongChainIsShownInPart) {
  std::vector<Certificate> chain{good};
  for (int i = 0; i < 8; ++i) chain.push_back(stranger);
  EXPECT_THAT(outcome(chain, {authority.fingerprint()}), HasSubstr(" and more; "));
}

TEST(Fingerprint, IsReadAsToolsPrintIt) {
  const std::string plain = "00a9" + std::string(58, '0') + "fF";
  const auto read = parse_fingerprint(plain);
  ASSERT_TRUE(read);
  EXPECT_EQ(to_text(*read), "00a9" + std::string(58, '0') + "ff");
  EXPECT_FALSE(parse_fingerprint(plain + "0"));
  EXPECT_FALSE(parse_fingerprint(plain.substr(2)));
  EXPECT_FALSE(parse_fingerprint(""));
  EXPECT_FALSE(parse_fingerprint("0:" + plain.substr(1)));
}

}  // namespace
}  // namespace mentiond::http
