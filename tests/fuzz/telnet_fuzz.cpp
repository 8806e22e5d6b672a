// Telnet sessions of any bytes.

#include "app/telnet.hpp"
#include "stream_parser_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static wiresage::testing::StreamParserFuzz<wiresage::TelnetParser> fuzz;
    fuzz.run({data, size}, wiresage::testing::fuzzed_talk(23));
    return 0;
}
