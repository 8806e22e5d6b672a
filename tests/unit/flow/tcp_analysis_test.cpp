// What a segment is, by Wireshark's definitions: each row is a conversation, and what tshark 4.0 says of each of its
// segments (tcp.analysis.*).
#include "flow/tcp_analysis.hpp"

#include <gtest/gtest.h>

#include "shard_bench.hpp"

namespace wiresage::testing {
namespace {

using namespace tcp_finding;

struct Judged {
    Turn turn;
    std::uint16_t findings;
};

struct Trace {
    const char* name;
    std::vector<Judged> segments;
};

class TcpAnalysis : public ::testing::TestWithParam<Trace> {};

TEST_P(TcpAnalysis, AgreesWithTshark) {
    TcpFlow flow;
    EventTime syn_stamp;
    EventTime now = event_time(1'000'000'000'000);
    std::size_t at = 0;
    for (const auto& [turn, findings] : GetParam().segments) {
        const auto spec = segment(turn);
        const Side from = turn.from == 'c' ? 0 : 1;
        now += turn.at;
        TcpHeader header;
        header.sequence = spec.seq;
        header.acknowledgment = spec.ack;
        header.flags = static_cast<std::uint16_t>(spec.flags);
        header.window = static_cast<std::uint16_t>(spec.window);
        header.payload_bytes = turn.length;
        // The tracker's part: it keeps scales and the round trip.
        if (header.has(tcp_flag::syn)) {
            flow.sides[from].window_scale =
                static_cast<std::int8_t>(turn.window_scale < 0 ? scale_not_used : turn.window_scale);
            syn_stamp = header.has(tcp_flag::ack) ? syn_stamp : now;
        } else if (flow.handshake_rtt == Duration{} && syn_stamp != EventTime{}) {
            flow.handshake_rtt = now - syn_stamp;
        }
        EXPECT_EQ(analyse(flow, from, header, now), findings)
            << "segment " << at << " seq " << turn.seq << " ack " << turn.ack;
        ++at;
    }
}

/// Times are from one segment to the next; the handshake takes 100 ms.
std::vector<Judged> after_handshake(std::vector<Judged> more) {
    std::vector<Judged> all = {{{50ms, 'c', "S", 0, 0}, 0}, {{50ms, 's', "SA", 0, 1}, 0}, {{50ms, 'c', "A", 1, 1}, 0}};
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

Judged data(Duration after, std::uint32_t seq, std::uint32_t length, unsigned findings = 0, std::uint32_t ack = 1) {
    return {{after, 's', "A", seq, ack, length}, static_cast<std::uint16_t>(findings)};
}

Judged ack(Duration after, std::uint32_t number, unsigned findings = 0, unsigned window = 1000) {
    return {{after, 'c', "A", 1, number, 0, 1000, 1000, window}, static_cast<std::uint16_t>(findings)};
}

const Trace traces[] = {
    {"in_order", after_handshake({data(1ms, 1, 100), data(1ms, 101, 100), ack(1ms, 201)})},
    {"lost_in_capture", after_handshake({data(1ms, 101, 100, lost_segment), ack(1ms, 201, ack_lost_segment)})},
    {"out_of_order_within_the_round_trip",
     after_handshake({data(1ms, 1, 100), data(1ms, 201, 100, lost_segment), data(60ms, 101, 50, out_of_order)})},
    {"resent_after_the_round_trip",
     after_handshake({data(1ms, 1, 100), data(1ms, 201, 100, lost_segment), data(160ms, 101, 50, retransmission)})},
    {"resent_up_to_the_newest_byte",
     after_handshake({data(1ms, 1, 100), data(1ms, 101, 100), data(1ms, 101, 100, retransmission)})},
    {"resent_soon_counts_as_out_of_order",
     after_handshake({data(1ms, 1, 100), data(1ms, 101, 100), data(1ms, 1, 100, out_of_order)})},
    {"no_handshake_3_ms",
     {data(0ms, 1, 100), data(1ms, 201, 100, lost_segment), data(2ms, 101, 50, out_of_order),
      data(2ms, 151, 40, retransmission)}},
    {"fast_retransmission",
     after_handshake({data(1ms, 1, 100), ack(1ms, 101), data(1ms, 201, 100, lost_segment), ack(1ms, 101, duplicate_ack),
                      ack(1ms, 101, duplicate_ack), data(19ms, 101, 50, fast_retransmission | retransmission)})},
    {"too_late_for_fast",
     after_handshake({data(1ms, 1, 100), ack(1ms, 101), data(1ms, 201, 100, lost_segment), ack(1ms, 101, duplicate_ack),
                      ack(1ms, 101, duplicate_ack), data(20ms, 101, 50, out_of_order)})},
    {"one_duplicate_is_not_enough",
     after_handshake({data(1ms, 1, 100), ack(1ms, 101), data(1ms, 201, 100, lost_segment), ack(1ms, 101, duplicate_ack),
                      data(1ms, 101, 50, out_of_order)})},
    {"spurious", after_handshake({data(1ms, 1, 100), ack(1ms, 101),
                                  data(300ms, 1, 100, spurious_retransmission | retransmission)})},
    {"window_update", after_handshake({data(1ms, 1, 100), ack(1ms, 101), ack(1ms, 101, window_update, 900)})},
    {"keep_alive",
     after_handshake({data(1ms, 1, 100), ack(1ms, 101), data(1s, 100, 0, keep_alive), ack(1ms, 101, keep_alive_ack),
                      data(1s, 100, 1, keep_alive), ack(1ms, 101, keep_alive_ack), data(1ms, 101, 10)})},
    {"zero_window_and_probe",
     after_handshake({data(1ms, 1, 100), ack(1ms, 101, zero_window, 0), data(1s, 101, 1, zero_window_probe),
                      ack(1ms, 101, zero_window | zero_window_probe_ack, 0), ack(1s, 101, window_update, 1000),
                      data(1ms, 101, 100)})},
    {"window_full", after_handshake({data(1ms, 1, 600), data(1ms, 601, 400, window_full), ack(1ms, 1001)})},
    {"window_full_is_scaled",
     {{{0ms, 'c', "S", 0, 0, 0, 1000, 1000, 1000, 2}, 0},
      {{1ms, 's', "SA", 0, 1, 0, 1000, 1000, 1000, 2}, 0},
      {{1ms, 'c', "A", 1, 1}, 0},
      data(1ms, 1, 1000),
      data(1ms, 1001, 3000, window_full)}},
    {"window_of_a_syn_is_not_scaled",
     {{{0ms, 'c', "S", 0, 0, 0, 1000, 1000, 1000, 2}, 0},
      {{1ms, 's', "SA", 0, 1, 0, 1000, 1000, 1000, 2}, 0},
      {{1ms, 'c', "A", 1, 1, 1000}, window_full}}},
    {"window_without_a_scale_is_not_judged", {data(0ms, 1, 100), ack(1ms, 101), data(1ms, 101, 1000)}},
    {"beyond_what_was_seen_is_said_once",
     after_handshake({data(1ms, 1, 100), ack(1ms, 201, ack_lost_segment), ack(1ms, 301),
                      data(1ms, 301, 100, lost_segment), ack(1ms, 401, ack_lost_segment), ack(1ms, 501)})},
    {"beyond_again_after_a_new_acknowledgment", after_handshake({data(1ms, 1, 100),
                                                                 ack(1ms, 201, ack_lost_segment),
                                                                 ack(1ms, 301),
                                                                 {{1ms, 'c', "A", 1, 301, 50}, 0},
                                                                 data(1ms, 101, 0, 0, 51),
                                                                 {{1ms, 'c', "A", 51, 501}, ack_lost_segment},
                                                                 {{1ms, 'c', "A", 51, 601}, 0}})},
    {"filled_hole_may_be_acknowledged",
     after_handshake({data(1ms, 101, 100, lost_segment), data(1ms, 1, 100, out_of_order), ack(1ms, 201)})},
    {"syn_repeated", {{{0ms, 'c', "S", 0, 0}, 0}, {{1s, 'c', "S", 0, 0}, retransmission}}},
    {"sequence_numbers_wrap",
     {{{0ms, 's', "A", 0, 1, 100, 0xffffffa0, 1000}, 0},
      {{1ms, 's', "A", 110, 1, 100, 0xffffffa0, 1000}, lost_segment},
      {{1ms, 's', "A", 210, 1, 100, 0xffffffa0, 1000}, 0}}},
};

INSTANTIATE_TEST_SUITE_P(, TcpAnalysis, ::testing::ValuesIn(traces), [](const auto& row) { return row.param.name; });

TEST(TcpAnalysisCounts, AddUp) {
    TcpAnalysisCounts counts;
    count(counts, retransmission | fast_retransmission);
    count(counts, 0x3fff);
    TcpAnalysisCounts twice = counts;
    twice += counts;
    EXPECT_EQ(twice.retransmission, 4U);
    EXPECT_EQ(twice.fast_retransmission, 4U);
    EXPECT_EQ(twice.keep_alive_ack, 2U);
    EXPECT_EQ(twice.window_full, 2U);
    EXPECT_EQ(twice.reused_ports, 0U);
}

TEST(TcpAnalysisCounts, OfAShardHoldReusedPortsOfBothSides) {
    ShardBench bench;
    play(bench, {{0ms, 'c', "S", 0, 0},
                 {1ms, 's', "RA", 0, 1},
                 {500ms, 'c', "S", 0, 0},
                 {501ms, 's', "SA", 0, 1, 0, 4000},
                 {1s, 'c', "S", 0, 0, 0, 9000}});
    const auto& counts = bench.shard().stats().tcp_analysis;
    EXPECT_EQ(counts.reused_ports, 2U);
    EXPECT_EQ(counts.retransmission, 1U);
}

}  // namespace
}  // namespace wiresage::testing
