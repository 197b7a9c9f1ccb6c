#include "telemetry/log.h"

#include <limits>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "telemetry/metrics.h"

namespace mentiond::telemetry {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

enum class Where { systemd, terminal, pipe };

// What one line looks like on stderr.
std::string line(Format format, Where where, Level level, std::string_view event,
                 std::initializer_list<Field> fields = {}) {
  testing::internal::CaptureStderr();
  Log log{{.level = Level::debug, .format = format}, where == Where::systemd, where == Where::terminal};
  log.write(level, event, fields);
  return testing::internal::GetCapturedStderr();
}

std::string logfmt(std::initializer_list<Field> fields) {
  return line(Format::logfmt, Where::systemd, Level::info, "e", fields);
}

TEST(Log, LogfmtIsEventAndFields) {
  EXPECT_EQ(logfmt({{"query", "aws"}, {"pages", 3}, {"rate", 0.5}, {"ok", true}}),
            "<6>level=info event=e query=aws pages=3 rate=0.5 ok=true\n");
}

TEST(Log, LogfmtQuotesAndEscapesWhatWouldBreakTheLine) {
  EXPECT_EQ(logfmt({{"a", "two words"}, {"b", "k=v"}, {"c", "say \"x\""}, {"d", ""}, {"e", "a\\b"}}),
            "<6>level=info event=e a=\"two words\" b=\"k=v\" c=\"say \\\"x\\\"\" d=\"\" e=\"a\\\\b\"\n");
  EXPECT_EQ(logfmt({{"a", "1\n2\r3\t4"}, {"b", "\x1b[31m"}, {"c", "\x7f"}, {"d", "\xC2\x9B"}, {"e", "ü"}}),
            "<6>level=info event=e a=\"1\\n2\\r3\\t4\" b=\"\\u001b[31m\" c=\"\\u007f\" d=\"\\u009b\" e=ü\n");
}

TEST(Log, UnderSystemdALineBearsItsPriorityAndNoTime) {
  EXPECT_EQ(line(Format::logfmt, Where::systemd, Level::debug, "e"), "<7>level=debug event=e\n");
  EXPECT_EQ(line(Format::logfmt, Where::systemd, Level::warn, "e"), "<4>level=warn event=e\n");
  EXPECT_EQ(line(Format::logfmt, Where::systemd, Level::error, "e"), "<3>level=error event=e\n");
  EXPECT_EQ(line(Format::json, Where::systemd, Level::info, "e"), "<6>{\"level\":\"info\",\"event\":\"e\"}\n");
}

TEST(Log, ElsewhereALineBearsItsTimeInUtc) {
  EXPECT_THAT(line(Format::logfmt, Where::pipe, Level::info, "e"),
              MatchesRegex("ts=[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\\.[0-9]{3}Z level=info event=e\n"));
  EXPECT_THAT(line(Format::json, Where::pipe, Level::info, "e"),
              MatchesRegex("\\{\"ts\":\"[^\"]+Z\",\"level\":\"info\",\"event\":\"e\"\\}\n"));
}

TEST(Log, AutomaticIsTextOnATerminalAndLogfmtElsewhere) {
  EXPECT_THAT(line(Format::automatic, Where::terminal, Level::warn, "e", {{"a", "b c"}}),
              MatchesRegex("[0-9T:.-]+Z warn  e a=\"b c\"\n"));
  EXPECT_THAT(line(Format::automatic, Where::pipe, Level::info, "e"), HasSubstr(" level=info event=e\n"));
}

TEST(Log, JsonKeepsNumbersAndTruthsBareAndEscapesTexts) {
  EXPECT_EQ(line(Format::json, Where::systemd, Level::info, "e", {{"a", "x\"\n"}, {"n", 3}, {"d", 0.25}, {"f", false}}),
            "<6>{\"level\":\"info\",\"event\":\"e\",\"a\":\"x\\\"\\n\",\"n\":3,\"d\":0.25,\"f\":false}\n");
}

TEST(Log, ANumberThatIsNoneStaysValidJson) {
  EXPECT_THAT(line(Format::json, Where::systemd, Level::info, "e", {{"d", std::numeric_limits<double>::quiet_NaN()}}),
              HasSubstr("\"d\":\"nan\"}"));
}

TEST(Log, LinesBelowTheLevelAreNotWritten) {
  testing::internal::CaptureStderr();
  Log log{{.level = Level::warn, .format = Format::logfmt}, true, false};
  log.write(Level::info, "quiet");
  log.write(Level::warn, "loud");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "<4>level=warn event=loud\n");
  EXPECT_FALSE(log.wants(Level::info));
  EXPECT_TRUE(log.wants(Level::error));
}

TEST(Log, WrittenLinesCount) {
  testing::internal::CaptureStderr();
  Metrics metrics;
  Log log{{.level = Level::info, .format = Format::logfmt}, true, false};
  log.count_in(metrics);
  log.write(Level::debug, "e");
  log.write(Level::warn, "e");
  log.write(Level::warn, "e");
  testing::internal::GetCapturedStderr();
  EXPECT_THAT(metrics.expose(), HasSubstr("mentiond_log_lines_total{level=\"warn\"} 2\n"));
  EXPECT_THAT(metrics.expose(), testing::Not(HasSubstr("level=\"debug\"")));
}

TEST(Log, LinesOfSeveralThreadsDoNotMix) {
  testing::internal::CaptureStderr();
  {
    Log log{{.level = Level::info, .format = Format::logfmt}, true, false};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&log] {
        for (int k = 0; k < 50; ++k) log.write(Level::info, "same", {{"a", "b"}});
      });
    }
    for (auto& thread : threads) thread.join();
  }
  std::string expected;
  for (int i = 0; i < 200; ++i) expected += "<6>level=info event=same a=b\n";
  EXPECT_EQ(testing::internal::GetCapturedStderr(), expected);
}

}  // namespace
}  // namespace mentiond::telemetry
