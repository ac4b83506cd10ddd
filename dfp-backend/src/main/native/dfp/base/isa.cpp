// Detection of the instruction sets, by CPUID, XCR0 and, for AMX, the kernel's permission.
#include "dfp/base/isa.h"

#include <cpuid.h>
#include <dlfcn.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>

namespace dfp {
namespace {

constexpr const char* kNames[kIsaCount] = {"amxint8", "avx512vnni", "avx2"};

struct Cpuid {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;

  Cpuid(unsigned leaf, unsigned subleaf) {
    if (!__get_cpuid_count(leaf, subleaf, &eax, &ebx, &ecx, &edx)) eax = ebx = ecx = edx = 0;
  }
};

constexpr bool has_bits(uint64_t value, uint64_t bits) { return (value & bits) == bits; }

// Register state that the operating system saves and restores (XCR0).
uint64_t enabled_state() {
  const Cpuid leaf1(1, 0);
  constexpr unsigned kOsXsave = 1u << 27;
  if (!has_bits(leaf1.ecx, kOsXsave)) return 0;
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (static_cast<uint64_t>(high) << 32) | low;
}

bool detect_avx2() {
  constexpr uint64_t kYmmState = 0x6;
  constexpr unsigned kAvx2 = 1u << 5, kFma = 1u << 12;
  return has_bits(enabled_state(), kYmmState) && has_bits(Cpuid(7, 0).ebx, kAvx2) &&
         has_bits(Cpuid(1, 0).ecx, kFma);
}

bool detect_avx512vnni() {
  constexpr uint64_t kZmmState = 0xe6;
  constexpr unsigned kF = 1u << 16, kDq = 1u << 17, kBw = 1u << 30, kVl = 1u << 31;
  constexpr unsigned kVnni = 1u << 11;
  const Cpuid leaf7(7, 0);
  return detect_avx2() && has_bits(enabled_state(), kZmmState) &&
         has_bits(leaf7.ebx, kF | kDq | kBw | kVl) && has_bits(leaf7.ecx, kVnni);
}

// Linux grants the 8 KB of tile registers on request only. The request fails where a thread has
// too small an alternate signal stack.
bool request_tile_permission() {
  constexpr int kArchReqXcompPerm = 0x1023, kTileData = 18;
  return syscall(SYS_arch_prctl, kArchReqXcompPerm, kTileData) == 0;
}

// A test library that executes the tile instructions in software announces itself by this function.
bool is_emulated() {
  void* symbol = dlsym(RTLD_DEFAULT, "dfp_amx_emulated");
  return symbol != nullptr && reinterpret_cast<int (*)()>(symbol)() != 0;
}

bool detect_amxint8() {
  constexpr unsigned kVbmi = 1u << 1;
  if (!detect_avx512vnni() || !has_bits(Cpuid(7, 0).ecx, kVbmi)) return false;
  constexpr uint64_t kTileState = 0x60000;
  constexpr unsigned kTile = 1u << 24, kInt8 = 1u << 25;
  const bool has_tiles =
      has_bits(enabled_state(), kTileState) && has_bits(Cpuid(7, 0).edx, kTile | kInt8);
  return has_tiles ? request_tile_permission() : is_emulated();
}

struct CpuName {
  char text[49] = "unknown";

  CpuName() {
    constexpr unsigned kFirst = 0x80000002;
    if (__get_cpuid_max(0x80000000, nullptr) < kFirst + 2) return;
    char raw[49] = {};
    for (unsigned i = 0; i < 3; i++) {
      const Cpuid leaf(kFirst + i, 0);
      const unsigned words[4] = {leaf.eax, leaf.ebx, leaf.ecx, leaf.edx};
      std::memcpy(raw + i * sizeof words, words, sizeof words);
    }
    const char* start = raw + std::strspn(raw, " ");
    std::memcpy(text, start, std::strlen(start) + 1);
  }
};

}  // namespace

const char* isa_name(int isa) { return isa >= 0 && isa < kIsaCount ? kNames[isa] : nullptr; }

bool isa_runs(int isa) {
  static const bool runs[kIsaCount] = {detect_amxint8(), detect_avx512vnni(), detect_avx2()};
  return isa >= 0 && isa < kIsaCount && runs[isa];
}

int isa_select(const char* cap) {
  int first = 0;
  if (cap != nullptr && *cap != '\0') {
    while (first < kIsaCount && std::strcmp(kNames[first], cap) != 0) first++;
    if (first == kIsaCount) return -2;
  }
  for (int isa = first; isa < kIsaCount; isa++) {
    if (isa_runs(isa)) return isa;
  }
  return -1;
}

const char* cpu_name() {
  static const CpuName name;
  return name.text;
}

}  // namespace dfp
