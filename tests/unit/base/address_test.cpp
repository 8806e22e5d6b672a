// Addresses, endpoints, networks and hardware addresses as values and as text.

#include "base/address.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace wiresage {
namespace {

struct TextRow {
    const char* name;
    const char* text;
    bool v4;
    bool unspecified;
    bool multicast;
    bool loopback;
};

class AddressText : public ::testing::TestWithParam<TextRow> {};

TEST_P(AddressText, IsParsedAndGivenBack) {
    const auto& row = GetParam();
    const auto address = Address::parse(row.text);
    ASSERT_TRUE(address);
    EXPECT_EQ(address->text(), row.text);
    EXPECT_EQ(address->is_v4(), row.v4);
    EXPECT_EQ(address->is_unspecified(), row.unspecified);
    EXPECT_EQ(address->is_multicast(), row.multicast);
    EXPECT_EQ(address->is_loopback(), row.loopback);
    const auto endpoint = Endpoint{*address, 443}.text();
    EXPECT_EQ(endpoint, row.v4 ? std::string{row.text} + ":443" : "[" + std::string{row.text} + "]:443");
}

constexpr TextRow texts[] = {
    {"v4", "10.0.0.1", true, false, false, false},
    {"v4_unspecified", "0.0.0.0", true, true, false, false},
    {"v4_multicast", "224.0.0.251", true, false, true, false},
    {"v4_highest_multicast", "239.255.255.255", true, false, true, false},
    {"v4_broadcast", "255.255.255.255", true, false, false, false},
    {"v4_loopback", "127.0.0.53", true, false, false, true},
    {"v6", "2001:db8::1", false, false, false, false},
    {"v6_unspecified", "::", false, true, false, false},
    {"v6_multicast", "ff02::fb", false, false, true, false},
    {"v6_loopback", "::1", false, false, false, true},
    {"v6_longest_run_of_zeros_is_shortened", "2001:db8:0:1::1", false, false, false, false},
};

INSTANTIATE_TEST_SUITE_P(, AddressText, ::testing::ValuesIn(texts), [](const auto& row) { return row.param.name; });

TEST(Address, IsNotParsedFromOtherText) {
    for (const char* text : {"", "10.0.0", "10.0.0.256", "10.0.0.1 ", " 10.0.0.1", "010.0.0.1", "localhost",
                             "fe80::1%eth0", "10.0.0.1:80", ":::"}) {
        EXPECT_FALSE(Address::parse(text)) << text;
    }
}

TEST(Address, OfV4IsKeptAsMappedV6) {
    const auto address = ipv4(192, 0, 2, 1);
    EXPECT_EQ(address.v4_value(), 0xc0000201U);
    EXPECT_EQ(address, Address::parse("::ffff:192.0.2.1"));
    EXPECT_EQ(address.high(), 0U);
    EXPECT_EQ(address.low(), 0x0000ffffc0000201U);
    EXPECT_TRUE(ipv4(255, 255, 255, 255).is_broadcast());
    EXPECT_FALSE(address.is_broadcast());
    EXPECT_EQ(Address::parse("2001:db8::1").value().v4_value(), 0U);
}

TEST(Address, OrderIsThatOfItsBytes) {
    std::vector<Address> addresses;
    for (const char* text :
         {"2001:db8::1", "10.0.0.2", "9.255.255.255", "::1", "2001:db8:0:0:1::", "255.0.0.0", "fe80::", "::"}) {
        addresses.push_back(Address::parse(text).value());
    }
    for (const auto& a : addresses) {
        for (const auto& b : addresses) {
            EXPECT_EQ(a < b, a.bytes < b.bytes) << a.text() << " " << b.text();
            EXPECT_EQ(a == b, a.bytes == b.bytes);
        }
    }
    EXPECT_LT((Endpoint{ipv4(10, 0, 0, 1), 65535}), (Endpoint{ipv4(10, 0, 0, 2), 0}));
    EXPECT_LT((Endpoint{ipv4(10, 0, 0, 1), 1}), (Endpoint{ipv4(10, 0, 0, 1), 2}));
}

struct NetworkRow {
    const char* name;
    const char* network;
    const char* inside;
    const char* outside;
};

class Networks : public ::testing::TestWithParam<NetworkRow> {};

TEST_P(Networks, ContainTheirAddresses) {
    const auto& row = GetParam();
    const auto network = Network::parse(row.network);
    ASSERT_TRUE(network);
    EXPECT_TRUE(network->contains(Address::parse(row.inside).value()));
    EXPECT_FALSE(network->contains(Address::parse(row.outside).value()));
    EXPECT_EQ(Network::parse(network->text()), network);
}

constexpr NetworkRow networks[] = {
    {"of_eight_bits", "10.0.0.0/8", "10.255.255.255", "11.0.0.0"},
    {"of_twelve_bits", "172.16.0.0/12", "172.31.255.255", "172.32.0.0"},
    {"of_one_host", "192.0.2.1/32", "192.0.2.1", "192.0.2.0"},
    {"of_a_bare_address", "192.0.2.1", "192.0.2.1", "192.0.2.2"},
    {"of_all_of_v4", "0.0.0.0/0", "255.255.255.255", "::1"},
    {"of_all_of_v6", "::/0", "2001:db8::1", "10.0.0.1"},
    {"of_link_local", "fe80::/10", "febf::1", "fec0::1"},
    {"of_seven_bits", "fc00::/7", "fdff::1", "fe00::1"},
    {"of_v6_loopback", "::1/128", "::1", "::2"},
};

INSTANTIATE_TEST_SUITE_P(, Networks, ::testing::ValuesIn(networks), [](const auto& row) { return row.param.name; });

TEST(Network, IsNotParsedFromOtherText) {
    for (const char* text :
         {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/8x", "10.0.0.0/-1", "10.0.0.0/+8", "::/129", "10.0.0/8"}) {
        EXPECT_FALSE(Network::parse(text)) << text;
    }
}

TEST(MacAddress, IsTextAsEcsHasIt) {
    const MacAddress mac{{0x00, 0x12, 0x34, 0x56, 0x78, 0x1b}};
    EXPECT_EQ(mac.text(), "00-12-34-56-78-1B");
    EXPECT_EQ(mac.value(), 0x00123456781bULL);
    EXPECT_FALSE(mac.is_group() || mac.is_zero() || mac.is_broadcast());
    EXPECT_TRUE((MacAddress{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}).is_broadcast());
    EXPECT_TRUE((MacAddress{{0x33, 0x33, 0, 0, 0, 1}}).is_group());
    EXPECT_TRUE(MacAddress{}.is_zero());
}

TEST(AddressHash, DependsOnEveryPartAndOnTheKey) {
    const AddressHash hash{1};
    EXPECT_EQ(hash(ipv4(10, 0, 0, 1)), hash(ipv4(10, 0, 0, 1)));
    EXPECT_NE(hash(ipv4(10, 0, 0, 1)), hash(ipv4(10, 0, 0, 2)));
    EXPECT_NE(hash(ipv4(10, 0, 0, 1)), AddressHash{2}(ipv4(10, 0, 0, 1)));
    EXPECT_NE(hash(Endpoint{ipv4(10, 0, 0, 1), 1}), hash(Endpoint{ipv4(10, 0, 0, 1), 2}));
    EXPECT_NE(hash(MacAddress{{1}}), hash(MacAddress{{2}}));
}

}  // namespace
}  // namespace wiresage
