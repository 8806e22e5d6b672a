// Fuzz target of the TLS parser: whatever two sides say, in whatever segments.

#include <string_view>

#include "support/stream_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // The first byte tells whether the connection begins as one of TLS.
    if (size < 1) return 0;
    const std::string_view opening = (data[0] & 1) != 0 ? std::string_view{"\x16\x03\x01", 3} : std::string_view{};
    wiresage::testing::fuzz_stream(443, opening, data + 1, size - 1);
    return 0;
}
