// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Which entries of a checkpoint belong to which tensors of an optimizer:
// matched by name, shape and dtype.

#ifndef OPT_SRC_STATE_LOAD_PLAN_H_
#define OPT_SRC_STATE_LOAD_PLAN_H_

#include <cstdint>
#include <memory_resource>
#include <string_view>
#include <vector>

#include "opt/opt_state.h"
#include "src/optimizer/optimizer.h"
#include "src/state/container/header.h"
#include "src/state/mismatch.h"

namespace libopt {

class LoadPlan {
 public:
  // What an entry of the checkpoint is to the optimizer.
  struct Place {
    enum Kind {
      kPassedOver,  // read for its CRC alone
      kSlot,
      kAccumulator,
      kStep,
      kGroup,
      kParam,
      kAverage,
      kAverageUpdates,
      kAttribute,
      kOptions,
      kSchedules,
      kCounters,
      kScaler,
      kScalerCounters,
      kSkipped,
      kAverageIntegers,
      kAverageDecay,
    };
    Kind kind = kPassedOver;
    int64_t tensor = -1;
    int slot = -1;  // or attribute
  };

  // What the checkpoint has for an attached tensor.
  struct Found {
    bool selected = false;  // the load is about it
    bool state = false;     // any state
    bool step = false;
    bool group = false;
    bool accumulator = false;
    bool average = false;
    bool average_updates = false;
    bool param = false;
    Layout slots = 0;
  };

  // `args` must outlive the plan. Throws OPT_ERR_NAME for a selected name that
  // is not attached.
  LoadPlan(const Optimizer& optimizer, const opt_load_args& args);

  // Finds a place for every entry. What does not fit is in mismatches().
  void Match(const Header& header);
  // The kind of average that is kept after the load; 0: none. What the
  // checkpoint has of another kind is passed over.
  int32_t average_kind() const { return average_kind_; }

  // Not a selection of tensors: options and counters are loaded as well.
  bool whole() const { return args_.names == nullptr; }
  bool takes_options() const {
    return whole() && (args_.flags & OPT_LOAD_KEEP_OPTIONS) == 0;
  }
  const std::pmr::vector<Place>& places() const { return places_; }
  const std::pmr::vector<Found>& found() const { return found_; }
  Mismatches& mismatches() { return mismatches_; }

 private:
  Place PlaceOf(const HeaderEntry& entry);
  Place PlaceOfTensor(const HeaderEntry& entry, int64_t index,
                      std::string_view suffix);
  Place PlaceOfAverage(const HeaderEntry& entry, int64_t index, bool is_array);
  Place PlaceOfSlot(const HeaderEntry& entry, int64_t index, int slot);
  bool Fits(const HeaderEntry& entry, std::string_view dtype,
            const std::pmr::vector<int64_t>& shape);
  void ReportMissing(int64_t index);

  const Optimizer& optimizer_;
  const RuleDescriptor& rule_;
  const opt_load_args& args_;
  int32_t average_kind_ = 0;
  int32_t average_kind_in_file_ = 0;
  std::pmr::vector<Place> places_;  // of the header's entries
  std::pmr::vector<Found> found_;   // by tensor index
  Mismatches mismatches_;
};

}  // namespace libopt

#endif  // OPT_SRC_STATE_LOAD_PLAN_H_
