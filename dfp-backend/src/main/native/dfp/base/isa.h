// Instruction sets: which rows of the kernel tables this CPU and operating system can run.
#ifndef DFP_BASE_ISA_H
#define DFP_BASE_ISA_H

namespace dfp {

// Best first; each row's instructions include those of the rows below it.
enum Isa : int { kAmxInt8 = 0, kAvx512Vnni = 1, kAvx2 = 2, kIsaCount = 3 };

const char* isa_name(int isa);
bool isa_runs(int isa);
// The best row that runs and is not above the row named `cap` (null or empty: no cap); -1 where
// nothing runs, -2 where `cap` names no row.
int isa_select(const char* cap);
const char* cpu_name();

}  // namespace dfp

#endif  // DFP_BASE_ISA_H
