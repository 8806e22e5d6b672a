// Names of anomalies and link types, for metrics and messages.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "packet/packet.hpp"

namespace wiresage {

namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(Anomaly::count_)> anomaly_names = {
    "none",
    "truncated",
    "link_malformed",
    "unknown_network",
    "arp_malformed",
    "ip_malformed",
    "ip_header_truncated",
    "ipv6_extension_malformed",
    "tunnel_too_deep",
    "tunnel_malformed",
    "tcp_malformed",
    "tcp_truncated",
    "udp_malformed",
    "udp_truncated",
    "icmp_truncated",
    "sctp_truncated",
};
static_assert(!anomaly_names.back().empty(), "an anomaly has no name");

constexpr std::array<std::string_view, tunnel_count> tunnel_names = {"none",  "ipip",   "6in4",  "gre",  "erspan",
                                                                     "vxlan", "geneve", "gtp_u", "mpls", "pppoe"};
static_assert(static_cast<std::size_t>(Tunnel::pppoe) + 1 == tunnel_count);

struct LinkName {
    std::uint32_t number;
    std::string_view name;
};

/// LINKTYPE_ names (www.tcpdump.org/linktypes.html), in rising order.
constexpr LinkName link_names[] = {
    {0, "NULL"},
    {1, "ETHERNET"},
    {3, "AX25"},
    {6, "IEEE802_5"},
    {7, "ARCNET_BSD"},
    {8, "SLIP"},
    {9, "PPP"},
    {10, "FDDI"},
    {12, "RAW"},
    {14, "RAW"},
    {50, "PPP_HDLC"},
    {51, "PPP_ETHER"},
    {100, "ATM_RFC1483"},
    {101, "RAW"},
    {104, "C_HDLC"},
    {105, "IEEE802_11"},
    {107, "FRELAY"},
    {108, "LOOP"},
    {113, "LINUX_SLL"},
    {114, "LTALK"},
    {117, "PFLOG"},
    {119, "IEEE802_11_PRISM"},
    {122, "IP_OVER_FC"},
    {123, "SUNATM"},
    {127, "IEEE802_11_RADIOTAP"},
    {129, "ARCNET_LINUX"},
    {132, "JUNIPER_MLFR"},
    {137, "JUNIPER_ATM1"},
    {138, "APPLE_IP_OVER_IEEE1394"},
    {139, "MTP2_WITH_PHDR"},
    {140, "MTP2"},
    {141, "MTP3"},
    {142, "SCCP"},
    {143, "DOCSIS"},
    {144, "LINUX_IRDA"},
    {147, "USER0"},
    {148, "USER1"},
    {149, "USER2"},
    {163, "IEEE802_11_AVS"},
    {165, "BACNET_MS_TP"},
    {166, "PPP_PPPD"},
    {169, "GPRS_LLC"},
    {177, "LINUX_LAPD"},
    {178, "JUNIPER_ETHER"},
    {179, "JUNIPER_PPP"},
    {180, "JUNIPER_FRELAY"},
    {181, "JUNIPER_CHDLC"},
    {182, "MFR"},
    {187, "BLUETOOTH_HCI_H4"},
    {189, "USB_LINUX"},
    {192, "PPI"},
    {195, "IEEE802_15_4_WITHFCS"},
    {199, "IPMB_LINUX"},
    {201, "BLUETOOTH_HCI_H4_WITH_PHDR"},
    {203, "LAPD"},
    {204, "PPP_WITH_DIR"},
    {205, "C_HDLC_WITH_DIR"},
    {206, "FRELAY_WITH_DIR"},
    {215, "IEEE802_15_4_NONASK_PHY"},
    {220, "USB_LINUX_MMAPPED"},
    {224, "FC_2"},
    {225, "FC_2_WITH_FRAME_DELIMS"},
    {226, "IPNET"},
    {227, "CAN_SOCKETCAN"},
    {228, "IPV4"},
    {229, "IPV6"},
    {230, "IEEE802_15_4_NOFCS"},
    {231, "DBUS"},
    {235, "DVB_CI"},
    {236, "MUX27010"},
    {237, "STANAG_5066_D_PDU"},
    {239, "NFLOG"},
    {240, "NETANALYZER"},
    {241, "NETANALYZER_TRANSPARENT"},
    {242, "IPOIB"},
    {243, "MPEG_2_TS"},
    {244, "NG40"},
    {245, "NFC_LLCP"},
    {247, "INFINIBAND"},
    {248, "SCTP"},
    {249, "USBPCAP"},
    {250, "RTAC_SERIAL"},
    {251, "BLUETOOTH_LE_LL"},
    {252, "WIRESHARK_UPPER_PDU"},
    {253, "NETLINK"},
    {254, "BLUETOOTH_LINUX_MONITOR"},
    {255, "BLUETOOTH_BREDR_BB"},
    {256, "BLUETOOTH_LE_LL_WITH_PHDR"},
    {257, "PROFIBUS_DL"},
    {258, "PKTAP"},
    {259, "EPON"},
    {260, "IPMI_HPM_2"},
    {261, "ZWAVE_R1_R2"},
    {262, "ZWAVE_R3"},
    {263, "WATTSTOPPER_DLM"},
    {264, "ISO_14443"},
    {265, "RDS"},
    {266, "USB_DARWIN"},
    {268, "SDLC"},
    {270, "LORATAP"},
    {271, "VSOCK"},
    {272, "NORDIC_BLE"},
    {273, "DOCSIS31_XRA31"},
    {274, "ETHERNET_MPACKET"},
    {275, "DISPLAYPORT_AUX"},
    {276, "LINUX_SLL2"},
    {278, "OPENVIZSLA"},
    {279, "EBHSCR"},
    {280, "VPP_DISPATCH"},
    {281, "DSA_TAG_BRCM"},
    {282, "DSA_TAG_BRCM_PREPEND"},
    {283, "IEEE802_15_4_TAP"},
    {284, "DSA_TAG_DSA"},
    {285, "DSA_TAG_EDSA"},
    {286, "ELEE"},
    {287, "Z_WAVE_SERIAL"},
    {288, "USB_2_0"},
    {289, "ATSC_ALP"},
    {290, "ETW"},
};

}  // namespace

