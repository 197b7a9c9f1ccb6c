# How every file of the project is compiled: language level, warnings, hardening, sanitizers.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
# Position independent executables; said by hand, so that libraries and programs can share precompiled headers.
add_compile_options(-fPIE)
add_link_options(-pie)

set(MENTIOND_SANITIZE "" CACHE STRING "Sanitizers for every target: address,undefined or thread")

find_program(MENTIOND_CCACHE ccache)
if(MENTIOND_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${MENTIOND_CCACHE})
endif()
find_program(MENTIOND_MOLD mold)
if(MENTIOND_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
                    -Wold-style-cast -Woverloaded-virtual -Wnull-dereference -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 sees overlaps and null dereferences in inlined std::string code that are not there (bugs 105651, 105329), and
  # takes the frames of Asio's coroutines for mismatched allocations.
  add_compile_options(-Wno-restrict -Wno-null-dereference -Wno-maybe-uninitialized -Wno-array-bounds
                      -Wno-stringop-overflow -Wno-stringop-overread -Wno-mismatched-new-delete -fpch-preprocess)
endif()

# One set of definitions for everybody, so that precompiled headers can be shared.
add_compile_definitions(BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
                        BOOST_ASIO_DISABLE_BOOST_COROUTINE)

if(MENTIOND_SANITIZE)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-Wno-tsan)  # Asio's fences: GCC warns that it does not see through them
  endif()
  add_compile_options(-fsanitize=${MENTIOND_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${MENTIOND_SANITIZE})
else()
  add_compile_definitions($<$<CONFIG:Release>:_FORTIFY_SOURCE=2> _GLIBCXX_ASSERTIONS)
  add_compile_options(-fstack-protector-strong -fstack-clash-protection)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|amd64")
    add_compile_options(-fcf-protection)
  endif()
  add_link_options(LINKER:-z,relro,-z,now LINKER:-z,noexecstack)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -DNDEBUG")
