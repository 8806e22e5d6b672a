// Mail sessions of any bytes; the three protocols share their parser.

#include "app/mail.hpp"
#include "stream_parser_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static wiresage::testing::StreamParserFuzz<wiresage::SmtpParser> fuzz;
    fuzz.run({data, size}, wiresage::testing::fuzzed_talk(25));
    return 0;
}
