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
//   middle + low / 2^8, see combine() < 2^31   for k <= 32 768 = kMaxK (asserted below)
//
// Panels: both operands in tiles of 1 KB, high bytes before low bytes.
//   A  [k/64][high, low][16 rows][64 products]
//   B  [k/64][high, low][16 groups of 4 products][16 columns][4 products]
// Group g of a step holds its products 2g, 32 + 2g, 2g + 1 and 33 + 2g: the order that costs the
// packers least, and any order will do as long as both operands have the same.
//
// Tile registers: 0 high, 1 middle, 2 low; 4 A high, 5 A low, 6 B high, 7 B low. Each operand is
// loaded for the next step right after its last use in this one, and the last step loads the first
// operands of the next output tile. The two additions to `middle` are two instructions apart, so
// that three accumulators run as fast as four would.
#include <immintrin.h>

#include "dfp/base/parallel.h"
#include "dfp/base/shape.h"
#include "dfp/gemm/avx512.h"
#include "dfp/gemm/epilogue.h"
#include "dfp/gemm/gemm.h"

namespace dfp {
namespace {

constexpr int kRows = 16, kColumns = 16, kStep = 64;
constexpr int kTileBytes = 1024, kStepBytes = 2 * kTileBytes;
constexpr int kTileRowBytes = 64;
constexpr int64_t kMaxK = 32768;
constexpr int64_t kResidentSteps = 18;  // 36 KB of a first-level cache of 48 KB
constexpr int kGroup = 8;               // output tiles that wait for the next part of k
static_assert(2 * 128 * 255 * kMaxK + 255 * 255 * kMaxK / 256 <= INT32_MAX, "combine() fits int32");
static_assert(255 * 255 * kMaxK <= UINT32_MAX, "the low accumulator fits uint32");

// --- Packing
// --------------------------------------------------------------------------------------

struct Bytes {
  __m512i high, low;
};

// The bytes of 32 words of even and 32 of odd products, the even ones before the odd ones.
inline Bytes split(__m512i even, __m512i odd) {
  const __m512i even_bytes = _mm512_set1_epi16(0x00ff);
  constexpr int kSelect = 0xca;  // mask ? first : second
  return {_mm512_ternarylogic_epi32(even_bytes, _mm512_srli_epi16(even, 8), odd, kSelect),
          _mm512_ternarylogic_epi32(even_bytes, even, _mm512_slli_epi16(odd, 8), kSelect)};
}

// The 64 values of one step of rows that are contiguous in k, as ordered bytes.
template <class Values>
class StepValues {
 public:
  StepValues(int64_t kk, int64_t k, const Strip* strips)
      : first_(kk, k, strips), second_(kk + kStep / 2, k, strips) {}

  Bytes operator()(const int16_t* row) const { return split(first_(row), second_(row)); }

