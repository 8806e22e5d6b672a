// TCP by turns: exchanges split three ways, slow answers, sums of services, pauses before the end.
#include <gtest/gtest.h>

#include "shard_bench.hpp"

namespace wiresage::testing {
namespace {

/// A connection that keeps its own numbers.  Its client is 5 ms away from the capture, its server 15 ms.
class Conversation {
public:
    explicit Conversation(ShardBench& bench, bool with_handshake = true) : bench_{bench} {
        if (!with_handshake) return;
        play({at_, 'c', "S", 0, 0});
        play({at_ + 15ms, 's', "SA", 0, 1});
        play({at_ + 20ms, 'c', "A", 1, 1});
        at_ += 20ms;
    }
    Conversation& wait(Duration span) {
        at_ += span;
        return *this;
    }
    Conversation& client(std::uint32_t bytes) {
        play({at_, 'c', "PA", of_client_, of_server_, bytes});
        of_client_ += bytes;
        return *this;
    }
    Conversation& server(std::uint32_t bytes) {
        play({at_, 's', "PA", of_server_, of_client_, bytes});
        of_server_ += bytes;
        return *this;
    }
    Conversation& client_acks() {
        play({at_, 'c', "A", of_client_, of_server_});
        return *this;
    }
    Conversation& client_again(std::uint32_t bytes) {
        play({at_, 'c', "PA", of_client_ - bytes, of_server_, bytes});
        return *this;
    }
    Duration at() const { return at_; }

private:
    void play(Turn turn) {
        turn.id = ++id_;
        testing::play(bench_, {turn});
    }

