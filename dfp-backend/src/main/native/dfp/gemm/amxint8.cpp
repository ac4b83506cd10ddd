// flags: -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512vbmi -mamx-tile -mamx-int8
//
// AMX int8 matrix product: 16 x 16 outputs, 64 products a step.
//
// An int16 splits into bytes, x = 256 * h + l with h signed and l unsigned, so that
//
//   a * b = 2^16 * ah*bh + 2^8 * (ah*bl + al*bh) + al*bl
//
// and the four byte products are the tile instructions tdpbssd, tdpbsud, tdpbusd and tdpbuud. Three
// accumulator tiles suffice: `high` (ah*bh), `middle` (ah*bl + al*bh) and `low` (al*bl, unsigned).
//
// Headroom, k products in one accumulator:
//   high    128 * 128 * k             < 2^31   for k <= 131 071
//   middle  2 * 128 * 255 * k         < 2^31   for k <= 32 896
//   low     255 * 255 * k             < 2^32   for k <= 66 051
//   middle + low / 2^8, see combine() < 2^31   for k <= 32 768 = kMaxK
//
// Tile registers: 0 high, 1 middle, 2 low; 4 A high, 5 A low, 6 B high, 7 B low. Each operand is
// loaded for the next step right after its last use in this one, and the last step loads the first
// operands of the next output tile. The two additions to `middle` are two instructions apart, so
// that three accumulators run as fast as four would.
#include <immintrin.h>

#include <algorithm>
#include <cstdint>

#include "dfp/base/parallel.h"
#include "dfp/base/shape.h"
#include "dfp/gemm/amxint8_epilogue.h"
#include "dfp/gemm/amxint8_layout.h"
#include "dfp/gemm/amxint8_pack.h"
#include "dfp/gemm/gemm.h"

namespace dfp {
namespace {

constexpr int64_t kResidentSteps = 18;  // 36 KB of a first-level cache of 48 KB
constexpr int kGroup = 8;               // output tiles that wait for the next part of k

struct alignas(64) TileConfig {
  uint8_t palette = 1, start_row = 0;
  uint8_t reserved[14] = {};
  uint16_t row_bytes[16] = {};
  uint8_t rows[16] = {};
};
static_assert(sizeof(TileConfig) == 64, "the layout that ldtilecfg reads");

// All eight tiles 16 rows of 64 bytes while it lives, on this thread.
class TileScope {
 public:
  TileScope() {
    TileConfig config;
    for (int tile = 0; tile < 8; tile++) {
      config.row_bytes[tile] = kTileRowBytes;
      config.rows[tile] = kRows;
    }
    // gcc 12's _tile_loadconfig declares only 8 bytes of its operand as read.
    __asm__ volatile("ldtilecfg (%0)" : : "r"(&config) : "memory");
  }
  ~TileScope() { _tile_release(); }
  TileScope(const TileScope&) = delete;
  TileScope& operator=(const TileScope&) = delete;
};

// Which operand is read once from the second-level cache while the other stays in the first: its
// loads say so.
enum class Streamed { kA, kB };

template <bool kStream>
inline void load_a_high(const uint8_t* from) {
  if constexpr (kStream) {
    _tile_stream_loadd(4, from, kTileRowBytes);
  } else {
    _tile_loadd(4, from, kTileRowBytes);
  }
}

template <bool kStream>
inline void load_a_low(const uint8_t* from) {
  if constexpr (kStream) {
    _tile_stream_loadd(5, from, kTileRowBytes);
  } else {
    _tile_loadd(5, from, kTileRowBytes);
  }
}

template <bool kStream>
inline void load_b_high(const uint8_t* from) {
  if constexpr (kStream) {
    _tile_stream_loadd(6, from, kTileRowBytes);
  } else {
    _tile_loadd(6, from, kTileRowBytes);
  }
}

template <bool kStream>
inline void load_b_low(const uint8_t* from) {
  if constexpr (kStream) {
    _tile_stream_loadd(7, from, kTileRowBytes);
  } else {
    _tile_loadd(7, from, kTileRowBytes);
  }
}

// Where the steps of a tile row of A lie: in panels, one after the other.
struct InPanels {
  int64_t low = kTileBytes;
  const uint8_t* operator()(const uint8_t* row, int64_t step) const {
    return row + step * kStepBytes;
  }
};

struct InLines {
  const int64_t* offsets;
  int64_t low;
  const uint8_t* operator()(const uint8_t* row, int64_t step) const { return row + offsets[step]; }
};

// A part of an output tile's products: steps [step, end).
struct Piece {
  int64_t row, panel;    // of the tile
  const uint8_t *a, *b;  // of step 0
  int64_t step, end;
  bool first, last;  // of the tile's pieces
  int slot;          // of its accumulators
};

// Adds the piece's products to the accumulators. On entry the operands of its first step are
// loaded; on exit those of the next piece are.
template <Streamed kStreamed, class A>
inline void add_products(const A& a_of, const Piece& piece, const Piece& next) {
  constexpr bool kStreamA = kStreamed == Streamed::kA, kStreamB = !kStreamA;
  for (int64_t step = piece.step + 1; step <= piece.end; step++) {
    const bool last = step == piece.end;
    const uint8_t* a = last ? a_of(next.a, next.step) : a_of(piece.a, step);
    const uint8_t* b = last ? next.b + next.step * kStepBytes : piece.b + step * kStepBytes;
    _tile_dpbssd(0, 4, 6);
    _tile_dpbsud(1, 4, 7);
    load_a_high<kStreamA>(a);
    _tile_dpbuud(2, 5, 7);
    load_b_low<kStreamB>(b + kTileBytes);
    _tile_dpbusd(1, 5, 6);
    load_b_high<kStreamB>(b);
    load_a_low<kStreamA>(a + a_of.low);
  }
}

template <class A>
inline void load_operands(const A& a_of, const Piece& piece) {
  const uint8_t *a = a_of(piece.a, piece.step), *b = piece.b + piece.step * kStepBytes;
  load_a_high<false>(a);
  load_b_high<false>(b);
  load_b_low<false>(b + kTileBytes);
  load_a_low<false>(a + a_of.low);
}

inline void clear_accumulators() {
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
}

inline void load_accumulators(const Accumulators& acc) {
  _tile_loadd(0, acc.high, kTileRowBytes);
  _tile_loadd(1, acc.middle, kTileRowBytes);
  _tile_loadd(2, acc.low, kTileRowBytes);
}

inline void store_accumulators(Accumulators& acc) {
  _tile_stored(0, acc.high, kTileRowBytes);
  _tile_stored(1, acc.middle, kTileRowBytes);
  _tile_stored(2, acc.low, kTileRowBytes);
  __asm__ volatile("" : : : "memory");
}

// The order of a block's pieces.
//
// Either operand of a step is as much to load as the second-level cache gives while the products
// run, so one of them has to come from the first. That is a tile row of A which all panels of B
// stream past or, of lines or of a single panel of B, such a panel; and where it is longer than
// kResidentSteps, a part of it: the accumulators of kGroup tiles then wait in memory for the next
// part.
class Walk {
 public:
  explicit Walk(const Block& block)
      : block_(block),
        rows_(div_up(block.m, kRows)),
        rows_inside_(block.panels == 1 || block.lines != nullptr),
        steps_(div_up(block.k, kStep)),
        outer_end_(rows_inside_ ? block.panels : rows_),
        inner_end_(rows_inside_ ? rows_ : block.panels),
        parts_(inner_end_ == 1 ? 1 : div_up(steps_, kResidentSteps)),
        group_(parts_ == 1 ? 2 : kGroup) {}