 private:
  Values first_, second_;
};

template <class Values>
void pack_rows(const int16_t* const* rows, int count, int64_t k, const Strip* strips,
               uint8_t* panel) {
  for (int64_t kk = 0; kk < k; kk += kStep, panel += kStepBytes) {
    const StepValues<Values> values(kk, k, strips);
    for (int i = 0; i < kRows; i++) {
      const Bytes row =
          i < count ? values(rows[i]) : Bytes{_mm512_setzero_si512(), _mm512_setzero_si512()};
      _mm512_store_si512(panel + i * kTileRowBytes, row.high);
      _mm512_store_si512(panel + kTileBytes + i * kTileRowBytes, row.low);
    }
  }
}

void pack_a(const int16_t* const* rows, int count, int64_t k, const Strip* strips, uint8_t* panel) {
  const auto pack = strips == nullptr ? pack_rows<RunValues> : pack_rows<LaneValues>;
  pack(rows, count, k, strips, panel);
}

template <class Pairs>
void pack_strip(const int16_t* const* rows, int64_t k, const Strip& strip, uint8_t* panel) {
  static constexpr int16_t kZeros[kStripSpan] = {};
  const Pairs pairs(strip);
  const auto row = [&](int64_t i) { return i < k ? rows[i] + strip.position : kZeros; };
  for (int64_t kk = 0; kk < k; kk += kStep, panel += kStepBytes) {
    for (int64_t group = 0; group < kStep / 4; group++) {
      const int64_t even = kk + 2 * group, odd = even + kStep / 2;
      const Bytes bytes = split(pairs(row(even), row(even + 1)), pairs(row(odd), row(odd + 1)));
      _mm512_store_si512(panel + group * kTileRowBytes, bytes.high);
      _mm512_store_si512(panel + kTileBytes + group * kTileRowBytes, bytes.low);
    }
  }
}

void pack_b(const int16_t* const* rows, int64_t k, const Strip* strips, int /*count*/,
            uint8_t* panel) {
  const auto pack = strips[0].is_run() ? pack_strip<RunPairs> : pack_strip<LanePairs>;
  pack(rows, k, strips[0], panel);
}

template <class Values>
void pack_columns(const int16_t* const* columns, int count, int64_t k, const Strip* strips,
                  uint8_t* panel) {
  for (int64_t kk = 0; kk < k; kk += kStep, panel += kStepBytes) {
    const StepValues<Values> values(kk, k, strips);
    __m512i high[16], low[16];
#pragma GCC unroll 16
    for (int j = 0; j < kColumns; j++) {
      const Bytes column =
          j < count ? values(columns[j]) : Bytes{_mm512_setzero_si512(), _mm512_setzero_si512()};
      high[j] = column.high;
      low[j] = column.low;
    }
    transpose16(high);
    transpose16(low);
    for (int i = 0; i < 16; i++) {
      _mm512_store_si512(panel + i * kTileRowBytes, high[i]);
      _mm512_store_si512(panel + kTileBytes + i * kTileRowBytes, low[i]);
    }
  }
}

void pack_b_columns(const int16_t* const* columns, int count, int64_t k, const Strip* strips,
                    uint8_t* panel) {
  const auto pack = strips == nullptr ? pack_columns<RunValues> : pack_columns<LaneValues>;
  pack(columns, count, k, strips, panel);
}

// --- From accumulators to sums
// --------------------------------------------------------------------

// The three accumulators of an output tile.
struct alignas(64) Accumulators {
  int32_t high[kRows][kColumns], middle[kRows][kColumns], low[kRows][kColumns];
};

// float_round(scale * S), S = 2^16 high + 2^8 middle + low, for one row.
//
// S splits at bit 23 into two parts that each convert to float exactly, and one fused multiply-add
// rounds once:
//   t  = middle + floor(low / 2^8)       |t| < 2^31 by kMaxK
//   hi = floor(S / 2^23) = (high + floor(t / 2^8)) >> 7      |hi| <= 2^24 while k <= 2^17
//   lo = S mod 2^23, from the low 32 bits of S
// Valid where neither scale * lo nor the result can be subnormal: 2^-126 <= scale <= 2^104.
inline __m512 combine(__m512i high, __m512i middle, __m512i low, __m512 scale, __m512 scale23) {
  const __m512i t = _mm512_add_epi32(middle, _mm512_srli_epi32(low, 8));
  const __m512i hi = _mm512_srai_epi32(_mm512_add_epi32(high, _mm512_srai_epi32(t, 8)), 7);
  const __m512i upper = _mm512_add_epi32(_mm512_slli_epi32(high, 8), middle);
  const __m512i bits = _mm512_add_epi32(_mm512_slli_epi32(upper, 8), low);
  const __m512i lo = _mm512_and_si512(bits, _mm512_set1_epi32((1 << 23) - 1));
  return _mm512_fmadd_ps(_mm512_cvtepi32_ps(hi), scale23,
                         _mm512_mul_ps(_mm512_cvtepi32_ps(lo), scale));
}

constexpr int kLeastDirectExponent = -126, kGreatestDirectExponent = 104;

// sums[16][16] <- or += S.
inline void add_sums(const Accumulators& acc, bool first, int64_t* sums) {
  for (int i = 0; i < kRows; i++) {
    for (int half = 0; half < kColumns; half += 8) {
      const __m512i high = _mm512_cvtepi32_epi64(
          _mm256_load_si256(reinterpret_cast<const __m256i*>(&acc.high[i][half])));
      const __m512i middle = _mm512_cvtepi32_epi64(
          _mm256_load_si256(reinterpret_cast<const __m256i*>(&acc.middle[i][half])));
      const __m512i low = _mm512_cvtepu32_epi64(
          _mm256_load_si256(reinterpret_cast<const __m256i*>(&acc.low[i][half])));
      int64_t* to = sums + i * kColumns + half;
      __m512i sum = _mm512_add_epi64(_mm512_slli_epi64(high, 16), _mm512_slli_epi64(middle, 8));
      sum = _mm512_add_epi64(sum, low);
      if (!first) sum = _mm512_add_epi64(sum, _mm512_loadu_si512(to));
      _mm512_storeu_si512(to, sum);
    }
  }
}

// --- The product
// ----------------------------------------------------------------------------------

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

// Adds `steps` steps to the accumulators. On entry the operands of the first step are loaded; on
// exit those at next_a and next_b are.
template <Streamed kStreamed>
inline void add_products(const uint8_t* a, const uint8_t* b, int64_t steps, const uint8_t* next_a,
                         const uint8_t* next_b) {
  constexpr bool kStreamA = kStreamed == Streamed::kA, kStreamB = !kStreamA;
  for (int64_t step = 1; step <= steps; step++) {
    a = step < steps ? a + kStepBytes : next_a;
    b = step < steps ? b + kStepBytes : next_b;
    _tile_dpbssd(0, 4, 6);
    _tile_dpbsud(1, 4, 7);
    load_a_high<kStreamA>(a);
    _tile_dpbuud(2, 5, 7);
    load_b_low<kStreamB>(b + kTileBytes);
    _tile_dpbusd(1, 5, 6);
    load_b_high<kStreamB>(b);
    load_a_low<kStreamA>(a + kTileBytes);
  }
}

inline void load_operands(const uint8_t* a, const uint8_t* b) {
  load_a_high<false>(a);
  load_b_high<false>(b);
  load_b_low<false>(b + kTileBytes);
  load_a_low<false>(a + kTileBytes);
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

// Writes an output tile whose accumulators are complete.
class Epilogue {
 public:
  explicit Epilogue(const Block& block)
      : block_(block),
        direct_(block.out.exponent >= kLeastDirectExponent &&
                block.out.exponent <= kGreatestDirectExponent),
        double_scale_(std::ldexp(1.0, block.out.exponent)),
        scale_(_mm512_set1_ps(direct_ ? std::ldexp(1.0f, block.out.exponent) : 0.0f)),
        scale23_(_mm512_set1_ps(direct_ ? std::ldexp(1.0f, block.out.exponent + 23) : 0.0f)) {}

  // Asks for the output's cache lines while the product runs.
  void prefetch(int64_t tile_row, int64_t panel) const {
    const Output& out = block_.out;
    if (block_.sums != nullptr || out.stream) return;
    const int64_t m = tile_row * kRows;
    if (out.strips == nullptr) {
      const int64_t n = panel * kColumns;
      prefetch_lines(out.base + n * out.row_pitch + m, valid_columns(n));
    } else if (panel < out.strip_count) {
      const int64_t offset = out.segments[out.strips[panel].first].offset;
      prefetch_lines(out.base + m * out.row_pitch + offset, valid_rows(m));
    }
  }

  void operator()(const Accumulators& acc, int64_t tile_row, int64_t panel) const {
    const Output& out = block_.out;
    const int64_t m = tile_row * kRows;
    const int rows = valid_rows(m);
    if (block_.sums != nullptr) {
      add_sums(acc, block_.first,
               block_.sums + tile_row * block_.sums_row + panel * kRows * kColumns);
    } else if (!direct_) {
      alignas(64) int64_t sums[kRows * kColumns];
      add_sums(acc, true, sums);
      finish_tile<Avx512Store, kRows, kColumns>(sums, rows, m, panel, out, double_scale_);
    } else if (out.strips == nullptr) {
      store_transposed(acc, rows, m, panel * kColumns);
    } else {
      store_rows(acc, rows, m, out.strips[panel]);
    }
  }

 private:
  int valid_rows(int64_t m) const {
    return static_cast<int>(std::min<int64_t>(kRows, block_.m - m));
  }
  int valid_columns(int64_t n) const {
    return static_cast<int>(std::min<int64_t>(kColumns, block_.out.columns - n));
  }

  // One a row of the output.
  void prefetch_lines(const float* line, int count) const {
    for (int i = 0; i < count; i++) __builtin_prefetch(line + i * block_.out.row_pitch, 1, 3);
  }

  __m512 row(const Accumulators& acc, int i) const {
    return combine(_mm512_load_si512(acc.high[i]), _mm512_load_si512(acc.middle[i]),
                   _mm512_load_si512(acc.low[i]), scale_, scale23_);
  }

  // Rows [0, rows) with their bias: store(row, lanes).
  template <class Store>
  void for_rows(const Accumulators& acc, int rows, int64_t m, const Store& store) const {
    const float* bias = block_.out.bias;
    for (int i = 0; i < rows; i++) {
      const __m512 lanes = row(acc, i);
      store(i, bias == nullptr ? lanes : _mm512_add_ps(lanes, _mm512_set1_ps(bias[m + i])));
    }
  }

  void store_rows(const Accumulators& acc, int rows, int64_t m, const Strip& strip) const {
    const Output& out = block_.out;
    const Segment* segments = out.segments + strip.first;
    const int64_t pitch = out.row_pitch, stride = out.lane_stride;
    float* const to = out.base + m * pitch;
    float* const first = to + segments->offset;
    const bool stream = out.stream;
    constexpr uint16_t kAllLanes = 0xffff;
    const bool vectors = strip.count == 1 && segments->mask == kAllLanes && stride == 1;
    if (vectors && stream && pitch % kColumns == 0 && whole_line(first)) {
      for_rows(acc, rows, m,
               [=](int i, __m512 lanes) { _mm512_stream_ps(first + i * pitch, lanes); });
    } else if (vectors && !stream) {
      for_rows(acc, rows, m,
               [=](int i, __m512 lanes) { _mm512_storeu_ps(first + i * pitch, lanes); });
    } else {
      __m512 values[kRows];
      for_rows(acc, rows, m, [&](int i, __m512 lanes) { values[i] = lanes; });
      for (int s = 0; s < strip.count; s++) {
        const Segment segment = segments[s];
        for (int i = 0; i < rows; i++) {
          store_segment(values[i], segment.mask, to + i * pitch + segment.offset, stride, stream);
        }
      }
    }
  }

  void store_transposed(const Accumulators& acc, int rows, int64_t m, int64_t n) const {
    const Output& out = block_.out;
    __m512i values[kRows];
#pragma GCC unroll 16
    for (int i = 0; i < kRows; i++) values[i] = _mm512_castps_si512(row(acc, i));
    transpose16(values);
    const auto mask = static_cast<__mmask16>((1u << rows) - 1);
    for (int j = 0; j < valid_columns(n); j++) {
      _mm512_mask_storeu_epi32(out.base + (n + j) * out.row_pitch + m, mask, values[j]);
    }
  }

  const Block& block_;
  const bool direct_;
  const double double_scale_;
  const __m512 scale_, scale23_;
};

// A part of an output tile's products.
struct Piece {
  int64_t row, panel;  // of the tile
  const uint8_t *a, *b;
  int64_t steps;
  bool first, last;  // of the tile's pieces
  int slot;          // of its accumulators
};

// The order of a block's pieces.
//
// Either operand of a step is as much to load as the second-level cache gives while the products
// run, so one of them has to come from the first. That is a tile row of A which all panels of B
// stream past or, panel by panel, one of B; and where it is longer than kResidentSteps, a part of
// it: the accumulators of kGroup tiles then wait in memory for the next part.
class Walk {
 public:
  explicit Walk(const Block& block)
      : block_(block),
        by_panel_(block.by_panel || block.panels == 1),
        steps_(div_up(block.k, kStep)),
        outer_end_(by_panel_ ? block.panels : div_up(block.m, kRows)),
        inner_end_(by_panel_ ? div_up(block.m, kRows) : block.panels),
        parts_(inner_end_ == 1 ? 1 : div_up(steps_, kResidentSteps)),
        group_(parts_ == 1 ? 2 : kGroup) {}

  Streamed streamed() const { return by_panel_ ? Streamed::kA : Streamed::kB; }

  Piece piece() const {
    const int64_t row = by_panel_ ? inner_ : outer_, panel = by_panel_ ? outer_ : inner_;
    const int64_t step = share(steps_, parts_, part_);
    return {row,
            panel,
            block_.a + row * block_.a_stride + step * kStepBytes,
            block_.b + panel * block_.b_stride + step * kStepBytes,
            share(steps_, parts_, part_ + 1) - step,
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
  const Block& block_;
  const bool by_panel_;
  const int64_t steps_, outer_end_, inner_end_, parts_, group_;
  int64_t outer_ = 0, start_ = 0, inner_ = 0, part_ = 0;  // start_: of the group
};

template <Streamed kStreamed>
void multiply_pieces(Walk walk, const Epilogue& epilogue) {
  const TileScope tiles;
  Accumulators acc[kGroup];
  Piece next = walk.piece(), complete;
  bool pending = false;  // whether `complete` is to be written
  load_operands(next.a, next.b);
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
    add_products<kStreamed>(piece.a, piece.b, piece.steps, next.a, next.b);
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
  if (walk.streamed() == Streamed::kA) {
    multiply_pieces<Streamed::kA>(walk, epilogue);
  } else {
    multiply_pieces<Streamed::kB>(walk, epilogue);
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
};

}  // namespace dfp
