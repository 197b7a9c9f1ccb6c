#include "telemetry/status_board.h"

#include <algorithm>
#include <utility>

namespace mentiond::telemetry {

namespace {

auto find_pause(std::vector<PauseStatus>& pauses, Half half, std::string_view reason, std::string_view index) {
  return std::find_if(pauses.begin(), pauses.end(), [&](const PauseStatus& pause) {
    return pause.half == half && pause.reason == reason && pause.index == index;
  });
}

}  // namespace

std::string_view to_text(Half half) {
  switch (half) {
    case Half::collect:
      return "collect";
    case Half::deliver:
      return "deliver";
  }
  return "collect";
}

void StatusBoard::pause(PauseStatus pause) {
  const auto known = find_pause(pauses, pause.half, pause.reason, pause.index);
  if (known != pauses.end()) {
    *known = std::move(pause);
  } else {
    pauses.push_back(std::move(pause));
  }
}

bool StatusBoard::resume(Half half, std::string_view reason, std::string_view index) {
  const auto known = find_pause(pauses, half, reason, index);
  if (known == pauses.end()) return false;
  pauses.erase(known);
  return true;
}

}  // namespace mentiond::telemetry
