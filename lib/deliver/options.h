// What an operator may set about delivery; lib/config fills it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace mentiond::deliver {

enum class TemplateChoice : std::uint8_t { install, expect, none };

struct Options {
  std::string index = "cloud_marketplace_data_%Y%m%d";
  TemplateChoice index_template = TemplateChoice::install;
  std::size_t batch_bytes = 5'000'000;  // uncompressed
  std::size_t batch_docs = 1'000;
  std::chrono::milliseconds flush_every{2'000};
  bool gzip = false;  // resolved by lib/config: auto is on, except to loopback
  std::chrono::days retention{400};
};

}  // namespace mentiond::deliver
