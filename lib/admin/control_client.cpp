#include <boost/asio/io_context.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "admin/control.h"
#include "admin/socket_place.h"

namespace mentiond::admin {

using boost::asio::local::stream_protocol;
using boost::system::error_code;

Result<std::optional<Answer>> ask_daemon(const std::string& path, const Order& order) {
  const auto place = SocketPlace::of(path);
  if (!place) return place.error();
  const std::string wire = to_wire(order);
  if (wire.size() > max_order_bytes) return fail("too much at once; do it in parts of 500,000 ids");
  boost::asio::io_context loop;
  stream_protocol::socket socket{loop};
  error_code error;
  socket.connect(place->endpoint(), error);
  if (error == boost::system::errc::no_such_file_or_directory || error == boost::system::errc::connection_refused) {
    return std::optional<Answer>{};
  }
  if (error) {
    return fail("cannot reach the daemon at ", path, ": ", error.message(), "; run this as the user mentiond runs as");
  }
  boost::asio::write(socket, boost::asio::buffer(wire), error);
  if (!error) socket.shutdown(stream_protocol::socket::shutdown_send, error);
  std::string bytes;
  if (!error) boost::asio::read(socket, boost::asio::dynamic_buffer(bytes), error);
  auto answer = answer_from_wire(bytes);
  if (!answer) return fail("the daemon went away before it answered; ask again");
  return answer;
}

}  // namespace mentiond::admin
