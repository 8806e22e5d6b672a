// Feeds the application layer with what a fuzzer makes up: segments of both sides, lost, repeated, cut, out of order.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "app/app_reader.hpp"

namespace wiresage::testing {

/// Takes facts and checks what every one of them must keep.
class FuzzSink final : public AppSink {
public:
    void tell(const Fact::What&, std::uint16_t, bool, std::string_view text) noexcept override {
        if (text.size() > 2048) {
            std::fprintf(stderr, "broken promise: texts of %zu bytes\n", text.size());
            std::abort();
        }
    }
};

/// A connection to `port` whose first bytes are `opening` (by the client), then what `data` says: chunks of a control
/// byte (bit 0 the side, 1 a hole before it, 2 sent again, 3 FIN, 4 RST, 5 cut by the snap length), a length, bytes.
inline void fuzz_stream(std::uint16_t port, std::string_view opening, const std::uint8_t* data, std::size_t size) {
    const auto reader = std::make_unique<AppReader>(AppOptions{.flows = 4, .sessions = 2, .buffer_bytes = 1 << 19});
    FuzzSink sink;
    Conversation talk;
    talk.client = {ipv4(10, 0, 0, 1), 40000};
    talk.server = {ipv4(192, 0, 2, 1), port};
    talk.flow = 1;
    talk.initiator_known = (size & 1) != 0;
    Moment at;
    at.time = at.stamp = event_time(1'700'000'000'000'000'000);
    std::uint32_t next[2] = {0xffffff00U, 1};
    bool fresh = true;
    auto verdict = AppVerdict::payload;
    const auto segment = [&](std::size_t side, Bytes bytes, std::uint32_t sequence, std::uint8_t control) {
        AppSegment made;
        made.from = side == 0 ? From::client : From::server;
        made.sequence = sequence;
        made.acknowledgment = next[1 - side];
        made.fin = (control & 8) != 0;
        made.rst = (control & 16) != 0;
        made.wire_bytes = bytes.size() + ((control & 32) != 0 ? 7 : 0);
        made.payload = bytes;
        ++at.order;
        ++at.frame;
        at.time += std::chrono::milliseconds{3};
        at.stamp = at.time;
        verdict = reader->segment(talk, fresh, made, at, sink);
        fresh = false;
        next[side] = sequence + static_cast<std::uint32_t>(made.wire_bytes);
    };
    if (!opening.empty()) {
        segment(0, {static_cast<const std::uint8_t*>(static_cast<const void*>(opening.data())), opening.size()}, next[0], 0);
    }
    while (size >= 2 && verdict != AppVerdict::given_up) {
        const std::uint8_t control = data[0];
        const std::size_t count = std::min<std::size_t>(data[1], size - 2);
        const std::size_t side = control & 1;
        std::uint32_t sequence = next[side];
        if ((control & 2) != 0) sequence += 3;
        if ((control & 4) != 0) sequence -= 5;
        segment(side, {data + 2, count}, sequence, control);
        if (at.order % 16 == 0) reader->tick(at, latest_event_time, sink);
        data += 2 + count;
        size -= 2 + count;
    }
    if (!fresh && verdict != AppVerdict::given_up) reader->gone(talk, true, EndedBy::timeout, at, sink);
    at.time += std::chrono::seconds{10};
    reader->tick(at, latest_event_time, sink);
    if (reader->buffers_in_use() != 0) {
        std::fprintf(stderr, "broken promise: %zu bytes of buffers were not given back\n", reader->buffers_in_use());
        std::abort();
    }
}

}  // namespace wiresage::testing
