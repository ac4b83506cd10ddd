// Tests amx_emulator: every AMX instruction and addressing form against the scalar model below.
//
//   g++ -std=c++17 -O2 -mamx-tile -mamx-int8 -pthread amx_emulator_test.cpp amx_stubs.S -o amx_emulator_test
//   LD_PRELOAD=$PWD/libamx_emulator.so ./amx_emulator_test [seed]
//   LD_PRELOAD=$PWD/libamx_emulator.so ./amx_emulator_test --time
//
// The machine code comes from the assembler (amx_stubs.S) and from the compiler's intrinsics, so the
// test holds the emulator's decoder against theirs. On a CPU with AMX, run it without the library: then
// it holds the model against the CPU. Exit status: 0 passed, 1 failed, 77 no AMX and no emulator.

#include <dlfcn.h>
#include <immintrin.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <random>
#include <thread>
#include <vector>

// --- What amx_stubs.S provides --------------------------------------------------------------------

enum MemoryOp { kTileLoad, kTileLoadT1, kTileStore, kLoadConfig, kStoreConfig };
enum DotOp { kSS, kSU, kUS, kUU };

struct MemoryStub {
  void (*run)(uint64_t base, uint64_t index);
  int32_t op, base, index, scale, displacement, padding;
};

struct DotStub {
  void (*run)();
  int32_t op, dst, src1, src2;
};

struct TileStubs {
  void (*zero)();
  void (*load)(const void* memory, uint64_t stride);
  void (*load_t1)(const void* memory, uint64_t stride);
  void (*store)(void* memory, uint64_t stride);
};

extern "C" const MemoryStub amx_memory_stubs[];
extern "C" const DotStub amx_dot_stubs[];
extern "C" const TileStubs amx_tile_stubs[8];

