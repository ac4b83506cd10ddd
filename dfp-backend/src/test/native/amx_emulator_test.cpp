// Tests amx_emulator: every AMX instruction and addressing form against a scalar model.
//
//   g++ -std=c++17 -O2 -mamx-tile -mamx-int8 -pthread -o test amx_*_test.cpp amx_stubs.S
//   LD_PRELOAD=$PWD/libamx_emulator.so ./test [seed]
//   LD_PRELOAD=$PWD/libamx_emulator.so ./test --time
//
// The machine code comes from the assembler (amx_stubs.S) and from the compiler's intrinsics, so
// the test holds the emulator's decoder against theirs. On a CPU with AMX, run it without the
// library: then it holds the model against the CPU.
// Exit status: 0 passed, 1 failed, 77 no AMX and no emulator.

#include <dlfcn.h>
#include <immintrin.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <thread>
#include <vector>

#include "amx_counts.h"
#include "amx_test.h"

namespace amx_test {
namespace {

// --- Tests of the instructions -------------------------------------------------------------------

void test_dot_registers(Random& random) {
  const Config c = full_config();
  load_config(c);
  for (const DotStub* s = amx_dot_stubs; s->run != nullptr; s++) {
    Tile tiles[8];
    fill(random, tiles, 8);
    load_all(c, tiles);
    s->run();
    model_dot(s->op, c, s->dst, s->src1, s->src2, tiles);
    check(equal_all(c, tiles), "product %d: tmm%d += tmm%d * tmm%d", s->op, s->dst, s->src1,
          s->src2);
  }
}

void test_dot_shapes(Random& random, int count) {
  for (int i = 0; i < count; i++) {
    const int m = 1 + static_cast<int>(random() % 16);
    const int n = 1 + static_cast<int>(random() % 16);
    const int k = 1 + static_cast<int>(random() % 16);
    test_dot_shape(random, m, n, k);
  }
}

// One value everywhere, often enough that every accumulator passes 2^31.
void test_dot_wraps() {
  for (int op = kSS; op <= kUU; op++) {
    for (int value : {0x7F, 0x80, 0xFF}) {
      const Config c = full_config();
      Tile tiles[8];
      memset(tiles, value, sizeof tiles);
      load_config(c);
      load_all(c, tiles);
      for (int repeat = 0; repeat < 40; repeat++) {
        dot_stub(op, 4, 5, 6).run();
        model_dot(op, c, 4, 5, 6, tiles);
      }
      check(equal_all(c, tiles), "product %d of bytes %d", op, value);
    }
  }
}

// Low memory, so that a 32-bit displacement alone can address it.
constexpr uint64_t kArena = 0x20000000;
constexpr uint64_t kArenaBytes = 0x60000;

uint8_t* arena() { return reinterpret_cast<uint8_t*>(kArena); }

void test_tile_memory(Random& random, const MemoryStub& s, std::vector<uint8_t>* expected) {
  Config c;
  c.rows[3] = static_cast<uint8_t>(1 + random() % 16);
  c.colsb[3] = static_cast<uint16_t>(4 * (1 + random() % 16));
  load_config(c);
  // Rows stay inside the arena: |stride| <= 8 * 500. Without base they go upwards from the
  // displacement.
  uint64_t index = random() % 1001;
  if (s.base >= 0) {
    index -= 500;
  }
  const uint64_t stride = s.index == 4 ? 0 : index * static_cast<uint64_t>(s.scale);
  const uint64_t base = s.base < 0 ? 0 : kArena + 0x30000 + random() % 4096;
  const uint64_t start = base + static_cast<uint64_t>(static_cast<int64_t>(s.displacement));
  Tile tiles[8];
  fill(random, tiles, 8);
  if (s.op == kTileStore) {
    memcpy(expected->data(), arena(), kArenaBytes);
    load_all(c, tiles);
    s.run(base, index);
    for (uint64_t r = 0; r < c.rows[3]; r++) {
      memcpy(&(*expected)[start + r * stride - kArena], tiles[3].byte[r], c.colsb[3]);
    }
    check(memcmp(arena(), expected->data(), kArenaBytes) == 0,
          "TILESTORED base %d index %d scale %d displacement %d", s.base, s.index, s.scale,
          s.displacement);
  } else {
    s.run(base, index);
    for (uint64_t r = 0; r < c.rows[3]; r++) {
      memcpy(tiles[3].byte[r], arena() + (start + r * stride - kArena), c.colsb[3]);
    }
    check(equal_all(c, tiles), "TILELOADD%s base %d index %d scale %d displacement %d",
          s.op == kTileLoadT1 ? "T1" : "", s.base, s.index, s.scale, s.displacement);
  }
}

Config random_config(Random& random) {
  Config c;
  for (int t = 0; t < 8; t++) {
    if (random() % 4 != 0) {
      c.rows[t] = static_cast<uint8_t>(1 + random() % 16);
      c.colsb[t] = static_cast<uint16_t>(1 + random() % 64);
    }
  }
  return c;
}

void test_config_memory(Random& random, const MemoryStub& s) {
  const uint64_t index = random() % 4096;
  const uint64_t base = s.base < 0 ? 0 : kArena + 0x30000 + random() % 4096;
  const uint64_t address = base + (s.index == 4 ? 0 : index * static_cast<uint64_t>(s.scale)) +
                           static_cast<uint64_t>(static_cast<int64_t>(s.displacement));
  const Config c = random_config(random);
  Config got;
  if (s.op == kLoadConfig) {
    load_config(Config());
    memcpy(reinterpret_cast<void*>(address), &c, sizeof c);
    s.run(base, index);
    _tile_storeconfig(&got);
  } else {
    load_config(c);
    s.run(base, index);
    memcpy(&got, reinterpret_cast<void*>(address), sizeof got);
  }
  check(memcmp(&got, &c, sizeof c) == 0, "%s base %d index %d scale %d displacement %d",
        s.op == kLoadConfig ? "LDTILECFG" : "STTILECFG", s.base, s.index, s.scale, s.displacement);
}

void test_memory_forms(Random& random) {
  void* at = mmap(arena(), kArenaBytes, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
  if (!check(at == arena(), "no memory at %lx", kArena)) {
    return;
  }
  for (uint64_t i = 0; i < kArenaBytes; i++) {
    arena()[i] = static_cast<uint8_t>(random());
  }
  std::vector<uint8_t> expected(kArenaBytes);
  for (const MemoryStub* s = amx_memory_stubs; s->run != nullptr; s++) {
    if (s->op == kLoadConfig || s->op == kStoreConfig) {
      test_config_memory(random, *s);
    } else {
      test_tile_memory(random, *s, &expected);
    }
  }
  // Base field 5 without displacement means "disp32, no base" for r13 as for rbp; assemblers write
  // only the latter. tileloadd (kArena + 64)(, %rdi), %tmm3 with VEX.B for r13:
  const uint8_t bytes[] = {0xC4, 0xC2, 0x7B, 0x4B, 0x1C, 0x3D, 0x40, 0x00, 0x00, 0x20, 0xC3};
  void* page =
      mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memcpy(page, bytes, sizeof bytes);
  Config c;
  c.rows[3] = 16;
  c.colsb[3] = 64;
  Tile tiles[8];
  memcpy(&tiles[3], arena() + 64, sizeof tiles[3]);
  load_config(c);
  reinterpret_cast<void (*)(uint64_t)>(page)(64);
  check(equal_all(c, tiles), "TILELOADD base field 5 with VEX.B");
  munmap(page, 4096);

  static const Config relative = product_config(11, 7, 8);
  static Config stored;
  asm volatile("ldtilecfg %0" : : "m"(relative));
  asm volatile("sttilecfg %0" : "=m"(stored));
  check(memcmp(&stored, &relative, sizeof stored) == 0, "configuration relative to RIP");
}

void test_tiles(Random& random) {
  const Config c = full_config();
  load_config(c);
  for (int t = 0; t < 8; t++) {
    Tile tiles[8];
    fill(random, tiles, 8);
    load_all(c, tiles);
    amx_tile_stubs[t].zero();
    memset(&tiles[t], 0, sizeof tiles[t]);
    check(equal_all(c, tiles), "TILEZERO tmm%d", t);
    fill(random, &tiles[t], 1);
    amx_tile_stubs[t].load_t1(&tiles[t], 64);
    check(equal_all(c, tiles), "TILELOADDT1 tmm%d", t);
  }
}

// A tile of 11 rows x 32 bytes whose last byte is the last of a mapped page.
void test_page_end(Random& random) {
  const long page = sysconf(_SC_PAGESIZE);
  auto* memory =
      static_cast<uint8_t*>(mmap(nullptr, static_cast<size_t>(2 * page), PROT_READ | PROT_WRITE,
                                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  mprotect(memory + page, static_cast<size_t>(page), PROT_NONE);
  Config c;
  c.rows[6] = 11;
  c.colsb[6] = 32;
  load_config(c);
  Tile tiles[8];
  fill(random, tiles, 8);
  uint8_t* start = memory + page - 11 * 32;
  load_all(c, tiles);
  amx_tile_stubs[6].store(start, 32);
  amx_tile_stubs[6].zero();
  amx_tile_stubs[6].load(start, 32);
  check(equal_all(c, tiles), "tile at the end of a page");
  munmap(memory, static_cast<size_t>(2 * page));
}

void test_config(Random& random) {
  Config got;
  const Config zero = [] {
    Config c;
    c.palette = 0;
    return c;
  }();
  const Config c = full_config();
  Tile tiles[8];
  fill(random, tiles, 8);
  load_config(c);
  load_all(c, tiles);
  load_config(c);
  memset(tiles, 0, sizeof tiles);
  check(equal_all(c, tiles), "LDTILECFG zeroes all tiles");
  _tile_release();
  _tile_storeconfig(&got);
  check(memcmp(&got, &zero, sizeof got) == 0, "STTILECFG after TILERELEASE");
  load_config(c);
  load_config(zero);
  _tile_storeconfig(&got);
  check(memcmp(&got, &zero, sizeof got) == 0, "STTILECFG after palette 0");
}

// The moves that the emulator executes between tile instructions.
void test_moves(Random& random) {
  load_config(full_config());
  uint64_t memory[4] = {1, 2, 0xFEDCBA9876543210, 3};
  for (const MoveStub* s = amx_move_stubs; s->run != nullptr; s++) {
    const uint64_t base = s->op == kMovLoad ? reinterpret_cast<uint64_t>(memory) : random();
    const uint64_t index = random();
    const uint64_t results[] = {base + 4 * index - 5, 2 * index + 0x12345, base, memory[2]};
    check(s->run(base, index) == results[s->op], "move %d from %d and %d to %d", s->op, s->base,
          s->index, s->to);
  }
}

// The inner loop of the kernels, software-pipelined, as the compiler schedules it.
void test_kernel(Random& random) {
  constexpr int kSteps = 9;
  std::vector<Tile> a(2 * kSteps + 2);
  std::vector<Tile> b(2 * kSteps + 2);
  fill(random, a.data(), static_cast<int>(a.size()));
  fill(random, b.data(), static_cast<int>(b.size()));
  Tile tiles[8] = {};
  const Config c = full_config();
  load_config(c);
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_loadd(4, &a[0], 64);
  _tile_loadd(5, &a[1], 64);
  _tile_loadd(6, &b[0], 64);
  _tile_loadd(7, &b[1], 64);
  for (size_t k = 1; k <= kSteps; k++) {
    _tile_dpbssd(0, 4, 6);
    _tile_dpbsud(1, 4, 7);
    _tile_loadd(4, &a[2 * k], 64);
    _tile_dpbuud(2, 5, 7);
    _tile_stream_loadd(7, &b[2 * k + 1], 64);
    _tile_dpbusd(1, 5, 6);
    _tile_stream_loadd(6, &b[2 * k], 64);
    _tile_loadd(5, &a[2 * k + 1], 64);
  }
  for (size_t k = 0; k <= kSteps; k++) {
    tiles[4] = a[2 * k];
    tiles[5] = a[2 * k + 1];
    tiles[6] = b[2 * k];
    tiles[7] = b[2 * k + 1];
    if (k < kSteps) {
      model_dot(kSS, c, 0, 4, 6, tiles);
      model_dot(kSU, c, 1, 4, 7, tiles);
      model_dot(kUU, c, 2, 5, 7, tiles);
      model_dot(kUS, c, 1, 5, 6, tiles);
    }
  }
  check(equal_all(c, tiles), "kernel");
}

// Vector registers, mask registers, flags and the red zone are those of before.
void test_registers_kept() {
  load_config(full_config());
  alignas(64) uint8_t in[64];
  alignas(64) uint8_t low[64];
  alignas(64) uint8_t high[64];
  for (int i = 0; i < 64; i++) {
    in[i] = static_cast<uint8_t>(3 * i + 1);
  }
  uint64_t mask = 0x123456789ABCDEF0;
  uint64_t red_zone = 0x0FEDCBA987654321;
  uint8_t carry = 0;
  asm volatile(
      "vmovdqa64 %[in], %%zmm5\n\t"
      "vmovdqa64 %[in], %%zmm29\n\t"
      "kmovq %[mask], %%k3\n\t"
      "movq %[red], -64(%%rsp)\n\t"
      "xorl %k[mask], %k[mask]\n\t"
      "stc\n\t"
      "tdpbssd %%tmm2, %%tmm1, %%tmm0\n\t"
      "setc %[carry]\n\t"
      "movl $0, %k[red]\n\t"
      "movq -64(%%rsp), %[red]\n\t"
      "kmovq %%k3, %[mask]\n\t"
      "vmovdqa64 %%zmm5, %[low]\n\t"
      "vmovdqa64 %%zmm29, %[high]"
      : [mask] "+&r"(mask), [red] "+&r"(red_zone), [carry] "=&r"(carry), [low] "=m"(low),
        [high] "=m"(high)
      : [in] "m"(in)
      : "xmm5", "cc", "memory");
  check(memcmp(in, low, 64) == 0 && memcmp(in, high, 64) == 0, "vector registers");
  check(mask == 0x123456789ABCDEF0 && red_zone == 0x0FEDCBA987654321 && carry == 1,
        "mask, red zone, flags");
}

// Counts of this thread's and another's instructions; the second load of the same lines finds them.
void test_counts() {
  const auto read =
      reinterpret_cast<void (*)(void*, size_t)>(dlsym(RTLD_DEFAULT, "dfp_amx_counts"));
  if (read == nullptr) {
    return;
  }
  constexpr int kRows = 16;
  alignas(64) static uint8_t memory[2 * kRows * 64];
  const auto run = [] {
    load_config(full_config());
    amx_tile_stubs[1].zero();
    amx_tile_stubs[2].load(memory, 128);
    amx_tile_stubs[2].load_t1(memory, 128);
    amx_tile_stubs[3].load_t1(memory + 64 - 4, 128);
    dot_stub(kSS, 1, 2, 3).run();
    dot_stub(kUU, 1, 2, 3).run();
    amx_tile_stubs[1].store(memory, 64);
  };
  AmxCounts counts;
  read(&counts, sizeof counts);
  run();
  std::thread(run).join();
  read(&counts, sizeof counts);
  const AmxCounts expected = {4, 2, 4, 2, 2, 2, 2 * 4 * kRows, 2 * 2 * kRows, 0};
  check(memcmp(&counts, &expected, sizeof counts) == 0, "counts");
  read(&counts, sizeof counts);
  check(counts.loads == 0 && counts.lines == 0, "counts begin anew");
}

void test_threads() {
  std::vector<std::thread> threads;
  for (uint64_t t = 0; t < 8; t++) {
    threads.emplace_back([t] {
      Random random(seed + 1 + t);
      for (int i = 0; i < 40; i++) {
        test_dot_shapes(random, 2);
        test_kernel(random);
        std::this_thread::yield();
      }
    });
  }
  Config before;
  Config after;
  load_config(product_config(3, 5, 7));
  _tile_storeconfig(&before);
  for (std::thread& t : threads) {
    t.join();
  }
  _tile_storeconfig(&after);
  check(memcmp(&before, &after, sizeof before) == 0, "configuration of the main thread");
}

// --- Cost ----------------------------------------------------------------------------------------

template <class F>
void time_of(const char* what, int instructions, F run) {
  double best = 1e9;
  for (int repeat = 0; repeat < 7; repeat++) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < 2000; i++) {
      run();
    }
    const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - start;
    best = std::min(best, spent.count() / 2000 / instructions);
  }
  printf("%-40s %7.0f ns per instruction\n", what, best);
}

void print_times() {
  Tile tile = {};
  load_config(full_config());
  time_of("TILEZERO alone", 1, amx_tile_stubs[0].zero);
  time_of("TILELOADD alone", 1, [&] { amx_tile_stubs[0].load(&tile, 64); });
  time_of("TDPBSSD alone", 1, dot_stub(kSS, 0, 1, 2).run);
  time_of("4 products and 4 loads without a gap", 8, [&] {
    const uint64_t stride = 64;
    asm volatile(
        "tdpbssd %%tmm6, %%tmm4, %%tmm0\n\t"
        "tdpbsud %%tmm7, %%tmm4, %%tmm1\n\t"
        "tileloadd (%0, %1), %%tmm4\n\t"
        "tdpbuud %%tmm7, %%tmm5, %%tmm2\n\t"
        "tileloadd (%0, %1), %%tmm7\n\t"
        "tdpbusd %%tmm6, %%tmm5, %%tmm1\n\t"
        "tileloadd (%0, %1), %%tmm6\n\t"
        "tileloadd (%0, %1), %%tmm5"
        :
        : "r"(&tile), "r"(stride)
        : "memory");
  });
}

}  // namespace
}  // namespace amx_test

int main(int count, char** arguments) {
  using namespace amx_test;
  constexpr int kRequestPermission = 0x1023;
  constexpr int kTileData = 18;
  const bool cpu = syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
  const bool emulated = dlsym(RTLD_DEFAULT, "dfp_amx_emulated") != nullptr;
  if (!cpu && !emulated) {
    printf("skipped: no AMX on this machine, and libamx_emulator.so is not preloaded\n");
    return 77;
  }
  // Some stubs use rsp as a base: a signal must find another stack.
  std::vector<uint8_t> stack(1 << 18);
  stack_t alternate = {};
  alternate.ss_sp = stack.data();
  alternate.ss_size = stack.size();
  sigaltstack(&alternate, nullptr);
  if (count > 1 && strcmp(arguments[1], "--time") == 0) {
    print_times();
    return 0;
  }
  if (count > 1) {
    seed = strtoull(arguments[1], nullptr, 10);
  }
  printf("AMX of the %s, seed %lu\n", cpu ? "CPU" : "emulator", seed);
  Random random(seed);
  test_faults(random);
  test_config(random);
  test_tiles(random);
  test_page_end(random);
  test_dot_registers(random);
  test_dot_shapes(random, 300);
  test_dot_wraps();
  test_memory_forms(random);
  test_moves(random);
  test_kernel(random);
  test_registers_kept();
  test_counts();
  test_threads();
  printf("%ld passed, %ld failed\n", passed.load(), failed.load());
  return failed == 0 ? 0 : 1;
}