std::string_view name(Anomaly anomaly) noexcept {
    const auto index = static_cast<std::size_t>(anomaly);
    return index < anomaly_names.size() ? anomaly_names[index] : std::string_view{"unknown"};
}

std::string_view name(Tunnel tunnel) noexcept {
    const auto index = static_cast<std::size_t>(tunnel);
    return index < tunnel_names.size() ? tunnel_names[index] : std::string_view{"unknown"};
}

bool is_known_link_type(std::uint32_t link_type) noexcept {
    if (link_type == 12 || link_type == 14) return true;  // DLT_RAW of most systems and of OpenBSD.
    switch (static_cast<LinkType>(link_type <= 0xffff ? link_type : 0xffff)) {
        case LinkType::null:
        case LinkType::ethernet:
        case LinkType::ppp:
        case LinkType::ppp_hdlc:
        case LinkType::raw:
        case LinkType::cisco_hdlc:
        case LinkType::loop:
        case LinkType::linux_sll:
        case LinkType::ipv4:
        case LinkType::ipv6:
        case LinkType::linux_sll2:
            return true;
    }
    return false;
}

std::string link_type_name(std::uint32_t link_type) {
    const auto found = std::lower_bound(std::begin(link_names), std::end(link_names), link_type,
                                        [](const LinkName& row, std::uint32_t wanted) { return row.number < wanted; });
    if (found != std::end(link_names) && found->number == link_type) return std::string{found->name};
    return fmt::format("linktype {}", link_type);
}

}  // namespace wiresage
