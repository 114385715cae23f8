// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/base/text.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <locale>
#include <string>

namespace libopt {
namespace {

template <typename T>
std::string Printed(T value) {
  return std::string(Text(value).view());
}

TEST(TextTest, JoinsItsParts) {
  const Text text("tensor '", std::string_view("w"), "' has ", 3, " of ",
                  int64_t{4}, " at ", 0.5);
  EXPECT_EQ(text.view(), "tensor 'w' has 3 of 4 at 0.5");
  EXPECT_STREQ(text.c_str(), "tensor 'w' has 3 of 4 at 0.5");
}

TEST(TextTest, NumbersAreExactAndShort) {
  EXPECT_EQ(Printed(0.1), "0.1");
  EXPECT_EQ(Printed(1e-8), "1e-08");
  EXPECT_EQ(Printed(-2.0), "-2");
  EXPECT_EQ(Printed(1.0 / 3), "0.3333333333333333");
  EXPECT_EQ(Printed(std::numeric_limits<double>::infinity()), "inf");
  EXPECT_EQ(Printed(std::numeric_limits<double>::denorm_min()), "5e-324");
  EXPECT_EQ(Printed(std::numeric_limits<int64_t>::min()),
            "-9223372036854775808");
  EXPECT_EQ(Printed(std::numeric_limits<int32_t>::min()), "-2147483648");
  EXPECT_EQ(Printed(std::numeric_limits<uint32_t>::max()), "4294967295");
}

// Numbers as some countries write them.
class CommaPunctuation : public std::numpunct<char> {
  char do_decimal_point() const override { return ','; }
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

TEST(TextTest, NumbersDoNotDependOnTheLocale) {
  const std::locale before = std::locale::global(
      std::locale(std::locale::classic(), new CommaPunctuation));
  const std::string printed = Printed(1234567.5) + " " + Printed(1234567);
  std::locale::global(before);
  EXPECT_EQ(printed, "1234567.5 1234567");
}

// A text that has room for `room` more bytes.
Text AlmostFull(size_t room) {
  Text text;
  for (size_t k = 0; k < Text::kCapacity - 1 - room; ++k) text.Append("x");
  return text;
}

TEST(TextTest, IsCutAtItsCapacity) {
  const std::string most(Text::kCapacity - 1, 'x');
  Text text = AlmostFull(0);
  EXPECT_EQ(text.view(), most);
  text.Append("more");
  text.Append(0.5);
  EXPECT_EQ(text.view(), most);
  EXPECT_EQ(text.c_str()[Text::kCapacity - 1], '\0');
}

TEST(TextTest, IsNotCutInsideACharacter) {
  const std::string euro = "\xE2\x82\xAC";
  for (size_t room = 0; room < 7; ++room) {
    std::string expected(Text::kCapacity - 1 - room, 'x');
    for (size_t k = 0; k < room / 3; ++k) expected += euro;
    Text text = AlmostFull(room);
    text.Append(euro + euro + euro);
    text.Append("no more");
    EXPECT_EQ(text.view(), expected);
  }
}

TEST(TextTest, ShowsBothEndsOfALongPart) {
  const std::string most(Text::kLongestPart, 'x');
  EXPECT_EQ(Printed(most), most);
  const std::string name = "first" + std::string(100000, 'x') + "last";
  const std::string shown(Text("'", name, "' is taken").view());
  EXPECT_EQ(shown.size(), 2 + Text::kLongestPart - 1 + 9);
  EXPECT_EQ(shown.substr(0, 7), "'firstx");
  EXPECT_EQ(shown.substr(shown.size() - 15), "xlast' is taken");
  EXPECT_NE(shown.find("x...x"), std::string::npos);
}

TEST(TextTest, CutsALongPartBetweenCharacters) {
  for (size_t start = 0; start < 3; ++start) {
    for (size_t end = 0; end < 3; ++end) {
      std::string name(start, 'x');
      for (int k = 0; k < 200; ++k) name += "\xE2\x82\xAC";
      name.append(end, 'x');
      const std::string shown = Printed(name);
      EXPECT_TRUE(IsPrintableUtf8(shown));
      EXPECT_LE(shown.size(), Text::kLongestPart);
      EXPECT_EQ(shown.find("\xEF\xBF\xBD"), std::string::npos);
    }
  }
}

TEST(TextTest, KeepsALongTextWithinAnother) {
  EXPECT_EQ(Text(AlmostFull(2), "yz").view(),
            std::string(Text::kCapacity - 3, 'x') + "yz");
}

TEST(TextTest, IsOneLineOfUtf8WhateverItsPartsAre) {
  const std::string unknown = "\xEF\xBF\xBD";
  EXPECT_EQ(Printed(std::string("a\nb\x7F")), "a" + unknown + "b" + unknown);
  EXPECT_EQ(Printed(std::string("\xFF\xC3(\xC3\xA9")),
            unknown + unknown + "(\xC3\xA9");
  EXPECT_EQ(Printed(std::string("\xE2\x82")), unknown + unknown);
}

TEST(EditDistanceTest, CountsEdits) {
  EXPECT_EQ(EditDistance("", ""), 0);
  EXPECT_EQ(EditDistance("", "lr"), 2);
  EXPECT_EQ(EditDistance("beta1", "beta1"), 0);
  EXPECT_EQ(EditDistance("beta", "beta1"), 1);
  EXPECT_EQ(EditDistance("bta1", "beta1"), 1);
  EXPECT_EQ(EditDistance("beta3", "beta1"), 1);
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3);
  EXPECT_EQ(EditDistance("sitting", "kitten"), 3);
}

TEST(EditDistanceTest, CountsNeighboursThatChangedPlacesOnce) {
  EXPECT_EQ(EditDistance("sdg", "sgd"), 1);
  EXPECT_EQ(EditDistance("wieght_dceay", "weight_decay"), 2);
  EXPECT_EQ(EditDistance("ab", "ba"), 1);
}

TEST(EditDistanceTest, PassesOverCaseAndSeparators) {
  EXPECT_EQ(EditDistance("AdamW", "adamw"), 0);
  EXPECT_EQ(EditDistance("TMax", "T_max"), 0);
  EXPECT_EQ(EditDistance("weight-decay", "weight_decay"), 0);
  EXPECT_EQ(EditDistance("___", ""), 0);
  EXPECT_EQ(EditDistance("fc1.weight", "fc1_weight"), 1);
  EXPECT_EQ(EditDistance("[", "{"), 1);
}

TEST(EditDistanceTest, ComparesTheBeginningsOfLongNames) {
  const std::string name(64, 'x');
  EXPECT_EQ(EditDistance(name + "y", name), 0);
  EXPECT_EQ(EditDistance(name, ""), 64);
}

std::string Hint(std::string_view wanted) {
  NearestName nearest(wanted);
  for (const char* name : {"lr", "beta1", "beta2", "weight_decay"}) {
    nearest.Offer(name);
  }
  return std::string(nearest.Hint().view());
}

TEST(NearestNameTest, SuggestsTheNearest) {
  EXPECT_EQ(Hint("wieght_decay"), "; did you mean 'weight_decay'?");
  EXPECT_EQ(Hint("beta_2"), "; did you mean 'beta2'?");
  EXPECT_EQ(Hint("LR"), "; did you mean 'lr'?");
}

TEST(NearestNameTest, IsSilentWhenNoneIsNear) {
  EXPECT_EQ(Hint("momentum"), "");
  EXPECT_EQ(Hint(std::string(10000, 'x')), "");
}

TEST(NearestNameTest, IsSilentForAnotherNameOfOneOrTwoLetters) {
  EXPECT_EQ(Hint(""), "");
  EXPECT_EQ(Hint("w"), "");
  EXPECT_EQ(Hint("l2"), "");
  EXPECT_EQ(Hint("wd"), "");
  EXPECT_EQ(Hint("sum"), "");
}

TEST(NearestNameTest, PrefersTheLengthThatIsNearer) {
  for (const bool shorter_first : {false, true}) {
    NearestName nearest("adams");
    nearest.Offer(shorter_first ? "adam" : "adamw");
    nearest.Offer(shorter_first ? "adamw" : "adam");
    EXPECT_EQ(nearest.Hint().view(), "; did you mean 'adamw'?");
  }
}

TEST(NearestNameTest, SuggestsTheOwnNameOfAKnownWord) {
  NearestName nearest("LearningRate");
  nearest.Offer("lr");
  nearest.Offer("learning_rate", "lr");
  EXPECT_EQ(nearest.Hint().view(), "; did you mean 'lr'?");
}

TEST(Utf8Test, EveryCharacterIsAcceptedAndNoSurrogate) {
  for (uint32_t c = 0x20; c <= 0x10FFFF; ++c) {
    std::string text;
    if (c < 0x80) {
      text = {static_cast<char>(c)};
    } else if (c < 0x800) {
      text = {static_cast<char>(0xC0 | c >> 6),
              static_cast<char>(0x80 | (c & 0x3F))};
    } else if (c < 0x10000) {
      text = {static_cast<char>(0xE0 | c >> 12),
              static_cast<char>(0x80 | (c >> 6 & 0x3F)),
              static_cast<char>(0x80 | (c & 0x3F))};
    } else {
      text = {static_cast<char>(0xF0 | c >> 18),
              static_cast<char>(0x80 | (c >> 12 & 0x3F)),
              static_cast<char>(0x80 | (c >> 6 & 0x3F)),
              static_cast<char>(0x80 | (c & 0x3F))};
    }
    const bool surrogate = c >= 0xD800 && c <= 0xDFFF;
    const bool expected = !surrogate && c != 0x7F;
    ASSERT_EQ(IsPrintableUtf8(text), expected) << std::hex << c;
    ASSERT_FALSE(c >= 0x80 && IsPrintableUtf8(text.substr(0, text.size() - 1)));
  }
}

}  // namespace
}  // namespace libopt
