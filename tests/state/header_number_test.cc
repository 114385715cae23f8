// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Shapes and offsets: numbers that are none, that overflow, or that disagree.

#include "tests/state/hostile.h"

namespace opt_test {
namespace {

constexpr const char* kNumber = "expected a number of digits alone";
constexpr const char* kComma = "expected ',' or ']'";
constexpr const char* kTooLarge = "a number above 9223372036854775807";

class HeaderNumber : public testing::TestWithParam<Hostile> {};

TEST_P(HeaderNumber, IsRefusedInAShapeAtTheByte) {
  ExpectRefused(WithShape("[" + GetParam().marked + "]"), -1, GetParam().says);
}

TEST_P(HeaderNumber, IsRefusedInOffsetsAtTheByte) {
  ExpectRefused(WithOffsets("[0," + GetParam().marked + "]"), -1,
                GetParam().says);
}

INSTANTIATE_TEST_SUITE_P(
    Syntax, HeaderNumber,
    testing::Values(Hostile{"Negative", "@-8", kNumber},
                    Hostile{"NegativeZero", "@-0", kNumber},
                    Hostile{"WithAPlus", "@+8", kNumber},
                    Hostile{"Fraction", "8@.5", kComma},
                    Hostile{"FractionOfZero", "8@.0", kComma},
                    Hostile{"FractionAlone", "@.8", kNumber},
                    Hostile{"Exponent", "8@e0", kComma},
                    Hostile{"ExponentInUpperCase", "8@E0", kComma},
                    Hostile{"LeadingZero", "0@8", kComma},
                    Hostile{"TwoZeros", "0@0", kComma},
                    Hostile{"Hexadecimal", "0@x8", kComma},
                    Hostile{"Underscore", "8@_0", kComma},
                    Hostile{"TwoNumbers", "8 @8", kComma},
                    Hostile{"CommaAtItsEnd", "8,@", kNumber},
                    Hostile{"AString", "@\"8\"", kNumber},
                    Hostile{"AnArray", "@[8]", kNumber},
                    Hostile{"Null", "@null", kNumber},
                    Hostile{"NotANumber", "@NaN", kNumber},
                    Hostile{"Infinity", "@Infinity", kNumber},
                    Hostile{"ArabicDigit", "@\u0668", kNumber}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Range, HeaderNumber,
    testing::Values(
        Hostile{"TwoToThe63", "@9223372036854775808", kTooLarge},
        Hostile{"TwoToThe64", "@18446744073709551616", kTooLarge},
        Hostile{"TwoToThe64AndEight", "@18446744073709551624", kTooLarge},
        Hostile{"FourHundredDigits", "@" + std::string(400, '8'), kTooLarge}),
    NameOf);

class HeaderShape : public testing::TestWithParam<Hostile> {};

TEST_P(HeaderShape, IsRefusedAtTheByte) {
  ExpectRefused(GetParam().marked, -1, GetParam().says);
}

constexpr const char* kMoreBytes = "more bytes than a file can have";

INSTANTIATE_TEST_SUITE_P(
    Shape, HeaderShape,
    testing::Values(
        Hostile{"ANumber", WithShape("@2"), "expected '['"},
        Hostile{"Null", WithShape("@null"), "expected '['"},
        Hostile{"AnObject", WithShape("@{}"), "expected '['"},
        Hostile{"NotClosed", R"({"w":{"shape":[2@}})", kComma},
        Hostile{"ProductOverflows", WithShape("@[4294967296,4294967296]"),
                kMoreBytes},
        Hostile{"ProductOverflowsToTwo",
                WithShape("@[4611686018427387905,2,2]"), kMoreBytes},
        Hostile{"ProductOverflowsBeforeAZero",
                WithShape("@[4611686018427387904,4,0]"), kMoreBytes},
        Hostile{"BytesOverflow", WithShape("@[4611686018427387904]"),
                kMoreBytes},
        Hostile{"BytesOverflowToEight", WithShape("@[4611686018427387906]"),
                kMoreBytes},
        Hostile{"HalfAByte", Text({"\"w\"", "\"F4\"", "@[3]", "[0,1]"}),
                "no whole number of bytes"},
        Hostile{"PartOfAByte", Text({"\"w\"", "\"F6_E2M3\"", "@[]", "[0,0]"}),
                "no whole number of bytes"}),
    NameOf);

constexpr const char* kTwo = "not the begin and the end";
constexpr const char* kSize = "but its dtype and shape make 8";

INSTANTIATE_TEST_SUITE_P(
    Offsets, HeaderShape,
    testing::Values(
        Hostile{"ANumber", WithOffsets("@8"), "expected '['"},
        Hostile{"None", WithOffsets("@[]"), kTwo},
        Hostile{"One", WithOffsets("@[8]"), kTwo},
        Hostile{"Three", WithOffsets("@[0,8,8]"), kTwo},
        Hostile{"Reversed", WithOffsets("@[8,0]"), kTwo},
        Hostile{"BeyondAnyFile",
                WithOffsets("@[9223372036854775799,9223372036854775807]"),
                kTwo},
        Hostile{"OneByteShort", WithOffsets("@[0,7]"), kSize},
        Hostile{"OneByteLong", WithOffsets("@[0,9]"), kSize},
        Hostile{"NoBytes", WithOffsets("@[0,0]"), kSize},
        Hostile{"ElementsForBytes", WithOffsets("@[0,2]"), kSize},
        Hostile{"BytesOfAnEmptyTensor",
                Text({"\"w\"", "\"F64\"", "[3,0]", "@[0,24]"}), "make 0"},
        Hostile{"TwoElementsOfAScalar",
                Text({"\"w\"", "\"F32\"", "[]", "@[0,8]"}), "make 4"}),
    NameOf);

}  // namespace
}  // namespace opt_test
