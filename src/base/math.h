// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Elementary functions for schedules. They consist only of additions,
// multiplications, divisions and floor in double, and so give the same bits on
// every machine, which the C library's do not promise. Each is within 1 ulp of
// the true value.

#ifndef OPT_SRC_BASE_MATH_H_
#define OPT_SRC_BASE_MATH_H_

namespace libopt {

// e to the power of x. Overflows to infinity, underflows to 0.
double Exp(double x);

// The natural logarithm of x: -infinity for 0, NaN for less.
double Log(double x);

// x to the power of y; x must not be negative. Pow(x, 0) and Pow(1, y) are 1.
double Pow(double x, double y);

// The cosine of pi * x, exact where x is a multiple of 1/2.
double CosPi(double x);

}  // namespace libopt

#endif  // OPT_SRC_BASE_MATH_H_
