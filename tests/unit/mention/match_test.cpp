#include "mention/match.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mentiond {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(PhrasesOf, APlainRunOfKeywordsIsOnePhrase) {
  EXPECT_THAT(phrases_of("AWS Marketplace -is:retweet"), ElementsAre("aws marketplace"));
}

TEST(PhrasesOf, OperatorsAreLeftOutAndDoNotInterruptARun) {
  EXPECT_THAT(phrases_of("AWS lang:en Marketplace has:links -is:retweet from:example"), ElementsAre("aws marketplace"));
  EXPECT_THAT(phrases_of("#aws @awscloud $AMZN url:\"https://a.example/b c\" place:\"new york\" GCP Marketplace"),
              ElementsAre("gcp marketplace"));
}

TEST(PhrasesOf, QuotedPhrasesStandAlone) {
  EXPECT_THAT(phrases_of("\"Azure Marketplace\" partner program"), ElementsAre("azure marketplace", "partner program"));
  EXPECT_THAT(phrases_of("\"AWS   Marketplace!\""), ElementsAre("aws marketplace"));
  EXPECT_THAT(phrases_of("\"never closed phrase"), ElementsAre("never closed phrase"));
}

TEST(PhrasesOf, OrAndParenthesesEndARun) {
  EXPECT_THAT(phrases_of("AWS Marketplace OR GCP Marketplace"), ElementsAre("aws marketplace", "gcp marketplace"));
  EXPECT_THAT(phrases_of("(AWS Marketplace) (Azure Marketplace)"), ElementsAre("aws marketplace", "azure marketplace"));
}

TEST(PhrasesOf, WhatIsNegatedIsLeftOut) {
  EXPECT_THAT(phrases_of("AWS Marketplace -job -\"job offer\" -(spam \"more ) spam\" (deep)) -#ad"),
              ElementsAre("aws marketplace"));
}

TEST(PhrasesOf, SingleWordsCountOnlyWhereNothingLongerIs) {
  EXPECT_THAT(phrases_of("\"AWS Marketplace\" OR cloud"), ElementsAre("aws marketplace"));
  EXPECT_THAT(phrases_of("(aws OR gcp) marketplace"), ElementsAre("aws", "gcp", "marketplace"));
}

TEST(PhrasesOf, AWordWithPunctuationIsSeveralWords) {
  EXPECT_THAT(phrases_of("partner-program"), ElementsAre("partner program"));
  EXPECT_THAT(phrases_of("12:30 show"), ElementsAre("12 30 show"));
}

TEST(PhrasesOf, ARepeatedPhraseIsListedOnce) {
  EXPECT_THAT(phrases_of("\"AWS Marketplace\" OR \"aws marketplace\""), ElementsAre("aws marketplace"));
}

TEST(PhrasesOf, AQueryOfOperatorsHasNone) {
  EXPECT_THAT(phrases_of(""), IsEmpty());
  EXPECT_THAT(phrases_of("from:example -is:retweet #aws -( OR ) \"\" ()"), IsEmpty());
}

Match match(std::string_view text, std::string_view query = "AWS Marketplace -is:retweet") {
  const auto phrases = phrases_of(query);
  return classify(text, phrases);
}

TEST(Classify, WordsSideBySideAreAPhrase) {
  for (const std::string_view text :
       {"AWS Marketplace", "on the aws MARKETPLACE today", "AWS-Marketplace:", "\"AWS\" (Marketplace)",
        "AWS\n\tMarketplace", "AWS Marketplace's fees", "#AWS #Marketplace", "AWS\xC2\xA0Marketplace",
        "AWS \xE2\x80\x94 Marketplace", "“AWS Marketplace”", "AWS　Marketplace", "AWS Marketplaceで公開",
        "すごいAWS Marketplace", "AWS AWS Marketplace", "🚀AWS Marketplace🚀", "https://t.co/abc AWS Marketplace"}) {
    EXPECT_EQ(match(text), Match::phrase) << text;
  }
}

TEST(Classify, EverythingElseIsLoose) {
  for (const std::string_view text :
       {"", "AWS", "Marketplace", "Marketplace AWS", "AWS has a Marketplace", "AWSMarketplace", "#AWSMarketplace",
        "AWS_Marketplace", "xAWS Marketplace", "AWS Marketplaces", "AWS Marketplace2", "AWS 🚀 Marketplace",
        "éAWS Marketplace", "AWS Marketplaceé", "AWS Marketplac"}) {
    EXPECT_EQ(match(text), Match::loose) << text;
  }
}

TEST(Classify, WordsInsideALinkAreLoose) {
  EXPECT_EQ(match("https://example.com/aws/marketplace"), Match::loose);
  EXPECT_EQ(match("HTTPS://aws-marketplace.example.com/x"), Match::loose);
  EXPECT_EQ(match("AWS https://marketplace.example.com"), Match::loose);
}

TEST(Classify, AnyPhraseOfTheQueryCounts) {
  EXPECT_EQ(match("the GCP Marketplace", "AWS Marketplace OR \"GCP Marketplace\""), Match::phrase);
  EXPECT_EQ(match("the Azure Marketplace", "AWS Marketplace OR \"GCP Marketplace\""), Match::loose);
}

TEST(Classify, WithoutPhrasesEverythingIsLoose) { EXPECT_EQ(match("AWS Marketplace", "from:example"), Match::loose); }

TEST(Classify, BytesThatAreNoUtf8DoNoHarm) {
  EXPECT_EQ(match("\xF0\x9F\x9A"), Match::loose);
  EXPECT_EQ(match("\xFF\xFE AWS Marketplace \xE2"), Match::phrase);
  EXPECT_EQ(match("AWS \xE2"), Match::loose);
}

TEST(Match, HasTheDocumentsWords) {
  EXPECT_EQ(to_text(Match::phrase), "phrase");
  EXPECT_EQ(to_text(Match::loose), "loose");
}

}  // namespace
}  // namespace mentiond
