// Drives one parser of a connection with whatever bytes: pieces of either side, gaps, ends.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "app/parser.hpp"
#include "app/shared.hpp"
#include "fact/texts.hpp"

namespace wiresage::testing {

/// Takes facts and looks at each of them.
class LookingSink final : public AppSink {
public:
    void tell(const Fact::What& what, std::uint16_t, bool, std::string_view text) noexcept override {
        if (what.valueless_by_exception() || text.size() > most_text_bytes_of_fact) std::abort();
        for (const char letter : text) sum_ += static_cast<unsigned char>(letter);
    }

private:
    std::size_t sum_ = 0;
};

/// What one side has said and its parser has not used.
struct FuzzedSide {
    std::vector<std::uint8_t> unused;
    std::uint64_t skip = 0;
};

/// The input: pieces, each behind a byte that says whose it is (bit 0), whether it is a gap of so many bytes (bit 1),
/// an end (bits 1 and 2), and how long (bits 3 to 7, times eight).
template <typename Parser>
class StreamParserFuzz {
public:
    StreamParserFuzz() { teller_.sink = &sink_; }

    void run(Bytes input, const Conversation& talk) {
        Moment at;
        at.time = at.stamp = EventTime{} + std::chrono::hours{1};
        at.frame = 1;
        AppContext context{talk, at, teller_, buffers_, *shared_, stats_, false, {}};
        Parser parser;
        bool stopped = false;
        while (!input.empty() && !stopped) {
            const auto control = input[0];
            const From from = (control & 1) == 0 ? From::client : From::server;
            auto& side = sides_[control & 1];
            const std::size_t count = std::min<std::size_t>((control >> 3) * 8U + 1U, input.size() - 1);
            at.time += std::chrono::milliseconds{control};
            at.stamp = at.time;
            ++at.frame;
            context.all_acknowledged = (control & 4) != 0;
            if ((control & 6) == 6) {
                parser.ended(from, EndedBy::fin, context);
                input = input.subspan(1);
            } else if ((control & 2) != 0) {
                const auto made = parser.gap(from, side.unused, count, context);
                side.unused.clear();
                side.skip = made.skip;
                stopped = made.stop;
                input = input.subspan(1);
            } else {
                const Bytes piece = input.subspan(1, count);
                side.unused.insert(side.unused.end(), piece.begin(), piece.end());
                stopped = show(parser, from, side, context);
                input = input.subspan(1 + count);
            }
            shared_->tick(context, {});
            teller_.next_tick();
        }
        parser.ended(From::client, EndedBy::timeout, context);
        parser.release(context);
        sides_ = {};
    }

private:
    static bool show(Parser& parser, From from, FuzzedSide& side, AppContext& context) {
        for (std::size_t steps = 0; !side.unused.empty(); ++steps) {
            const auto passed = static_cast<std::size_t>(std::min<std::uint64_t>(side.skip, side.unused.size()));
            side.unused.erase(side.unused.begin(), side.unused.begin() + static_cast<std::ptrdiff_t>(passed));
            if (side.skip != Consumed::everything) side.skip -= passed;
            if (side.unused.empty()) return false;
            if (steps > 100'000) std::abort();  // A parser that makes no headway.
            const auto made = parser.bytes(from, side.unused, context);
            if (made.used > side.unused.size()) std::abort();
            side.unused.erase(side.unused.begin(), side.unused.begin() + static_cast<std::ptrdiff_t>(made.used));
            side.skip = made.skip;
            if (made.stop) return true;
            if (made.used == 0 && made.skip == 0) break;
        }
        return side.unused.size() > InOrder::most_unused;
    }

    LookingSink sink_;
    AppStats stats_;
    AppTeller teller_{stats_};
    BufferPool buffers_{1 << 20};
    std::unique_ptr<AppShared> shared_ = std::make_unique<AppShared>();
    std::array<FuzzedSide, 2> sides_{};
};

/// One conversation to a port.
inline Conversation fuzzed_talk(std::uint16_t port) {
    Conversation talk;
    talk.client = {ipv4(192, 0, 2, 1), 40'000};
    talk.server = {ipv4(192, 0, 2, 2), port};
    talk.initiator_known = true;
    return talk;
}

}  // namespace wiresage::testing
