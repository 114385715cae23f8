// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

/** A state slot of a rule: an array as long as the tensor, of the parameters' type. */
public final class Slot {
  private final String name;
  private final String doc;
  private final String whenOption;

  Slot(opt_slot_info info) {
    name = info.getName();
    doc = info.getDoc();
    whenOption = info.getWhen_option();
  }

  /**
   * Names the slot.
   *
   * @return PyTorch's name for it, such as "exp_avg"
   */
  public String name() {
    return name;
  }

  /**
   * Tells the meaning.
   *
   * @return one line
   */
  public String doc() {
    return doc;
  }

  /**
   * Tells when the slot exists.
   *
   * @return the option that must not be 0; null: always
   */
  public String whenOption() {
    return whenOption;
  }

  @Override
  public String toString() {
    return name + ": " + doc;
  }
}
