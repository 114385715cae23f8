// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The replay and the relay of C++; ../README.md tells what they do.

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include "opt/opt.hpp"

namespace {

void Expect(bool condition, const std::string& otherwise) {
  if (!condition) throw std::runtime_error(otherwise);
}

// The format is that of ../write_input.c.
class Input {
 public:
  explicit Input(const std::string& path) : file_(path, std::ios::binary) {
    const auto sizes = Read<int64_t>(2);
    counts_ = Read<int64_t>(sizes[0]);
    steps_ = sizes[1];
    params_ = Read<float>(total());
    grads_ = Read<float>(total() * steps_);
  }

  int64_t tensors() const { return static_cast<int64_t>(counts_.size()); }
  int64_t steps() const { return steps_; }
  int64_t count(int64_t i) const { return counts_[static_cast<size_t>(i)]; }

  template <typename T>
  std::vector<T> Params(int64_t tensor) const {
    std::vector<T> params(static_cast<size_t>(count(tensor)));
    std::copy_n(params_.begin() + Offset(tensor), params.size(),
                params.begin());
    return params;
  }
  template <typename T>
  void CopyGrads(int64_t step, int64_t tensor, std::vector<T>* grads) const {
    std::copy_n(grads_.begin() + step * total() + Offset(tensor), grads->size(),
                grads->begin());
  }

 private:
  template <typename T>
  std::vector<T> Read(int64_t count) {
    std::vector<T> values(static_cast<size_t>(count));
    file_.read(reinterpret_cast<char*>(values.data()),
               count * static_cast<int64_t>(sizeof(T)));
    Expect(file_.good(), "the input cannot be read");
    return values;
  }
  int64_t Offset(int64_t tensor) const {
    return std::accumulate(counts_.begin(), counts_.begin() + tensor,
                           int64_t{0});
  }
  int64_t total() const { return Offset(tensors()); }

