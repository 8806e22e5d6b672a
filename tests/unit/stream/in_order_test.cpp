// Segments in any order become bytes in order, gaps that are known, and nothing beyond the caps.

#include "stream/in_order.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace wiresage::testing {
namespace {

/// Uses bytes up to the last newline; writes down what it was shown.
class Lines final : public InOrderSink {
public:
    Consumed bytes(Bytes shown) noexcept override {
        const std::string text{shown.begin(), shown.end()};
        const auto end = text.rfind('\n');
        if (end == std::string::npos) return {};
        story += text.substr(0, end + 1);
        return {.used = end + 1};
    }
    Consumed gap(Bytes unused, std::uint64_t missing) noexcept override {
        story += "[" + std::string{unused.begin(), unused.end()} + "|" + std::to_string(missing) + "]";
        return {};
    }
    std::string story;
};

Bytes as_bytes(const std::string& text) {
    return {static_cast<const std::uint8_t*>(static_cast<const void*>(text.data())), text.size()};
}

struct Segment {
    std::uint32_t at;
    const char* text;
    std::size_t cut = 0;    ///< Bytes that were not captured.
    std::uint32_t ack = 0;  ///< After it the other side acknowledges up to here.
};

struct Story {
    const char* name;
    std::vector<Segment> segments;
    const char* told;
};

class InOrderStories : public ::testing::TestWithParam<Story> {};

TEST_P(InOrderStories, AreToldAsTheReceiverReadsThem) {
    BufferPool pool{1 << 18};
    InOrder stream;
    Lines lines;
    // Numbers wrap round in the middle.
    const std::uint32_t base = 0xfffffffa;
    stream.begin(base);
    for (const auto& segment : GetParam().segments) {
        const std::string text = segment.text;
        stream.segment(base + segment.at, text.size() + segment.cut, as_bytes(text), pool, lines);
        if (segment.ack > 0) stream.acknowledged(base + segment.ack, pool, lines);
    }
    stream.finish(pool, lines);
    EXPECT_EQ(lines.story, GetParam().told);
    EXPECT_EQ(pool.used_bytes(), 0U);
}

const Story stories[] = {
    {"in_order", {{0, "one\n"}, {4, "two\n"}}, "one\ntwo\n"},
    {"a_line_in_three", {{0, "o"}, {1, "n"}, {2, "e\n"}}, "one\n"},
    {"swapped", {{4, "two\n"}, {0, "one\n"}}, "one\ntwo\n"},
    {"sent_again", {{0, "one\n"}, {0, "ONE\n"}, {4, "two\n"}}, "one\ntwo\n"},
    {"overlap_keeps_the_first", {{0, "one\n"}, {2, "E\ntwo\n"}}, "one\ntwo\n"},
    {"waits_for_the_hole", {{0, "one\n"}, {8, "three\n"}, {4, "two\n"}}, "one\ntwo\nthree\n"},
    {"hole_at_the_end", {{0, "one\n"}, {8, "three\n"}}, "one\n[|4]three\n"},
    {"hole_after_part_of_a_line", {{0, "on"}, {8, "three\n"}}, "[on|6]three\n"},
    {"acknowledged_holes_never_come", {{0, "one\n"}, {8, "three\n"}, {14, "four\n", 0, 19}, {4, "two\n"}}, "one\n[|4]three\nfour\n"},
    {"cut_by_the_snap_length", {{0, "one\ntw", 2}, {8, "three\n"}}, "one\n[tw|2]three\n"},
    {"keep_alive_probe", {{0, "one\n"}, {3, "x"}, {4, "two\n"}}, "one\ntwo\n"},
};

INSTANTIATE_TEST_SUITE_P(Table, InOrderStories, ::testing::ValuesIn(stories), [](const auto& row) { return std::string{row.param.name}; });

/// Skips a body of a given length after its first line.
class Body final : public InOrderSink {
public:
    Consumed bytes(Bytes shown) noexcept override {
        story += std::string{shown.begin(), shown.end()};
        const auto skip = first ? length : 0;
        first = false;
        return {.used = shown.size(), .skip = skip};
    }
    Consumed gap(Bytes, std::uint64_t missing) noexcept override {
        story += "[" + std::to_string(missing) + "]";
        return {};
    }
    std::uint64_t length = 0;
    bool first = true;
    std::string story;
};

TEST(InOrder, HolesInWhatIsSkippedDoNotMatter) {
    BufferPool pool{1 << 18};
    InOrder stream;
    Body body;
    body.length = 300;
    stream.begin(1);
    stream.segment(1, 5, as_bytes("head\n"), pool, body);
    stream.segment(206, 100, as_bytes(std::string(100, 'x')), pool, body);  // The first 200 were lost.
    EXPECT_FALSE(stream.is_waiting());
    stream.segment(306, 5, as_bytes("next\n"), pool, body);
    EXPECT_EQ(body.story, "head\nnext\n");
    EXPECT_EQ(stream.missing(), 0U);
}

TEST(InOrder, PassingIsShowingNothing) {
    std::mt19937 random{11};
    int passed = 0;
    for (int round = 0; round < 2000; ++round) {
        BufferPool pool{1 << 16};
        InOrder shown;
        InOrder short_way;
        Body bodies[2];
        bodies[0].length = bodies[1].length = round % 3 == 0 ? Consumed::everything : 20 + random() % 60;
        for (auto* const stream : {&shown, &short_way}) {
            stream->begin(0);
            stream->segment(0, 5, as_bytes("head\n"), pool, bodies[stream == &short_way ? 1 : 0]);
        }
        for (int i = 0; i < 12; ++i) {
            const auto at = static_cast<std::uint32_t>(random() % 90);
            const std::string text(1 + random() % 30, static_cast<char>('a' + i));
            const std::size_t cut = random() % 4 == 0 ? 3 : 0;
            shown.segment(at, text.size() + cut, as_bytes(text), pool, bodies[0]);
            if (short_way.pass(at, text.size() + cut)) {
                ++passed;
            } else {
                short_way.segment(at, text.size() + cut, as_bytes(text), pool, bodies[1]);
            }
            ASSERT_EQ(short_way.next(), shown.next());
            ASSERT_EQ(short_way.is_waiting(), shown.is_waiting());
            ASSERT_EQ(short_way.missing(), shown.missing());
            ASSERT_EQ(bodies[1].story, bodies[0].story);
        }
    }
    EXPECT_GT(passed, 5000);
}

TEST(InOrder, MoreSegmentsThanMayWaitMakeTheHoleAGap) {
    BufferPool pool{1 << 18};
    InOrder stream;
    Lines lines;
    stream.begin(0);
    for (std::uint32_t i = 1; i <= InOrder::most_waiting + 1; ++i) stream.segment(i * 2, 2, as_bytes("a\n"), pool, lines);
    EXPECT_EQ(lines.story, "[|2]" + std::string("a\na\na\na\na\na\na\na\na\n"));
}

TEST(InOrder, ALineThatNeverEndsIsDroppedAtTheCap) {
    BufferPool pool{1 << 20};
    InOrder stream;
    Lines lines;
    stream.begin(0);
    const std::string piece(1000, 'x');
    for (std::uint32_t i = 0; i < 100; ++i) stream.segment(i * 1000, 1000, as_bytes(piece), pool, lines);
    EXPECT_NE(lines.story.find("|1000]"), std::string::npos);
    EXPECT_LE(pool.used_bytes(), BufferPool::largest);
    stream.clear(pool);
    EXPECT_EQ(pool.used_bytes(), 0U);
}

TEST(InOrder, AnyOrderOfSegmentsGivesTheSameTextOrAGap) {
    std::mt19937 random{7};
    const std::string text = "alpha\nbeta\ngamma\ndelta\nepsilon\nzeta\n";
    for (int round = 0; round < 2000; ++round) {
        BufferPool pool{1 << 16};
        InOrder stream;
        Lines lines;
        stream.begin(0);
        for (int i = 0; i < 30; ++i) {
            const auto at = random() % text.size();
            const auto part = text.substr(at, 1 + random() % 9);
            stream.segment(static_cast<std::uint32_t>(at), part.size(), as_bytes(part), pool, lines);
        }
        stream.finish(pool, lines);
        EXPECT_EQ(pool.used_bytes(), 0U);
        if (lines.story.find('[') == std::string::npos) {
            EXPECT_EQ(lines.story, text.substr(0, lines.story.size()));
        }
    }
}

}  // namespace
}  // namespace wiresage::testing
