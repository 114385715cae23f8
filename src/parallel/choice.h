// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// How many workers a loop deserves. Everything here is a function of numbers;
// the pool measures them. All times are in nanoseconds.

#ifndef OPT_SRC_PARALLEL_CHOICE_H_
#define OPT_SRC_PARALLEL_CHOICE_H_

namespace libopt {

// The time that it takes to have a worker help.
struct CallCost {
  double call = 0;   // time that the caller spends on it
  double delay = 0;  // from the beginning of the call until the worker begins
};

// The workers that there are.
struct Crew {
  int awake = 0;
  int asleep = 0;
  CallCost of_awake;
  CallCost of_asleep;
};

// The time that a loop takes one thread, and the time that several threads
// need for it together. The second is more where they slow each other down, as
// those of one core do.
struct Work {
  double alone = 0;
  double shared = 0;
};

// The workers to call, what all threads lose until they have begun, and how
// long the loop will probably take with them.
struct Choice {
  int awake = 0;
  int asleep = 0;
  double loss = 0;
  double time = 0;

  int workers() const { return awake + asleep; }
};

// Calls as many workers as pay for themselves, those that are awake first, or
// nobody. The model: work flows like water to all who have begun, and everybody
// ends at the same time.
Choice ChooseWorkers(const Work& work, const Crew& crew);

// Whether workers that sleep shall be woken for the sake of loops to come. If
// loops follow upon each other so closely that a worker would not fall asleep
// in between, then being woken once pays for all of them; but nobody knows when
// the last one comes. So they are woken once as much time has been missed for
// want of them as makes the price of waking them small in comparison.
class Anticipation {
 public:
  // Of the next loop: what it takes by the best choice, and what it would take
  // if all workers were awake. `close`: it follows closely upon the last one.
  // Returns whether to wake `missing` more workers, each of which costs the
  // caller `call`.
  bool Note(bool close, double time, double time_if_awake, int missing,
            double call);

 private:
  double missed_ = 0;
};

}  // namespace libopt

#endif  // OPT_SRC_PARALLEL_CHOICE_H_
