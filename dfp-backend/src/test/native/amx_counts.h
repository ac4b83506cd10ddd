// What dfp_amx_counts of amx_emulator.cpp reports.
#ifndef DFP_AMX_COUNTS_H
#define DFP_AMX_COUNTS_H

#include <stdint.h>

struct AmxCounts {
  uint64_t products;        // TDPB*
  uint64_t loads;           // TILELOADD
  uint64_t streamed_loads;  // TILELOADDT1
  uint64_t stores;          // TILESTORED
  uint64_t zeros;           // TILEZERO
  uint64_t configurations;  // LDTILECFG
  // Cache lines that tile loads touch, and where the model of the caches has them.
  uint64_t lines, lines_in_l1, lines_in_l2;
};

#endif  // DFP_AMX_COUNTS_H
