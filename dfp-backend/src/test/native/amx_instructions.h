// The AMX instructions of amx_emulator.cpp: the tiles of a thread, how an instruction is decoded,
// and what it does. Included by that one file.
//
// The instructions, all of VEX map 0F38 with W = 0 and L = 0 (Intel SDM, volume 2, "AMX"). In the
// last four, rrr is the accumulator, bbb the first source and VEX.vvvv the second source.
//
//   prefix  opcode  ModRM
//   NP      49      !(11):000:bbb   LDTILECFG m512
//   66      49      !(11):000:bbb   STTILECFG m512
//   NP      49      11:000:000      TILERELEASE
//   F2      49      11:rrr:000      TILEZERO tmm
//   F2      4B      !(11):rrr:100   TILELOADD tmm, sibmem
//   66      4B      !(11):rrr:100   TILELOADDT1 tmm, sibmem
//   F3      4B      !(11):rrr:100   TILESTORED sibmem, tmm
//   F2      5E      11:rrr:bbb      TDPBSSD tmm, tmm, tmm
//   F3      5E      11:rrr:bbb      TDPBSUD tmm, tmm, tmm
//   66      5E      11:rrr:bbb      TDPBUSD tmm, tmm, tmm
//   NP      5E      11:rrr:bbb      TDPBUUD tmm, tmm, tmm
#ifndef DFP_AMX_INSTRUCTIONS_H
#define DFP_AMX_INSTRUCTIONS_H

#include <immintrin.h>
#include <stdint.h>
#include <string.h>
#include <ucontext.h>

#define DFP_AVX512 __attribute__((target("avx512bw")))
#define DFP_AVX512_INLINE __attribute__((target("avx512bw"), always_inline)) inline

namespace {

// --- The state of a thread -----------------------------------------------------------------------

constexpr int kTiles = 8;
constexpr int kMaxRows = 16;
constexpr int kRowBytes = 64;

// The operand of LDTILECFG and STTILECFG, palette 1.
struct TileConfig {
  uint8_t palette;
  uint8_t start_row;
  uint8_t reserved_2[14];
  uint16_t colsb[kTiles];
  uint8_t reserved_32[16];
  uint8_t rows[kTiles];
  uint8_t reserved_56[8];
};
static_assert(sizeof(TileConfig) == 64, "LDTILECFG reads 64 bytes");

// Invariant: bytes of a tile outside its configured rows and columns are 0. Only LDTILECFG changes
// the configuration, and it zeroes all tiles; so the instructions below need not zero the rest
// again.
struct TileState {
  alignas(64) uint8_t tile[kTiles][kMaxRows][kRowBytes];
  TileConfig config;  // palette 0: not configured

