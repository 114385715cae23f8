// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Texts that are not JSON, or not an object as a header must be.

#include "tests/state/hostile.h"

namespace opt_test {
namespace {

using namespace std::literals;

std::string Repeat(const std::string& part, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += part;
  return all;
}

const std::string kW = Item("\"w\"", "\"F32\"", "[2]", "[0,8]");

class HeaderSyntax : public testing::TestWithParam<Hostile> {};

TEST_P(HeaderSyntax, IsRefusedAtTheByte) {
  ExpectRefused(GetParam().marked, -1, GetParam().says);
}

INSTANTIATE_TEST_SUITE_P(
    Object, HeaderSyntax,
    testing::Values(
        Hostile{"NoText", "@", "expected '{'"},
        Hostile{"SpacesAlone", "@   ", "expected '{'"},
        Hostile{"ByteOrderMark", "@\xEF\xBB\xBF{}", "expected '{'"},
        Hostile{"SpaceBeforeIt", "@ {}", "expected '{'"},
        Hostile{"AnArray", "@[]", "expected '{'"},
        Hostile{"ANumber", "@1", "expected '{'"},
        Hostile{"Null", "@null", "expected '{'"},
        Hostile{"NeverClosed", "{@", "expected '\"'"},
        Hostile{"NotClosedAfterAnEntry", "{" + kW + "@", "',' or '}'"},
        Hostile{"ClosedTwice", "{" + kW + "}@}", "only spaces may follow"},
        Hostile{"ClosedByABracket", "{" + kW + "@]", "',' or '}'"},
        Hostile{"TwoObjects", "{}@{}", "only spaces may follow"},
        Hostile{"CommaAtItsEnd", "{" + kW + ",@}", "expected '\"'"},
        Hostile{"CommaAtItsStart", "{@," + kW + "}", "expected '\"'"},
        Hostile{
            "TwoCommas",
            "{" + kW + ",@," + Item("\"v\"", "\"U8\"", "[0]", "[8,8]") + "}",
            "expected '\"'"},
        Hostile{"NoComma", "{" + kW + " @" + kW + "}", "',' or '}'"},
        Hostile{"NoColon", "{\"w\" @{}}", "expected ':'"},
        Hostile{"EqualsForAColon", "{\"w\"@={}}", "expected ':'"},
        Hostile{"AKeyAlone", "{\"w\"@}", "expected ':'"},
        Hostile{"NoValue", "{\"w\":@}", "expected '{'"},
        Hostile{"KeyWithoutQuotes", "{@w:{}}", "expected '\"'"},
        Hostile{"KeyInSingleQuotes", "{@'w':{}}", "expected '\"'"},
        Hostile{"NumberAsKey", "{@1:{}}", "expected '\"'"},
        Hostile{"Comment", "{@/* none */}", "expected '\"'"}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    WhiteSpace, HeaderSyntax,
    testing::Values(
        Hostile{"NewlineAfterIt", "{}@\n", "only spaces may follow"},
        Hostile{"TabAfterIt", "{}  @\t", "only spaces may follow"},
        Hostile{"NulAfterIt", "{} @\0"s, "only spaces may follow"},
        Hostile{"LettersAfterIt", "{}   @x", "only spaces may follow"},
        Hostile{"NulBetweenTokens", "{@\0}"s, "expected '\"'"},
        Hostile{"FormFeedBetweenTokens", "{@\f}", "expected '\"'"},
        Hostile{"VerticalTabBetweenTokens", "{@\v}", "expected '\"'"},
        Hostile{"NoBreakSpaceBetweenTokens", "{@\xC2\xA0}", "expected '\"'"}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Nesting, HeaderSyntax,
    testing::Values(
        Hostile{"AMillionArrays", "{\"w\":@" + Repeat("[", 1000000),
                "expected '{'"},
        Hostile{"AMillionArraysInAShape",
                "{\"w\":{\"shape\":[@" + Repeat("[", 1000000),
                "expected a number"},
        Hostile{"ObjectsInObjects",
                "{\"w\":{@" + Repeat("\"w\":{", 200000) + Repeat("}", 200002),
                "a key other than"},
        Hostile{"ObjectsInMetadata",
                "{\"__metadata__\":{\"a\":@" + Repeat("{\"a\":", 200000),
                "expected '\"'"}),
    NameOf);

}  // namespace
}  // namespace opt_test
