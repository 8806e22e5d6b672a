// A session at two points: which numbers belong together, and what is left to say of it.

#include "compare/session.hpp"

#include <gtest/gtest.h>

#include "compare/report.hpp"
#include "compare/session_json.hpp"
#include "compare/summary.hpp"

namespace wiresage::testing {
namespace {

using namespace std::chrono_literals;

constexpr EventTime begin = event_time(1'700'000'000'000'000'000);
const Endpoint client{ipv4(10, 0, 0, 5), 40000};
const Endpoint server{ipv4(10, 9, 0, 1), 80};
const Endpoint outside{ipv4(198, 51, 100, 7), 61000};

/// A TCP packet with a payload of equal bytes.
struct Segment {
    bool from_client = true;
    std::uint16_t flags = tcp_flag::ack;
    std::uint32_t seq = 0;
    std::uint32_t ack = 0;
    std::uint32_t bytes = 0;
    std::uint16_t window = 1000;
};

class SessionTest : public ::testing::Test {
protected:
    Packet packet_of(const Segment& segment, const Endpoint& client_there) {
        Packet packet;
        const auto& from = segment.from_client ? client_there : server;
        const auto& to = segment.from_client ? server : client_there;
        packet.has_ip = true;
        packet.ip.version = 4;
        packet.ip.source = from.ip;
        packet.ip.destination = to.ip;
        packet.tcp.emplace();
        packet.tcp->source_port = from.port;
        packet.tcp->destination_port = to.port;
        packet.tcp->sequence = segment.seq;
        packet.tcp->acknowledgment = segment.ack;
        packet.tcp->flags = segment.flags;
        packet.tcp->payload_bytes = segment.bytes;
        packet.tcp->header_bytes = 20;
        packet.tcp->window = segment.window;
        payload.assign(2000, 0x61);
        packet.payload = Bytes{payload}.first(segment.bytes);
        return packet;
    }

    void at(Session& session, Point point, Duration when, const Segment& segment) {
        const auto& client_there = point == Point::near ? client : far_client;
        const auto packet = packet_of(segment, client_there);
        const Sighting seen{begin + when, ++frame, static_cast<std::uint16_t>(index_of(point))};
        if (!session.half(point).present) {
            session.open(point, FlowKey::of(ip_protocol::tcp, client_there, server), packet, segment.from_client, seen);
        }
        session.see(point, packet, seen, budget);
    }

    /// At both points, 10 ms apart; the client is near.
    void passes(Session& session, Duration when, const Segment& segment) {
        const auto first = segment.from_client ? Point::near : Point::far;
        at(session, first, when, segment);
        at(session, opposite(first), when + 10ms, segment);
    }

    void handshake(Session& session) {
        passes(session, 0ms, {true, tcp_flag::syn, 1000, 0});
        passes(session, 10ms, {false, tcp_flag::syn | tcp_flag::ack, 5000, 1001});
    }

    SessionSummary summary(Session& session) {
        session.expire(latest_event_time, coverage, budget);
        session.finish();
        return summary_of(session, coverage);
    }

