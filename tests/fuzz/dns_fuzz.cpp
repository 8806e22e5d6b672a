// Fuzz target of DNS: messages as datagrams, both ways, and over TCP.

#include "app/dns_message.hpp"
#include "support/stream_fuzz.hpp"

namespace {

using namespace wiresage;

/// Each datagram: the side, its length, its bytes.
void datagrams(const std::uint8_t* data, std::size_t size) {
    const auto reader = std::make_unique<AppReader>(AppOptions{.flows = 4, .sessions = 2, .buffer_bytes = 1 << 18});
    testing::FuzzSink sink;
    Conversation talk;
    talk.client = {ipv4(10, 0, 0, 1), 40000};
    talk.server = {ipv4(10, 0, 0, 53), 53};
    talk.flow = 1;
    Moment at;
    bool fresh = true;
    auto verdict = AppVerdict::payload;
    while (size >= 2 && verdict != AppVerdict::given_up) {
        const std::size_t count = std::min<std::size_t>(data[1], size - 2);
        at.time += std::chrono::milliseconds{20 * (data[0] >> 1)};
        ++at.frame;
        verdict = reader->datagram(talk, fresh, (data[0] & 1) != 0 ? From::server : From::client, count, {data + 2, count}, at, sink);
        fresh = false;
        reader->tick(at, latest_event_time, sink);
        data += 2 + count;
        size -= 2 + count;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    if ((data[0] & 1) != 0) {
        datagrams(data + 1, size - 1);
    } else {
        testing::fuzz_stream(53, {}, data + 1, size - 1);
    }
    return 0;
}
