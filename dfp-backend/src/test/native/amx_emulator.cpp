// Software AMX: a library to preload that executes AMX-TILE and AMX-INT8 instructions on CPUs that
// lack them.
//
// Why: the machine code of the AMX kernels is then tested bit for bit on any x86-64 Linux machine
// with AVX-512BW. It is test equipment: an instruction costs microseconds here and nanoseconds on
// the CPU.
//
//   g++ -std=c++17 -O2 -fPIC -shared amx_emulator.cpp -o libamx_emulator.so
//   LD_PRELOAD=$PWD/libamx_emulator.so program...
//
// How: the CPU answers an unknown instruction with #UD, which Linux delivers as SIGILL. The handler
// here decodes the instruction at RIP, executes it on the tiles of its thread, moves RIP behind it
// and goes on with the next one while that is AMX too (or a plain 64-bit LEA or MOV between two of
// them): one signal then serves several instructions. All other registers come back when the
// handler returns. Where the CPU has AMX there is no SIGILL, and nothing happens.
//
// Any other SIGILL goes to the handler that the program installed. `sigaction` and `signal` are
// replaced for that: for SIGILL they remember the program's handler, and report it back, while this
// one stays.
//
// The program asks for the symbol dfp_amx_emulated: where it exists, AMX works in spite of CPUID.
//
// The instructions are decoded and executed in amx_instructions.h, and counted in amx_counters.h.
//
// Differences from the CPU:
// - #GP (an invalid LDTILECFG) ends as SIGILL, not SIGSEGV.
// - One line on standard error gives the reason of a #GP or #UD.
// - A page fault of a tile load or store, or of such a MOV, is raised in this library, and
//   start_row is not updated.
// - Instructions with a segment or address-size prefix are not decoded.
// - A signal handler of the program sees the tiles of the code that it interrupted.
// - A thread that blocks SIGILL, or a program that sets its action by a raw system call, is not
//   served.

#include <dlfcn.h>
#include <errno.h>
#include <immintrin.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#include <atomic>

#include "amx_counters.h"
#include "amx_instructions.h"

#define DFP_EXPORT extern "C" __attribute__((visibility("default")))