  std::ifstream file_;
  std::vector<int64_t> counts_;
  int64_t steps_ = 0;
  std::vector<float> params_;
  std::vector<float> grads_;
};

template <typename T>
void ReplayRun(const Input& input, const char* rule, const char* preset,
               const std::string& path) {
  std::vector<std::vector<T>> params;
  std::vector<std::vector<T>> grads;
  for (int64_t i = 0; i < input.tensors(); ++i) {
    params.push_back(input.Params<T>(i));
    grads.emplace_back(params.back().size());
  }
  opt::Optimizer optimizer(rule);
  optimizer.SetPreset(preset);
  for (size_t i = 0; i < params.size(); ++i) {
    optimizer.Attach(opt::TensorSpec("", params[i], grads[i]));
  }
  for (int64_t step = 0; step < input.steps(); ++step) {
    for (int64_t i = 0; i < input.tensors(); ++i) {
      input.CopyGrads(step, i, &grads[static_cast<size_t>(i)]);
    }
    optimizer.Step();
  }
  std::ofstream file(path, std::ios::binary);
  for (const std::vector<T>& tensor : params) {
    file.write(reinterpret_cast<const char*>(tensor.data()),
               static_cast<std::streamsize>(tensor.size() * sizeof(T)));
  }
  Expect(file.flush().good(), path + " cannot be written");
}

void Replay(const Input& input, const std::string& directory) {
  for (const opt::Rule& rule : opt::Rules()) {
    for (const opt::Preset& preset : opt::PresetsOf(rule.name)) {
      const std::string path =
          directory + "/" + rule.name + "-" + preset.name + "-";
      ReplayRun<float>(input, rule.name, preset.name, path + "f32");
      ReplayRun<double>(input, rule.name, preset.name, path + "f64");
    }
  }
}

// Tensor i: f32 if i is even, else f64.
struct Weights {
  std::vector<float> f32;
  std::vector<double> f64;
};

void Relay(const Input& input, const std::string& from, const std::string& to,
           int64_t first, int64_t steps, const std::string& rule) {
  opt::Optimizer optimizer(rule);
  const int32_t second = optimizer.AddGroup();
  std::vector<Weights> params;
  std::vector<Weights> grads(static_cast<size_t>(input.tensors()));
  for (int64_t i = 0; i < input.tensors(); ++i) {
    const std::string name = "Gr\u00f6\u00dfe." + std::to_string(i);
    const int64_t count = input.count(i);
    const int64_t rows = count % 2 == 0 ? 2 : 1;
    const bool even = i % 2 == 0;
    optimizer.Attach((even ? opt::TensorSpec::Lent<float>(name, count)
                           : opt::TensorSpec::Lent<double>(name, count))
                         .Shape({rows, count / rows})
                         .Group(even ? 0 : second));
    params.push_back({input.Params<float>(i), input.Params<double>(i)});
  }
  opt::Lent lent = optimizer.Lend();
  const auto lend = [&](int64_t i) {
    const auto at = static_cast<size_t>(i);
    if (i % 2 == 0) {
      lent.Set(i, params[at].f32, grads[at].f32);
    } else {
      lent.Set(i, params[at].f64, grads[at].f64);
    }
  };
  for (int64_t i = 0; i < input.tensors(); ++i) {
    grads[static_cast<size_t>(i)] = params[static_cast<size_t>(i)];
    lend(i);
  }
  if (from == "-") {
    optimizer.Set(second, OPT_LR, 0.01);
  } else {
    const opt::Checkpoint saved = opt::Checkpoint::OpenFile(from);
    Expect(saved.Read<int64_t>("step") == std::vector<int64_t>{first},
           from + ": another step");
    optimizer.Load(saved, opt::LoadOptions().Params(lent));
  }
  for (int64_t step = first; step < first + steps; ++step) {
    for (int64_t i = 0; i < input.tensors(); ++i) {
      Weights& grad = grads[static_cast<size_t>(i)];
      input.CopyGrads(step, i, &grad.f32);
      input.CopyGrads(step, i, &grad.f64);
    }
    optimizer.Step(lent);
  }
  const std::vector<int64_t> next = {first + steps};
  optimizer.SaveFile(to, opt::SaveOptions().Params(lent).Entry("step", next));
}

// The number of elements of a slot of tensor 0; -1 if it has no such slot.
template <typename T>
int64_t ElementsOf(const opt::Optimizer& optimizer, const char* slot) {
  try {
    return static_cast<int64_t>(optimizer.State<T>(0, slot).size());
  } catch (const opt::Error& error) {
    if (error.status() != OPT_ERR_NAME) throw;
    return -1;
  }
}

void WriteSlots(const std::string& path) {
  const char* const shapes[] = {"param",        "rows",      "rowfactor",
                                "columnfactor", "rowsquare", "columnsquare",
                                "blocks",       "number",    "groupnumber"};
  std::ofstream file(path);
  for (const opt::Rule& rule : opt::Rules()) {
    opt::Optimizer optimizer(rule.name);
    optimizer.Attach(opt::TensorSpec::Lent<float>("", 3000).Shape({2, 3, 500}));
    for (const opt::Slot& slot : opt::SlotsOf(rule.name)) {
      if (slot.when_option != nullptr) continue;
      const bool wide = slot.dtype == OPT_F64;
      const int64_t elements = wide ? ElementsOf<double>(optimizer, slot.name)
                                    : ElementsOf<float>(optimizer, slot.name);
      if (elements < 0) continue;
      file << rule.name << ' ' << slot.name << ' ' << shapes[slot.shape]
           << (wide ? " f64 " : " f32 ") << elements << '\n';
    }
  }
  Expect(file.flush().good(), path + " cannot be written");
}

void Run(const std::vector<std::string>& arguments) {
  if (arguments.size() == 3 && arguments[0] == "replay") {
    Replay(Input(arguments[1]), arguments[2]);
  } else if (arguments.size() == 3 && arguments[0] == "slots") {
    WriteSlots(arguments[2]);
  } else if (arguments.size() == 7 && arguments[0] == "relay") {
    Relay(Input(arguments[1]), arguments[2], arguments[3],
          std::stoll(arguments[4]), std::stoll(arguments[5]), arguments[6]);
  } else {
    throw std::runtime_error(
        "usage: replay <input> <directory> | slots <input> <file> | "
        "relay <input> <from> <to> <first step> <steps> <rule>");
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    Run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bindings_cpp: %s\n", error.what());
    return 1;
  }
  return 0;
}
