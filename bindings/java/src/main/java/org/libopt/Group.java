// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

/** Tensors of an optimizer that have option values of their own. */
public final class Group extends OptionValues<Group> {
  private final Optimizer optimizer;
  private final int index;

  Group(Optimizer optimizer, int index) {
    this.optimizer = optimizer;
    this.index = index;
  }

  /**
   * Returns the group's number.
   *
   * @return 0 for the first
   */
  public int index() {
    return index;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Group
        && ((Group) other).optimizer == optimizer
        && ((Group) other).index == index;
  }

  @Override
  public int hashCode() {
    return 31 * System.identityHashCode(optimizer) + index;
  }

  @Override
  public String toString() {
    return "group " + index;
  }

  Optimizer optimizer() {
    return optimizer;
  }

  @Override
  long handle() {
    return optimizer.handle();
  }

  @Override
  int scope() {
    return index;
  }

  @Override
  Group self() {
    return this;
  }
}
