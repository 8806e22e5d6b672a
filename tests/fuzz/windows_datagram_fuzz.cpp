// Datagrams of DHCP, NetBIOS and SNMP of any bytes.

#include "app/browser.hpp"
#include "app/dhcp.hpp"
#include "app/ldap.hpp"
#include "stream_parser_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace wiresage;
    static testing::LookingSink sink;
    static AppStats stats;
    static AppTeller teller{stats};
    static BufferPool buffers{1 << 16};
    static AppShared shared;
    teller.sink = &sink;
    const Moment at;
    const Bytes payload{data, size};
    for (const std::uint16_t port : {std::uint16_t{67}, std::uint16_t{138}, std::uint16_t{161}}) {
        auto talk = testing::fuzzed_talk(port);
        talk.client.port = port == 67 ? 68 : 40'000;
        AppContext context{talk, at, teller, buffers, shared, stats, false, {}};
        for (const From from : {From::client, From::server}) {
            if (recognise_dhcp(from, payload, talk)) read_dhcp(from, payload, size, context);
            if (recognise_netbios_datagram(from, payload, talk)) read_netbios_datagram(from, payload, size, context);
            if (recognise_snmp(from, payload, talk)) read_snmp(from, payload, size, context);
        }
        shared.tick(context, {});
        teller.next_tick();
    }
    return 0;
}
