#include "elastic/verdict.h"

#include <gtest/gtest.h>

namespace mentiond::elastic {
namespace {

TEST(Verdict, PauseReasonsBearTheirMetricNames) {
  EXPECT_EQ(to_text(PauseReason::auth), "auth");
  EXPECT_EQ(to_text(PauseReason::template_), "template");
  EXPECT_EQ(to_text(PauseReason::flood_stage), "flood_stage");
  EXPECT_EQ(to_text(PauseReason::refused), "refused");
  EXPECT_EQ(to_text(PauseReason::other_writer), "other_writer");
  EXPECT_EQ(to_text(PauseReason::unreachable), "unreachable");
}

TEST(Verdict, HoldReasonsSurviveTheLedger) {
  for (const auto& [reason, name] :
       std::vector<std::pair<HoldReason, std::string_view>>{{HoldReason::shard_limit, "shard_limit"},
                                                            {HoldReason::read_only, "read_only"},
                                                            {HoldReason::closed, "closed"},
                                                            {HoldReason::not_found, "not_found"},
                                                            {HoldReason::overloaded, "overloaded"},
                                                            {HoldReason::drift, "drift"}}) {
    EXPECT_EQ(to_text(reason), name);
    EXPECT_EQ(parse_hold_reason(name), reason);
  }
  EXPECT_EQ(parse_hold_reason("Drift"), std::nullopt);
  EXPECT_EQ(parse_hold_reason(""), std::nullopt);
}

TEST(Verdict, EveryItemOutcomeHasAStableName) {
  using How = Delivered::How;
  EXPECT_EQ(outcome_name(ItemVerdict{Delivered{How::created, {}}}), "created");
  EXPECT_EQ(outcome_name(ItemVerdict{Delivered{How::updated, {}}}), "updated");
  EXPECT_EQ(outcome_name(ItemVerdict{Delivered{How::conflict, 7}}), "conflict");
  EXPECT_EQ(outcome_name(ItemVerdict{Delivered{How::deleted, {}}}), "deleted");
  EXPECT_EQ(outcome_name(ItemVerdict{RetryItem{}}), "retry");
  EXPECT_EQ(outcome_name(ItemVerdict{HoldIndex{}}), "held");
  EXPECT_EQ(outcome_name(ItemVerdict{PauseSink{}}), "paused");
  EXPECT_EQ(outcome_name(ItemVerdict{CannotIndex{}}), "dead");
}

TEST(Verdict, EveryRequestOutcomeHasAStableName) {
  EXPECT_EQ(outcome_name(BulkVerdict{Items{}}), "ok");
  EXPECT_EQ(outcome_name(BulkVerdict{Unknown{}}), "unknown");
  EXPECT_EQ(outcome_name(BulkVerdict{Unreachable{}}), "unreachable");
  EXPECT_EQ(outcome_name(BulkVerdict{Throttled{}}), "throttled");
  EXPECT_EQ(outcome_name(BulkVerdict{TooLarge{}}), "too_large");
  EXPECT_EQ(outcome_name(BulkVerdict{Malformed{}}), "malformed");
  EXPECT_EQ(outcome_name(BulkVerdict{Denied{}}), "denied");
  EXPECT_EQ(outcome_name(BulkVerdict{WrongEndpoint{}}), "wrong_endpoint");
}

}  // namespace
}  // namespace mentiond::elastic
