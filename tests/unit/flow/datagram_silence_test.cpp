// What the flows tell of datagrams in trouble: silence that goes on, ICMP errors, tiny pings; nothing of healthy ones.
#include <gtest/gtest.h>

#include "flow/datagram_content.hpp"
#include "shard_bench.hpp"

namespace wiresage::testing {
namespace {

const Endpoint asker{ipv4(10, 0, 0, 1), 5353};
const Endpoint server{ipv4(10, 0, 0, 2), 53};

Frame datagram(const Endpoint& from, const Endpoint& to, unsigned id, const std::string& payload = "question") {
    return udp({.src = from, .dst = to, .payload = payload, .ip = {.id = id}});
}

std::size_t told(const ShardBench& bench) {
    return bench.of<Unanswered>().size() + bench.of<IcmpError>().size() + bench.of<TinyEcho>().size();
}

std::uint32_t datagrams(const ShardBench& bench) {
    std::uint32_t sum = 0;
    for (const auto& one : bench.of<Unanswered>()) sum += one.datagrams;
    return sum;
}

TEST(Unanswered, HealthyExchangesTellNothing) {
    ShardBench bench;
    for (unsigned i = 0; i < 200; ++i) {
        bench.sees(i * 700ms, datagram(asker, server, 2 * i + 1));
        bench.sees(i * 700ms + 20ms, datagram(server, asker, 2 * i + 1));
    }
    bench.plays_to(600s);
    EXPECT_EQ(told(bench), 0U);
}

TEST(Unanswered, EachFurtherRequestIsCountedOnce) {
    ShardBench bench;
    for (unsigned i = 0; i < 9; ++i) bench.sees(i * 1700ms, datagram(asker, server, i + 1));
    bench.plays_to(100s);
    ASSERT_EQ(bench.story(), "silent");
    EXPECT_EQ(bench.of<Outcome>()[0].segments + datagrams(bench), 9U);
    EXPECT_FALSE(bench.of<Unanswered>()[0].was_answered);
    EXPECT_EQ(bench.of<Unanswered>()[0].since_frame, 1U);
}

TEST(Unanswered, AStreamThatExpectsNoAnswerIsTooldOfSeldom) {
    ShardBench bench;
    for (unsigned i = 0; i < 20'000; ++i) bench.sees(i * 20ms, datagram(asker, server, i % 60'000 + 1));
    bench.plays_to(600s);
    EXPECT_EQ(bench.of<Outcome>()[0].segments + datagrams(bench), 20'000U);
    EXPECT_LT(bench.of<Unanswered>().size(), 12U);
}

TEST(Unanswered, AFlowThatWasAnsweredIsToldOfWhenItsClientAsksAgain) {
    ShardBench bench;
    bench.sees(0s, datagram(asker, server, 1));
    bench.sees(10ms, datagram(server, asker, 1));
    for (unsigned i = 1; i <= 4; ++i) bench.sees(i * 16s, datagram(asker, server, 1 + i));
    bench.plays_to(300s);
    EXPECT_EQ(bench.story(), "accepted");
    ASSERT_EQ(bench.of<Unanswered>().size(), 3U);
    EXPECT_EQ(datagrams(bench), 3U);
    EXPECT_TRUE(bench.of<Unanswered>()[0].was_answered);
    EXPECT_EQ(bench.of<Unanswered>()[0].since, bench.began + 16s);
}

TEST(Unanswered, AnAnswerEndsIt) {
    ShardBench bench;
    for (unsigned i = 0; i < 6; ++i) {
        bench.sees(i * 16s, datagram(asker, server, 2 * i + 1));
        if (i != 2) bench.sees(i * 16s + 10ms, datagram(server, asker, 2 * i + 1));
    }
    bench.plays_to(400s);
    EXPECT_EQ(datagrams(bench), 1U);
}

TEST(IcmpErrors, AreToldForWhatTheClientSentOnly) {
    ShardBench bench;
    const auto question = datagram(asker, server, 1);
    const auto answer = datagram(server, asker, 2);
    bench.sees(0ms, question);
    bench.sees(1ms, answer);
    bench.sees(2ms, icmp({.src = asker.ip, .dst = server.ip, .type = 3, .code = 3, .quoted = ip_part(answer)}));
    EXPECT_EQ(told(bench), 0U);
    bench.sees(3ms,
               icmp({.src = ipv4(10, 0, 0, 9), .dst = asker.ip, .type = 3, .code = 1, .quoted = ip_part(question)}));
    ASSERT_EQ(bench.of<IcmpError>().size(), 1U);
    const auto error = bench.of<IcmpError>()[0];
    EXPECT_EQ(error.reporter, ipv4(10, 0, 0, 9));
    EXPECT_EQ(error.client, asker);
    EXPECT_EQ(error.server, server);
    EXPECT_EQ(error.reason, Unreachable::host);
    EXPECT_TRUE(error.was_answered);
}

struct Reason {
    bool v6;
    unsigned type;
    unsigned code;
    Unreachable reason;
};

class Reasons : public ::testing::TestWithParam<Reason> {};

TEST_P(Reasons, AreThoseOfTheRfcs) {
    const auto& row = GetParam();
    ShardBench bench;
    const Endpoint client{row.v6 ? ip("2001:db8::1") : asker.ip, 4000};
    const Endpoint to{row.v6 ? ip("2001:db8::2") : server.ip, 53};
    const auto question = datagram(client, to, 1);
    bench.sees(0ms, question);
    bench.sees(1ms,
               icmp({.src = to.ip, .dst = client.ip, .type = row.type, .code = row.code, .quoted = ip_part(question)}));
    ASSERT_EQ(bench.of<IcmpError>().size(), 1U);
    EXPECT_EQ(bench.of<IcmpError>()[0].reason, row.reason);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, Reasons,
    ::testing::Values(Reason{false, 3, 0, Unreachable::net}, Reason{false, 3, 3, Unreachable::port},
                      Reason{false, 3, 4, Unreachable::frag_needed}, Reason{false, 3, 13, Unreachable::admin},
                      Reason{false, 11, 0, Unreachable::hop_limit}, Reason{true, 1, 0, Unreachable::net},
                      Reason{true, 1, 4, Unreachable::port}, Reason{true, 2, 0, Unreachable::frag_needed},
                      Reason{true, 3, 0, Unreachable::hop_limit}));

TEST(IcmpErrors, AFloodOfThemIsCut) {
    ShardBench bench;
    const auto question = datagram(asker, server, 1);
    bench.sees(0ms, question);
    for (unsigned i = 0; i < 90; ++i) {
        bench.sees(1ms, icmp({.src = server.ip,
                              .dst = asker.ip,
                              .type = 3,
                              .code = 3,
                              .quoted = ip_part(question),
                              .ip = {.id = i + 2}}));
    }
    EXPECT_EQ(bench.of<IcmpError>().size(), 32U);
}

Frame ping(unsigned type, unsigned sequence, const std::string& payload) {
    const bool request = type == 8;
    return icmp({.src = request ? asker.ip : server.ip,
                 .dst = request ? server.ip : asker.ip,
                 .type = type,
                 .identifier = 512,
                 .sequence = sequence,
                 .payload = payload,
                 .ip = {.id = 100 * type + sequence + 1}});
}

TEST(TinyEchoes, AreToldOnceASecondAndAtTheEnd) {
    ShardBench bench;
    for (unsigned i = 0; i < 20; ++i) {
        bench.sees(i * 500ms, ping(8, i, "?"));
        bench.sees(i * 500ms + 1ms, ping(0, i, "?"));
    }
    bench.plays_to(60s);
    const auto all = bench.of<TinyEcho>();
    EXPECT_LE(all.size(), 12U);
    ASSERT_GE(all.size(), 3U);
    EXPECT_EQ(all.front().payload[0], '?');
    EXPECT_EQ(all.front().payload_bytes, 1U);
    EXPECT_TRUE(all.back().ended);
    EXPECT_EQ(all.back().requests, 20U);
    EXPECT_EQ(all.back().replies, 20U);
}

TEST(TinyEchoes, OrdinaryAndChangingPayloadsAreNot) {
    ShardBench bench;
    for (unsigned i = 0; i < 20; ++i) bench.sees(i * 1s, ping(8, i, "abcdefghijklmnopqrstuvwabcdefghi"));
    bench.plays_to(60s);
    EXPECT_EQ(told(bench), 0U);
    for (unsigned i = 0; i < 20; ++i)
        bench.sees(60s + i * 1s, ping(8, 100 + i, std::string(1, static_cast<char>('a' + i))));
    bench.plays_to(120s);
    EXPECT_EQ(bench.of<TinyEcho>().size(), 1U) << "the first one, before it changed";
}

std::uint16_t id_of(std::uint16_t from, std::uint16_t to, const std::string& payload) {
    const std::vector<std::uint8_t> bytes(payload.begin(), payload.end());
    return message_id_of({.source_port = from, .destination_port = to}, bytes);
}

TEST(MessageId, IsTheSameInRequestAndAnswer) {
    const auto ntp = [](char mode, std::size_t at) {
        std::string message(48, '\0');
        message[0] = mode;
        message.replace(at, 8, "12345678");
        return message;
    };
    const std::string get = {'\x30', 19, 2, 1, 1, 4, 6, 'p', 'u', 'b', 'l', 'i', 'c', '\xa0', 6, 2, 1, 7, 2, 1, 0};
    std::string got = get;
    got[13] = '\xa2';
    const std::pair<std::uint16_t, std::pair<std::string, std::string>> rows[] = {
        {std::uint16_t{53},
         {"\x12\x34query",
          "\x12\x34"
          "answer"}},
        {std::uint16_t{123}, {ntp(0x23, 40), ntp(0x24, 24)}},
        {std::uint16_t{161}, {get, got}},
        {std::uint16_t{1434},
         {"\x04"
          "BLACK\0",
          "\x05\x58\x01ServerName;A;InstanceName;BLACK;IsClustered;No;;"}},
        {std::uint16_t{1812}, {"\x01\x55zzzz", "\x02\x55yyyy"}},
    };
    for (const auto& [port, pair] : rows) {
        EXPECT_NE(id_of(40'000, port, pair.first), 0) << port;
        EXPECT_EQ(id_of(40'000, port, pair.first), id_of(port, 40'000, pair.second)) << port;
        EXPECT_EQ(id_of(40'000, port, ""), 0) << port;
    }
    EXPECT_EQ(id_of(40'000, 5000, "anything"), 0);
    EXPECT_NE(id_of(1, 53, "\x12\x34"), id_of(1, 53, "\x12\x35"));
}

}  // namespace
}  // namespace wiresage::testing
