// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// How fast libopt is: ratios to what the memory allows and to the loops that
// its users would write or use instead. See tests/bench/run.

#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <utility>

#include "opt/opt.h"
#include "tests/bench/machine.h"
#include "tests/bench/sections.h"

namespace bench {
namespace {

constexpr char kHelp[] =
    "usage: bench [options]\n"
    "  --rule NAME     only this rule\n"
    "  --size N        only this number of elements, such as 1e6\n"
    "  --threads N     only this number of threads\n"
    "  --only SECTION  sizes, lists, threads, calls, decay, rules, zero,\n"
    "                  training or checkpoints\n"
    "  --directory DIR where checkpoints are written: on the disk to measure\n"
    "                  (default: where this program is)\n"
    "  --markdown      tables as Markdown\n"
    "  --quick         test that everything runs; the times mean nothing\n"
    "  --help          this text\n";

double ParseNumber(const std::string& option, const std::string& text) {
  size_t used = 0;
  double value = 0;
  try {
    value = std::stod(text, &used);
  } catch (const std::exception&) {
    used = 0;
  }
  if (used != text.size() || !(value >= 1 && value <= 1e10)) {
    throw std::runtime_error(option + " takes a number from 1 to 1e10, not '" +
                             text + "'");
  }
  return value;
}

Options Parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    const auto value = [&]() -> std::string {
      if (i + 1 == argc) throw std::runtime_error(name + " needs a value");
      return argv[++i];
    };
    if (name == "--rule") {
      options.rule = value();
    } else if (name == "--size") {
      options.sizes = {static_cast<int64_t>(ParseNumber(name, value()))};
    } else if (name == "--threads") {
      options.threads = {static_cast<int>(ParseNumber(name, value()))};
    } else if (name == "--only") {
      options.only = value();
    } else if (name == "--directory") {
      options.directory = value();
    } else if (name == "--markdown") {
      options.markdown = true;
    } else if (name == "--quick") {
      options.quick = true;
    } else {
      throw std::runtime_error("unknown option '" + name + "'; see --help");
    }
  }
  if (options.threads.empty()) options.threads = {1, 2};
  if (options.directory.empty()) {
    options.directory =
        std::filesystem::read_symlink("/proc/self/exe").parent_path();
  }
  options.sweep_sizes = options.sizes;
  if (options.quick) options.sweep_sizes = {1000};
  if (options.sweep_sizes.empty()) {
    for (int64_t count = 1; count <= 100'000'000; count *= 10) {
      options.sweep_sizes.push_back(count);
    }
  }
  if (options.sizes.empty()) {
    options.sizes = options.quick
                        ? std::vector<int64_t>{1000}
                        : std::vector<int64_t>{10'000, 100'000, 1'000'000,
                                               10'000'000, 100'000'000};
  }
  return options;
}

void Run(const Options& options) {
  opt_context_info context = OPT_CONTEXT_INFO_INIT;
  if (opt_context_get_info(nullptr, &context) != OPT_OK) {
    throw std::runtime_error(opt_last_error());
  }
  std::printf("%s\n%s; target %s\n", DescribeMachine().c_str(),
              opt_build_info(), context.target);
  std::fflush(stdout);
  InitializeRaces();
  Cases cases(options.quick);
  CheckContestants(options, &cases);
  Goals goals;
  const std::pair<const char*, std::function<void()>> sections[] = {
      {"sizes", [&]() { RunSizes(options, &goals); }},
      {"lists", [&]() { RunLists(options, &goals); }},
      {"threads", [&]() { RunThreads(options, &goals); }},
      {"calls", [&]() { RunCalls(options); }},
      {"decay", [&]() { RunDecay(options); }},
      {"rules", [&]() { RunRules(options, &goals); }},
      {"zero", [&]() { RunZero(options); }},
      {"training", [&]() { RunTrainingStep(options, &goals); }},
      {"checkpoints", [&]() { RunCheckpoints(options, &goals); }},
  };
  bool found = false;
  for (const auto& [name, run] : sections) {
    if (!options.only.empty() && options.only != name) continue;
    found = true;
    run();
    cases.Passed(std::string("the section ") + name + " runs");
  }
  if (!found) {
    throw std::runtime_error("no section is named '" + options.only +
                             "'; see --help");
  }
  cases.Plan();
  if (!options.quick) goals.Print();
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--help") == 0) {
      std::fputs(bench::kHelp, stdout);
      return 0;
    }
  }
  try {
    bench::Run(bench::Parse(argc, argv));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench: %s\n", error.what());
    return 1;
  }
  return 0;
}
