// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Entries and metadata that are JSON, but have wrong keys or values.

#include "tests/state/hostile.h"

namespace opt_test {
namespace {

std::string Metadata(const std::string& value) {
  return "{\"__metadata__\":" + value + "}";
}

class HeaderEntryRead : public testing::TestWithParam<Hostile> {};

TEST_P(HeaderEntryRead, IsRefusedAtTheByte) {
  ExpectRefused(GetParam().marked, -1, GetParam().says);
}

INSTANTIATE_TEST_SUITE_P(
    NotAnObject, HeaderEntryRead,
    testing::Values(Hostile{"ANumber", "{\"w\":@1}", "expected '{'"},
                    Hostile{"AString", "{\"w\":@\"F32\"}", "expected '{'"},
                    Hostile{"AnArray", "{\"w\":@[\"F32\",[2],[0,8]]}",
                            "expected '{'"},
                    Hostile{"Null", "{\"w\":@null}", "expected '{'"},
                    Hostile{"True", "{\"w\":@true}", "expected '{'"}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Keys, HeaderEntryRead,
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
    Dtype, HeaderEntryRead,
    testing::Values(
        Hostile{"Unknown", WithDtype("@\"F33\""), "none of safetensors'"},
        Hostile{"InLowerCase", WithDtype("@\"f32\""), "none of safetensors'"},
        Hostile{"Empty", WithDtype("@\"\""), "none of safetensors'"},
        Hostile{"WithATail", WithDtype("@\"F32\\u0000\""),
                "none of safetensors'"},
        Hostile{"ANumber", WithDtype("@7"), "expected '\"'"},
        Hostile{"Null", WithDtype("@null"), "expected '\"'"}),
    NameOf);

const std::string kEmpty = Item("\"w\"", "\"U8\"", "[0]", "[0,0]");

INSTANTIATE_TEST_SUITE_P(
    Names, HeaderEntryRead,
    testing::Values(
        Hostile{"Twice", "{" + kEmpty + ",@" + kEmpty + "}", "given before"},
        Hostile{"TwiceOnceEscaped",
                "{" + kEmpty + ",@" +
                    Item("\"\\u0077\"", "\"U8\"", "[0]", "[0,0]") + "}",
                "given before"},
        Hostile{"TwiceFarApart",
                "{" + kEmpty + "," + Item("\"a\"", "\"U8\"", "[1]", "[0,1]") +
                    "," + Item("\"z\"", "\"U8\"", "[1]", "[1,2]") + ",@" +
                    Item("\"w\"", "\"U8\"", "[1]", "[2,3]") + "}",
                "given before"},
        Hostile{"MetadataTwice", R"({"__metadata__":{},@"__metadata__":{}})",
                "given twice"},
        Hostile{"MetadataTwiceOnceEscaped",
                R"({"__metadata__":{},@"\u005f_metadata__":{}})",
                "given twice"}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Metadata, HeaderEntryRead,
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
                "given before"},
        Hostile{"KeyTwiceOnceEscaped", Metadata(R"({"a":"1",@"\u0061":"1"})"),
                "given before"},
        Hostile{"InAnEntry", R"({"w":{@"__metadata__":{}}})",
                "a key other than"}),
    NameOf);

}  // namespace
}  // namespace opt_test
