// The catalogue: names, help and labels of every metric hold to what Prometheus and the contract ask.

#include "metrics/catalogue.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <string>

namespace wiresage::testing {
namespace {

class Catalogue : public ::testing::TestWithParam<MetricAbout> {};

TEST_P(Catalogue, NameHasThePrefixAndTheEndingOfItsType) {
    const auto& metric = GetParam();
    const bool ours = metric.name.starts_with("wiresage_") || metric.name.starts_with("process_");
    EXPECT_TRUE(ours) << metric.name;
    EXPECT_EQ(metric.name.ends_with("_total"), metric.type == MetricType::counter);
    EXPECT_EQ(metric.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string_view::npos);
}

TEST_P(Catalogue, HelpIsOneLineOfPlainText) {
    const auto help = GetParam().help;
    EXPECT_FALSE(help.empty());
    EXPECT_TRUE(std::ranges::all_of(help, [](char c) { return c >= ' ' && c <= '~' && c != '\\'; })) << help;
    EXPECT_TRUE(help.ends_with('.'));
}

TEST_P(Catalogue, LabelsAreBoundedSets) {
    const std::set<std::string> bounded{"interface", "rule",  "severity", "receiver", "reason",  "protocol",
                                        "stage",     "table", "version",  "revision", "compiler"};
    std::istringstream labels{std::string{GetParam().labels}};
    std::size_t count = 0;
    for (std::string label; labels >> label; ++count) EXPECT_TRUE(bounded.contains(label)) << label;
    EXPECT_EQ(count, label_count(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(, Catalogue, ::testing::ValuesIn(metric_catalogue().begin(), metric_catalogue().end()),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(CatalogueAsAWhole, NamesAreUnique) {
    std::set<std::string_view> names;
    for (const auto& metric : metric_catalogue()) names.insert(metric.name);
    EXPECT_EQ(names.size(), static_cast<std::size_t>(Metric::count));
}

}  // namespace
}  // namespace wiresage::testing
