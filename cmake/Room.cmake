# mentiond_room(NAME [LINKS target...]): the folder lib/NAME as the static library mentiond_NAME. Every .cpp in it belongs
# to it. Links are PRIVATE: what a room uses is nobody else's business.
# ASIO: its files use coroutines, and share one precompiled Asio.
function(mentiond_room name)
  cmake_parse_arguments(arg "ASIO" "" "LINKS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  add_library(mentiond_${name} STATIC ${sources})
  target_include_directories(mentiond_${name} PUBLIC ${CMAKE_SOURCE_DIR}/lib)
  target_link_libraries(mentiond_${name} PRIVATE ${arg_LINKS})
  if(arg_ASIO)
    target_link_libraries(mentiond_${name} PRIVATE Boost::headers Threads::Threads)
    target_precompile_headers(mentiond_${name} REUSE_FROM mentiond_asio_pch)
  endif()
endfunction()

# The parts of Asio that the shells use, precompiled once.
function(mentiond_asio_pch)
  file(WRITE ${CMAKE_BINARY_DIR}/asio_pch.cpp "")
  add_library(mentiond_asio_pch STATIC ${CMAKE_BINARY_DIR}/asio_pch.cpp)
  target_link_libraries(mentiond_asio_pch PRIVATE Boost::headers Threads::Threads)
  target_precompile_headers(mentiond_asio_pch PRIVATE
    <boost/asio/awaitable.hpp> <boost/asio/co_spawn.hpp> <boost/asio/detached.hpp> <boost/asio/io_context.hpp>
    <boost/asio/ip/tcp.hpp> <boost/asio/post.hpp> <boost/asio/redirect_error.hpp> <boost/asio/steady_timer.hpp>
    <boost/asio/use_awaitable.hpp> <chrono> <functional> <optional> <string> <string_view> <variant> <vector>)
endfunction()

# mentiond_test(NAME FOLDER [LINKS target...]): every .cpp in FOLDER as one GoogleTest program and one ctest entry.
function(mentiond_test name folder)
  cmake_parse_arguments(arg "" "" "LINKS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.cpp)
  add_executable(${name} ${sources})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/lib ${CMAKE_SOURCE_DIR}/tests)
  target_link_libraries(${name} PRIVATE ${arg_LINKS} GTest::gtest GTest::gmock GTest::gtest_main)
  target_precompile_headers(${name} REUSE_FROM mentiond_test_pch)
  add_test(NAME ${name} COMMAND ${name})
endfunction()