    std::vector<std::uint8_t> payload;
    PieceBudget budget{1000, 0, 0};
    std::array<Coverage, 2> coverage{Coverage{begin, begin + 1h}, Coverage{begin, begin + 1h}};
    Endpoint far_client = client;
    std::uint64_t frame = 0;
};

TEST_F(SessionTest, TranslationOfAddressesIsNoChange) {
    far_client = outside;
    Session session{Transport::tcp, 1};
    handshake(session);
    passes(session, 20ms, {true, tcp_flag::ack, 1001, 5001, 100});
    const auto made = summary(session);
    EXPECT_EQ(made.relation, Relation::same);
    EXPECT_TRUE(made.is_translated);
    EXPECT_TRUE(made.client_is_near);
    EXPECT_TRUE(made.changes.empty());
    EXPECT_EQ(made.transfers[0].lost, 0U);
    EXPECT_EQ(made.transfers[0].sent, 1U);
    EXPECT_EQ(made.transfers[0].middle_delay, 10ms);
}

TEST_F(SessionTest, ALostSegmentHasItsRelativePlace) {
    Session session{Transport::tcp, 1};
    handshake(session);
    at(session, Point::near, 20ms, {true, tcp_flag::ack, 1001, 5001, 500});
    passes(session, 20ms, {true, tcp_flag::ack, 1501, 5001, 300});
    at(session, Point::near, 320ms, {true, tcp_flag::ack, 1001, 5001, 500});
    const auto made = summary(session);
    ASSERT_EQ(made.transfers[0].ranges.size(), 1U);
    EXPECT_EQ(made.transfers[0].ranges[0].begin, 1);
    EXPECT_EQ(made.transfers[0].ranges[0].end, 501);
    EXPECT_EQ(made.transfers[0].ranges[0].copies, 2U);
    EXPECT_TRUE(made.transfers[0].went_on);
    EXPECT_TRUE(made.transfers[0].arrived_smaller);
    const auto json = session_json(made);
    EXPECT_NE(json.find(R"("never_arrived":[{"seq_relative":1,"len":500,"copies":2)"), std::string::npos) << json;
    const auto drawn = ladder(made);
    EXPECT_NE(drawn.find("bytes 1 to 500, lost"), std::string::npos) << drawn;
    EXPECT_NE(drawn.find("SYN-ACK"), std::string::npos);
}

TEST_F(SessionTest, SequenceNumbersThatAreShiftedStayComparable) {
    Session session{Transport::tcp, 1};
    at(session, Point::near, 0ms, {true, tcp_flag::syn, 1000, 0});
    at(session, Point::far, 10ms, {true, tcp_flag::syn, 777'000, 0});
    at(session, Point::far, 11ms, {false, tcp_flag::syn | tcp_flag::ack, 5000, 777'001});
    at(session, Point::near, 21ms, {false, tcp_flag::syn | tcp_flag::ack, 5000, 1001});
    at(session, Point::near, 22ms, {true, tcp_flag::ack, 1001, 5001, 100});
    at(session, Point::far, 32ms, {true, tcp_flag::ack, 777'001, 5001, 100});
    const auto made = summary(session);
    EXPECT_EQ(made.relation, Relation::rewritten);
    EXPECT_EQ(made.transfers[0].lost, 0U);
    EXPECT_EQ(made.transfers[0].received, 1U);
}

TEST_F(SessionTest, OtherOptionsWithNewNumbersAreAProxy) {
    Session session{Transport::tcp, 1};
    at(session, Point::near, 0ms, {true, tcp_flag::syn, 1000, 0});
    at(session, Point::far, 10ms, {true, tcp_flag::syn, 777'000, 0, 0, 29'200});
    at(session, Point::near, 22ms, {true, tcp_flag::ack, 1001, 5001, 100});
    at(session, Point::far, 32ms, {true, tcp_flag::ack, 777'001, 5001, 90});
    const auto made = summary(session);
    EXPECT_EQ(made.relation, Relation::terminated);
    EXPECT_TRUE(made.changes.empty());
    EXPECT_EQ(made.transfers[0].lost, 0U);
}

TEST_F(SessionTest, APointThatJoinsInTheMiddleCountsFromTheOthersNumbers) {
    Session session{Transport::tcp, 1};
    at(session, Point::near, 0ms, {true, tcp_flag::syn, 1000, 0});
    at(session, Point::near, 20ms, {true, tcp_flag::ack, 1001, 5001, 100});
    at(session, Point::far, 30ms, {true, tcp_flag::ack, 1001, 5001, 100});
    const auto made = summary(session);
    EXPECT_EQ(made.relation, Relation::same);
    EXPECT_EQ(made.transfers[0].lost, 0U);
}

TEST_F(SessionTest, TwoHalvesThatFindEachOtherLateAreJoined) {
    far_client = outside;
    Session near{Transport::tcp, 1};
    Session far{Transport::tcp, 2};
    at(near, Point::near, 0ms, {true, tcp_flag::syn, 1000, 0});
    at(near, Point::near, 20ms, {true, tcp_flag::ack, 1001, 5001, 100});
    at(near, Point::near, 20ms, {true, tcp_flag::ack, 1101, 5001, 100});
    at(far, Point::far, 30ms, {true, tcp_flag::ack, 1101, 5001, 100});  // What it shows first is the second segment.
    near.absorb(Point::far, far, budget);
    EXPECT_TRUE(near.is_paired());
    at(near, Point::near, 40ms, {true, tcp_flag::ack, 1201, 5001, 50});
    at(near, Point::far, 50ms, {true, tcp_flag::ack, 1201, 5001, 50});
    const auto made = summary(near);
    ASSERT_EQ(made.transfers[0].ranges.size(), 1U);
    EXPECT_EQ(made.transfers[0].ranges[0].begin, 1);
    EXPECT_EQ(made.transfers[0].ranges[0].end, 101);
    EXPECT_EQ(budget.used, 0U);
}

TEST_F(SessionTest, AResetThatNobodySentIsForged) {
    Session session{Transport::tcp, 1};
    handshake(session);
    passes(session, 20ms, {true, tcp_flag::ack, 1001, 5001, 100});
    at(session, Point::near, 50ms, {false, tcp_flag::rst | tcp_flag::ack, 5001, 1101});
    const auto made = summary(session);
    ASSERT_EQ(made.forged_resets.size(), 1U);
    EXPECT_EQ(made.forged_resets[0].seen_at, Point::near);
    EXPECT_FALSE(made.forged_resets[0].from_client);
}

TEST_F(SessionTest, PaddingThatBecamePayloadIsAChangeOfTheSynAck) {
    Session session{Transport::tcp, 1};
    passes(session, 0ms, {true, tcp_flag::syn, 1000, 0});
    at(session, Point::far, 10ms, {false, tcp_flag::syn | tcp_flag::ack, 5000, 1001, 0});
    at(session, Point::near, 20ms, {false, tcp_flag::syn | tcp_flag::ack, 5000, 1001, 6});
    const auto made = summary(session);
    ASSERT_EQ(made.changes.size(), 1U);
    EXPECT_EQ(made.changes[0].field, PathField::payload_len);
    EXPECT_EQ(made.changes[0].sent, 0);
    EXPECT_EQ(made.changes[0].received, 6);
    EXPECT_EQ(made.changes[0].sequence, 5000U);
    EXPECT_TRUE(made.changes[0].equals_padding);
}

TEST_F(SessionTest, ASessionOfManyIsSmall) { EXPECT_LE(sizeof(Session), 3072U); }

}  // namespace
}  // namespace wiresage::testing
