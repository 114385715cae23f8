// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Headers that the reader refuses, each at the byte that is wrong: the length
// before the text; texts that are not JSON; strings and numbers; entries with
// wrong keys or values; entries that do not follow one another; and damage to a
// right header, at every byte and bit.

#include "src/base/memory.h"
#include "src/state/container/header.h"
#include "tests/state/hostile.h"
#include "tests/state/sample.h"

namespace opt_test {
namespace {

using namespace std::literals;

class HeaderText : public testing::TestWithParam<Hostile> {};

TEST_P(HeaderText, IsRefusedAtTheByte) {
  ExpectRefused(GetParam().marked, -1, GetParam().says);
}

// The length.

// The header's length, as the first bytes of a file have it.
std::string LittleEndian(uint64_t length) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) {
    bytes += static_cast<char>(length >> 8 * i & 0xFF);
  }
  return bytes;
}

std::optional<libopt::Error> LengthError(uint64_t length, int64_t file_size) {
  return ErrorOf(
      [&] { libopt::ReadHeaderLength(LittleEndian(length), file_size); });
}

TEST(HeaderLength, MustBeThereAsAWhole) {
  for (int64_t size = 0; size < 8; ++size) {
    const std::string file(static_cast<size_t>(size), '\x01');
    ExpectFormatError(ErrorOf([&] { libopt::ReadHeaderLength(file, size); }),
                      size, "it ends");
  }
}

TEST(HeaderLength, IsLittleEndian) {
  EXPECT_EQ(libopt::ReadHeaderLength(LittleEndian(0x030201), -1), 0x030201);
}

TEST(HeaderLength, IsNotAboveTheFilesSize) {
  EXPECT_FALSE(LengthError(92, 100));
  ExpectFormatError(LengthError(93, 100), 100, "reaches to byte 101");
  ExpectFormatError(LengthError(1, 8), 8, "reaches to byte 9");
}

TEST(HeaderLength, IsNotAboveTheLimitWhateverTheFilesSize) {
  EXPECT_FALSE(LengthError(100000000, -1));
  for (const uint64_t length :
       {uint64_t{100000001}, uint64_t{1} << 32, uint64_t{1} << 63,
        (uint64_t{1} << 63) + 64, UINT64_MAX - 7, UINT64_MAX}) {
    ExpectFormatError(LengthError(length, -1), 0, "more than 100000000");
    ExpectFormatError(LengthError(length, INT64_MAX), 0, "more than 100000000");
    ExpectFormatError(LengthError(length, 100), 0, "more than 100000000");
  }
}

// Texts that are not JSON, or not an object as a header must be.

const std::string kW = Item("\"w\"", "\"F32\"", "[2]", "[0,8]");

INSTANTIATE_TEST_SUITE_P(
    Object, HeaderText,
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
    WhiteSpace, HeaderText,
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
    Nesting, HeaderText,
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

// Strings: escapes, UTF-8, control characters.

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

// Shapes and offsets: numbers that are none, that overflow, or that disagree.

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

constexpr const char* kMoreBytes = "more bytes than a file can have";

INSTANTIATE_TEST_SUITE_P(
    Shape, HeaderText,
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
                "not make a whole number of bytes"},
        Hostile{"PartOfAByte", Text({"\"w\"", "\"F6_E2M3\"", "@[]", "[0,0]"}),
                "not make a whole number of bytes"}),
    NameOf);

constexpr const char* kTwo = "not the beginning and the end";
constexpr const char* kSize = "but its dtype and shape make 8";

