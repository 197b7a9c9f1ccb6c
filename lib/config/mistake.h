// Mistake: one thing wrong in a configuration file, with its place and its remedy. Pure value.
#pragma once

#include <compare>
#include <string>
#include <vector>

#include <boost/assert/source_location.hpp>

namespace mentiond::config {

// Lines and columns count from 1; 0 where the file as a whole is meant (it cannot be read).
struct Place {
  int line = 0;
  int column = 0;
  auto operator<=>(const Place&) const = default;
};

struct Mistake {
  std::string file;
  Place place;
  std::string message;  // what is wrong, and what was expected; never a secret's value
};
using Mistakes = std::vector<Mistake>;

// "file:line:column: message", as compilers write and editors understand.
std::string to_text(const Mistake& mistake);

// Called by result.value() on mistakes nobody looked at: throws std::logic_error.
[[noreturn]] void throw_exception_from_error(const Mistakes& mistakes, const boost::source_location& where);

}  // namespace mentiond::config
