#include "daemon/operate.h"

#include <cstdio>
#include <optional>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "admin/options.h"
#include "admin/orders.h"
#include "daemon/start.h"
#include "ledger/ledger_reader.h"

namespace mentiond {
namespace {

ExitCode tell(const admin::Answer& answer) {
  const bool done = answer.outcome == admin::Answer::Outcome::done;
  std::fprintf(done ? stdout : stderr, "%s%s", done ? "" : "mentiond: ", answer.text.c_str());
  if (done) return ExitCode::done;
  return answer.outcome == admin::Answer::Outcome::bad_data ? ExitCode::bad_data : ExitCode::ledger_io;
}

ExitCode on_the_ledger(const std::string& path, const admin::Order& order) {
  // Opening to write would make a ledger where there is none.
  if (const auto reader = ledger::LedgerReader::open(path); !reader) return report(reader.error());
  auto opened = ledger::Ledger::open(path, wall_now());
  if (!opened) return report(opened.error());
  ledger::LedgerThread thread{std::move(*opened), ledger::LedgerThread::Mode::inline_calls};
  boost::asio::io_context loop;
  const SystemClock clock{loop.get_executor()};
  std::optional<admin::Answer> answer;
  boost::asio::co_spawn(loop, admin::perform(order, thread, clock),
                        [&](const std::exception_ptr& thrown, admin::Answer given) {
                          if (thrown) std::rethrow_exception(thrown);
                          answer = std::move(given);
                        });
  loop.run();
  return tell(*answer);
}

}  // namespace

ExitCode operate(const config::Config& config, const admin::Order& order) {
  auto asked = admin::ask_daemon(admin::control_path(config.ledger.path), order);
  if (!asked) return refuse(asked.error(), ExitCode::ledger_io);
  return *asked ? tell(**asked) : on_the_ledger(config.ledger.path, order);
}

}  // namespace mentiond
