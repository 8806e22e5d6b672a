// DCE/RPC connections of any bytes.

#include "app/rpc.hpp"
#include "stream_parser_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static wiresage::testing::StreamParserFuzz<wiresage::RpcParser> fuzz;
    fuzz.run({data, size}, wiresage::testing::fuzzed_talk(135));
    return 0;
}
