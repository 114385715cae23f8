// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Strings in a header: escapes, UTF-8, control characters.

#include <memory_resource>

#include "src/state/header_reader.h"
#include "tests/state/hostile.h"

namespace opt_test {
namespace {

using namespace std::literals;

class HeaderString : public testing::TestWithParam<Hostile> {};

TEST_P(HeaderString, IsRefusedAsANameAtTheByte) {
  ExpectRefused(WithName(GetParam().marked), -1, GetParam().says);
}

TEST_P(HeaderString, IsRefusedAsMetadataAtTheByte) {
  ExpectRefused("{\"__metadata__\":{\"key\":" + GetParam().marked + "}}", -1,
                GetParam().says);
}

INSTANTIATE_TEST_SUITE_P(
    Escapes, HeaderString,
    testing::Values(
        Hostile{"Unknown", "\"a@\\x41\"", "an unknown escape"},
        Hostile{"SingleQuote", "\"@\\'\"", "an unknown escape"},
        Hostile{"Newline", "\"@\\\n\"", "an unknown escape"},
        Hostile{"UpperCaseU", "\"@\\U0041\"", "an unknown escape"},
        Hostile{"TooShort", "\"@\\u41\"", "four hexadecimal digits"},
        Hostile{"NotHexadecimal", "\"@\\u00g1\"", "four hexadecimal digits"},
        Hostile{"WithASign", "\"@\\u+041\"", "four hexadecimal digits"},
        Hostile{"WithAMinus", "\"@\\u-041\"", "four hexadecimal digits"},
        Hostile{"WithASpace", "\"@\\u 041\"", "four hexadecimal digits"},
        Hostile{"WithAPrefix", "\"@\\u0x41\"", "four hexadecimal digits"}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Surrogates, HeaderString,
    testing::Values(
        Hostile{"HighAlone", "\"@\\ud83d\"", "half a surrogate pair"},
        Hostile{"LowAlone", "\"@\\ude00\"", "half a surrogate pair"},
        Hostile{"HighAndALetter", "\"@\\ud83dx\"", "half a surrogate pair"},
        Hostile{"HighAndALetterEscaped", "\"@\\ud83d\\u0041\"",
                "half a surrogate pair"},
        Hostile{"HighAndANewline", "\"@\\ud83d\\n\"", "half a surrogate pair"},
        Hostile{"HighTwice", "\"@\\ud83d\\ud83d\"", "half a surrogate pair"},
        Hostile{"InWrongOrder", "\"@\\ude00\\ud83d\"", "half a surrogate pair"},
        Hostile{"HighAndTooShort", "\"@\\ud83d\\ude\"",
                "four hexadecimal digits"},
        Hostile{"LowOfTheSecondPairMissing", "\"\\ud83d\\ude00@\\ud83d\"",
                "half a surrogate pair"}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Utf8, HeaderString,
    testing::Values(
        Hostile{"ContinuationAlone", "\"a@\x80\"", "not UTF-8"},
        Hostile{"Latin1", "\"caf@\xE9\"", "not UTF-8"},
        Hostile{"CutShort", "\"@\xE2\x82\"", "not UTF-8"},
        Hostile{"OverlongInTwoBytes", "\"@\xC0\xAF\"", "not UTF-8"},
        Hostile{"OverlongInThreeBytes", "\"@\xE0\x80\xAF\"", "not UTF-8"},
        Hostile{"OverlongInFourBytes", "\"@\xF0\x80\x80\xAF\"", "not UTF-8"},
        Hostile{"Surrogate", "\"@\xED\xA0\x80\"", "not UTF-8"},
        Hostile{"BeyondUnicode", "\"@\xF4\x90\x80\x80\"", "not UTF-8"},
        Hostile{"ByteThatNeverOccurs", "\"@\xFF\"", "not UTF-8"}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Controls, HeaderString,
    testing::Values(Hostile{"Newline", "\"a@\n\"", "a control character"},
                    Hostile{"Tab", "\"@\t\"", "a control character"},
                    Hostile{"Nul", "\"w@\0\""s, "a control character"},
                    Hostile{"Last", "\"@\x1F\"", "a control character"}),
    NameOf);

class HeaderName : public testing::TestWithParam<Hostile> {};

TEST_P(HeaderName, IsRefusedAtTheByte) {
  ExpectRefused(WithName(GetParam().marked), -1, GetParam().says);
}

INSTANTIATE_TEST_SUITE_P(ControlsInNames, HeaderName,
                         testing::Values(Hostile{"EscapedNul", "@\"w\\u0000\"",
                                                 "holds a control character"},
                                         Hostile{"EscapedNewline", "@\"w\\n\"",
                                                 "holds a control character"},
                                         Hostile{"Delete", "@\"w\x7F\"",
                                                 "holds a control character"}),
                         NameOf);

TEST(HeaderStringEnd, IsMissedWhereTheTextEnds) {
  ExpectRefused("{\"w@", -1, "a string does not end");
  ExpectRefused("{\"w\\\"@", -1, "a string does not end");
  ExpectRefused("{\"w@\\", -1, "an unknown escape");
  ExpectRefused("{\"w@\\u00", -1, "four hexadecimal digits");
}

TEST(HeaderStringValue, HasItsEscapesReplaced) {
  const libopt::Header header = libopt::ReadHeader(
      R"({"__metadata__":{"\"\\\/\b\f\n\r\t":"\u0000\u007f\u0080\u07ff\u0800\uffff\ud800\udc00\udbff\udfff\uD83D\uDE00"}})",
      0, std::pmr::new_delete_resource());
  ASSERT_EQ(header.metadata.size(), 1U);
  EXPECT_EQ(header.KeyOf(header.metadata[0]), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(header.ValueOf(header.metadata[0]),
            "\0\x7F\u0080\u07FF\u0800\uFFFF\U00010000\U0010FFFF\U0001F600"sv);
}

}  // namespace
}  // namespace opt_test
