// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/optimizer/sorted_sums.h"

#include <algorithm>
#include <cmath>

namespace libopt {

const pmr::Vector<SortedSums::Summand>& SortedSums::Sorted() {
  std::sort(summands_.begin(), summands_.end(),
            [](const Summand& a, const Summand& b) {
              if (a.total != b.total) return a.total < b.total;
              // A NaN, which is not less than any number, comes first.
              return a.value < b.value ||
                     (std::isnan(a.value) && !std::isnan(b.value));
            });
  return summands_;
}

}  // namespace libopt
