// BatchLimits: how large the next bulk may be. Starts at what is configured, halves when the sink has trouble, doubles
// back with each bulk that gets through; a size that was refused (413) is learned, and left again only slowly. Pure;
// one thread.
#pragma once

#include <algorithm>
#include <cstddef>

namespace mentiond::elastic {

class BatchLimits {
 public:
  BatchLimits(std::size_t docs, std::size_t bytes) : most_docs_(docs), most_bytes_(bytes), docs_(docs), bytes_(bytes) {}

  [[nodiscard]] std::size_t docs() const { return docs_; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

  // The sink is overloaded, or the fault lies with one of the documents sent: half of them next time.
  void halve(std::size_t docs_sent) { docs_ = std::clamp<std::size_t>(docs_sent / 2, 1, docs_); }
  // 413. A body of these bytes was too large, so half of it is the size from now on.
  void refuse(std::size_t docs_sent, std::size_t bytes_sent) {
    bytes_ = std::clamp<std::size_t>(bytes_sent / 2, 1, bytes_);
    docs_ = std::clamp<std::size_t>(docs_sent / 2, 1, docs_);
    accepted_ = 0;
  }
  // After a pause: begin with one document.
  void restart() { docs_ = 1; }
  // A bulk got through.
  void accept() {
    docs_ = std::min(docs_ * 2, most_docs_);
    if (bytes_ == most_bytes_ || ++accepted_ % growth_every != 0) return;
    bytes_ = std::min(bytes_ + std::max<std::size_t>(bytes_ / 16, 1), most_bytes_);
  }

  // A learned size grows by a sixteenth after so many bulks: a proxy whose limit was raised is noticed within hours,
  // and one whose limit stays costs one refused bulk in a hundred.
  static constexpr std::size_t growth_every = 100;

 private:
  std::size_t most_docs_;
  std::size_t most_bytes_;
  std::size_t docs_;
  std::size_t bytes_;
  std::size_t accepted_ = 0;
};

}  // namespace mentiond::elastic
