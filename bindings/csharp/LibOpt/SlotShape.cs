// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

namespace LibOpt
{
    /// <summary>The shape of a state slot, for a tensor of shape [..., r, c]. A
    /// tensor with fewer than two extents has no r and c; the slots that are named
    /// after them have its own shape then.</summary>
    public enum SlotShape
    {
        /// <summary>As the parameter: [..., r, c].</summary>
        Param = 0,

        /// <summary>One element for each index of the first axis, as for a row of
        /// an embedding.</summary>
        Rows = 1,

        /// <summary>[..., r, 1]: one element for each row of the last two
        /// axes.</summary>
        RowFactor = 2,

        /// <summary>[..., 1, c]: one element for each column of the last two
        /// axes.</summary>
        ColumnFactor = 3,

        /// <summary>[..., r, r]: a square matrix.</summary>
        RowSquare = 4,

        /// <summary>[..., c, c]: a square matrix.</summary>
        ColumnSquare = 5,

        /// <summary>One element for each 256 elements of the flat tensor, the last
        /// of which may be fewer.</summary>
        Blocks = 6,

        /// <summary>One number for the tensor.</summary>
        Number = 7,

        /// <summary>One number that all tensors of a group share.</summary>
        GroupNumber = 8,
    }
}
