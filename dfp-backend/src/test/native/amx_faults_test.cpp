// Part of amx_emulator_test: instructions and configurations that must fail, and a SIGILL that is
// the program's own.

#include <immintrin.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include <vector>

#include "amx_test.h"

namespace amx_test {
namespace {

// --- Tests of what must fail ---------------------------------------------------------------------

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
  check(number == SIGILL && fault_rip == reinterpret_cast<uint64_t>(run), "%s: signal %d", what,
        number);
}

// Executes the bytes of an instruction that the assembler refuses; rdi is a valid address.
void expect_undefined(const char* what, const std::vector<uint8_t>& bytes, void* page) {
  memcpy(page, bytes.data(), bytes.size());
  const auto run = reinterpret_cast<void (*)(void*)>(page);
  Tile tile;
  const int number = signal_of([&] { run(&tile); });
  check(number == SIGILL && fault_rip == reinterpret_cast<uint64_t>(page), "%s: signal %d", what,
        number);
}

void test_undefined() {
  Tile tile = {};
  _tile_release();
  expect_undefined("product without configuration", dot_stub(kSS, 0, 1, 2).run);
  expect_undefined("TILEZERO without configuration", amx_tile_stubs[1].zero);
  check(signal_of([&] { amx_tile_stubs[1].load(&tile, 64); }) == SIGILL,
        "load without configuration");
  check(signal_of([&] { amx_tile_stubs[1].store(&tile, 64); }) == SIGILL,
        "store without configuration");

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
  check(signal_of([&] { amx_tile_stubs[0].load(&tile, 64); }) == SIGILL,
        "load with start_row = rows");

  load_config(full_config());
  void* page =
      mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
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

// --- Tests of the program's own SIGILL -----------------------------------------------------------

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
  check(seen.calls == 1 && seen.number == SIGILL && seen.code > 0 && seen.address_is_rip,
        "ud2: SA_SIGINFO");
  check(seen.sigill_blocked && seen.sigusr1_blocked && seen.on_alternate_stack,
        "ud2: mask and stack");
  sigset_t mask;
  sigprocmask(SIG_SETMASK, nullptr, &mask);
  check(sigismember(&mask, SIGILL) == 0 && sigismember(&mask, SIGUSR1) == 0,
        "ud2: mask afterwards");
  raise(SIGILL);
  check(seen.calls == 2 && seen.code <= 0, "raise: SA_SIGINFO");

  action.sa_flags |= SA_NODEFER;
  sigaction(SIGILL, &action, &old);
  check(old.sa_sigaction == on_ud2 && (old.sa_flags & SA_NODEFER) == 0,
        "sigaction: the program's own");
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

  check(signal(SIGILL, on_sent) == SIG_DFL && signal(SIGILL, on_sent) == on_sent,
        "signal: returns the last");
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
  check(signal(SIGUSR1, on_sent) == SIG_DFL && raise(SIGUSR1) == 0 && seen.number == SIGUSR1,
        "other signals");
  test_dot_shape(random, 11, 8, 16);
}

}  // namespace

void test_faults(Random& random) {
  test_chaining(random);
  test_invalid_configs();
  test_undefined();
}

}  // namespace amx_test
