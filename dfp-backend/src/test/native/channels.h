// The formulas of tensors by channels: sums, batch normalization and what is computed where it is
// read, in plain loops and in the order of sums that dfp/fp32/batchnorm/batchnorm.h states.
#ifndef DFP_TEST_CHANNELS_H
#define DFP_TEST_CHANNELS_H

#include "checks.h"

namespace {

using Floats = std::vector<float>;

Floats normal(size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> values;
  Floats x(count);
  for (float& v : x) v = random() % 8 == 0 ? 0.0f : values(random);
  return x;
}

// x[outer, channels, inner]
struct Channels {
  int64_t outer, channels, inner;

  size_t elements() const { return static_cast<size_t>(outer * channels * inner); }
  size_t channel(size_t i) const { return i / static_cast<size_t>(inner) % size_t(channels); }
};

struct Function {
  int kind;
  float parameter;

  float operator()(float x) const {
    switch (kind) {
      case DFP_RELU:
        return x < 0 ? 0.0f : x;
      case DFP_CLIPPED_RELU: {
        const float relu = x < 0 ? 0.0f : x;
        return relu < parameter ? relu : parameter;
      }
      case DFP_LEAKY_RELU:
        return x < 0 ? parameter * x : x;
      default:
        return x;
    }
  }

  float gradient(float x, float diff) const {
    switch (kind) {
      case DFP_RELU:
        return x > 0 ? diff : 0.0f;
      case DFP_CLIPPED_RELU:
        return x > 0 && x < parameter ? diff : 0.0f;
      case DFP_LEAKY_RELU:
        return x < 0 ? parameter * diff : diff;
      default:
        return diff;
    }
  }
};

const Function kFunctions[] = {
    {DFP_NO_ACTIVATION, 0}, {DFP_RELU, 0}, {DFP_CLIPPED_RELU, 0.75f}, {DFP_LEAKY_RELU, 0.1f}};

// (x - mean[c]) * scale[c] + offset[c], or x where mean is empty.
struct Term {
  Channels shape;
  Floats x, mean, scale, offset;

  Term(const Channels& of, bool affine, unsigned seed) : shape(of), x(normal(of.elements(), seed)) {
    if (!affine) return;
    const auto channels = static_cast<size_t>(of.channels);
    mean = normal(channels, seed + 1);
    scale = normal(channels, seed + 2);
    offset = normal(channels, seed + 3);
  }

  const float* mean_or_null() const { return mean.empty() ? nullptr : mean.data(); }

  float operator()(size_t i) const {
    if (mean.empty()) return x[i];
    const size_t c = shape.channel(i);
    return (x[i] - mean[c]) * scale[c] + offset[c];
  }

  Floats computed(const Function& f) const {
    Floats y(x.size());
    for (size_t i = 0; i < y.size(); i++) y[i] = f((*this)(i));
    return y;
  }
};

// The sum of value(i) over the elements i of channel c.
template <class Value>
double channel_sum(const Channels& s, int64_t c, const Value& value) {
  double sum = 0;
  for (int64_t o = 0; o < s.outer; o++) {
    double lanes[16] = {};
    for (int64_t i = 0; i < s.inner; i++) {
      lanes[i % 16] += value(static_cast<size_t>((o * s.channels + c) * s.inner + i));
    }
    for (int half = 8; half > 0; half /= 2) {
      for (int l = 0; l < half; l++) lanes[l] += lanes[l + half];
    }
    sum += lanes[0];
  }
  return sum;
}

struct Statistics {
  Floats mean, variance;

  Statistics(const Channels& s, const Floats& x) {
    const auto m = static_cast<double>(s.outer * s.inner);
    for (int64_t c = 0; c < s.channels; c++) {
      const double average = channel_sum(s, c, [&](size_t i) { return double{x[i]}; }) / m;
      const double squares =
          channel_sum(s, c, [&](size_t i) { return double{x[i]} * double{x[i]}; }) / m;
      const double square = squares - average * average;
      mean.push_back(static_cast<float>(average));
      variance.push_back(square < 0 ? 0.0f : static_cast<float>(square));
    }
  }
};

// What a backward pass of batch norm computes of `diff`, the gradient by its output.
struct NormGradients {
  Floats diff_src, diff_gamma, diff_beta;

  NormGradients(const Channels& s, const Floats& x, const Floats& diff, const Statistics& used,
                const Floats& batch_mean, const Floats& gamma, double eps)
      : diff_src(x.size()) {
    const auto m = static_cast<double>(s.outer * s.inner);
    Floats a, k, offset;
    for (int64_t channel = 0; channel < s.channels; channel++) {
      const auto c = static_cast<size_t>(channel);
      const double sum = channel_sum(s, channel, [&](size_t i) { return double{diff[i]}; });
      const double product =
          channel_sum(s, channel, [&](size_t i) { return double{diff[i]} * double{x[i]}; });
      const double deviation = 1 / std::sqrt(used.variance[c] + eps);
      const double centred = product - used.mean[c] * sum;
      const double slope = gamma[c] * deviation;
      diff_beta.push_back(static_cast<float>(sum));
      diff_gamma.push_back(static_cast<float>(centred * deviation));
      a.push_back(static_cast<float>(slope));
      k.push_back(static_cast<float>(-slope * centred * deviation * deviation / m));
      offset.push_back(static_cast<float>(-slope * sum / m));
    }
    for (size_t i = 0; i < x.size(); i++) {
      const size_t c = s.channel(i);
      diff_src[i] = (diff[i] * a[c] + (x[i] - batch_mean[c]) * k[c]) + offset[c];
    }
  }
};

}  // namespace

#endif  // DFP_TEST_CHANNELS_H