    ShardBench& bench_;
    Duration at_{};
    std::uint32_t of_client_ = 1;
    std::uint32_t of_server_ = 1;
    unsigned id_ = 100;
};

TEST(Turns, AnExchangeIsSplitIntoNetworkServerAndClient) {
    ShardBench bench;
    Conversation talk{bench};
    for (int i = 0; i < 4; ++i) talk.client(100).wait(115ms).server(500).wait(205ms);
    bench.plays_to(30s);
    const auto told = bench.of<Exchanges>();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].exchanges, 4U);
    EXPECT_EQ(told[0].handshake_rtt, 20'000U);
    EXPECT_EQ(told[0].server_rtt, 15'000U);
    EXPECT_EQ(told[0].server_us, 4U * 100'000);
    EXPECT_EQ(told[0].client_us, 3U * 200'000);
    EXPECT_EQ(told[0].server_count, 4);
    EXPECT_EQ(told[0].client_count, 3);
    EXPECT_NEAR(from_short(told[0].server_waits[0]), 115'000, 100);
    EXPECT_NEAR(from_short(told[0].client_waits[0]), 205'000, 200);
    EXPECT_EQ(told[0].client, client);
}

TEST(Turns, AQuickNeighbourIsOnlySummed) {
    ShardBench bench;
    Conversation talk{bench, false};
    for (int i = 0; i < 50; ++i) talk.client(100).wait(2ms).server(500).wait(10ms);
    bench.plays_to(30s);
    EXPECT_TRUE(bench.of<Exchanges>().empty());
    EXPECT_TRUE(bench.of<SlowAnswer>().empty());
    const auto sums = bench.of<ServiceWaits>();
    ASSERT_EQ(sums.size(), 1U);
    EXPECT_EQ(sums[0].server, server);
    EXPECT_EQ(sums[0].exchanges, 50U);
    EXPECT_EQ(sums[0].answers[wait_bucket(2'000)], 50);
    EXPECT_FALSE(sums[0].within_host);
}

TEST(Turns, ASlowAnswerIsToldFromTheEndOfTheRequest) {
    ShardBench bench;
    Conversation talk{bench};
    talk.client(100).wait(300ms).client(100).wait(400ms).server(500);
    bench.plays_to(10s);
    const auto told = bench.of<SlowAnswer>();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].waited, 400'000U);
    EXPECT_EQ(told[0].handshake_rtt, 20'000U);
    EXPECT_EQ(told[0].asked, bench.began + talk.at() - 400ms);
    EXPECT_TRUE(told[0].initiator_known);
}

struct Silent {
    const char* name;
    void (*story)(Conversation&);
};

class TurnsThatAreNoSlowAnswer : public ::testing::TestWithParam<Silent> {};

TEST_P(TurnsThatAreNoSlowAnswer, AreNotTold) {
    ShardBench bench;
    Conversation talk{bench};
    GetParam().story(talk);
    bench.plays_to(2min);
    EXPECT_TRUE(bench.of<SlowAnswer>().empty());
}

const Silent silent[] = {
    {"the_request_was_resent",
     [](Conversation& talk) { talk.client(9).wait(300ms).client_again(9).wait(9ms).server(9); }},
    {"nobody_asked", [](Conversation& talk) { talk.wait(5s).server(100).wait(5s).server(100); }},
    {"a_long_poll", [](Conversation& talk) { talk.client(100).wait(31s).server(100); }},
    {"a_push_after_the_answer", [](Conversation& talk) { talk.client(9).wait(9ms).server(9).wait(2s).server(9); }},
    {"a_keep_alive_in_between",
     [](Conversation& talk) { talk.client(9).wait(9ms).server(9).wait(2s).client_again(1).wait(2s).server(9); }},
};

INSTANTIATE_TEST_SUITE_P(Table, TurnsThatAreNoSlowAnswer, ::testing::ValuesIn(silent),
                         [](const auto& row) { return std::string{row.param.name}; });

/// Twelve responses of three segments; `end` plays what comes after the second.
TailDelays tails_of(void (*end)(Conversation&)) {
    ShardBench bench;
    Conversation talk{bench};
    for (int i = 0; i < 12; ++i) {
        talk.client(50).wait(16ms).server(1400).server(1400);
        end(talk);
        talk.wait(30ms);
    }
    talk.client(50);
    bench.plays_to(30s);
    TailDelays sum;
    for (const auto& told : bench.of<TailDelays>()) {
        sum.responses += told.responses;
        sum.delayed += told.delayed;
        sum.waited_for_ack = static_cast<std::uint16_t>(sum.waited_for_ack + told.waited_for_ack);
        sum.elsewhere = static_cast<std::uint16_t>(sum.elsewhere + told.elsewhere);
        sum.resent = static_cast<std::uint16_t>(sum.resent + told.resent);
        if (sum.tail_bytes == 0) sum.tail_bytes = told.tail_bytes;
    }
    return sum;
}

TEST(TailDelays, AreCountedWhereAllBeforeThePauseWasAcknowledged) {
    const auto sum = tails_of([](Conversation& talk) { talk.wait(1ms).client_acks().wait(400ms).server(300); });
    EXPECT_EQ(sum.responses, 12U);
    EXPECT_EQ(sum.delayed, 12U);
    EXPECT_EQ(sum.tail_bytes, 300U);
}

TEST(TailDelays, AreNotNaglesAlgorithm) {
    const auto sum = tails_of([](Conversation& talk) { talk.wait(200ms).client_acks().wait(1ms).server(300); });
    EXPECT_EQ(sum.delayed, 0U);
    EXPECT_EQ(sum.waited_for_ack, 12U);
}

TEST(TailDelays, AreNoThinkTimeAfterAShortSegment) {
    const auto sum = tails_of([](Conversation& talk) { talk.server(90).client_acks().wait(400ms).server(80); });
    EXPECT_EQ(sum.delayed, 0U);
    EXPECT_GE(sum.elsewhere, 11U);  // Of the first pause it may not be known what came before.
}

TEST(TailDelays, AreNoStream) {
    const auto sum = tails_of(
        [](Conversation& talk) { talk.client_acks().wait(150ms).server(300).client_acks().wait(150ms).server(300); });
    EXPECT_EQ(sum.delayed, 0U);
}

TEST(Waits, FitIntoSixteenBits) {
    for (const Microseconds wait : {0U, 1U, 2'047U, 2'048U, 123'456U, 4'800'000U, 30'000'000U}) {
        EXPECT_LE(from_short(to_short(wait)), wait);
        EXPECT_LE((wait - from_short(to_short(wait))) * 1000U, wait) << wait;
    }
}

}  // namespace
}  // namespace wiresage::testing
