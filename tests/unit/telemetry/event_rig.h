// A whole telemetry whose log lines a test can read.
#pragma once

#include <string>

#include <gtest/gtest.h>

#include "telemetry/telemetry.h"

namespace mentiond::telemetry {

class EventTest : public testing::Test {
 protected:
  static constexpr Time then{std::chrono::sys_days{std::chrono::year{2026} / 1 / 31}};

  // What one event writes on stderr.
  template <class Event>
  std::string told(const Event& event) {
    testing::internal::CaptureStderr();
    telemetry.emit(event);
    return testing::internal::GetCapturedStderr();
  }
  // The value of one series, as it is exposed; empty: there is none.
  std::string metric(const std::string& series) const {
    const std::string text = '\n' + metrics.expose();
    const auto at = text.find('\n' + series + ' ');
    if (at == std::string::npos) return {};
    const auto value = at + series.size() + 2;
    return text.substr(value, text.find('\n', value) - value);
  }

  Log log{{.level = Level::info, .format = Format::logfmt}, true, false};
  Metrics metrics;
  StatusBoard board;
  Telemetry telemetry{log, metrics, board};
};

}  // namespace mentiond::telemetry
