// LiveSource without traffic and without privilege: what is missing stays missing, and nothing waits for ever.

#include "capture/live_source.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "capture/host.hpp"

namespace wiresage::testing {
namespace {

LiveSource::Options missing_interface() {
    LiveSource::Options options;
    options.interfaces.push_back({.name = "nosuch0", .filter = {}, .required = true});
    return options;
}

TEST(LiveSource, CallsAnAbsentInterfaceMissing) {
    LiveSource source{missing_interface()};
    source.open();
    const auto status = source.status();
    ASSERT_EQ(status.size(), 1U);
    EXPECT_EQ(status[0].name, "nosuch0");
    EXPECT_EQ(status[0].state, InterfaceStatus::State::missing);
    EXPECT_THAT(status[0].error, ::testing::HasSubstr("no such interface"));
    EXPECT_TRUE(status[0].required);
    EXPECT_EQ(status[0].opened, 0U);
    EXPECT_EQ(source.inputs().size(), 0U);
}

TEST(LiveSource, IsIdleWhenWoken) {
    auto options = missing_interface();
    options.poll_timeout = std::chrono::hours{1};  // Only wake() can end the wait.
    LiveSource source{options};
    source.wake();
    EXPECT_EQ(source.next_batch().state, Batch::State::idle);
}

TEST(LiveSource, IsIdleAfterThePollTimeout) {
    auto options = missing_interface();
    options.poll_timeout = std::chrono::milliseconds{0};
    LiveSource source{options};
    EXPECT_EQ(source.next_batch().state, Batch::State::idle);
    EXPECT_EQ(source.next_batch().state, Batch::State::idle);
}

TEST(LiveSource, NeedsNoInterfaceAtAll) {
    LiveSource source{{}};
    source.wake();
    EXPECT_EQ(source.next_batch().state, Batch::State::idle);
    EXPECT_TRUE(source.status().empty());
}

/// Opens loopback where this process may; where not, the status must say which capability is missing.
TEST(LiveSource, RaisesPrivilegeOnlyAroundOpening) {
    std::vector<bool> calls;
    LiveSource::Options options;
    options.interfaces.push_back({.name = "lo", .filter = "icmp", .buffer_bytes = 1 << 20});
    options.raise_privilege = [&](bool raise) { calls.push_back(raise); };
    LiveSource source{options};
    EXPECT_TRUE(calls.empty());
    source.open();

    const auto status = source.status();
    ASSERT_EQ(status.size(), 1U);
    EXPECT_EQ(calls, (std::vector{true, false}));
    if (capture_permission_problem()) {
        EXPECT_EQ(status[0].state, InterfaceStatus::State::refused);
        EXPECT_TRUE(status[0].lacks_permission);
        EXPECT_THAT(status[0].error, ::testing::HasSubstr("CAP_NET_RAW"));
    } else {
        EXPECT_EQ(status[0].state, InterfaceStatus::State::up);
        ASSERT_EQ(source.inputs().size(), 1U);
        EXPECT_EQ(source.inputs()[0].interface, "lo");
        EXPECT_TRUE(source.inputs()[0].is_live);
        EXPECT_EQ(source.inputs()[0].link_type, 1U);
    }
}

TEST(LiveSource, RefusesAFilterThatDoesNotCompile) {
    LiveSource::Options options;
    options.interfaces.push_back({.name = "any", .filter = "no such words", .buffer_bytes = 1 << 20});
    LiveSource source{options};
    source.open();
    const auto status = source.status();
    ASSERT_EQ(status.size(), 1U);
    EXPECT_EQ(status[0].state, InterfaceStatus::State::refused);
    const bool permitted = !capture_permission_problem();
    EXPECT_EQ(status[0].lacks_permission, !permitted);
    EXPECT_THAT(status[0].error, ::testing::HasSubstr(permitted ? "no such words" : "CAP_NET_RAW"));
}

TEST(Host, KnowsItsInterfacesAndAddresses) {
    const auto names = interface_names();
    EXPECT_THAT(names, ::testing::Contains("lo"));
    EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
    EXPECT_THAT(names, ::testing::Contains(default_route_interface()));
    const auto addresses = local_addresses();
    EXPECT_TRUE(std::is_sorted(addresses.begin(), addresses.end()));
    EXPECT_EQ(std::adjacent_find(addresses.begin(), addresses.end()), addresses.end());
}

TEST(Host, NamesTheCapabilityAndThreeWaysToGiveIt) {
    const auto help = capture_permission_help();
    for (const auto* words : {"CAP_NET_RAW", "root", "setcap cap_net_raw+ep", "AmbientCapabilities=CAP_NET_RAW"}) {
        EXPECT_THAT(help, ::testing::HasSubstr(words));
    }
}

}  // namespace
}  // namespace wiresage::testing
