// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The table of option values in a checkpoint: a row for the optimizer-wide ones
// and one for each group, a column for each name in the metadata.

#ifndef OPT_SRC_STATE_OPTION_TABLE_H_
#define OPT_SRC_STATE_OPTION_TABLE_H_

#include <cstddef>
#include <memory_resource>
#include <string>
#include <vector>

#include "src/optimizer/optimizer.h"
#include "src/state/container/header.h"

namespace libopt {

// The names of a rule's options, as the metadata have them: "lr,momentum".
std::pmr::string OptionNames(const RuleDescriptor& rule,
                             std::pmr::memory_resource* memory);

// The number of values in the table, 0 if there is none.
size_t OptionTableSize(const Header& header);

// Throws OPT_ERR_FORMAT or OPT_ERR_MISMATCH if the table's shape is wrong, or
// it is to be taken and not that of the optimizer.
void CheckOptionTable(const Header& header, const Optimizer& optimizer,
                      bool taken);

// Takes the values over, into groups that are the optimizer's own so far.
// Throws if one is out of its range, or would change the layout of state.
void ReadOptionTable(const Header& header, const Optimizer& optimizer,
                     const std::pmr::vector<double>& values,
                     Optimizer::Restored* restored);

}  // namespace libopt

#endif  // OPT_SRC_STATE_OPTION_TABLE_H_
