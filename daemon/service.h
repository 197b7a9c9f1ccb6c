// Service: every room wired together around one event loop: what `run` is. Built, run once, and left by _exit, since a
// name lookup that hangs cannot be cancelled and would keep the loop from ending.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include "admin/admin.h"
#include "admin/control.h"
#include "collect/collector.h"
#include "config/config.h"
#include "daemon/ending.h"
#include "daemon/exit_code.h"
#include "daemon/verbs.h"
#include "daemon/version.h"
#include "deliver/deliverer.h"
#include "http/client.h"
#include "ledger/ledger_thread.h"
#include "loop/clock.h"
#include "loop/random.h"
#include "telemetry/telemetry.h"

namespace mentiond {

class Service {
 public:
  // `config_option`: what --config said, to read it from there again.
  Service(config::Config config, std::string config_option, RunMode mode, std::unique_ptr<ledger::Ledger> ledger);

  // Binds the admin port and makes the clients; prints what is wrong and says how to leave, if anything is.
  std::optional<ExitCode> prepare();
  // Until SIGTERM or SIGINT; in once-mode until everything is collected and delivered. The ledger is closed after it.
  ExitCode run();

 private:
  // service.cpp
  void begin_stop(const char* why);
  void finish(ExitCode code);
  // service_parts.cpp
  // What a configuration makes anew, before anything of the old is touched.
  struct Parts {
    std::unique_ptr<http::HttpClient> x;
    bool keep_x = false;  // the old one does
    std::unique_ptr<http::HttpClient> elasticsearch;
    std::unique_ptr<deliver::Deliverer> deliverer;
  };
  // `old`: the configuration in effect, whose connections are kept where their options are the same.
  Result<Parts> make_parts(const config::Config& config, const config::Config* old);
  void install(Parts parts);
  // service_reload.cpp
  void wait_for_hangup();
  Task<void> keep_reloading();
  Task<void> reload();
  bool refuse_reload(const std::vector<std::string>& mistakes);
  // service_replace.cpp
  Task<void> take_word();
  enum class Ended : std::uint8_t { whole, cut };  // how X was left
  Task<Ended> end_halves();
  // service_orders.cpp
  void take_orders();
  Task<admin::Answer> perform(admin::Order order);
  // service_halves.cpp
  void start_collect();
  void start_deliver();
  Task<void> keep_ledger_alone();
  static void rethrow(const std::exception_ptr& thrown);
  void on_collect_end(collect::CollectEnd end);
  void on_deliver_end(deliver::DeliverEnd end);

  config::Config config_;
  std::string config_option_;
  RunMode mode_;
  Ending ending_;
  boost::asio::io_context loop_{1};
  SystemClock clock_;
  Random random_;
  telemetry::Log log_;
  telemetry::Metrics metrics_{MENTIOND_VERSION};
  telemetry::StatusBoard board_;
  telemetry::Telemetry telemetry_{log_, metrics_, board_};
  std::unique_ptr<ledger::LedgerThread> ledger_;
  std::unique_ptr<http::HttpClient> x_;
  std::unique_ptr<http::HttpClient> elasticsearch_;
  Wakeup stored_;  // collect tells deliver
  Wakeup upkeep_wakeup_;
  bool ledger_is_kept_ = false;  // by keep_ledger_alone()
  std::unique_ptr<collect::Collector> collector_;
  std::unique_ptr<deliver::Deliverer> deliverer_;
  std::unique_ptr<admin::Admin> admin_;
  std::unique_ptr<admin::ControlServer> control_;
  boost::asio::signal_set signals_;
  boost::asio::signal_set hangups_;
  Wakeup reload_wanted_;
  bool replacing_ = false;  // the halves end to be replaced, and the run goes on
  Wakeup collect_ended_;
  Wakeup deliver_ended_;
  boost::asio::steady_timer grace_;
  ExitCode code_ = ExitCode::done;
};

}  // namespace mentiond
