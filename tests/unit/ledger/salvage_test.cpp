// Damaged ledgers, and what is saved of them.
#include "ledger/salvage.h"

#include <fstream>
#include <iterator>
#include <map>
#include <random>

#include "ledger/ledger_reader.h"
#include "unit/ledger/fixture.h"

namespace mentiond::ledger {
namespace {

using testing::HasSubstr;

const TweetId first_id = TweetId::at(noon - std::chrono::days{2});
std::uint64_t id(std::uint64_t n) { return first_id.value() + n; }

// Posts that can be parsed, so that a text tells whose it is.
std::string post_of(std::uint64_t root, std::uint64_t version, std::size_t size = 300) {
  return R"({"id":")" + std::to_string(version) + R"(","edit_history_tweet_ids":[")" + std::to_string(root) +
         (version == root ? "" : R"(",")" + std::to_string(version)) + R"("],"text":"AWS Marketplace )" +
         std::string(size, static_cast<char>('a' + root % 26)) + R"("})";
}

// A ledger with something in every table: `rows` delivered, then twenty that wait.
class Salvage : public LedgerTest {
 protected:
  static constexpr std::uint64_t rows = 600;

  Salvage() {
    const std::vector queries{aws, gcp};
    must(ledger_->load_queries(queries));
    PageBuilder page{aws};
    for (std::uint64_t n = 1; n <= rows; ++n)
      page.post(id(n), id(n), post_of(id(n), id(n), n % 50 == 0 ? 20'000 : 300));
    page.page().users = {TweetId{77}};
    page.page().change.put = xapi::Gap{1, TweetId{id(0)}, TweetId{id(5)}, 2};
    page.page().change.cursor = TweetId{id(rows)};
    page.page().change.loss = xapi::Loss{TweetId{id(1)}, TweetId{id(2)}};
    append(page);
    append(PageBuilder{gcp}.post(id(3), id(3), post_of(id(3), id(3))).bad(std::nullopt, "{broken"));
    append(PageBuilder{aws}.post(id(4), id(1'000), post_of(id(4), id(1'000))));
    sink();
    settle_all();
    Settlement settlement;
    settlement.set_aside = {aside(row(id(5)), SetAside::State::dead), aside(row(id(6)), SetAside::State::held)};
    must(ledger_->settle(sink(), settlement));
    const std::vector forgotten{TweetId{id(7)}};
    must(ledger_->forget(forgotten, noon));
    settle_all();
    must(ledger_->redeliver(TweetId{}, TweetId{id(9)}));
    must(ledger_->remember("pause", "until tomorrow"));
    PageBuilder waiting{gcp};
    for (std::uint64_t n = 2'001; n <= 2'020; ++n) waiting.post(id(n), id(n), post_of(id(n), id(n)));
    append(waiting);
  }
  // Closed, so that everything is in one file.
  void close() { ledger_.reset(); }
  std::string bytes() {
    std::ifstream file{path_, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
  }
  void write(const std::string& content) {
    std::ofstream file{path_, std::ios::binary | std::ios::trunc};
    file.write(content.data(), static_cast<std::streamsize>(content.size()));
  }
  void fill(std::size_t from, std::size_t size, char with) {
    auto content = bytes();
    content.replace(from, size, size, with);
    write(content);
  }
  std::size_t root_page(const std::string& table) {
    return static_cast<std::size_t>(
        BackDoor{path_}.number("SELECT rootpage FROM sqlite_schema WHERE name = '" + table + "'"));
  }
  static constexpr std::size_t page_size = Connection::page_size;
  void ruin_page(std::size_t number) { fill((number - 1) * page_size, page_size, '\x5a'); }

  Salvaged salvage() {
    std::filesystem::remove(target_);
    const auto saved = must(ledger::salvage(path_, target_, noon));
    auto reader = must(LedgerReader::open(target_));
    std::string findings;
    must(reader->verify([&](const std::string& finding) { findings += finding + "\n"; }));
    // What is damaged is said to be, and the file itself is sound.
    EXPECT_EQ(std::ranges::count(findings, '\n'), saved.damaged) << findings;
    EXPECT_EQ(findings.find("structure"), std::string::npos) << findings;
    return saved;
  }
  // Every text in the new ledger is one of the old.
  void expect_texts_are_true() {
    BackDoor door{target_};
    EXPECT_EQ(door.number("SELECT count(*) FROM payload p JOIN post t ON t.revision = p.revision WHERE raw IS NOT NULL "
                          "AND instr(CAST(raw AS TEXT), '\"' || t.root_id || '\"') = 0"),
              0);
  }
  std::string target_ = folder_.path() + "/saved.db";
};

const std::vector<std::string> tables{"post",  "payload", "tag_set",     "query",  "gap",       "loss",      "unparsed",
                                      "meter", "sink",    "billed_user", "memory", "set_aside", "redeliver", "counter"};

TEST_F(Salvage, OfAWholeLedgerIsTheSameLedger) {
  const auto saved = [&] {
    close();
    return salvage();
  }();
  EXPECT_EQ(saved.rows, static_cast<std::int64_t>(rows) + 20);
  EXPECT_EQ(saved.intact, saved.rows - 1);
  EXPECT_EQ(saved.tombstones, 1);
  EXPECT_EQ(saved.damaged, 0);
  EXPECT_EQ(saved.broken_records, 0);
  EXPECT_TRUE(saved.gaps_certain);
  BackDoor door{target_};
  door.execute("ATTACH '" + path_ + "' AS old");
  for (const auto& table : tables) {
    const std::string values = table == "counter" ? " WHERE value <> 0" : "";
    EXPECT_GT(door.number("SELECT count(*) FROM old." + table), 0) << table;
    EXPECT_EQ(door.number("SELECT count(*) FROM (SELECT * FROM old." + table + values + " EXCEPT SELECT * FROM main." +
                          table + ")"),
              0)
        << table << " lost something";
    EXPECT_EQ(door.number("SELECT count(*) FROM (SELECT * FROM main." + table + values + " EXCEPT SELECT * FROM old." +
                          table + ")"),
              0)
        << table << " has something new";
  }
}

TEST_F(Salvage, FindsWhatOnlyTheWalHolds) {
  const auto copy = folder_.path() + "/killed.db";
  std::filesystem::copy_file(path_, copy);
  std::filesystem::copy_file(path_ + "-wal", copy + "-wal");
  const auto saved = must(ledger::salvage(copy, target_, noon));
  EXPECT_EQ(saved.intact, static_cast<std::int64_t>(rows) + 19);
}

TEST_F(Salvage, LosesNothingWithTheHeaderAndTheSchema) {
  close();
  ruin_page(1);
  ASSERT_FALSE(LedgerReader::open(path_));
  const auto saved = salvage();
  EXPECT_EQ(saved.intact, static_cast<std::int64_t>(rows) + 19);
  EXPECT_EQ(saved.queries, 2);
  EXPECT_FALSE(saved.gaps_certain) << "nobody can tell which page was theirs";
  EXPECT_EQ(saved.gaps, 3 - 1) << "the old one, and a new one for the query with a cursor";
  ledger_ = must(SqliteLedger::open(target_, noon + std::chrono::hours{1}));
  EXPECT_EQ(pending().size(), 20U);
  EXPECT_EQ(must(ledger_->counts(sink())).dead, 2);
}

TEST_F(Salvage, AnInnerPageCostsNothing) {
  const auto root = root_page("payload");
  close();
  ruin_page(root);
  EXPECT_EQ(salvage().intact, static_cast<std::int64_t>(rows) + 19);
}

TEST_F(Salvage, ALeafOfTextsCostsItsDeliveredTextsAndMakesDeadLettersOfTheOthers) {
  const auto newest = row(id(2'020));
  const auto page = static_cast<std::size_t>(BackDoor{path_}.number(
      "SELECT max(pageno) FROM dbstat WHERE name = 'payload' AND pagetype = 'leaf' AND path LIKE '%'"));
  close();
  ruin_page(page);
  const auto saved = salvage();
  EXPECT_GT(saved.damaged + saved.pruned, 0);
  EXPECT_EQ(saved.rows, static_cast<std::int64_t>(rows) + 20) << "every id is known";
  EXPECT_EQ(saved.intact + saved.damaged + saved.pruned + saved.tombstones, saved.rows);
  ledger_ = must(SqliteLedger::open(target_, noon + std::chrono::hours{1}));
  EXPECT_EQ(row(newest.root.value()).damaged || !row(newest.root.value()).payload.empty(), true);
  EXPECT_EQ(pending().size(), 20U) << "what waited still waits";
}

TEST_F(Salvage, TheIdTableCanBeReadOffTheTexts) {
  const auto count = BackDoor{path_}.number("SELECT count(*) FROM dbstat WHERE name = 'post' AND pagetype = 'leaf'");
  ASSERT_GT(count, 1);
  std::vector<std::size_t> pages;
  for (std::int64_t n = 0; n < count; ++n) {
    pages.push_back(static_cast<std::size_t>(
        BackDoor{path_}.number("SELECT pageno FROM dbstat WHERE name = 'post' AND pagetype = 'leaf' ORDER BY pageno "
                               "LIMIT 1 OFFSET " +
                               std::to_string(n))));
  }
  close();
  for (const auto page : pages) ruin_page(page);
  const auto saved = salvage();
  EXPECT_EQ(saved.rows, static_cast<std::int64_t>(rows) + 20);
  EXPECT_EQ(saved.tombstones, 1) << "what was forgotten stays forgotten";
  EXPECT_GT(saved.untagged, 0);
  expect_texts_are_true();
  ledger_ = must(SqliteLedger::open(target_, noon + std::chrono::hours{1}));
  EXPECT_EQ(row(id(4)).tweet_id, TweetId{id(1'000)});
  append(PageBuilder{aws}.post(id(7), id(7), post_of(id(7), id(7))));
  EXPECT_EQ(row(id(7)).state, RowState::tombstone);
}

TEST_F(Salvage, AFlippedByteInATextCostsThatTextAlone) {
  close();
  auto content = bytes();
  const auto at = content.find(post_of(id(2'010), id(2'010)).substr(0, 60));
  ASSERT_NE(at, std::string::npos);
  content[at + 100] = '!';
  write(content);
  const auto saved = salvage();
  EXPECT_EQ(saved.damaged, 1);
  EXPECT_EQ(saved.intact, static_cast<std::int64_t>(rows) + 18);
}

TEST_F(Salvage, ADamagedRevisionTakesNoTextFromTheTweetThatBearsItNorLosesItsOwn) {
  close();
  const auto revision = [](std::uint64_t n) {
    return "(SELECT revision FROM post WHERE root_id = " + std::to_string(id(n)) + ")";
  };
  const auto bears = [&](std::uint64_t n, std::uint64_t other) {
    return "UPDATE post SET revision = " + revision(other) + " WHERE root_id = " + std::to_string(id(n)) + ";";
  };
  BackDoor{path_}.execute(bears(10, 11) + bears(21, 20) + bears(7, 30) + bears(2'001, 2'002) +
                          "DELETE FROM payload WHERE root_id = " + std::to_string(id(40)) +
                          "; UPDATE post SET state = 2 WHERE root_id = " + std::to_string(id(40)) + ";" +
                          bears(40, 41));
  const auto saved = salvage();
  EXPECT_EQ(saved.intact, static_cast<std::int64_t>(rows) + 18) << "all but the forgotten one and the pruned one";
  EXPECT_EQ(saved.damaged, 0);
  EXPECT_EQ(saved.tombstones, 1);
  expect_texts_are_true();
}

TEST_F(Salvage, ADamagedIdIsMendedByTheText) {
  close();
  const auto was = std::to_string(id(2'010));
  BackDoor{path_}.execute("UPDATE post SET root_id = root_id + 1048576 WHERE root_id = " + was);
  const auto saved = salvage();
  EXPECT_EQ(saved.rows, static_cast<std::int64_t>(rows) + 20) << "none is invented";
  EXPECT_EQ(saved.intact, static_cast<std::int64_t>(rows) + 19);
  EXPECT_EQ(saved.untagged, 0) << "the row kept its tags";
}

// As a number stands before its record in a table. https://www.sqlite.org/fileformat2.html#b_tree_pages
std::string varint(std::uint64_t value) {
  std::string bytes(1, static_cast<char>(value & 0x7fU));
  for (value >>= 7U; value > 0; value >>= 7U) bytes.insert(0, 1, static_cast<char>((value & 0x7fU) | 0x80U));
  return bytes;
}

TEST_F(Salvage, ATextUnderTheRevisionOfAnotherCostsNeither) {
  const std::uint64_t revision = row(id(2'004)).revision;
  ASSERT_EQ(row(id(2'005)).revision, revision + 1);
  close();
  for (const bool up : {true, false}) {
    auto content = bytes();
    const auto at = content.find(varint(revision + (up ? 0 : 1)));
    ASSERT_NE(at, std::string::npos);
    const auto now = varint(revision + (up ? 1 : 0));
    const auto whole = content;
    write(content.replace(at, now.size(), now));
    const auto saved = salvage();
    EXPECT_EQ(saved.intact, static_cast<std::int64_t>(rows) + 19) << up;
    EXPECT_EQ(saved.damaged, 0);
    expect_texts_are_true();
    write(whole);
  }
}

TEST_F(Salvage, WhatIsForgottenStaysSoWhicheverOfItsNumbersIsDamaged) {
  close();
  const auto whole = bytes();
  const auto where = " WHERE root_id = " + std::to_string(id(7));
  for (const std::string change : {"post SET root_id = root_id + 1048576", "post SET state = 0", "post SET state = 2",
                                   "post SET tweet_id = tweet_id + 1", "post SET revision = revision + 5000",
                                   "payload SET root_id = root_id + 1048576", "payload SET crc = crc + 1"}) {
    SCOPED_TRACE(change);
    write(whole);
    BackDoor{path_}.execute("UPDATE " + change + where);
    const auto saved = salvage();
    EXPECT_EQ(saved.tombstones, 1);
    EXPECT_EQ(saved.rows, static_cast<std::int64_t>(rows) + 20);
    EXPECT_EQ(BackDoor{target_}.text("SELECT state FROM post" + where), "1");
  }
}

TEST_F(Salvage, ATextOutweighsADamagedState) {
  close();
  BackDoor{path_}.execute("UPDATE post SET state = 1 WHERE root_id = " + std::to_string(id(2'004)));
  const auto saved = salvage();
  EXPECT_EQ(saved.tombstones, 1);
  EXPECT_EQ(saved.intact, static_cast<std::int64_t>(rows) + 19);
}

TEST_F(Salvage, APrunedRowKeepsItsNameWhateverItsRevisionIs) {
  close();
  const auto pruned = std::to_string(id(40));
  BackDoor{path_}.execute(
      "DELETE FROM payload WHERE root_id = " + pruned +
      "; UPDATE post SET state = 2, revision = (SELECT revision FROM post WHERE root_id = " + std::to_string(id(41)) +
      ") WHERE root_id = " + pruned + "; DELETE FROM post WHERE root_id = " + std::to_string(id(41)));
  const auto saved = salvage();
  EXPECT_EQ(saved.pruned, 1);
  EXPECT_EQ(saved.rows, static_cast<std::int64_t>(rows) + 20);
  EXPECT_EQ(BackDoor{target_}.number("SELECT count(*) FROM post WHERE root_id = " + pruned), 1);
}

TEST_F(Salvage, TagsThatCannotBeReadAreNone) {
  close();
  BackDoor{path_}.execute("UPDATE tag_set SET clouds = substr(clouds, 2) WHERE id = 1");
  const auto saved = salvage();
  EXPECT_EQ(saved.intact, static_cast<std::int64_t>(rows) + 19);
  EXPECT_GT(saved.untagged, 500);
}

TEST_F(Salvage, AFileCutInTwoGivesItsFirstHalf) {
  close();
  auto content = bytes();
  content.resize(content.size() / 2 + 1'234);
  write(content);
  const auto saved = salvage();
  EXPECT_GT(saved.intact, 100);
  expect_texts_are_true();
}

TEST_F(Salvage, LostGapsBecomeSevenDaysToReadAnew) {
  const auto page = root_page("gap");
  close();
  ruin_page(page);
  const auto saved = salvage();
  EXPECT_FALSE(saved.gaps_certain);
  ledger_ = must(SqliteLedger::open(target_, noon));
  const std::vector queries{aws};
  const auto loaded = must(ledger_->load_queries(queries));
  ASSERT_EQ(loaded.states[0].gaps.size(), 1U);
  EXPECT_EQ(loaded.states[0].gaps[0].low, TweetId::at(noon - std::chrono::days{7}));
  EXPECT_EQ(loaded.states[0].gaps[0].high, *loaded.states[0].cursor);
}

TEST_F(Salvage, WhateverIsFlippedItEndsWellAndInventsNothing) {
  close();
  const auto whole = bytes();
  std::random_device fresh;
  for (unsigned played = 1; played <= 80; ++played) {
    const unsigned seed = played <= 40 ? played : fresh();
    SCOPED_TRACE(seed);
    std::mt19937 random{seed};
    auto content = whole;
    const std::size_t flips = std::size_t{1} << seed % 9;
    for (std::size_t i = 0; i < flips; ++i) {
      content[random() % content.size()] ^= static_cast<char>(1U << random() % 8);
    }
    if (seed % 5 == 0) content.resize(random() % content.size());
    write(content);
    const auto saved = salvage();
    expect_texts_are_true();
    if (seed % 5 != 0) {
      EXPECT_GE(saved.intact, static_cast<std::int64_t>(rows) - 40 * static_cast<std::int64_t>(flips));
      if (flips == 1) {
        EXPECT_EQ(saved.tombstones, 1);
      }
    }
    ledger_ = must(SqliteLedger::open(target_, noon + std::chrono::hours{1}));
    append(PageBuilder{aws}.post(id(9'999), id(9'999), post_of(id(9'999), id(9'999))));
    close();
  }
}

TEST_F(Salvage, IsRefusedWhileADaemonHoldsTheLedger) {
  const auto refused = ledger::salvage(path_, target_, noon);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Failure::Kind::locked);
  EXPECT_THAT(refused.error().message, HasSubstr(std::to_string(::getpid())));
  EXPECT_FALSE(std::filesystem::exists(target_));
}

TEST_F(Salvage, NeverOverwritesAnythingAndNeverTouchesTheOld) {
  close();
  const auto before = bytes();
  EXPECT_FALSE(ledger::salvage(path_, path_, noon));
  EXPECT_EQ(bytes(), before);
  salvage();
  EXPECT_EQ(bytes(), before);
  EXPECT_FALSE(ledger::salvage(path_, target_, noon));
  EXPECT_FALSE(ledger::salvage(folder_.path() + "/none.db", target_ + "2", noon));
}

}  // namespace
}  // namespace mentiond::ledger
