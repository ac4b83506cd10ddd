// What the files of amx_emulator_test share: counted checks, the scalar model of the tiles, and the
// functions of amx_stubs.S.
#ifndef DFP_TEST_NATIVE_AMX_TEST_H
#define DFP_TEST_NATIVE_AMX_TEST_H

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <atomic>
#include <random>

// --- What amx_stubs.S provides -------------------------------------------------------------------

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

enum MoveOp { kLea, kLea32, kMov, kMovLoad };

struct MoveStub {
  uint64_t (*run)(uint64_t base, uint64_t index);
  int32_t op, base, to, index;
};

struct TileStubs {
  void (*zero)();
  void (*load)(const void* memory, uint64_t stride);
  void (*load_t1)(const void* memory, uint64_t stride);
  void (*store)(void* memory, uint64_t stride);
};

extern "C" const MemoryStub amx_memory_stubs[];
extern "C" const DotStub amx_dot_stubs[];
extern "C" const MoveStub amx_move_stubs[];
extern "C" const TileStubs amx_tile_stubs[8];

namespace amx_test {

// --- Checks --------------------------------------------------------------------------------------

inline uint64_t seed = 20180430;
inline std::atomic<long> passed{0};
inline std::atomic<long> failed{0};

__attribute__((format(printf, 2, 3))) inline bool check(bool ok, const char* what, ...) {
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

// --- The model -----------------------------------------------------------------------------------

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
inline void load_config(const Config& c) { asm volatile("ldtilecfg %0" : : "m"(c)); }

struct Tile {
  uint8_t byte[16][64];
};

inline Config full_config() {
  Config c;
  for (int t = 0; t < 8; t++) {
    c.rows[t] = 16;
    c.colsb[t] = 64;
  }
  return c;
}

inline int extended(uint8_t byte, bool is_signed) {
  return is_signed ? static_cast<int8_t>(byte) : byte;
}

// The definition, one product at a time, wrapping modulo 2^32.
inline void model_dot(int op, const Config& c, int d, int a, int b, Tile* tiles) {
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

// --- Tiles in and out ----------------------------------------------------------------------------

using Random = std::mt19937_64;

// Random bytes; every fourth tile has only extremes, which make sums and accumulators wrap.
inline void fill(Random& random, Tile* tiles, int count) {
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

inline void load_all(const Config& c, const Tile* tiles) {
  for (int t = 0; t < 8; t++) {
    if (c.rows[t] != 0) {
      amx_tile_stubs[t].load(&tiles[t], 64);
    }
  }
}

// Compares the configured part of all tiles with the model, and that no other byte is written.
inline bool equal_all(const Config& c, const Tile* expected) {
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

// --- Products of any shape -----------------------------------------------------------------------

// m x n += m x k * k x n in tiles 0, 1 and 2.
inline Config product_config(int m, int n, int k) {
  Config c;
  c.rows[0] = c.rows[1] = static_cast<uint8_t>(m);
  c.rows[2] = static_cast<uint8_t>(k);
  c.colsb[0] = c.colsb[2] = static_cast<uint16_t>(4 * n);
  c.colsb[1] = static_cast<uint16_t>(4 * k);
  return c;
}

inline const DotStub& dot_stub(int op, int dst, int src1, int src2) {
  const DotStub* s = amx_dot_stubs;
  while (s->op != op || s->dst != dst || s->src1 != src1 || s->src2 != src2) {
    s++;
  }
  return *s;
}

inline void test_dot_shape(Random& random, int m, int n, int k) {
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

// Invalid instructions and the program's own SIGILL (amx_faults_test.cpp).
void test_faults(Random& random);

}  // namespace amx_test

#endif  // DFP_TEST_NATIVE_AMX_TEST_H
