#include "ledger/ledger_thread.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>

namespace mentiond::ledger {

namespace asio = boost::asio;

class LedgerThread::Worker {
 public:
  Worker(std::unique_ptr<Ledger> ledger, Mode mode) : ledger_(std::move(ledger)), mode_(mode) {
    if (mode_ == Mode::own_thread) thread_ = std::thread{[this] { work(); }};
  }

  ~Worker() {
    if (!thread_.joinable()) return;
    {
      const std::lock_guard hold{mutex_};
      closing_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }

  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  using Handler = asio::any_completion_handler<void()>;

  struct Job {
    std::function<void(Ledger&)> call;
    Handler resume;
    // Keeps the caller's loop running until the call is done.
    asio::executor_work_guard<asio::any_io_executor> loop;
  };

  [[nodiscard]] Mode mode() const { return mode_; }
  [[nodiscard]] Ledger& ledger() { return *ledger_; }

  void push(Job job) {
    {
      const std::lock_guard hold{mutex_};
      jobs_.push_back(std::move(job));
    }
    changed_.notify_one();
  }

 private:
  void work() {
    for (;;) {
      std::unique_lock hold{mutex_};
      changed_.wait(hold, [this] { return closing_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      Job job = std::move(jobs_.front());
      jobs_.pop_front();
      hold.unlock();
      job.call(*ledger_);
      asio::post(job.loop.get_executor(), [resume = std::move(job.resume)]() mutable { std::move(resume)(); });
    }
  }

  std::unique_ptr<Ledger> ledger_;
  Mode mode_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  bool closing_ = false;
  std::thread thread_;
};

LedgerThread::LedgerThread(std::unique_ptr<Ledger> ledger, Mode mode)
    : worker_(std::make_unique<Worker>(std::move(ledger), mode)) {}

LedgerThread::~LedgerThread() = default;

Task<void> LedgerThread::perform(std::function<void(Ledger&)> call) {
  if (worker_->mode() == Mode::inline_calls) {
    call(worker_->ledger());
    co_return;
  }
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  auto start = [this, &call, &executor](Worker::Handler resume) {
    worker_->push({std::move(call), std::move(resume), asio::make_work_guard(executor)});
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(std::move(start), asio::use_awaitable);
}

}  // namespace mentiond::ledger
