// new_service_contacted learns, then tells once.

#include <gtest/gtest.h>

#include "support/rule_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

const Address host = ipv4(10, 76, 0, 7);
const Endpoint old_service{ipv4(10, 76, 9, 1), 443};
const Endpoint new_service{ipv4(10, 76, 9, 4), 5985};

TEST(NewServiceContacted, AfterLearningANewServiceIsToldOnce) {
    RuleBench bench{"new_service_contacted", {{"learn", in_seconds(100)}, {"window", in_seconds(60)}}};
    bench.sees(0s, tcp_attempt({host, 1}, old_service));
    bench.sees(120s, tcp_attempt({host, 2}, old_service));
    EXPECT_EQ(bench.last(), nullptr);
    bench.sees(130s, tcp_attempt({host, 3}, new_service));
    bench.sees(131s, tcp_outcome({host, 3}, new_service, Answer::accepted, 130s));
    bench.sees(140s, tcp_attempt({host, 4}, new_service));
    ASSERT_NE(bench.last(), nullptr);
    EXPECT_EQ(bench.last()->entity, "10.76.0.7>10.76.9.4:5985");
    EXPECT_EQ(whole(*bench.last(), "attempts"), 2);
    EXPECT_TRUE(says(*bench.last(), "answered"));
    EXPECT_DOUBLE_EQ(number(*bench.last(), "learned_s"), 130.0);
    const auto told = bench.findings().size();
    bench.sees(400s, tcp_attempt({host, 5}, new_service));
    bench.sees(410s, tcp_attempt({host, 6}, new_service));
    EXPECT_EQ(bench.findings().size(), told);
}

TEST(NewServiceContacted, StrangersAndWhatWasLearntAreSilent) {
    RuleBench bench{"new_service_contacted", {{"learn", in_seconds(100)}}};
    bench.sees(0s, tcp_attempt({host, 1}, old_service));
    bench.sees(50s, tcp_attempt({host, 1}, new_service));
    bench.sees(200s, tcp_attempt({host, 2}, new_service));
    bench.sees(210s, tcp_attempt({ipv4(198, 51, 100, 1), 2}, new_service));
    EXPECT_EQ(bench.last(), nullptr);
}

TEST(NewServiceContacted, IsOffAsShipped) {
    RuleBench bench{"new_service_contacted"};
    EXPECT_FALSE(bench.about().enabled);
}

}  // namespace
}  // namespace wiresage::testing
