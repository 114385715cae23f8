// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

package org.libopt;

/**
 * The shape of a state slot, for a tensor of shape [..., r, c]. A tensor with fewer than two
 * extents has no r and c; the slots that are named after them have its own shape then.
 */
public enum SlotShape {
  /** As the parameter: [..., r, c]. */
  PARAM(NativeConstants.OPT_SHAPE_PARAM),
  /** One element for each index of the first axis, as for a row of an embedding. */
  ROWS(NativeConstants.OPT_SHAPE_ROWS),
  /** [..., r, 1]: one element for each row of the last two axes. */
  ROW_FACTOR(NativeConstants.OPT_SHAPE_ROW_FACTOR),
  /** [..., 1, c]: one element for each column of the last two axes. */
  COLUMN_FACTOR(NativeConstants.OPT_SHAPE_COLUMN_FACTOR),
  /** [..., r, r]: a square matrix. */
  ROW_SQUARE(NativeConstants.OPT_SHAPE_ROW_SQUARE),
  /** [..., c, c]: a square matrix. */
  COLUMN_SQUARE(NativeConstants.OPT_SHAPE_COLUMN_SQUARE),
  /** One element for each 256 elements of the flat tensor, the last of which may be fewer. */
  BLOCKS(NativeConstants.OPT_SHAPE_BLOCKS),
  /** One number for the tensor. */
  NUMBER(NativeConstants.OPT_SHAPE_NUMBER),
  /** One number that all tensors of a group share. */
  GROUP_NUMBER(NativeConstants.OPT_SHAPE_GROUP_NUMBER);

  private final int code;

  SlotShape(int code) {
    this.code = code;
  }

  static SlotShape of(int code) {
    for (SlotShape shape : values()) {
      if (shape.code == code) {
        return shape;
      }
    }
    throw new IllegalStateException("a slot has the shape " + code + ", which is not known");
  }
}
