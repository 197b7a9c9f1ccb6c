#include "fakes/x_words.h"

namespace mentiond::fakes {
namespace {

constexpr Sentence sentence_table[] = {
    {"en", "Just deployed {p} from the {m} in {n} minutes, no tickets, no calls. {h} {u}"},
    {"en", "{v} is now available on {m}! Private offers, one bill, happy procurement \U0001F389 {u} {h}"},
    {"en", "Does anybody understand the fees of {m}? {n}% & counting, and support says \"it depends\" \U0001F644"},
    {"en", "Our listing on {m} went live today after {n} days of review <3 thanks {a}"},
    {"en", "Honest take: {m} search is terrible. If revenue > {n}k nobody cares, below that you are invisible."},
    {"en", "We burned down our whole commitment through {m} this quarter. Finance && engineering both smile. {h}"},
    {"en", "Join {v} and {a} for a webinar: selling through {m} and the {g}. {u}"},
    {"en", "{v} joins the {g} and lists {p} on {m} {u} {h}"},
    {"en", "Billing on {m} charged us twice again. Third time this year. {a} please look at ticket {n}"},
    {"en", "TIL you can buy {p} on {m} and it counts toward your cloud commitment \U0001F92F"},
    {"en", "R&D budget note: {p} via {m} is {n} dollars/month cheaper than direct. {u}"},
    {"en", "Metering API of {m} down for {n} minutes. Anyone else seeing 5xx? {h}"},
    {"en", "@ everyone asking: yes, the free trial on {m} works in every region. {u}"},
    {"de", "{v} gibt es jetzt im {m} \u2013 Abrechnung \u00fcber die Cloud-Rechnung, endlich! {h} {u}"},
    {"de", "Warum dauert die Pr\u00fcfung im {m} {n} Tage? Sch\u00f6n ist das nicht, {a}."},
    {"fr", "{v} rejoint le {g}\u00a0: {p} est disponible sur {m} d\u00e8s aujourd\u2019hui {u}"},
    {"fr", "La facturation de {m} est vraiment opaque\u2026 {n}\u00a0\u20ac de plus sans explication \U0001F621 {h}"},
    {"es", "\u00a1Ya puedes comprar {p} en {m}! Despliegue en {n} minutos {u} {h}"},
    {"es", "\u00bfAlguien m\u00e1s con problemas para publicar en {m}? Llevamos {n} d\u00edas esperando {a}"},
    {"pt", "{v} chega ao {m} com ofertas privadas e programa {g} \U0001F680 {u}"},
    {"it", "Finalmente {p} si trova su {m}: fattura unica e {n}% di sconto {h}"},
    {"nl", "Wie gebruikt {m} al voor {p}? Ervaringen graag, <{n} regels :) {h}"},
    {"tr", "{v} art\u0131k {m} \u00fczerinde! {n} dakikada kurulum {u} {h}"},
    {"ja",
     "{p} \u304c {m} "
     "\u3067\u8cb7\u3048\u308b\u3088\u3046\u306b\u306a\u308a\u307e\u3057\u305f\u3002{n}"
     "\u5206\u3067\u5c0e\u5165\u3067\u304d\u3066\u4fbf\u5229\u3067\u3059 \U0001F64C {u}"},
    {"ja",
     "{m} \u306e\u5be9\u67fb\u3001{n}\u65e5\u5f85\u3061\u2026 {a} "
     "\u3055\u3093\u3069\u3046\u3067\u3057\u305f\u304b\uff1f {h}"},
    {"zh",
     "{v} \u6b63\u5f0f\u4e0a\u67b6 {m}\uff0c\u652f\u6301\u79c1\u6709\u62a5\u4ef7\uff0c{n} "
     "\u5206\u949f\u5373\u53ef\u90e8\u7f72\u3002{u} {h}"},
    {"ko", "{m} \uc5d0\uc11c {p} \uad6c\ub9e4 \uac00\ub2a5! \uc124\uce58 {n}\ubd84 \u2728 {u}"},
    {"ar",
     "\u0623\u0635\u0628\u062d {p} \u0645\u062a\u0627\u062d\u064b\u0627 \u0639\u0644\u0649 {m} "
     "\u062e\u0644\u0627\u0644 {n} \u062f\u0642\u064a\u0642\u0629 {u} {h}"},
    {"hi",
     "{m} \u092a\u0930 {p} \u0905\u092c \u0909\u092a\u0932\u092c\u094d\u0927 \u0939\u0948 \U0001F44F {n} "
     "\u092e\u093f\u0928\u091f \u092e\u0947\u0902 \u0938\u0947\u091f\u0905\u092a {u}"},
    {"ru",
     "{v} \u0442\u0435\u043f\u0435\u0440\u044c \u0432 {m}: \u043e\u0434\u0438\u043d \u0441\u0447\u0451\u0442, {n}% "
     "\u0441\u043a\u0438\u0434\u043a\u0430 {u} {h}"},
    {"he", "{p} \u05d6\u05de\u05d9\u05df \u05e2\u05db\u05e9\u05d9\u05d5 \u05d1-{m} {u} {h}"},
    {"qme", "{m} {h} {h} {u} \U0001F468\u200d\U0001F4BB\U0001F468\u200d\U0001F4BB"},
};

constexpr std::string_view long_table[] = {
    "First, the listing itself: {n} fields, two reviews & a scan of every image we publish.",
    "Second, metering. The docs of {m} say \"hourly\", the reality is \"whenever the queue is drained\".",
    "Third, money: the fee is fine, the payout after {n} days is not.",
    "What worked well was the {g}; our partner manager answered within a day, every time.",
    "What did not: search. Type \"{p}\" and you get {n} results, none of them {p}.",
    "If you sell to enterprises you cannot ignore {m}; if you sell to startups you probably can.",
    "\u30d1\u30fc\u30c8\u30ca\u30fc\u5236\u5ea6\u306e\u8a71\u3082\u3042\u3068\u3067\u66f8\u304d\u307e\u3059\u3002",
    "And yes, private offers > public prices, always. <end of rant> \U0001F9F5",
};

constexpr std::string_view marketplaces[3][6] = {
    {"AWS Marketplace", "AWS Marketplace", "AWS Marketplace", "the Marketplace of AWS", "Amazon's AWS Marketplace",
     "aws marketplace"},
    {"GCP Marketplace", "GCP Marketplace", "GCP Marketplace", "Google Cloud (GCP) Marketplace", "GCP's marketplace",
     "gcp marketplace"},
    {"Azure Marketplace", "Azure Marketplace", "Microsoft Azure Marketplace", "Azure Marketplace",
     "Azure\u2019s Marketplace", "azure marketplace"},
};
constexpr std::string_view noise_subjects[] = {"AWS Partner Network", "Google Cloud Marketplace", "Microsoft AppSource",
                                               "AWSMarketplace",      "AzureMarketplace",         "cloud marketplaces"};
constexpr std::string_view programmes[3][4] = {
    {"AWS Partner Network", "AWS ISV Accelerate program", "APN Customer Engagements", "AWS Partner Paths"},
    {"Google Cloud Partner Advantage", "Google Cloud Ready program", "Partner Advantage",
     "Google Cloud ISV Startup Springboard"},
    {"Microsoft AI Cloud Partner Program", "Microsoft Partner Network", "ISV Success program",
     "Azure IP co-sell program"},
};
constexpr std::string_view hashtags[3][4] = {
    {"AWS", "AWSMarketplace", "awspartners", "CloudComputing"},
    {"GCP", "GoogleCloud", "GCPMarketplace", "\u30af\u30e9\u30a6\u30c9"},
    {"Azure", "AzureMarketplace", "MSPartner", "\u0633\u062d\u0627\u0628\u0629"},
};
constexpr std::string_view hosts[3] = {"aws.example.com/marketplace", "gcp.example.com/marketplace",
                                       "azure.example.com/marketplace"};
constexpr std::string_view vendors[] = {"Plumeline",   "Quartzbase",     "Ferro & Lind", "Nimbuskeep",
                                        "Oakrelay",    "Zentrale Daten", "Brightmoor",   "Kappalog",
                                        "Silva Cloud", "Tidegate",       "Umbrik",       "Veloura"};
constexpr std::string_view products[] = {"Plumeline Vault", "Quartzbase 9", "Oakrelay Mesh",  "Kappalog Agent",
                                         "Tidegate WAF",    "Umbrik ETL",   "Nimbuskeep Pro", "Veloura Studio",
                                         "Brightmoor SIEM", "FerroDB",      "Silva Cache",    "Lindworm CI"};
constexpr std::string_view first_names[] = {"heron",   "juniper", "cobalt", "maple", "tundra", "pixel",
                                            "saffron", "orbit",   "willow", "ember", "quill",  "basalt",
                                            "lumen",   "fjord",   "zephyr", "clover"};
constexpr std::string_view last_names[] = {"ops",   "build", "data", "stack", "notes", "labs", "dev",   "cloud",
                                           "infra", "sre",   "byte", "works", "codes", "net",  "daily", "log"};

template <std::size_t N>
std::string_view pick(const std::string_view (&table)[N], std::uint64_t random) {
  return table[random % N];
}

}  // namespace

std::span<const Sentence> sentences() { return sentence_table; }
std::span<const std::string_view> long_sentences() { return long_table; }
std::string_view marketplace(Cloud cloud, std::uint64_t random) {
  return pick(marketplaces[static_cast<std::size_t>(cloud)], random);
}
std::string_view noise_subject(std::uint64_t random) { return pick(noise_subjects, random); }
std::string_view programme(Cloud cloud, std::uint64_t random) {
  return pick(programmes[static_cast<std::size_t>(cloud)], random);
}
std::string_view hashtag(Cloud cloud, std::uint64_t random) {
  return pick(hashtags[static_cast<std::size_t>(cloud)], random);
}
std::string_view vendor(std::uint64_t random) { return pick(vendors, random); }
std::string_view product(std::uint64_t random) { return pick(products, random); }
std::string_view link_host(Cloud cloud) { return hosts[static_cast<std::size_t>(cloud)]; }

// 15 characters at most, as X allows.
std::string user_name(std::uint32_t author) {
  return std::string{first_names[author % 16]} + "_" + std::string{last_names[author / 16 % 16]} +
         std::to_string(author / 256);
}

std::string display_name(std::uint32_t author) {
  std::string name{first_names[author % 16]};
  name[0] = static_cast<char>(name[0] - 'a' + 'A');
  return name + " of " + std::string{last_names[author / 16 % 16]} + (author % 7 == 0 ? " \u2601\ufe0f" : "");
}

}  // namespace mentiond::fakes
