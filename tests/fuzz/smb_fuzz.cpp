// SMB connections of any bytes.

#include "app/smb.hpp"
#include "stream_parser_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static wiresage::testing::StreamParserFuzz<wiresage::SmbParser> fuzz;
    fuzz.run({data, size}, wiresage::testing::fuzzed_talk(445));
    return 0;
}
