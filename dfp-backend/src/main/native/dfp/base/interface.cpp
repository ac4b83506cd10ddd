// The part of the C interface for errors, instruction sets and memory.
#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>

#include "dfp/base/arguments.h"
#include "dfp/base/isa.h"
#include "dfp/dfp.h"

namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;

}  // namespace

extern "C" {

const char* dfp_last_error() { return dfp::last_error(); }

int dfp_isa_count() { return dfp::kIsaCount; }

const char* dfp_isa_name(int isa) { return dfp::isa_name(isa); }

int dfp_isa_runs(int isa) { return dfp::isa_runs(isa) ? 1 : 0; }

int dfp_isa_select(const char* cap) { return dfp::isa_select(cap); }

const char* dfp_cpu_name() { return dfp::cpu_name(); }

void* dfp_alloc(int64_t bytes) {
  if (bytes <= 0) return nullptr;
  const auto size = static_cast<std::size_t>(bytes);
  const bool huge = size >= kHugePage;
  const std::size_t alignment = huge ? kHugePage : 64;
  const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
  void* memory = std::aligned_alloc(alignment, rounded);
  if (memory != nullptr && huge) madvise(memory, rounded, MADV_HUGEPAGE);
  return memory;
}

void dfp_free(void* memory) { std::free(memory); }

}  // extern "C"