namespace {

// --- Signals -------------------------------------------------------------------------------------

using SigactionFunction = int (*)(int, const struct sigaction*, struct sigaction*);

// The C library's sigaction. Looked up outside the lock below: dlsym takes the loader's own lock.
SigactionFunction real_sigaction() {
  static std::atomic<SigactionFunction> function;
  SigactionFunction f = function.load();
  if (f == nullptr) {
    f = reinterpret_cast<SigactionFunction>(dlsym(RTLD_NEXT, "sigaction"));
    function.store(f);
  }
  return f;
}

std::atomic_flag lock = ATOMIC_FLAG_INIT;  // guards the next two
bool installed = false;
struct sigaction program_action;  // the SIGILL action that the program believes to be in force

// Takes the lock with all signals blocked, so that no handler of this thread can wait for it.
class Locked {
 public:
  Locked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
    while (lock.test_and_set(std::memory_order_acquire)) {
      _mm_pause();
    }
  }
  ~Locked() {
    lock.clear(std::memory_order_release);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;

 private:
  sigset_t before_;
};

// One line on standard error, without functions that a signal handler must not call.
void report(const char* reason, uint64_t address) {
  char line[160] = "amx_emulator: ";
  size_t n = strlen(line);
  for (const char* c = reason; *c != 0 && n < 120; c++) {
    line[n++] = *c;
  }
  memcpy(line + n, " (at 0x", 7);
  n += 7;
  for (int shift = 60; shift >= 0; shift -= 4) {
    line[n++] = "0123456789abcdef"[address >> shift & 15];
  }
  memcpy(line + n, ")\n", 2);
  n += 2;
  const int saved = errno;
  if (write(STDERR_FILENO, line, n) < 0) {
    errno = saved;  // nobody to tell
  }
}

// Does what the program asked for on SIGILL, as the kernel would.
void chain(int signal, siginfo_t* info, void* context) {
  const bool sent = info->si_code <= 0;  // by kill() and the like, not by an instruction
  struct sigaction action;
  {
    const Locked locked;
    action = program_action;
    if ((action.sa_flags & SA_RESETHAND) != 0) {
      program_action.sa_handler = SIG_DFL;
    }
    if (action.sa_handler == SIG_IGN && !sent) {
      action.sa_handler = SIG_DFL;  // an instruction that cannot be executed cannot be ignored
    }
    if (action.sa_handler == SIG_DFL) {
      real_sigaction()(SIGILL, &action, nullptr);
    }
  }
  if (action.sa_handler == SIG_DFL) {
    if (sent) {
      raise(signal);
    }
    return;  // the instruction runs again, now with the default action
  }
  if (action.sa_handler == SIG_IGN) {
    return;
  }
  // This handler runs with the mask of the interrupted code; sigreturn brings that mask back.
  if ((action.sa_flags & SA_NODEFER) == 0) {
    sigaddset(&action.sa_mask, signal);
  }
  pthread_sigmask(SIG_BLOCK, &action.sa_mask, nullptr);
  if ((action.sa_flags & SA_SIGINFO) != 0) {
    action.sa_sigaction(signal, info, context);
  } else {
    action.sa_handler(signal);
  }
}

void on_sigill(int signal, siginfo_t* info, void* context) {
  greg_t* registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  const char* error = nullptr;
  bool executed = false;
  if (info->si_code > 0) {
    Instruction in;
    while (decode(reinterpret_cast<const uint8_t*>(registers[REG_RIP]), registers, &in)) {
      error = execute(in, &tile_state);
      if (error != nullptr) {
        break;
      }
      count(in, tile_state.config);
      registers[REG_RIP] += in.length;
      executed = true;
      while (execute_move(registers)) {
      }
    }
  }
  if (executed) {
    return;  // an instruction that failed after others raises a signal of its own
  }
  if (error != nullptr) {
    report(error, static_cast<uint64_t>(registers[REG_RIP]));
  }
  chain(signal, info, context);
}

// Needs the lock. SA_NODEFER keeps SIGILL deliverable while the program's handler runs and
// SA_ONSTACK uses the alternate stack of threads that have one.
void install(SigactionFunction real) {
  if (installed) {
    return;
  }
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = on_sigill;
  action.sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  installed = real(SIGILL, &action, &program_action) == 0;
}

}  // namespace

// Returns 1: AMX instructions work in this process. Installs the handler if that did not happen
// yet.
DFP_EXPORT int dfp_amx_emulated() {
  const SigactionFunction real = real_sigaction();
  const Locked locked;
  install(real);
  return 1;
}

// From the first call on, instructions are counted. Writes what all threads have counted since the
// last call, `size` bytes of an AmxCounts, and begins anew; no other thread may execute AMX
// meanwhile.
DFP_EXPORT void dfp_amx_counts(void* counts, size_t size) {
  const AmxCounts read = take_counts();
  memcpy(counts, &read, size < sizeof read ? size : sizeof read);
}

namespace {
__attribute__((constructor)) void on_load() { dfp_amx_emulated(); }
}  // namespace

DFP_EXPORT int sigaction(int number, const struct sigaction* action,
                         struct sigaction* old) noexcept {
  const SigactionFunction real = real_sigaction();
  if (number != SIGILL) {
    return real(number, action, old);
  }
  const Locked locked;
  install(real);
  const struct sigaction before = program_action;
  if (action != nullptr) {
    program_action = *action;
  }
  if (old != nullptr) {
    *old = before;
  }
  return 0;
}

DFP_EXPORT sighandler_t signal(int number, sighandler_t handler) noexcept {
  if (number != SIGILL) {
    using SignalFunction = sighandler_t (*)(int, sighandler_t);
    return reinterpret_cast<SignalFunction>(dlsym(RTLD_NEXT, "signal"))(number, handler);
  }
  struct sigaction action;
  struct sigaction old;
  memset(&action, 0, sizeof action);
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  return sigaction(number, &action, &old) == 0 ? old.sa_handler : SIG_ERR;
}
