// The files under config/ are without errors, and config/wiresage.yaml says what runs without it: all of it, and
// nothing else.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "rules/registry.hpp"
#include "settings/configuration.hpp"

namespace wiresage::testing {
namespace {

const std::filesystem::path folder = std::filesystem::path{WIRESAGE_SOURCE} / "config";

ReadResult shipped() { return read_configuration((folder / "wiresage.yaml").string(), all_rules()); }

TEST(ShippedConfiguration, HasNoErrors) {
    for (const auto& error : shipped().errors) ADD_FAILURE() << error.text();
}

TEST(ShippedConfiguration, SaysTheDefaults) {
    const auto change = describe_change(default_configuration(all_rules()), shipped().configuration);
    for (const auto& key : change.taken) ADD_FAILURE() << key << " is not the default";
    for (const auto& key : change.needs_restart) ADD_FAILURE() << key << " is not the default";
    EXPECT_TRUE(change.empty());
}

TEST(ShippedConfiguration, ShowsEverySettingOfEveryRule) {
    const auto read = shipped();
    std::vector<std::string> missing;
    for (const auto* const entry : all_rules()) {
        const auto key = "rules." + std::string{entry->about->id};
        std::vector<std::string> wanted{key + ".enabled", key + ".severity"};
        for (const auto& setting : entry->about->settings) wanted.push_back(key + "." + std::string{setting.name});
        for (const auto& each : wanted) {
            if (!read.places.contains(each)) missing.push_back(each);
        }
    }
    EXPECT_EQ(missing, std::vector<std::string>{});
}

class ShippedExample : public ::testing::TestWithParam<std::filesystem::path> {};

TEST_P(ShippedExample, HasNoErrors) {
    for (const auto& error : read_configuration(GetParam().string(), all_rules()).errors) ADD_FAILURE() << error.text();
}

std::vector<std::filesystem::path> examples() {
    std::vector<std::filesystem::path> found;
    for (const auto& entry : std::filesystem::directory_iterator{folder / "examples"}) {
        if (entry.path().extension() == ".yaml") found.push_back(entry.path());
    }
    std::sort(found.begin(), found.end());
    return found;
}

INSTANTIATE_TEST_SUITE_P(, ShippedExample, ::testing::ValuesIn(examples()), [](const auto& row) {
    auto name = row.param.stem().string();
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
});

}  // namespace
}  // namespace wiresage::testing
