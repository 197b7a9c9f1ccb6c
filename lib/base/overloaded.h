// One function out of several, for std::visit: std::visit(Overloaded{[](const A&) {...}, [](const B&) {...}}, either).
#pragma once

namespace mentiond {

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

}  // namespace mentiond
