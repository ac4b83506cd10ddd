// Checks of what the C interface is given, and its exceptions as error codes.
#ifndef DFP_BASE_ARGUMENTS_H
#define DFP_BASE_ARGUMENTS_H

#include <algorithm>
#include <cstdint>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>

#include "dfp/base/isa.h"

namespace dfp {

// The reason why the last call of this thread failed.
const char* last_error();
void set_error(const char* text);

namespace arguments {

// Runs a function and turns its exceptions into an error code.
template <class Body>
auto guarded(const Body& body) noexcept -> decltype(body()) {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    set_error("out of memory");
  } catch (const std::exception& e) {
    set_error(e.what());
  } catch (...) {
    set_error("unknown error");
  }
  return -1;
}

[[noreturn]] inline void fail(const char* argument, const std::string& expected,
                              const std::string& got) {
  throw std::invalid_argument(std::string(argument) + ": expected " + expected + ", got " + got);
}

inline void check_range(const char* argument, int64_t value, int64_t least, int64_t greatest) {
  if (value < least || value > greatest) {
    fail(argument, std::to_string(least) + " to " + std::to_string(greatest),
         std::to_string(value));
  }
}

inline void check_pointer(const char* argument, const void* pointer) {
  if (pointer == nullptr) fail(argument, "memory", "null");
}

inline void check_buffer(const char* argument, const void* buffer) {
  check_pointer(argument, buffer);
  constexpr uintptr_t kAlignment = 64;
  const auto address = reinterpret_cast<uintptr_t>(buffer);
  if (address % kAlignment != 0) {
    fail(argument, "an address aligned to 64 bytes", "remainder " + std::to_string(address % 64));
  }
}

inline void check_isa(int isa) {
  check_range("isa", isa, 0, kIsaCount - 1);
  if (!isa_runs(isa)) fail("isa", "a row that this CPU runs", isa_name(isa));
}

constexpr int kMaxThreads = 1024;
constexpr int64_t kMaxElements = int64_t{1} << 40;

// A thread more costs some microseconds, so each should have this many elements to do.
constexpr int64_t kElementsPerThread = int64_t{1} << 15;

inline int useful_threads(int threads, int64_t work, int64_t work_per_thread) {
  check_range("threads", threads, 1, kMaxThreads);
  return static_cast<int>(std::clamp<int64_t>(work / work_per_thread, 1, threads));
}

}  // namespace arguments
}  // namespace dfp

#endif  // DFP_BASE_ARGUMENTS_H
