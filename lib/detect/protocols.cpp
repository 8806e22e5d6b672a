// Ports and what is spoken there.

#include "detect/protocols.hpp"

#include <algorithm>

namespace wiresage {

namespace {

// "IANA": the Service Name and Transport Protocol Port Number Registry.
constexpr UdpService one_way[] = {
    {9, "discard", "RFC 863; wake-on-LAN by convention"},
    {162, "SNMP traps", "RFC 3417, 3.2"},
    {514, "syslog", "RFC 5426, 3.3"},
    {1234, "MPEG transport stream", "default of VLC's UDP output"},
    {2003, "Graphite", "default of Carbon's line receiver"},
    {2055, "NetFlow", "default of Cisco's and others' exporters"},
    {2056, "NetFlow", "beside 2055 by convention"},
    {2152, "GTP-U", "3GPP TS 29.281, 4.4.2.0"},
    {3784, "BFD", "RFC 5881, 4"},
    {3785, "BFD echo", "RFC 5881, 4"},
    {4739, "IPFIX", "RFC 7011, 10.3.4"},
    {4754, "GRE in UDP", "RFC 8086, 3.1"},
    {4784, "BFD over several hops", "RFC 5883, 5"},
    {4789, "VXLAN", "RFC 7348, 5"},
    {4790, "VXLAN GPE", "IANA"},
    {5004, "RTP", "RFC 3551, 8"},
    {5005, "RTCP", "RFC 3551, 8"},
    {5247, "CAPWAP data", "RFC 5415, 3.1"},
    {5555, "Riemann", "default of its UDP server"},
    {5568, "streaming ACN", "ANSI E1.31, 9.3.2"},
    {6081, "GENEVE", "RFC 8926, 3.3"},
    {6343, "sFlow", "IANA; sFlow version 5"},
    {6454, "Art-Net", "Art-Net 4, UDP port 0x1936"},
    {6514, "syslog over DTLS", "RFC 6012, 6"},
    {6635, "MPLS in UDP", "RFC 7510, 3"},
    {8089, "InfluxDB", "default of its UDP service"},
    {8125, "statsd", "default of statsd"},
    {8472, "VXLAN", "Linux's default before the port was assigned"},
    {8649, "Ganglia", "IANA: gmond"},
    {9060, "HEP", "default of Homer's capture server"},
    {9995, "NetFlow", "convention of collectors"},
    {9996, "NetFlow", "convention of collectors"},
    {12201, "GELF", "default of Graylog's UDP input"},
    {25826, "collectd", "default of its network plugin"},
    {37008, "TZSP", "IANA: TaZmen Sniffer Protocol"},
};

constexpr UdpService answering[] = {
    {7, "echo", "RFC 862"},
    {17, "quote of the day", "RFC 865"},
    {19, "character generator", "RFC 864"},
    {37, "time", "RFC 868"},
    {53, "DNS", "RFC 1035, 4.2"},
    {67, "DHCP", "RFC 2131, 4.1"},
    {69, "TFTP", "RFC 1350, 4"},
    {88, "Kerberos", "RFC 4120, 7.2.1"},
    {111, "portmapper", "RFC 1833, 3"},
    {123, "NTP", "RFC 5905, 7.2"},
    {137, "NetBIOS names", "RFC 1002, 4.2"},
    {161, "SNMP", "RFC 3417, 3.2"},
    {177, "XDMCP", "IANA"},
    {389, "CLDAP", "RFC 3352; IANA"},
    {427, "SLP", "RFC 2608, 4"},
    {443, "QUIC", "RFC 9114, 3.1"},
    {500, "IKE", "RFC 7296, 2"},
    {520, "RIP", "RFC 2453, 3.9.1"},
    {547, "DHCPv6", "RFC 8415, 7.2"},
    {623, "IPMI", "IANA: ASF RMCP"},
    {853, "DNS over QUIC", "RFC 9250, 4.1.1"},
    {1194, "OpenVPN", "IANA"},
    {1434, "SQL Server names", "IANA: ms-sql-m"},
    {1645, "RADIUS", "RFC 2865, 3 (the older port)"},
    {1701, "L2TP", "RFC 2661, 8.1"},
    {1812, "RADIUS", "RFC 2865, 3"},
    {1813, "RADIUS accounting", "RFC 2866, 3"},
    {1900, "SSDP", "IANA"},
    {2049, "NFS", "RFC 1813, 2.1"},
    {3391, "remote desktop gateway", "default of its UDP transport"},
    {3478, "STUN", "RFC 8489, 9"},
    {3702, "WS-Discovery", "IANA"},
    {4500, "IKE and ESP behind NAT", "RFC 3947, 4; RFC 3948, 2.1"},
    {5060, "SIP", "RFC 3261, 18.2.1"},
    {5093, "Sentinel licences", "IANA"},
    {5351, "NAT-PMP and PCP", "RFC 6887, 8"},
    {5353, "multicast DNS", "RFC 6762, 5.1"},
    {5683, "CoAP", "RFC 7252, 12.6"},
    {11211, "memcached", "IANA"},
    {27015, "Source engine games", "default of its servers"},
    {51820, "WireGuard", "default of its documentation"},
};

template <std::size_t Size>
std::string_view name_of(const UdpService (&table)[Size], std::uint16_t port) noexcept {
    const auto* const found =
        std::lower_bound(std::begin(table), std::end(table), port,
                         [](const UdpService& row, std::uint16_t value) { return row.port < value; });
    return found != std::end(table) && found->port == port ? found->name : std::string_view{};
}

// Of `answering`, those without messages of the client that expect nothing back (acknowledgements, keep-alives), and
// without networks that block them on purpose (QUIC).  TFTP answers from another port, NetBIOS hosts mostly not at all.
constexpr std::uint16_t asking_each[] = {53, 88, 111, 123, 161, 389, 623, 1434, 1645, 1812, 1813, 2049, 11211};

constexpr UdpService elsewhere[] = {
    {67, "DHCP", "RFC 2131, 4.3.2: any server that may; relays"},
    {68, "DHCP", "RFC 2131, 4.1"},
    {137, "NetBIOS names", "RFC 1002, 4.2: a host with several addresses answers from one"},
    {138, "NetBIOS datagrams", "RFC 1002, 4.4: answers to a mailslot come as datagrams of their own"},
    {443, "QUIC", "RFC 9000, 9: connection migration and preferred addresses"},
    {500, "IKE", "RFC 4555: MOBIKE"},
    {546, "DHCPv6", "RFC 8415, 7.2"},
    {547, "DHCPv6", "RFC 8415, 7.2"},
    {1900, "SSDP", "UPnP Device Architecture 2.0, 1.3.3: devices behind one that was asked"},
    {3478, "STUN", "RFC 5780, 7.2: CHANGE-REQUEST; TURN's relayed address"},
    {3479, "STUN", "RFC 5780, 7.2"},
    {3544, "Teredo", "RFC 4380, 5.2.3"},
    {3702, "WS-Discovery", "WS-Discovery 1.1, 3.1: a proxy may answer"},
    {4500, "IKE and ESP behind NAT", "RFC 4555"},
    {5060, "SIP", "RFC 3261, 16.7: a fork answers through any proxy"},
    {5061, "SIP", "RFC 3261, 16.7"},
    {5349, "STUN over DTLS", "RFC 5780, 7.2"},
    {5353, "multicast DNS", "RFC 6762, 5.5"},
    {6881, "BitTorrent", "BEP 5: peers ask each other"},
    {19302, "STUN", "default of Google's servers"},
    {41641, "Tailscale", "default; WireGuard between moving peers"},
    {51820, "WireGuard", "default of its documentation; endpoints may move"},
};

// traceroute(8) begins at 33434 (IANA: traceroute) and goes one higher with each probe: 3 probes to each of up to 64
// hops, and tools that go on where they stopped.
constexpr std::uint16_t first_traceroute_port = 33434;
constexpr std::uint16_t traceroute_ports = 256;

}  // namespace

std::span<const UdpService> one_way_udp() noexcept { return one_way; }
std::span<const UdpService> answering_udp() noexcept { return answering; }
std::string_view one_way_udp_name(std::uint16_t port) noexcept { return name_of(one_way, port); }
std::string_view answering_udp_name(std::uint16_t port) noexcept { return name_of(answering, port); }

bool asks_with_each_datagram(std::uint16_t udp_port) noexcept {
    return std::binary_search(std::begin(asking_each), std::end(asking_each), udp_port);
}
bool may_answer_from_elsewhere(std::uint16_t udp_port) noexcept { return !name_of(elsewhere, udp_port).empty(); }

bool is_asked_of_many(std::uint16_t udp_port) noexcept { return udp_port == 53 || udp_port == 443 || udp_port == 853; }

bool is_traceroute_port(std::uint16_t udp_port) noexcept {
    return udp_port >= first_traceroute_port && udp_port < first_traceroute_port + traceroute_ports;
}

}  // namespace wiresage
