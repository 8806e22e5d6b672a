// Fuzz target of the decoder and of steering: no byte sequence may break a promise of theirs.
//
// The first byte chooses: its low four bits the link type, the next two how much longer the frame was on the wire.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <memory>

#include "support/decode_promises.hpp"

namespace {

using namespace wiresage;

constexpr std::uint16_t link_types[] = {1, 0, 9, 50, 101, 104, 108, 113, 228, 229, 276, 12, 14, 147, 1, 1};
constexpr std::uint32_t beyond_the_capture[] = {0, 1, 1'500, 300'000};
constexpr std::uint64_t secret = 0x5eed;

/// What lives from one packet to the next, as it does in a worker.
struct Bench {
    Packet used;
    Steering steering{secret};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto bench = std::make_unique<Bench>();
    if (size == 0) return 0;
    PacketView view;
    view.link = static_cast<LinkType>(link_types[data[0] % std::size(link_types)]);
    view.bytes = Bytes{data + 1, size - 1};
    view.wire_bytes = static_cast<std::uint32_t>(view.bytes.size()) + beyond_the_capture[data[0] >> 4 & 3];
    const auto broken = testing::broken_promise(view, bench->used, bench->steering, secret);
    if (!broken.empty()) {
        std::fprintf(stderr, "broken promise: %s\n", broken.c_str());
        std::abort();
    }
    return 0;
}