INSTANTIATE_TEST_SUITE_P(
    Offsets, HeaderText,
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

// Entries and metadata that are JSON, but have wrong keys or values.

std::string Metadata(const std::string& value) {
  return "{\"__metadata__\":" + value + "}";
}

INSTANTIATE_TEST_SUITE_P(
    NotAnObject, HeaderText,
    testing::Values(Hostile{"ANumber", "{\"w\":@1}", "expected '{'"},
                    Hostile{"AString", "{\"w\":@\"F32\"}", "expected '{'"},
                    Hostile{"AnArray", "{\"w\":@[\"F32\",[2],[0,8]]}",
                            "expected '{'"},
                    Hostile{"Null", "{\"w\":@null}", "expected '{'"},
                    Hostile{"True", "{\"w\":@true}", "expected '{'"}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Keys, HeaderText,
    testing::Values(
        Hostile{"None", "{@\"w\":{}}", "has no 'dtype'"},
        Hostile{"NoDtype", R"({@"w":{"shape":[2],"data_offsets":[0,8]}})",
                "has no 'dtype'"},
        Hostile{"NoShape", R"({@"w":{"dtype":"F32","data_offsets":[0,8]}})",
                "has no 'shape'"},
        Hostile{"NoOffsets", R"({@"w":{"dtype":"F32","shape":[2]}})",
                "has no 'data_offsets'"},
        Hostile{"OneMore",
                R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8],)"
                R"(@"strides":[1]}})",
                "a key other than"},
        Hostile{"Empty", R"({"w":{@"":1}})", "a key other than"},
        Hostile{"InUpperCase", R"({"w":{@"DTYPE":"F32"}})", "a key other than"},
        Hostile{"WithASpace", R"({"w":{@"dtype ":"F32"}})", "a key other than"},
        Hostile{"DtypeTwice", R"({"w":{"dtype":"F32",@"dtype":"F32"}})",
                "'dtype' is given twice"},
        Hostile{"ShapeTwice", R"({"w":{"shape":[2],@"shape":[2]}})",
                "'shape' is given twice"},
        Hostile{"OffsetsTwice",
                R"({"w":{"data_offsets":[0,8],@"data_offsets":[0,8]}})",
                "'data_offsets' is given twice"},
        Hostile{"DtypeTwiceOnceEscaped",
                R"({"w":{"dtype":"F32",@"\u0064type":"F32"}})",
                "'dtype' is given twice"}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Dtype, HeaderText,
    testing::Values(
        Hostile{"Unknown", WithDtype("@\"F33\""), "not one of safetensors'"},
        Hostile{"InLowerCase", WithDtype("@\"f32\""),
                "not one of safetensors'"},
        Hostile{"Empty", WithDtype("@\"\""), "not one of safetensors'"},
        Hostile{"WithATail", WithDtype("@\"F32\\u0000\""),
                "not one of safetensors'"},
        Hostile{"ANumber", WithDtype("@7"), "expected '\"'"},
        Hostile{"Null", WithDtype("@null"), "expected '\"'"}),
    NameOf);

const std::string kEmpty = Item("\"w\"", "\"U8\"", "[0]", "[0,0]");

INSTANTIATE_TEST_SUITE_P(
    Names, HeaderText,
    testing::Values(
        Hostile{"Twice", "{" + kEmpty + ",@" + kEmpty + "}",
                "a name is given twice"},
        Hostile{"TwiceOnceEscaped",
                "{" + kEmpty + ",@" +
                    Item("\"\\u0077\"", "\"U8\"", "[0]", "[0,0]") + "}",
                "a name is given twice"},
        Hostile{"TwiceFarApart",
                "{" + kEmpty + "," + Item("\"a\"", "\"U8\"", "[1]", "[0,1]") +
                    "," + Item("\"z\"", "\"U8\"", "[1]", "[1,2]") + ",@" +
                    Item("\"w\"", "\"U8\"", "[1]", "[2,3]") + "}",
                "a name is given twice"},
        Hostile{"MetadataTwice", R"({"__metadata__":{},@"__metadata__":{}})",
                "given twice"},
        Hostile{"MetadataTwiceOnceEscaped",
                R"({"__metadata__":{},@"\u005f_metadata__":{}})",
                "given twice"}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Metadata, HeaderText,
    testing::Values(
        Hostile{"Null", Metadata("@null"), "expected '{'"},
        Hostile{"AString", Metadata("@\"pt\""), "expected '{'"},
        Hostile{"AnArray", Metadata("@[]"), "expected '{'"},
        Hostile{"NumberAsValue", Metadata("{\"a\":@1}"), "expected '\"'"},
        Hostile{"NullAsValue", Metadata("{\"a\":@null}"), "expected '\"'"},
        Hostile{"ObjectAsValue", Metadata("{\"a\":@{}}"), "expected '\"'"},
        Hostile{"ArrayAsValue", Metadata("{\"a\":@[]}"), "expected '\"'"},
        Hostile{"NoValue", Metadata("{\"a\"@}"), "expected ':'"},
        Hostile{"CommaAtItsEnd", Metadata("{\"a\":\"1\",@}"), "expected '\"'"},
        Hostile{"KeyTwice", Metadata(R"({"a":"1","b":"2",@"a":"1"})"),
                "a name is given twice"},
        Hostile{"KeyTwiceOnceEscaped", Metadata(R"({"a":"1",@"\u0061":"1"})"),
                "a name is given twice"},
        Hostile{"InAnEntry", R"({"w":{@"__metadata__":{}}})",
                "a key other than"}),
    NameOf);

// Entries that are right one by one, but do not follow one another, or do not
// fill the file.

// An entry of bytes.
std::string Bytes(const std::string& name, int64_t begin, int64_t end) {
  return Item("\"" + name + "\"", "\"U8\"",
              "[" + std::to_string(end - begin) + "]",
              "[" + std::to_string(begin) + "," + std::to_string(end) + "]");
}

INSTANTIATE_TEST_SUITE_P(
    Holes, HeaderText,
    testing::Values(
        Hostile{"AtTheStart", "{@" + Bytes("a", 8, 16) + "}",
                "begin at offset 8, but those before end at 0"},
        Hostile{"BetweenTwo",
                "{" + Bytes("a", 0, 8) + ",@" + Bytes("b", 9, 16) + "}",
                "begin at offset 9, but those before end at 8"},
        Hostile{"BetweenTwoInTheOtherOrder",
                "{@" + Bytes("b", 9, 16) + "," + Bytes("a", 0, 8) + "}",
                "begin at offset 9, but those before end at 8"},
        Hostile{"BeforeAnEmptyTensor",
                "{" + Bytes("a", 0, 8) + ",@" + Bytes("b", 64, 64) + "}",
                "begin at offset 64, but those before end at 8"},
        Hostile{"OfManyExabytes",
                "{" + Bytes("a", 0, 8) + ",@" +
                    Bytes("b", 4611686018427387904, 4611686018427387905) + "}",
                "but those before end at 8"}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Overlaps, HeaderText,
    testing::Values(
        Hostile{"OfOneByte",
                "{" + Bytes("a", 0, 8) + ",@" + Bytes("b", 7, 16) + "}",
                "begin at offset 7, but those before end at 8"},
        Hostile{"OfAll", "{" + Bytes("a", 0, 8) + ",@" + Bytes("b", 0, 8) + "}",
                "begin at offset 0, but those before end at 8"},
        Hostile{"InsideAnother",
                "{" + Bytes("a", 0, 8) + ",@" + Bytes("b", 2, 4) + "," +
                    Bytes("c", 8, 9) + "}",
                "begin at offset 2, but those before end at 8"},
        Hostile{"OfAnEmptyTensor",
                "{" + Bytes("a", 0, 8) + ",@" + Bytes("b", 4, 4) + "}",
                "begin at offset 4, but those before end at 8"},
        Hostile{"OfTheFirstOfThree",
                "{" + Bytes("a", 0, 8) + "," + Bytes("b", 8, 9) + ",@" +
                    Bytes("c", 8, 16) + "}",
                "begin at offset 8, but those before end at 9"}),
    NameOf);

TEST(HeaderData, MustBeAsLongAsDescribed) {
  const std::string text = "{" + Bytes("a", 0, 8) + "}";
  const auto start = static_cast<int64_t>(text.size()) + libopt::kLengthSize;
  const auto read = [&](int64_t data_size) {
    return ErrorOf(
        [&] { libopt::ReadHeader(text, data_size, libopt::ProcessMemory()); });
  };
  for (int64_t size = 0; size < 8; ++size) {
    ExpectFormatError(read(size), start + size, "it ends, but its data reach");
  }
  EXPECT_FALSE(read(8));
  EXPECT_FALSE(read(-1));
  ExpectFormatError(read(9), start + 8, "but 1 more byte follows");
  ExpectFormatError(read(INT64_MAX - start), start + 8, "more bytes");
}

TEST(HeaderData, MayNotFollowAHeaderWithoutTensors) {
  ExpectFormatError(
      ErrorOf([] { libopt::ReadHeader("{}", 1, libopt::ProcessMemory()); }), 10,
      "but 1 more byte follows");
}

// Damage to a small file: cut at every byte, every bit of its header flipped,
// and at every place a byte that means something there.

// Expects that the file is refused with a byte of it named, or read as another
// header than this.
void ExpectNoticed(const std::string& file, const libopt::Header& right,
                   size_t at) {
  const std::optional<libopt::Error> error = ErrorOf(
      [&] { EXPECT_FALSE(ReadFileHeader(file) == right) << "byte " << at; });
  if (!error) return;
  EXPECT_EQ(error->status, OPT_ERR_FORMAT) << error->message.c_str();
  EXPECT_NE(error->message.view().find("at byte "), std::string_view::npos)
      << error->message.c_str();
}

TEST(HeaderDamage, ACutAtEveryByteOfTheFileIsRefusedAtThatByte) {
  const std::string file = SampleFile();
  EXPECT_FALSE(ErrorOf([&] { ReadFileHeader(file); }));
  for (size_t size = 0; size < file.size(); ++size) {
    ExpectFormatError(ErrorOf([&] { ReadFileHeader(file.substr(0, size)); }),
                      static_cast<int64_t>(size), "it ends, but");
  }
}

TEST(HeaderDamage, ACutAtEveryByteOfTheTextIsRefusedAtThatByte) {
  const std::string text = "{\"__metadata__\":{\"a\":\"b\"}," +
                           Item("\"w\"", "\"F32\"", "[2,3]", "[0,24]") + "}";
  for (size_t size = 0; size < text.size(); ++size) {
    ExpectRefused(text.substr(0, size) + "@", -1, "");
  }
}

TEST(HeaderDamage, AFlipOfEveryBitIsRefusedOrReadsAnotherHeader) {
  const std::string file = SampleFile();
  const libopt::Header right = ReadFileHeader(file);
  for (size_t i = 0; i < static_cast<size_t>(right.data_start) * 8; ++i) {
    std::string damaged = file;
    damaged[i / 8] = static_cast<char>(damaged[i / 8] ^ 1 << i % 8);
    ExpectNoticed(damaged, right, i / 8);
  }
}

TEST(HeaderDamage, AnyTokenAtEveryPlaceIsRefusedOrReadsAnotherHeader) {
  const std::string file = SampleFile();
  const libopt::Header right = ReadFileHeader(file);
  for (size_t at = libopt::kLengthSize;
       at < static_cast<size_t>(right.data_start); ++at) {
    for (const char token : "{}[],:\"\\ \t\n019-.eu") {
      std::string damaged = file;
      damaged[at] = token;
      if (damaged != file) ExpectNoticed(damaged, right, at);
    }
  }
}

}  // namespace
}  // namespace opt_test
