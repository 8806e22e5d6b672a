// Fuzz target of the HTTP parser: whatever two sides say, in whatever segments.

#include <string_view>

#include "support/stream_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // The first byte tells whether the connection begins as one of HTTP.
    if (size < 1) return 0;
    const std::string_view opening = (data[0] & 1) != 0 ? "GET /a?b=192.0.2.1 HTTP/1.1\r\nHost: a\r\n\r\n" : std::string_view{};
    wiresage::testing::fuzz_stream(80, opening, data + 1, size - 1);
    return 0;
}
