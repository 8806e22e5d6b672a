// What findings about floods say alike.

#include "detect/flood_report.hpp"

#include "detect/judge.hpp"
#include "detect/protocols.hpp"

namespace wiresage {

namespace {

constexpr std::uint64_t stream_ports = 8;
constexpr std::uint64_t stream_per_s = 250;     // RTP sends 33 to 100 packets a second, video some 200.
constexpr std::uint64_t stream_datagrams = 20;  // At least this many for each flow begun.

std::string end_text(const End& end) { return end.port ? Endpoint{*end.ip, *end.port}.text() : end.ip->text(); }

}  // namespace

void set_ends(Finding& finding, const Address& address, const FloodTotals& totals, bool outward) {
    finding.entity = address.text();
    if (outward) {
        finding.source = End{address, {}, totals.mac.get()};
        finding.destination = End{totals.peer_ip.get(), totals.one_peer_port.get(), {}};
    } else {
        finding.source = End{totals.peer_ip.get(), totals.one_peer_port.get(), totals.mac.get()};
        finding.destination = End{address, totals.key_port.get(), {}};
    }
    // ICMP has no ports.
    for (auto* const end : {&finding.source, &finding.destination}) {
        if (end->port == std::uint16_t{0}) end->port.reset();
    }
    finding.start = totals.start;
    finding.start_stamp = totals.start_stamp;
    finding.input = totals.input;
    finding.packets = totals.first_packets;
    finding.impact.flows = static_cast<std::int64_t>(totals.flows);
    finding.impact.peers = static_cast<std::int64_t>(totals.peers.count());
}

void set_udp_evidence(Evidence& evidence, const FloodTotals& totals, bool outward) {
    evidence.set("datagrams", totals.packets);
    evidence.set("datagram_len", static_cast<int>(totals.length.value()));
    evidence.set("bytes", totals.bytes);
    evidence.set("fragments", totals.fragments);
    evidence.set("datagrams_per_s", static_cast<double>(totals.packets_peak.peak()));
    evidence.set("bits_per_s", static_cast<double>(totals.bits_peak.peak()));
    evidence.set("replies", totals.replies);
    evidence.set("distinct_sources", outward ? std::uint64_t{1} : totals.peers.count());
    evidence.set("destination_ports", totals.ports.count());
}

std::string udp_flood_message(const Finding& finding, const FloodTotals& totals, bool outward) {
    const auto peers = totals.peers.count();
    const auto from = finding.source.ip ? end_text(finding.source) : counted(peers, "source", "sources");
    const auto to = finding.destination.ip ? end_text(finding.destination) : counted(peers, "address", "addresses");
    auto text = from + " sent " + counted(totals.packets, "UDP datagram", "UDP datagrams");
    if (totals.length.value() > 0) text += " of mostly " + std::to_string(totals.length.value()) + " bytes";
    text += " to " + to + " (" + std::to_string(totals.packets_peak.peak()) + " and " +
            with_tenths(static_cast<double>(totals.bits_peak.peak()) / 1e6) + " Mbit in the peak second); ";
    if (totals.replies > 0) return text + "only " + counted(totals.replies, "datagram", "datagrams") + " came back";
    return text + (outward ? "nobody answered" : "nothing came back");
}

std::string udp_flood_filter(const Finding& finding) {
    const auto& known = finding.destination.ip ? *finding.destination.ip : *finding.source.ip;
    std::string filter = known.is_v4() ? "ip.proto==17" : "udp";
    if (finding.source.ip) filter += " && " + filter_ip("src", *finding.source.ip);
    if (finding.destination.ip) filter += " && " + filter_ip("dst", *finding.destination.ip);
    return filter;
}

bool are_udp_streams(const FloodTotals& totals) {
    const auto ports = totals.ports.count();
    return ports >= stream_ports && totals.flows * stream_datagrams <= totals.packets &&
           totals.packets_peak.peak() <= ports * stream_per_s;
}

bool speaks_for_itself(const FloodTotals& totals, std::uint64_t many_sources) {
    const auto to_port = totals.key_port.get().value_or(std::uint16_t{0});
    if (!answering_udp_name(to_port).empty()) return false;
    const bool from_one_port = totals.peer_port.weight() * 2 >= totals.packets;
    const auto from_port = from_one_port ? totals.peer_port.value() : std::uint16_t{0};
    if (is_asked_of_many(from_port)) return false;
    const auto sources = totals.peers.count();
    // Nobody asks so many servers of one kind at once, and real peers send more than one or two datagrams.
    if (sources >= many_sources) return totals.one_peer_port.get().has_value() || totals.packets <= sources * 2;
    if (!answering_udp_name(from_port).empty()) return false;
    // A new flow with each datagram, or fragments, of which applications keep clear (RFC 8085, 3.2).
    return totals.flows * 2 >= totals.packets || totals.fragments * 2 >= totals.packets;
}

}  // namespace wiresage
