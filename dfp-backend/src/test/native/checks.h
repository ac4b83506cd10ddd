// What the native tests count, and the values and memory that they use.
#ifndef DFP_TEST_CHECKS_H
#define DFP_TEST_CHECKS_H

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "dfp/dfp.h"

namespace {

int passed = 0, failed = 0;

// Memory of just the size that a function asked for, so that a sanitizer sees any access beyond.
class Buffer {
 public:
  explicit Buffer(int64_t bytes) : memory_(dfp_alloc(bytes > 0 ? bytes : 64)) {
    std::memset(memory_, 0x5a, static_cast<size_t>(bytes));
  }
  ~Buffer() { dfp_free(memory_); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  void* get() const { return memory_; }

 private:
  void* memory_;
};

// The last three are constants whose bytes, or signed 8-bit parts, are as large as they get: sums
// of products of equal sign are what a bound on a chain of products is about.
enum class Data {
  kRandom,
  kGreatest,
  kSparse,
  kMantissa32767,
  kMantissa32640,
  kMantissaMinus32513
};

// Integers within +-32767, so that quantization with exponent 0 keeps them as they are.
std::vector<float> values(int64_t count, Data data, std::mt19937& random) {
  std::vector<float> x(static_cast<size_t>(count));
  for (float& v : x) {
    const auto r = random();
    switch (data) {
      case Data::kRandom:
        v = static_cast<float>(static_cast<int>(r % 65535) - 32767);
        break;
      case Data::kGreatest:
        v = (r & 64) != 0 ? 32767.0f : -32767.0f;
        break;
      case Data::kMantissa32767:
        v = 32767.0f;
        break;
      case Data::kMantissa32640:
        v = 32640.0f;
        break;
      case Data::kMantissaMinus32513:
        v = -32513.0f;
        break;
      default:
        v = r % 8 != 0 ? 0.0f : static_cast<float>(static_cast<int>(r % 65535) - 32767);
    }
  }
  return x;
}

float amax_of(const std::vector<float>& x) {
  float amax = 0;
  for (const float value : x) amax = std::max(amax, std::fabs(value));
  return amax;
}

void check(const std::string& name, const std::vector<float>& expected, const float* got) {
  for (size_t i = 0; i < expected.size(); i++) {
    if (std::memcmp(&expected[i], got + i, sizeof(float)) != 0) {
      std::printf("FAILED %s: [%zu] expected %.9g, got %.9g\n", name.c_str(), i,
                  static_cast<double>(expected[i]), static_cast<double>(got[i]));
      failed++;
      return;
    }
  }
  passed++;
}

void check_equal(const std::string& name, int64_t expected, int64_t got) {
  if (expected == got) {
    passed++;
    return;
  }
  std::printf("FAILED %s: expected %lld, got %lld\n", name.c_str(),
              static_cast<long long>(expected), static_cast<long long>(got));
  failed++;
}

void require(int code, const std::string& name) {
  if (code < 0) {
    std::printf("FAILED %s: %s\n", name.c_str(), dfp_last_error());
    failed++;
  }
}

float rounded(int64_t sum, int exponent) {
  return static_cast<float>(std::ldexp(static_cast<double>(sum), exponent));
}

}  // namespace

#endif  // DFP_TEST_CHECKS_H
