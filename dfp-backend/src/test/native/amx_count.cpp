// Counts the AMX instructions of a network's convolutions: see README.md beside this file.
//
//   LD_PRELOAD=libamx_emulator.so amx_count SHAPES [BATCH [THREADS [NAME]]]
//
// SHAPES is a file of ./dfp bench conv, with square images and kernels; NAME picks a layer.
#include <dlfcn.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "amx_counts.h"
#include "dfp/dfp.h"

namespace {

constexpr int kAmx = 0;  // its row of the table
// Products of one step, the 4 tile instructions that multiply 16 x 64 by 64 x 16 values.
constexpr double kStepProducts = 16.0 * 16 * 64;

using ReadCounts = void (*)(void*, size_t);

struct Free {
  void operator()(void* memory) const { dfp_free(memory); }
};
using Memory = std::unique_ptr<void, Free>;

Memory zeros(int64_t bytes) {
  void* memory = dfp_alloc(bytes > 0 ? bytes : 64);
  std::memset(memory, 0, static_cast<size_t>(bytes));
  return Memory(memory);
}

void require(int code) {
  if (code == 0) return;
  std::fprintf(stderr, "amx_count: %s\n", dfp_last_error());
  std::exit(1);
}

struct Layer {
  std::string name;
  int times = 1;
  int mb, ic, ih, oc, oh, kh = 1, sh = 1, ph = 0, dh = 1;

  Layer(const std::string& line, int batch) : mb(batch) {
    std::istringstream words(line);
    std::string word;
    words >> name;
    std::map<std::string, int> values;
    while (words >> word) {
      const size_t digits = word.find_first_of("0123456789");
      values[word.substr(0, digits)] = std::atoi(word.c_str() + digits);
    }
    const auto value = [&](const char* key, int otherwise) {
      return values.count(key) != 0 ? values[key] : otherwise;
    };
    times = value("x", 1);
    ic = value("ic", 1);
    ih = value("ih", 1);
    oc = value("oc", 1);
    kh = value("kh", 1);
    sh = value("sh", 1);
    ph = value("ph", 0);
    dh = value("dh", 1);
    oh = value("oh", (ih + 2 * ph - (kh - 1) * dh - 1) / sh + 1);
  }

  std::vector<int> shape() const {
    return {mb, ic, ih, ih, oc, oh, oh, kh, kh, sh, sh, ph, ph, dh, dh};
  }
  double products() const { return 1.0 * mb * oc * oh * oh * ic * kh * kh; }
};

// The tensors of a layer, all zeros: the instructions do not depend on them.
class Convolution {
 public:
  Convolution(const Layer& layer, int threads) : shape_(layer.shape()), threads_(threads) {
    src_ = packed(DFP_SRC, layer.mb, layer.ic, layer.ih);
    weights_ = packed(DFP_WEIGHTS, layer.oc, layer.ic, layer.kh);
    diff_dst_ = packed(DFP_DIFF_DST, layer.mb, layer.oc, layer.oh);
    const int64_t src = int64_t{layer.mb} * layer.ic * layer.ih * layer.ih;
    const int64_t dst = int64_t{layer.mb} * layer.oc * layer.oh * layer.oh;
    const int64_t weights = int64_t{layer.oc} * layer.ic * layer.kh * layer.kh;
    out_ = zeros(std::max({src, dst, weights}) * static_cast<int64_t>(sizeof(float)));
  }

  void run(int pass) const {
    const int* shape = shape_.data();
    const Memory scratch = zeros(dfp_conv_scratch_bytes(kAmx, shape, pass, threads_));
    auto* out = static_cast<float*>(out_.get());
    if (pass == DFP_FORWARD) {
      require(dfp_conv_forward(kAmx, shape, src_.get(), weights_.get(), 0, nullptr, out, threads_,
                               scratch.get()));
    } else if (pass == DFP_BACKWARD_DATA) {
      require(dfp_conv_backward_data(kAmx, shape, diff_dst_.get(), weights_.get(), 0, out, threads_,
                                     scratch.get()));
    } else {
      require(dfp_conv_backward_weights(kAmx, shape, src_.get(), diff_dst_.get(), 0, out, threads_,
                                        scratch.get()));
    }
  }

 private:
  Memory packed(int role, int64_t outer, int64_t channels, int64_t side) const {
    const Memory x = zeros(outer * channels * side * side * static_cast<int64_t>(sizeof(float)));
    const int64_t strides[] = {channels * side * side, side * side, side, 1};
    Memory to = zeros(dfp_conv_packed_bytes(kAmx, shape_.data(), role));
    require(dfp_conv_pack(kAmx, shape_.data(), role, static_cast<float*>(x.get()), strides, 0,
                          DFP_NEAREST_EVEN, 0, 0, threads_, to.get(), nullptr, nullptr));
    return to;
  }

  const std::vector<int> shape_;
  const int threads_;
  Memory src_, weights_, diff_dst_, out_;
};

void print(const Layer& layer, const char* pass, const AmxCounts& counts) {
  const double ideal = layer.products() / kStepProducts;
  const double steps = static_cast<double>(counts.products) / 4;
  const auto share = [&](uint64_t part) {
    return 100 * static_cast<double>(part) / static_cast<double>(counts.lines);
  };
  std::printf(
      "%-15s %-4s %9.0f %6.3f %6.3f %6.3f %6.3f %7.1f %8llu %7.3f %5.1f %5.1f %5.1f\n",
      layer.name.c_str(), pass, ideal, steps / ideal, static_cast<double>(counts.loads) / steps,
      static_cast<double>(counts.streamed_loads) / steps,
      static_cast<double>(counts.stores) / steps, 3 * steps / static_cast<double>(counts.stores),
      static_cast<unsigned long long>(counts.configurations),
      static_cast<double>(counts.lines) /
          static_cast<double>(16 * (counts.loads + counts.streamed_loads)),
      share(counts.lines_in_l1), share(counts.lines_in_l2),
      share(counts.lines - counts.lines_in_l1 - counts.lines_in_l2));
}

}  // namespace

int main(int argc, char** argv) {
  const auto read = reinterpret_cast<ReadCounts>(dlsym(RTLD_DEFAULT, "dfp_amx_counts"));
  if (argc < 2 || read == nullptr || dfp_isa_runs(kAmx) == 0) {
    std::fprintf(stderr,
                 "usage: LD_PRELOAD=libamx_emulator.so amx_count SHAPES [BATCH [THREADS "
                 "[NAME]]], on a CPU with AVX-512 and without AMX\n");
    return 2;
  }
  const int batch = argc > 2 ? std::atoi(argv[2]) : 8, threads = argc > 3 ? std::atoi(argv[3]) : 2;
  std::printf("%-15s %-4s %9s %6s %6s %6s %6s %7s %8s %7s %5s %5s %5s\n", "layer", "pass", "ideal",
              "steps", "loads", "stream", "stores", "chain", "configs", "lines", "L1 %", "L2 %",
              "new %");
  std::ifstream file(argv[1]);
  AmxCounts counts;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    const Layer layer(line, batch);
    if (argc > 4 && layer.name != argv[4]) continue;
    const Convolution convolution(layer, threads);
    static constexpr const char* kPasses[] = {"fwd", "bwdd", "bwdw"};
    for (int pass = 0; pass < 3; pass++) {
      read(&counts, sizeof counts);
      convolution.run(pass);
      read(&counts, sizeof counts);
      print(layer, kPasses[pass], counts);
      std::fflush(stdout);
    }
  }
  return 0;
}