  Streamed streamed() const { return rows_inside_ ? Streamed::kA : Streamed::kB; }

  Piece piece() const {
    const int64_t row = rows_inside_ ? inner_ : outer_, panel = rows_inside_ ? outer_ : inner_;
    return {row,
            panel,
            a_row(row),
            block_.b + panel * block_.b_stride,
            share(steps_, parts_, part_),
            share(steps_, parts_, part_ + 1),
            part_ == 0,
            part_ + 1 == parts_,
            static_cast<int>(inner_ - start_)};
  }

  // To the next piece; false where there is none.
  bool advance() {
    if (++inner_ < std::min(start_ + group_, inner_end_)) return true;
    inner_ = start_;
    if (++part_ < parts_) return true;
    part_ = 0;
    inner_ = start_ += group_;
    if (start_ < inner_end_) return true;
    inner_ = start_ = 0;
    return ++outer_ < outer_end_;
  }

 private:
  const uint8_t* a_row(int64_t row) const {
    if (block_.lines == nullptr) return block_.a + row * block_.a_stride;
    const int64_t position = block_.out.strips[row].position - block_.lines->origin;
    return block_.lines->at + position * kLineBytes;
  }

  const Block& block_;
  const int64_t rows_;
  const bool rows_inside_;
  const int64_t steps_, outer_end_, inner_end_, parts_, group_;
  int64_t outer_ = 0, start_ = 0, inner_ = 0, part_ = 0;  // start_: of the group
};

template <Streamed kStreamed, class A>
void multiply_pieces(const A& a_of, Walk walk, const Epilogue& epilogue) {
  const TileScope tiles;
  Accumulators acc[kGroup];
  Piece next = walk.piece(), complete;
  bool pending = false;  // whether `complete` is to be written
  load_operands(a_of, next);
  for (bool more = true; more;) {
    const Piece piece = next;
    more = walk.advance();
    if (more) next = walk.piece();
    if (piece.first) {
      clear_accumulators();
    } else {
      load_accumulators(acc[piece.slot]);
    }
    if (piece.last) epilogue.prefetch(piece.row, piece.panel);
    add_products<kStreamed>(a_of, piece, next);
    // The vector units write the previous tile while this one's products drain.
    if (pending) epilogue(acc[complete.slot], complete.row, complete.panel);
    store_accumulators(acc[piece.slot]);
    complete = piece;
    pending = piece.last;
  }
  epilogue(acc[complete.slot], complete.row, complete.panel);
}

void multiply(const Block& block) {
  const Walk walk(block);
  const Epilogue epilogue(block);
  if (block.lines != nullptr) {
    multiply_pieces<Streamed::kA>(InLines{block.lines->offsets, block.lines->low}, walk, epilogue);
  } else if (walk.streamed() == Streamed::kA) {
    multiply_pieces<Streamed::kA>(InPanels(), walk, epilogue);
  } else {
    multiply_pieces<Streamed::kB>(InPanels(), walk, epilogue);
  }
}

}  // namespace

extern const GemmKernel gemm_amxint8;
const GemmKernel gemm_amxint8 = {
    "amxint8",
    kRows,
    kColumns,
    kStep,
    2,
    2,
    0,
    kMaxK,
    pack_a,
    pack_b_columns,
    pack_b,
    multiply,
    finish_block<Avx512Store, kRows, kColumns>,
    pack_lines,
};

}  // namespace dfp