namespace {

// --- Checks ---------------------------------------------------------------------------------------

uint64_t seed = 20180430;
std::atomic<long> passed{0};
std::atomic<long> failed{0};

__attribute__((format(printf, 2, 3))) bool check(bool ok, const char* what, ...) {
  if (ok) {
    passed++;
  } else if (failed++ < 20) {
    va_list arguments;
    va_start(arguments, what);
    printf("FAILED (seed %lu): ", seed);
    vprintf(what, arguments);
    printf("\n");
    va_end(arguments);
  }
  return ok;
}

// --- The model ------------------------------------------------------------------------------------

struct Config {
  uint8_t palette = 1;
  uint8_t start_row = 0;
  uint8_t reserved_2[14] = {};
  uint16_t colsb[8] = {};
  uint8_t reserved_32[16] = {};
  uint8_t rows[8] = {};
  uint8_t reserved_56[8] = {};
};
static_assert(sizeof(Config) == 64, "the operand of LDTILECFG");

// _tile_loadconfig of gcc 12 tells the compiler of 8 bytes only, and the rest may never be stored.
void load_config(const Config& c) { asm volatile("ldtilecfg %0" : : "m"(c)); }

struct Tile {
  uint8_t byte[16][64];
};

Config full_config() {
  Config c;
  for (int t = 0; t < 8; t++) {
    c.rows[t] = 16;
    c.colsb[t] = 64;
  }
  return c;
}

int extended(uint8_t byte, bool is_signed) { return is_signed ? static_cast<int8_t>(byte) : byte; }

// The definition, one product at a time, wrapping modulo 2^32.
void model_dot(int op, const Config& c, int d, int a, int b, Tile* tiles) {
  const bool signed_a = op == kSS || op == kSU;
  const bool signed_b = op == kSS || op == kUS;
  for (int m = 0; m < c.rows[d]; m++) {
    for (int n = 0; n < c.colsb[d] / 4; n++) {
      uint32_t sum;
      memcpy(&sum, &tiles[d].byte[m][4 * n], 4);
      for (int k = 0; k < c.colsb[a] / 4; k++) {
        for (int i = 0; i < 4; i++) {
          const int x = extended(tiles[a].byte[m][4 * k + i], signed_a);
          const int y = extended(tiles[b].byte[k][4 * n + i], signed_b);
          sum += static_cast<uint32_t>(x * y);
        }
      }
      memcpy(&tiles[d].byte[m][4 * n], &sum, 4);
    }
  }
}

// --- Tiles in and out -----------------------------------------------------------------------------

using Random = std::mt19937_64;

// Random bytes; every fourth tile has only extremes, which make sums and accumulators wrap.
void fill(Random& random, Tile* tiles, int count) {
  static const uint8_t kExtremes[] = {0x00, 0x7F, 0x80, 0xFF};
  for (int t = 0; t < count; t++) {
    const bool extremes = random() % 4 == 0;
    for (auto& row : tiles[t].byte) {
      for (uint8_t& byte : row) {
        const uint64_t r = random();
        byte = extremes ? kExtremes[r % 4] : static_cast<uint8_t>(r);
      }
    }
  }
}

void load_all(const Config& c, const Tile* tiles) {
  for (int t = 0; t < 8; t++) {
    if (c.rows[t] != 0) {
      amx_tile_stubs[t].load(&tiles[t], 64);
    }
  }
}

// Compares the configured part of all tiles with the model, and that no other byte is written.
bool equal_all(const Config& c, const Tile* expected) {
  bool same = true;
  for (int t = 0; t < 8; t++) {
    if (c.rows[t] == 0) {
      continue;
    }
    Tile got;
    memset(&got, 0xA5, sizeof got);
    amx_tile_stubs[t].store(&got, 64);
    for (int r = 0; r < 16; r++) {
      for (int i = 0; i < 64; i++) {
        const bool inside = r < c.rows[t] && i < c.colsb[t];
        same &= got.byte[r][i] == (inside ? expected[t].byte[r][i] : 0xA5);
      }
    }
  }
  return same;
}

// --- Tests of the instructions --------------------------------------------------------------------

void test_dot_registers(Random& random) {
  const Config c = full_config();
  load_config(c);
  for (const DotStub* s = amx_dot_stubs; s->run != nullptr; s++) {
    Tile tiles[8];
    fill(random, tiles, 8);
    load_all(c, tiles);
    s->run();
    model_dot(s->op, c, s->dst, s->src1, s->src2, tiles);
    check(equal_all(c, tiles), "product %d: tmm%d += tmm%d * tmm%d", s->op, s->dst, s->src1, s->src2);
  }
}

// m x n += m x k * k x n in tiles 0, 1 and 2.
Config product_config(int m, int n, int k) {
  Config c;
  c.rows[0] = c.rows[1] = static_cast<uint8_t>(m);
  c.rows[2] = static_cast<uint8_t>(k);
  c.colsb[0] = c.colsb[2] = static_cast<uint16_t>(4 * n);
  c.colsb[1] = static_cast<uint16_t>(4 * k);
  return c;
}

const DotStub& dot_stub(int op, int dst, int src1, int src2) {
  const DotStub* s = amx_dot_stubs;
  while (s->op != op || s->dst != dst || s->src1 != src1 || s->src2 != src2) {
    s++;
  }
  return *s;
}

void test_dot_shape(Random& random, int m, int n, int k) {
  for (int op = kSS; op <= kUU; op++) {
    const DotStub& s = dot_stub(op, 0, 1, 2);
    const Config c = product_config(m, n, k);
    Tile tiles[8];
    fill(random, tiles, 3);
    load_config(c);
    load_all(c, tiles);
    for (int repeat = 0; repeat < 3; repeat++) {
      s.run();
      model_dot(op, c, 0, 1, 2, tiles);
    }
    check(equal_all(c, tiles), "product %d of shape %d x %d x %d", op, m, n, k);
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
  // Rows stay inside the arena: |stride| <= 8 * 500. Without base they go upwards from the displacement.
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
    check(memcmp(arena(), expected->data(), kArenaBytes) == 0, "TILESTORED base %d index %d scale %d displacement %d",
          s.base, s.index, s.scale, s.displacement);
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
  auto* memory = static_cast<uint8_t*>(
      mmap(nullptr, static_cast<size_t>(2 * page), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
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
      : [mask] "+&r"(mask), [red] "+&r"(red_zone), [carry] "=&r"(carry), [low] "=m"(low), [high] "=m"(high)
      : [in] "m"(in)
      : "xmm5", "cc", "memory");
  check(memcmp(in, low, 64) == 0 && memcmp(in, high, 64) == 0, "vector registers");
  check(mask == 0x123456789ABCDEF0 && red_zone == 0x0FEDCBA987654321 && carry == 1, "mask, red zone, flags");
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

// --- Tests of what must fail ----------------------------------------------------------------------

sigjmp_buf escape;
volatile uint64_t fault_rip;

void on_fault(int number, siginfo_t*, void* context) {
  fault_rip = static_cast<uint64_t>(static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_RIP]);
  siglongjmp(escape, number);
}

// The signal that `run` raises, or 0.
template <class F>
int signal_of(F run) {
  struct sigaction action = {};
  struct sigaction old[2];
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigaction(SIGILL, &action, &old[0]);
  sigaction(SIGSEGV, &action, &old[1]);
  const int number = sigsetjmp(escape, 1);
  if (number == 0) {
    run();
  }
  sigaction(SIGILL, &old[0], nullptr);
  sigaction(SIGSEGV, &old[1], nullptr);
  return number;
}

template <class F>
void expect_invalid_config(const char* what, F change) {
  const Config good = product_config(11, 8, 16);
  Config bad = good;
  Config got;
  load_config(good);
  change(&bad);
  // #GP: SIGSEGV of the CPU, SIGILL of the emulator.
  const int number = signal_of([&] { load_config(bad); });
  check(number == SIGILL || number == SIGSEGV, "LDTILECFG with %s: signal %d", what, number);
  _tile_storeconfig(&got);
  check(memcmp(&good, &got, sizeof got) == 0, "configuration after LDTILECFG with %s", what);
}

void test_invalid_configs() {
  expect_invalid_config("palette 2", [](Config* c) { c->palette = 2; });
  expect_invalid_config("17 rows", [](Config* c) { c->rows[5] = 17, c->colsb[5] = 4; });
  expect_invalid_config("65 bytes a row", [](Config* c) { c->rows[5] = 1, c->colsb[5] = 65; });
  expect_invalid_config("rows only", [](Config* c) { c->rows[7] = 1; });
  expect_invalid_config("colsb only", [](Config* c) { c->colsb[7] = 4; });
  expect_invalid_config("reserved byte 2", [](Config* c) { c->reserved_2[0] = 1; });
  expect_invalid_config("reserved byte 47", [](Config* c) { c->reserved_32[15] = 1; });
  expect_invalid_config("reserved byte 63", [](Config* c) { c->reserved_56[7] = 1; });
}

void expect_undefined(const char* what, void (*run)()) {
  const int number = signal_of(run);
  check(number == SIGILL && fault_rip == reinterpret_cast<uint64_t>(run), "%s: signal %d", what, number);
}

// Executes the bytes of an instruction that the assembler refuses; rdi is a valid address.
void expect_undefined(const char* what, const std::vector<uint8_t>& bytes, void* page) {
  memcpy(page, bytes.data(), bytes.size());
  const auto run = reinterpret_cast<void (*)(void*)>(page);
  Tile tile;
  const int number = signal_of([&] { run(&tile); });
  check(number == SIGILL && fault_rip == reinterpret_cast<uint64_t>(page), "%s: signal %d", what, number);
}

void test_undefined() {
  Tile tile = {};
  _tile_release();
  expect_undefined("product without configuration", dot_stub(kSS, 0, 1, 2).run);
  expect_undefined("TILEZERO without configuration", amx_tile_stubs[1].zero);
  check(signal_of([&] { amx_tile_stubs[1].load(&tile, 64); }) == SIGILL, "load without configuration");
  check(signal_of([&] { amx_tile_stubs[1].store(&tile, 64); }) == SIGILL, "store without configuration");

  load_config(product_config(11, 8, 16));
  expect_undefined("TILEZERO of an unused tile", amx_tile_stubs[3].zero);
  expect_undefined("product with an unused tile", dot_stub(kUU, 0, 1, 3).run);
  expect_undefined("product of other shapes", dot_stub(kSU, 1, 0, 2).run);
  Config odd = product_config(11, 8, 16);
  odd.colsb[1] = 63;
  load_config(odd);
  expect_undefined("product with colsb 63", dot_stub(kSS, 0, 1, 2).run);
  check(signal_of([&] { amx_tile_stubs[1].load(&tile, 64); }) == SIGILL, "load with colsb 63");
  Config late = product_config(11, 8, 16);
  late.start_row = 11;
  load_config(late);
  check(signal_of([&] { amx_tile_stubs[0].load(&tile, 64); }) == SIGILL, "load with start_row = rows");

  load_config(full_config());
  void* page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  expect_undefined("TDPBSSD tmm0, tmm1, tmm1", {0xC4, 0xE2, 0x73, 0x5E, 0xC1, 0xC3}, page);
  expect_undefined("TDPBSSD with W = 1", {0xC4, 0xE2, 0xEB, 0x5E, 0xC1, 0xC3}, page);
  expect_undefined("TDPBSSD with L = 1", {0xC4, 0xE2, 0x6F, 0x5E, 0xC1, 0xC3}, page);
  expect_undefined("TDPBSSD into tmm8", {0xC4, 0x62, 0x6B, 0x5E, 0xC1, 0xC3}, page);
  expect_undefined("TDPBSSD from tmm9", {0xC4, 0xC2, 0x6B, 0x5E, 0xC1, 0xC3}, page);
  expect_undefined("TDPBSSD from tmm10", {0xC4, 0xE2, 0x2B, 0x5E, 0xC1, 0xC3}, page);
  expect_undefined("TILELOADD without SIB", {0xC4, 0xE2, 0x7B, 0x4B, 0x07, 0xC3}, page);
  expect_undefined("TILELOADD with vvvv", {0xC4, 0xE2, 0x73, 0x4B, 0x04, 0x27, 0xC3}, page);
  expect_undefined("LDTILECFG with reg = 1", {0xC4, 0xE2, 0x78, 0x49, 0x0F, 0xC3}, page);
  munmap(page, 4096);
}

// --- Tests of the program's own SIGILL ------------------------------------------------------------

struct Seen {
  int calls, number, code;
  bool address_is_rip, sigill_blocked, sigusr1_blocked, on_alternate_stack;
} seen;

void on_ud2(int number, siginfo_t* info, void* context) {
  greg_t* registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  sigset_t mask;
  stack_t stack;
  sigprocmask(SIG_SETMASK, nullptr, &mask);
  sigaltstack(nullptr, &stack);
  seen = {seen.calls + 1,
          number,
          info->si_code,
          info->si_addr == reinterpret_cast<void*>(registers[REG_RIP]),
          sigismember(&mask, SIGILL) == 1,
          sigismember(&mask, SIGUSR1) == 1,
          (stack.ss_flags & SS_ONSTACK) != 0};
  if (info->si_code > 0) {
    registers[REG_RIP] += 2;  // behind ud2
  }
}

void on_plain(int number) {
  seen.calls++;
  seen.number = number;
  siglongjmp(escape, number);
}

void on_sent(int number) {
  seen.calls++;
  seen.number = number;
}

int exit_signal_of(void (*run)()) {
  const pid_t child = fork();
  if (child == 0) {
    run();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

void test_chaining(Random& random) {
  struct sigaction action = {};
  struct sigaction old;
  sigaction(SIGILL, nullptr, &old);
  check(old.sa_handler == SIG_DFL, "SIGILL: default at first");

  action.sa_sigaction = on_ud2;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigaddset(&action.sa_mask, SIGUSR1);
  sigaction(SIGILL, &action, nullptr);
  test_dot_shape(random, 5, 6, 7);
  asm volatile("ud2");
  check(seen.calls == 1 && seen.number == SIGILL && seen.code > 0 && seen.address_is_rip, "ud2: SA_SIGINFO");
  check(seen.sigill_blocked && seen.sigusr1_blocked && seen.on_alternate_stack, "ud2: mask and stack");
  sigset_t mask;
  sigprocmask(SIG_SETMASK, nullptr, &mask);
  check(sigismember(&mask, SIGILL) == 0 && sigismember(&mask, SIGUSR1) == 0, "ud2: mask afterwards");
  raise(SIGILL);
  check(seen.calls == 2 && seen.code <= 0, "raise: SA_SIGINFO");

  action.sa_flags |= SA_NODEFER;
  sigaction(SIGILL, &action, &old);
  check(old.sa_sigaction == on_ud2 && (old.sa_flags & SA_NODEFER) == 0, "sigaction: the program's own");
  asm volatile("ud2");
  check(seen.calls == 3 && !seen.sigill_blocked, "ud2: SA_NODEFER");

  action = {};
  action.sa_handler = on_plain;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGILL, &action, nullptr);
  if (sigsetjmp(escape, 1) == 0) {
    asm volatile("ud2");
  }
  sigaction(SIGILL, nullptr, &old);
  check(seen.calls == 4 && old.sa_handler == SIG_DFL, "ud2: SA_RESETHAND");

  check(signal(SIGILL, on_sent) == SIG_DFL && signal(SIGILL, on_sent) == on_sent, "signal: returns the last");
  raise(SIGILL);
  check(seen.calls == 5, "raise: signal()");
  test_dot_shape(random, 16, 16, 16);
  signal(SIGILL, SIG_IGN);
  raise(SIGILL);
  check(seen.calls == 5, "raise: SIG_IGN");
  check(exit_signal_of([] { asm volatile("ud2"); }) == SIGILL, "ud2: SIG_IGN kills");
  signal(SIGILL, SIG_DFL);
  check(exit_signal_of([] { asm volatile("ud2"); }) == SIGILL, "ud2: SIG_DFL kills");
  check(exit_signal_of([] { raise(SIGILL); }) == SIGILL, "raise: SIG_DFL kills");
  check(signal(SIGUSR1, on_sent) == SIG_DFL && raise(SIGUSR1) == 0 && seen.number == SIGUSR1, "other signals");
  test_dot_shape(random, 11, 8, 16);
}

// --- Cost -----------------------------------------------------------------------------------------

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

int main(int count, char** arguments) {
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
  test_chaining(random);
  test_config(random);
  test_tiles(random);
  test_page_end(random);
  test_dot_registers(random);
  test_dot_shapes(random, 300);
  test_dot_wraps();
  test_memory_forms(random);
  test_kernel(random);
  test_registers_kept();
  test_invalid_configs();
  test_undefined();
  test_threads();
  printf("%ld passed, %ld failed\n", passed.load(), failed.load());
  return failed == 0 ? 0 : 1;
}
