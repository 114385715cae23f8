// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

import java.util.Arrays;

/** An array in a checkpoint. */
public final class CheckpointEntry {
  private final long index;
  private final String name;
  private final DType dtype;
  private final long[] shape;
  private final long count;
  private final long bytes;
  private final boolean own;

  CheckpointEntry(long index, opt_entry_info info) {
    this.index = index;
    name = info.getName();
    dtype = DType.of(info.getDtype());
    shape = new long[info.getRank()];
    for (int i = 0; i < shape.length; ++i) {
      shape[i] = Native.opt_shape_at(info, i);
    }
    count = info.getCount();
    bytes = info.getBytes();
    own = info.getOwn() != 0;
  }

  long index() {
    return index;
  }

  /**
   * Names the entry.
   *
   * @return such as {@code fc1.weight/exp_avg}; of an own entry its name
   */
  public String name() {
    return name;
  }

  /**
   * Returns the element type.
   *
   * @return the type, or null if the library does not compute with it
   */
  public DType dtype() {
    return dtype;
  }

  /**
   * Returns the shape.
   *
   * @return the extents; none for a single element
   */
  public long[] shape() {
    return shape.clone();
  }

  /**
   * Counts the elements.
   *
   * @return at least 0
   */
  public long count() {
    return count;
  }

  /**
   * Measures the data.
   *
   * @return bytes
   */
  public long bytes() {
    return bytes;
  }

  /**
   * Returns whether it is one of the caller's own entries.
   *
   * @return true if it is
   */
  public boolean isOwn() {
    return own;
  }

  @Override
  public String toString() {
    return "'" + name + "', " + dtype + " " + Arrays.toString(shape);
  }
}
