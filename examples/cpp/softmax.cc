// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Softmax regression on Fashion-MNIST in C++: one layer of weights, trained
// with AdamW on mini-batches.
//   softmax [directory of the four idx files, gzip'ed]

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <numeric>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "opt/opt.hpp"

namespace {

constexpr size_t kPixels = 784;
constexpr size_t kClasses = 10;
constexpr size_t kBatch = 128;
constexpr int kEpochs = 2;

// The bytes of an idx file after its header.
std::vector<uint8_t> ReadIdx(const std::string& path, size_t header) {
  const gzFile file = gzopen(path.c_str(), "rb");
  std::vector<uint8_t> bytes;
  std::array<uint8_t, 1 << 16> part{};
  int size = 0;
  while (file != nullptr &&
         (size = gzread(file, part.data(), part.size())) > 0) {
    bytes.insert(bytes.end(), part.begin(), part.begin() + size);
  }
  const bool whole = file != nullptr && size == 0;
  if (file != nullptr) gzclose(file);
  if (!whole || bytes.size() <= header) {
    throw std::runtime_error(path + " cannot be read");
  }
  bytes.erase(bytes.begin(), bytes.begin() + static_cast<int64_t>(header));
  return bytes;
}

struct DataSet {
  DataSet(const std::string& directory, const std::string& name)
      : pixels(ReadIdx(directory + "/" + name + "-images-idx3-ubyte.gz", 16)),
        labels(ReadIdx(directory + "/" + name + "-labels-idx1-ubyte.gz", 8)) {
    if (pixels.size() != labels.size() * kPixels) {
      throw std::runtime_error(directory + ": images and labels differ");
    }
  }
  size_t size() const { return labels.size(); }

  std::vector<uint8_t> pixels;
  std::vector<uint8_t> labels;
};

// Logits w x + b; w is stored pixel by pixel.
class Model {
 public:
  using Classes = std::array<float, kClasses>;

  Classes Probabilities(const uint8_t* pixels) const {
    Classes z;
    std::copy(bias.begin(), bias.end(), z.begin());
    for (size_t i = 0; i < kPixels; ++i) {
      const float x = static_cast<float>(pixels[i]) / 255;
      for (size_t c = 0; c < kClasses; ++c) {
        z[c] += weight[i * kClasses + c] * x;
      }
    }
    const float max = *std::max_element(z.begin(), z.end());
    for (float& value : z) value = std::exp(value - max);
    const float sum = std::accumulate(z.begin(), z.end(), 0.0F);
    for (float& value : z) value /= sum;
    return z;
  }

  // Adds the gradients of one sample's cross-entropy.
  void AddGradients(const uint8_t* pixels, uint8_t label) {
    Classes dz = Probabilities(pixels);
    dz[label] -= 1;
    for (size_t c = 0; c < kClasses; ++c) bias_grad[c] += dz[c];
    for (size_t i = 0; i < kPixels; ++i) {
      const float x = static_cast<float>(pixels[i]) / 255;
      for (size_t c = 0; c < kClasses; ++c) {
        weight_grad[i * kClasses + c] += dz[c] * x;
      }
    }
  }

  // The share of images that are classified correctly.
  double Accuracy(const DataSet& data) const {
    size_t right = 0;
    for (size_t i = 0; i < data.size(); ++i) {
      const Classes p = Probabilities(&data.pixels[i * kPixels]);
      const auto best = std::max_element(p.begin(), p.end()) - p.begin();
      if (best == data.labels[i]) ++right;
    }
    return static_cast<double>(right) / static_cast<double>(data.size());
  }

  std::vector<float> weight = std::vector<float>(kPixels * kClasses);
  std::vector<float> weight_grad = std::vector<float>(kPixels * kClasses);
  std::vector<float> bias = std::vector<float>(kClasses);
  std::vector<float> bias_grad = std::vector<float>(kClasses);
};

void Train(const DataSet& data, Model* model) {
  opt::Optimizer optimizer(opt::AdamW().lr(2e-3));
  // Biases are not decayed.
  const int32_t biases = optimizer.AddGroup(opt::AdamW().weight_decay(0));
  optimizer.Attach(
      {opt::TensorSpec("weight", model->weight, model->weight_grad)
           .Shape({kPixels, kClasses}),
       opt::TensorSpec("bias", model->bias, model->bias_grad).Group(biases)});

  std::vector<size_t> order(data.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::mt19937 random(1);
  for (int epoch = 0; epoch < kEpochs; ++epoch) {
    for (size_t i = order.size() - 1; i > 0; --i) {
      std::swap(order[i], order[random() % (i + 1)]);
    }
    for (size_t begin = 0; begin < order.size(); begin += kBatch) {
      const size_t end = std::min(begin + kBatch, order.size());
      for (size_t i = begin; i < end; ++i) {
        model->AddGradients(&data.pixels[order[i] * kPixels],
                            data.labels[order[i]]);
      }
      // The gradients are sums over the batch: the step takes their mean.
      optimizer.Accumulate(
          opt::AccumulateOptions(static_cast<int64_t>(end - begin))
              .ZeroGrads());
      optimizer.Step();
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string directory =
      argc > 1 ? argv[1] : "/usr/share/datasets/fashion-mnist";
  try {
    Model model;
    Train(DataSet(directory, "train"), &model);
    std::printf("test accuracy: %.1f %%\n",
                100 * model.Accuracy(DataSet(directory, "t10k")));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "softmax: %s\n", error.what());
    return 1;
  }
  return 0;
}
