#include "daemon/reload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mentiond {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Reload, WhatOnlyARestartCanChangeIsNamed) {
  const config::Config now;
  config::Config fresh;
  EXPECT_THAT(needs_restart(now, fresh), IsEmpty());
  fresh.collect.max_pages = 3;
  fresh.log.level = telemetry::Level::debug;
  EXPECT_THAT(needs_restart(now, fresh), IsEmpty());
  fresh.ledger.path = "/elsewhere";
  fresh.admin.port = 1;
  fresh.log.format = telemetry::Format::json;
  EXPECT_THAT(needs_restart(now, fresh),
              ElementsAre(HasSubstr("ledger.path"), HasSubstr("admin.listen"), HasSubstr("log.format")));
}

TEST(Reload, ASocketIsAPlaceToListenToo) {
  const config::Config now;
  config::Config fresh;
  fresh.admin.socket = "/run/mentiond/admin.sock";
  EXPECT_THAT(needs_restart(now, fresh), ElementsAre(HasSubstr("admin.listen")));
}

}  // namespace
}  // namespace mentiond
