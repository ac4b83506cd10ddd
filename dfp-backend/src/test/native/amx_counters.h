// Counts the instructions that amx_emulator.cpp executes, and in a model of the caches the lines
// that they load. Included by that one file.
//
// The model is a core of Sapphire Rapids: a first level of 48 KB, 12 ways, and a second one of 2
// MB, 16 ways, both with the least recently used line evicted. It sees tile loads and stores only.
// Lines that vector instructions wrote, such as packed operands, are in neither level when a tile
// load reads them first; and what else these read and write evicts nothing. TILELOADDT1 does not
// bring lines to the first level.
#ifndef DFP_AMX_COUNTERS_H
#define DFP_AMX_COUNTERS_H

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include <atomic>

#include "amx_counts.h"
#include "amx_instructions.h"

namespace {

constexpr uint64_t kLineBytes = 64;

template <unsigned kSets, unsigned kWays>
class CacheLevel {
 public:
  // Whether the line is there; then it is the most recently used one.
  bool find(uint64_t line) {
    uint64_t* ways = tags_[line % kSets];
    for (unsigned i = 0; i < kWays; i++) {
      if (ways[i] == line) {
        move_to_front(ways, i, line);
        return true;
      }
    }
    return false;
  }

  void insert(uint64_t line) { move_to_front(tags_[line % kSets], kWays - 1, line); }

 private:
  static void move_to_front(uint64_t* ways, unsigned last, uint64_t line) {
    memmove(ways + 1, ways, last * sizeof *ways);
    ways[0] = line;
  }

  uint64_t tags_[kSets][kWays];  // most recently used first; 0: none
};

// The counters of a thread: in memory of their own, since a thread's stack may be small.
struct ThreadCounters {
  ThreadCounters* next;  // of all threads
  AmxCounts counts;
  CacheLevel<64, 12> l1;
  CacheLevel<2048, 16> l2;

  void load_line(uint64_t line, bool streaming) {
    counts.lines++;
    if (l1.find(line)) {
      counts.lines_in_l1++;
      return;
    }
    if (l2.find(line)) {
      counts.lines_in_l2++;
    } else {
      l2.insert(line);
    }
    if (!streaming) {
      l1.insert(line);
    }
  }

  void store_line(uint64_t line) {
    if (!l1.find(line)) {
      l1.insert(line);
    }
    if (!l2.find(line)) {
      l2.insert(line);
    }
  }
};

std::atomic<bool> counting{false};
std::atomic<ThreadCounters*> all_counters{nullptr};
thread_local __attribute__((tls_model("initial-exec"))) ThreadCounters* thread_counters;

// Null where there is no memory.
ThreadCounters* counters_of_thread() {
  if (thread_counters == nullptr) {
    void* memory = mmap(nullptr, sizeof(ThreadCounters), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
      return nullptr;
    }
    thread_counters = static_cast<ThreadCounters*>(memory);
    thread_counters->next = all_counters.load();
    while (!all_counters.compare_exchange_weak(thread_counters->next, thread_counters)) {
    }
  }
  return thread_counters;
}

void count(const Instruction& in, const TileConfig& config) {
  if (!counting.load(std::memory_order_relaxed)) {
    return;
  }
  ThreadCounters* of_thread = counters_of_thread();
  if (of_thread == nullptr) {
    return;
  }
  AmxCounts& counts = of_thread->counts;
  switch (in.op) {
    case Op::kLoadConfig:
      counts.configurations++;
      return;
    case Op::kZero:
      counts.zeros++;
      return;
    case Op::kDotSS:
    case Op::kDotSU:
    case Op::kDotUS:
    case Op::kDotUU:
      counts.products++;
      return;
    case Op::kLoad:
    case Op::kStore:
      break;
    default:
      return;
  }
  const bool store = in.op == Op::kStore;
  (store ? counts.stores : in.streaming ? counts.streamed_loads : counts.loads)++;
  for (unsigned row = 0; row < config.rows[in.dst]; row++) {
    const uint64_t first = in.address + row * in.stride, last = first + config.colsb[in.dst] - 1;
    for (uint64_t line = first / kLineBytes; line <= last / kLineBytes; line++) {
      if (store) {
        of_thread->store_line(line);
      } else {
        of_thread->load_line(line, in.streaming);
      }
    }
  }
}

// What all threads counted since the last call.
AmxCounts take_counts() {
  AmxCounts sum{};
  for (ThreadCounters* each = all_counters.load(); each != nullptr; each = each->next) {
    const AmxCounts& counts = each->counts;
    sum.products += counts.products;
    sum.loads += counts.loads;
    sum.streamed_loads += counts.streamed_loads;
    sum.stores += counts.stores;
    sum.zeros += counts.zeros;
    sum.configurations += counts.configurations;
    sum.lines += counts.lines;
    sum.lines_in_l1 += counts.lines_in_l1;
    sum.lines_in_l2 += counts.lines_in_l2;
    each->counts = AmxCounts{};
  }
  counting.store(true);
  return sum;
}

}  // namespace

#endif  // DFP_AMX_COUNTERS_H
