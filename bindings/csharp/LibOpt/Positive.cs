// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

namespace LibOpt
{
    // Numbers greater than 0 for which the library takes 0 as "none given": C#
    // has null for that, and a 0 is a mistake like any other.
    internal static class Positive
    {
        internal static double OrNone(double? value, string name)
        {
            Refuse(value == 0, name);
            return value ?? 0;
        }

        internal static long OrNone(long? value, string name)
        {
            Refuse(value == 0, name);
            return value ?? 0;
        }

        private static void Refuse(bool isZero, string name)
        {
            if (isZero)
            {
                throw new OptArgumentException(Status.Argument, name + " is 0: it is a number greater than 0.");
            }
        }
    }
}
