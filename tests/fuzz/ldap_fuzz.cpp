// LDAP connections of any bytes.

#include "app/ldap.hpp"
#include "stream_parser_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static wiresage::testing::StreamParserFuzz<wiresage::LdapParser> fuzz;
    fuzz.run({data, size}, wiresage::testing::fuzzed_talk(389));
    return 0;
}
