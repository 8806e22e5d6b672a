// A quarter of a million damaged packets, always the same ones: a small form of the fuzz target for every build.

#include <gtest/gtest.h>

#include <memory>

#include "base/hash.hpp"
#include "samples.hpp"
#include "support/decode_promises.hpp"

namespace wiresage::testing {
namespace {

constexpr std::uint64_t secret = 7;
constexpr unsigned mutations_of_each = 4'000;

/// Numbers without an order, the same ones in every run.
class Dice {
public:
    explicit Dice(std::uint64_t seed) : state_{seed} {}
    std::size_t below(std::size_t limit) {
        return static_cast<std::size_t>(spread(++state_ * 0x9e3779b97f4a7c15ULL) % limit);
    }

private:
    std::uint64_t state_;
};

/// One to four bytes, or runs of bytes, overwritten, left out or doubled.
Frame mutated(Frame frame, Dice& dice) {
    constexpr std::uint8_t favourites[] = {0x00, 0x01, 0x04, 0x06, 0x11, 0x2f, 0x45, 0x60, 0x7f, 0x80, 0x81, 0xff};
    for (std::size_t times = 1 + dice.below(4); times > 0 && !frame.empty(); --times) {
        const auto at = static_cast<std::ptrdiff_t>(dice.below(frame.size()));
        const auto run = static_cast<std::ptrdiff_t>(
            1 + dice.below(std::min<std::size_t>(8, frame.size() - static_cast<std::size_t>(at))));
        switch (dice.below(5)) {
            case 0:
                frame[static_cast<std::size_t>(at)] = static_cast<std::uint8_t>(dice.below(256));
                break;
            case 1:
                frame[static_cast<std::size_t>(at)] = favourites[dice.below(std::size(favourites))];
                break;
            case 2:
                frame[static_cast<std::size_t>(at)] ^= static_cast<std::uint8_t>(1U << dice.below(8));
                break;
            case 3:
                frame.erase(frame.begin() + at,
                            frame.begin() + std::min(at + run, static_cast<std::ptrdiff_t>(frame.size())));
                break;
            default: {
                const Frame copy(frame.begin() + at,
                                 frame.begin() + std::min(at + run, static_cast<std::ptrdiff_t>(frame.size())));
                frame.insert(frame.begin() + at, copy.begin(), copy.end());
            }
        }
    }
    return frame;
}

class Mutation : public ::testing::TestWithParam<Sample> {};

TEST_P(Mutation, BreaksNoPromise) {
    const auto& sample = GetParam();
    Steering steering{secret};
    Packet used;
    Dice dice{sample.frame.size()};
    for (unsigned i = 0; i < mutations_of_each; ++i) {
        const auto frame = mutated(sample.frame, dice);
        const std::unique_ptr<std::uint8_t[]> exact{
            new std::uint8_t[frame.size()]};  // So that a sanitizer sees its end.
        std::copy(frame.begin(), frame.end(), exact.get());
        auto view = view_of(frame, sample.link);
        view.bytes = Bytes{exact.get(), frame.size()};
        if (dice.below(4) == 0) view.wire_bytes += static_cast<std::uint32_t>(dice.below(2'000));
        ASSERT_EQ(broken_promise(view, used, steering, secret), "") << "mutation " << i;
    }
}

INSTANTIATE_TEST_SUITE_P(, Mutation, ::testing::ValuesIn(samples()), [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace wiresage::testing