  bool valid(int t) const { return t < kTiles && config.rows[t] != 0; }
};

// Initial-exec: an access is one instruction, with no call that could allocate inside the handler.
thread_local __attribute__((tls_model("initial-exec"))) TileState tile_state;

// --- Decoding ------------------------------------------------------------------------------------

enum class Op {
  kLoadConfig,
  kStoreConfig,
  kRelease,
  kZero,
  kLoad,
  kStore,
  kDotSS,
  kDotSU,
  kDotUS,
  kDotUU
};

// What ModRM may be: see the table at the top.
enum class Form { kMemory, kSib, kRelease, kOneTile, kThreeTiles };

enum Prefix : uint8_t { kNP = 0, k66 = 1, kF3 = 2, kF2 = 3 };  // the values of VEX.pp

struct Encoding {
  uint8_t opcode;
  Prefix prefix;
  Form form;
  Op op;
};

constexpr Encoding kEncodings[] = {
    {0x49, kNP, Form::kMemory, Op::kLoadConfig},   // LDTILECFG
    {0x49, k66, Form::kMemory, Op::kStoreConfig},  // STTILECFG
    {0x49, kNP, Form::kRelease, Op::kRelease},     // TILERELEASE
    {0x49, kF2, Form::kOneTile, Op::kZero},        // TILEZERO
    {0x4B, kF2, Form::kSib, Op::kLoad},            // TILELOADD
    {0x4B, k66, Form::kSib, Op::kLoad},            // TILELOADDT1
    {0x4B, kF3, Form::kSib, Op::kStore},           // TILESTORED
    {0x5E, kF2, Form::kThreeTiles, Op::kDotSS},    // TDPBSSD
    {0x5E, kF3, Form::kThreeTiles, Op::kDotSU},    // TDPBSUD
    {0x5E, k66, Form::kThreeTiles, Op::kDotUS},    // TDPBUSD
    {0x5E, kNP, Form::kThreeTiles, Op::kDotUU},    // TDPBUUD
};

struct Instruction {
  Op op;
  int length;        // bytes
  int dst;           // ModRM.reg: the tile loaded, stored or zeroed, or the accumulator
  int src1;          // ModRM.r/m
  int src2;          // VEX.vvvv
  uint64_t address;  // Form::kMemory: the effective address; Form::kSib: base + displacement
  uint64_t stride;   // Form::kSib: index << scale, the distance of two rows; no index: 0
  bool streaming;    // TILELOADDT1
};

bool fits(Form form, unsigned modrm, unsigned vvvv) {
  const bool memory = modrm < 0xC0;
  switch (form) {
    case Form::kMemory:
      return memory && (modrm & 0x38) == 0 && vvvv == 0;
    case Form::kSib:
      return memory && (modrm & 7) == 4 && vvvv == 0;
    case Form::kRelease:
      return modrm == 0xC0 && vvvv == 0;
    case Form::kOneTile:
      return !memory && (modrm & 7) == 0 && vvvv == 0;
    case Form::kThreeTiles:
      return !memory;
  }
  return false;
}

// Where the kernel keeps a general register, by the register's number in machine code.
greg_t* general_register(greg_t* registers, unsigned number) {
  static constexpr uint8_t kPlace[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP,
                                         REG_RSI, REG_RDI, REG_R8,  REG_R9,  REG_R10, REG_R11,
                                         REG_R12, REG_R13, REG_R14, REG_R15};
  return &registers[kPlace[number]];
}

uint64_t displacement32(const uint8_t* at) {
  int32_t value;
  __builtin_memcpy(&value, at, sizeof value);
  return static_cast<uint64_t>(static_cast<int64_t>(value));
}

// Reads the memory operand whose ModRM is at `modrm`; returns its end. `extend_base` and
// `extend_index` are 8 where VEX.B and VEX.X select the upper eight registers, else 0.
const uint8_t* decode_memory(const uint8_t* modrm, unsigned extend_base, unsigned extend_index,
                             greg_t* registers, Instruction* out) {
  const unsigned mod = *modrm >> 6;
  unsigned base = *modrm & 7u;
  const uint8_t* at = modrm + 1;
  const bool sib = base == 4;
  uint64_t address = 0;
  uint64_t index_value = 0;
  if (sib) {
    const unsigned index = (*at >> 3 & 7u) | extend_index;
    if (index != 4) {  // 4 (rsp) means "no index"; 12 (r12) is a register like any other
      index_value = static_cast<uint64_t>(*general_register(registers, index)) << (*at >> 6);
    }
    base = *at++ & 7u;
  }
  if (mod == 0 && base == 5) {  // rbp and r13 need a displacement: this is disp32 without base
    address = displacement32(at);
    at += 4;
    if (!sib) {  // relative to the next instruction: it begins here, as there is no immediate
      address += reinterpret_cast<uintptr_t>(at);
    }
  } else {
    address = static_cast<uint64_t>(*general_register(registers, base | extend_base));
    if (mod == 1) {
      address += static_cast<uint64_t>(static_cast<int64_t>(static_cast<int8_t>(*at++)));
    } else if (mod == 2) {
      address += displacement32(at);
      at += 4;
    }
  }
  out->address = address;
  out->stride = index_value;
  return at;
}

// Decodes the instruction at `code`; false where it is none of the eleven. Reads no byte beyond the
// instruction, so that it may end at the end of the last mapped page.
bool decode(const uint8_t* code, greg_t* registers, Instruction* out) {
  if (code[0] != 0xC4) {  // three-byte VEX
    return false;
  }
  const unsigned vex1 = code[1];  // inverted R X B, map
  if ((vex1 & 0x1F) != 2) {       // map 0F38: every instruction has a ModRM byte
    return false;
  }
  const unsigned vex2 = code[2];  // W, inverted vvvv, L, pp
  if ((vex2 & 0x84) != 0) {
    return false;
  }
  const unsigned extend_reg = (vex1 & 0x80) != 0 ? 0 : 8;
  const unsigned extend_index = (vex1 & 0x40) != 0 ? 0 : 8;
  const unsigned extend_base = (vex1 & 0x20) != 0 ? 0 : 8;
  const unsigned vvvv = ~(vex2 >> 3) & 15u;
  const unsigned modrm = code[4];
  for (const Encoding& e : kEncodings) {
    if (e.opcode != code[3] || e.prefix != (vex2 & 3) || !fits(e.form, modrm, vvvv)) {
      continue;
    }
    out->op = e.op;
    out->dst = static_cast<int>((modrm >> 3 & 7u) | extend_reg);
    out->src1 = static_cast<int>((modrm & 7u) | extend_base);
    out->src2 = static_cast<int>(vvvv);
    out->streaming = e.op == Op::kLoad && e.prefix == k66;
    const uint8_t* end = code + 5;
    if (e.form == Form::kMemory || e.form == Form::kSib) {
      end = decode_memory(code + 4, extend_base, extend_index, registers, out);
      if (e.form == Form::kMemory) {
        out->address += out->stride;  // here the index is part of the address
      }
    }
    out->length = static_cast<int>(end - code);
    return true;
  }
  return false;
}

// Executes a 64-bit LEA, or MOV to a register, at RIP; false, and no change, where there is another
// instruction. Compilers put these between tile instructions, and a signal costs more than both.
bool execute_move(greg_t* registers) {
  const auto* code = reinterpret_cast<const uint8_t*>(registers[REG_RIP]);
  const unsigned rex = code[0];
  if ((rex & 0xF8) != 0x48) {  // REX.W, R, X, B
    return false;
  }
  const unsigned opcode = code[1];
  if (opcode != 0x8D && opcode != 0x8B) {
    return false;
  }
  const unsigned modrm = code[2];
  const unsigned extend_base = (rex & 1u) << 3;
  const unsigned extend_index = (rex & 2u) << 2;
  const unsigned extend_reg = (rex & 4u) << 1;
  const uint8_t* end = code + 3;
  greg_t value = 0;
  if (modrm < 0xC0) {
    Instruction operand;
    end = decode_memory(code + 2, extend_base, extend_index, registers, &operand);
    const uint64_t address = operand.address + operand.stride;
    value =
        opcode == 0x8D ? static_cast<greg_t>(address) : *reinterpret_cast<const greg_t*>(address);
  } else if (opcode == 0x8B) {
    value = *general_register(registers, (modrm & 7u) | extend_base);
  } else {
    return false;
  }
  *general_register(registers, (modrm >> 3 & 7u) | extend_reg) = value;
  registers[REG_RIP] += end - code;
  return true;
}

// --- Executing -----------------------------------------------------------------------------------

// The functions below that return text give null, or the reason why the CPU would raise #UD or #GP;
// then nothing has changed.

void clear(TileState* s) { memset(s, 0, sizeof *s); }

const char* load_config(uint64_t address, TileState* s) {
  TileConfig c;
  memcpy(&c, reinterpret_cast<const void*>(address), sizeof c);
  if (c.palette == 0) {
    clear(s);
    return nullptr;
  }
  if (c.palette != 1) {
    return "LDTILECFG: palette: expected 0 or 1";
  }
  unsigned reserved = 0;
  for (int i = 0; i < 14; i++) {
    reserved |= c.reserved_2[i];
  }
  for (int i = 0; i < 16; i++) {
    reserved |= c.reserved_32[i];
  }
  for (int i = 0; i < 8; i++) {
    reserved |= c.reserved_56[i];
  }
  if (reserved != 0) {
    return "LDTILECFG: reserved bytes: expected 0";
  }
  for (int t = 0; t < kTiles; t++) {
    if (c.colsb[t] > kRowBytes) {
      return "LDTILECFG: colsb: expected 0 to 64";
    }
    if (c.rows[t] > kMaxRows) {
      return "LDTILECFG: rows: expected 0 to 16";
    }
    if ((c.rows[t] == 0) != (c.colsb[t] == 0)) {
      return "LDTILECFG: rows and colsb of a tile: expected both or neither 0";
    }
  }
  clear(s);
  s->config = c;
  return nullptr;
}

const char* check_transfer(int t, const TileState& s) {
  if (!s.valid(t)) {
    return "tile load, store or zero: expected a configured tile";
  }
  if (s.config.colsb[t] % 4 != 0) {
    return "tile load or store: colsb: expected a multiple of 4";
  }
  if (s.config.start_row >= s.config.rows[t]) {
    return "tile load or store: start_row: expected less than the rows of the tile";
  }
  return nullptr;
}

// tile[t].row[r] = memory[address + r * stride], colsb bytes each. Plain copies, so that a build of
// this file with -fsanitize=address checks the kernels' tile loads and stores.
void load_tile(int t, uint64_t address, uint64_t stride, TileState* s) {
  for (unsigned r = s->config.start_row; r < s->config.rows[t]; r++) {
    memcpy(s->tile[t][r], reinterpret_cast<const void*>(address + r * stride), s->config.colsb[t]);
  }
}

// memory[address + r * stride] = tile[t].row[r], colsb bytes each.
void store_tile(int t, uint64_t address, uint64_t stride, const TileState& s) {
  for (unsigned r = s.config.start_row; r < s.config.rows[t]; r++) {
    memcpy(reinterpret_cast<void*>(address + r * stride), s.tile[t][r], s.config.colsb[t]);
  }
}

const char* check_dot(const Instruction& in, const TileState& s) {
  if (in.dst == in.src1 || in.dst == in.src2 || in.src1 == in.src2) {
    return "tile product: expected three different tiles";
  }
  if (!s.valid(in.dst) || !s.valid(in.src1) || !s.valid(in.src2)) {
    return "tile product: expected configured tiles";
  }
  const TileConfig& c = s.config;
  if ((c.colsb[in.dst] | c.colsb[in.src1] | c.colsb[in.src2]) % 4 != 0) {
    return "tile product: colsb: expected multiples of 4";
  }
  if (c.rows[in.dst] != c.rows[in.src1] || c.colsb[in.dst] != c.colsb[in.src2] ||
      c.colsb[in.src1] / 4 != c.rows[in.src2]) {
    return "tile product: expected shapes m x n, m x k and k x n";
  }
  return nullptr;
}

// Bytes 0 and 2 of each dword as two int16.
template <bool kSigned>
DFP_AVX512_INLINE __m512i even_bytes(__m512i x) {
  return kSigned ? _mm512_srai_epi16(_mm512_slli_epi16(x, 8), 8)
                 : _mm512_and_si512(x, _mm512_set1_epi16(0xFF));
}

// Bytes 1 and 3 of each dword as two int16.
template <bool kSigned>
DFP_AVX512_INLINE __m512i odd_bytes(__m512i x) {
  return kSigned ? _mm512_srai_epi16(x, 8) : _mm512_srli_epi16(x, 8);
}

// d[m][n] += sum over k and i < 4 of a[m][4 k + i] * b[k][4 n + i], modulo 2^32.
//
// Headroom: vpmaddwd adds two products of magnitude <= 255 * 255, at most 130050 < 2^31: exact. The
// additions wrap as those of the CPU do, and as sums modulo 2^32 they may be taken in any order.
// Columns beyond colsb need no mask: b is 0 there, and so stays d.
template <bool kSignedA, bool kSignedB>
DFP_AVX512 void dot(const Instruction& in, TileState* s) {
  const unsigned rows = s->config.rows[in.dst];
  const unsigned depth = s->config.rows[in.src2];
  __m512i b_even[kMaxRows];
  __m512i b_odd[kMaxRows];
  for (unsigned k = 0; k < depth; k++) {
    const __m512i b = _mm512_load_si512(s->tile[in.src2][k]);
    b_even[k] = even_bytes<kSignedB>(b);
    b_odd[k] = odd_bytes<kSignedB>(b);
  }
  for (unsigned m = 0; m < rows; m++) {
    alignas(64) int32_t a_even[16];
    alignas(64) int32_t a_odd[16];
    const __m512i a = _mm512_load_si512(s->tile[in.src1][m]);
    _mm512_store_si512(a_even, even_bytes<kSignedA>(a));
    _mm512_store_si512(a_odd, odd_bytes<kSignedA>(a));
    __m512i even = _mm512_load_si512(s->tile[in.dst][m]);
    __m512i odd = _mm512_setzero_si512();
    for (unsigned k = 0; k < depth; k++) {
      even = _mm512_add_epi32(even, _mm512_madd_epi16(_mm512_set1_epi32(a_even[k]), b_even[k]));
      odd = _mm512_add_epi32(odd, _mm512_madd_epi16(_mm512_set1_epi32(a_odd[k]), b_odd[k]));
    }
    _mm512_store_si512(s->tile[in.dst][m], _mm512_add_epi32(even, odd));
  }
}

const char* execute(const Instruction& in, TileState* s) {
  const char* error = nullptr;
  switch (in.op) {
    case Op::kLoadConfig:
      return load_config(in.address, s);
    case Op::kStoreConfig:
      memcpy(reinterpret_cast<void*>(in.address), &s->config, sizeof s->config);
      return nullptr;
    case Op::kRelease:
      clear(s);
      return nullptr;
    case Op::kZero:
      if (!s->valid(in.dst)) {
        return "TILEZERO: expected a configured tile";
      }
      memset(s->tile[in.dst], 0, sizeof s->tile[in.dst]);
      break;
    case Op::kLoad:
      error = check_transfer(in.dst, *s);
      if (error != nullptr) {
        return error;
      }
      load_tile(in.dst, in.address, in.stride, s);
      break;
    case Op::kStore:
      error = check_transfer(in.dst, *s);
      if (error != nullptr) {
        return error;
      }
      store_tile(in.dst, in.address, in.stride, *s);
      break;
    case Op::kDotSS:
    case Op::kDotSU:
    case Op::kDotUS:
    case Op::kDotUU:
      error = check_dot(in, *s);
      if (error != nullptr) {
        return error;
      }
      if (in.op == Op::kDotSS) {
        dot<true, true>(in, s);
      } else if (in.op == Op::kDotSU) {
        dot<true, false>(in, s);
      } else if (in.op == Op::kDotUS) {
        dot<false, true>(in, s);
      } else {
        dot<false, false>(in, s);
      }
      break;
  }
  s->config.start_row = 0;
  return nullptr;
}

}  // namespace

#endif  // DFP_AMX_INSTRUCTIONS_H
