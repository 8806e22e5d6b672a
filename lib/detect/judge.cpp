// What rules say alike.

#include "detect/judge.hpp"

#include <algorithm>
#include <cstdio>

namespace wiresage {

Proof proof_of(const Findings& findings, const Place& place, const Address& address, Duration span) {
    const auto& knowledge = findings.knowledge();
    const auto longest = std::max<Duration>(span, std::chrono::minutes{10});
    if (knowledge.two_way(place.input, place.vlan, address, place.now, longest)) return Proof::seen;
    return findings.site().is_local(address) ? Proof::by_site : Proof::none;
}

Confidence confidence_of(std::initializer_list<bool> reasons) noexcept {
    auto confidence = Confidence::high;
    for (const bool reason : reasons) {
        if (reason) confidence = lowered(confidence);
    }
    return confidence;
}

Confidence limited_by_capture(const Findings& findings, const Place& place, Confidence confidence) {
    return capture_trouble(findings.knowledge(), place.input) == CaptureTrouble::none ? confidence : Confidence::low;
}

CaptureTrouble capture_trouble(const Knowledge& knowledge, std::uint16_t input) {
    if (knowledge.capture_loss_share() > 0) return CaptureTrouble::loses;
    if (knowledge.gapped(input)) return CaptureTrouble::gaps;
    if (knowledge.doubled(input)) return CaptureTrouble::doubles;
    return knowledge.one_sided(input) ? CaptureTrouble::one_sided : CaptureTrouble::none;
}

std::string_view explain(CaptureTrouble trouble) noexcept {
    switch (trouble) {
        case CaptureTrouble::none:
            return {};
        case CaptureTrouble::loses:
            return "The capture itself lost packets meanwhile: what seems lost or silent may only be missing here.";
        case CaptureTrouble::gaps:
            return "The capture lacks packets that were acknowledged: what seems lost or silent may only be missing "
                   "here.";
        case CaptureTrouble::doubles:
            return "The capture shows packets twice: repeats may be copies.";
        case CaptureTrouble::one_sided:
            return "Most connections show one direction only here: an answer may have gone another way.";
    }
    return {};
}

Urgency urgency_of(Severity severity, Confidence confidence, const Weight& weight) noexcept {
    const bool grave = severity >= Severity::error;
    const bool large = weight.whole > 0 && weight.part * 20 >= weight.whole;  // 5 %.
    const bool matters = large || weight.internal_peers >= 3 || weight.gateway_or_resolver;
    if (grave && confidence == Confidence::high && matters) return Urgency::page;
    if (severity == Severity::critical && weight.completions_fell) return Urgency::page;
    if (grave || (severity == Severity::warning && confidence == Confidence::high)) return Urgency::ticket;
    return Urgency::note;
}

double share_of(std::uint64_t part, std::uint64_t whole) noexcept {
    return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

std::string filter_ip(const char* side, const Address& address) {
    return std::string{address.is_v4() ? "ip." : "ipv6."} + side + "==" + address.text();
}

std::string filter_end(const char* side, const char* transport, const Endpoint& end) {
    return filter_ip(side, end.ip) + " && " + transport + "." + side + "port==" + std::to_string(end.port);
}

std::string filter_syns(const Endpoint& service) { return filter_service(service) + " && tcp.flags.syn==1"; }

std::string filter_service(const Endpoint& service) {
    return filter_ip("addr", service.ip) + " && tcp.port==" + std::to_string(service.port);
}

std::string filter_between(const ClientOfService& of) {
    return filter_ip("addr", of.client) + " && " + filter_service(of.service);
}

bool answered_before(const Findings& findings, Transport transport, const Endpoint& service, EventTime start) {
    const auto* const past = findings.knowledge().service(transport, service);
    return past != nullptr && past->first_accepted < start;
}

std::string counted(std::uint64_t count, const char* singular, const char* plural) {
    return std::to_string(count) + " " + (count == 1 ? singular : plural);
}

std::string with_tenths(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", value);
    return text;
}

void keep_packet(std::vector<PacketRef>& packets, std::uint16_t input, std::uint64_t frame) {
    if (packets.size() < 8 && frame != 0) packets.push_back(PacketRef{input, frame});
}

std::vector<PacketRef> in_order(std::vector<PacketRef> packets) {
    std::sort(packets.begin(), packets.end(), [](const PacketRef& a, const PacketRef& b) {
        return a.input != b.input ? a.input < b.input : a.frame < b.frame;
    });
    return packets;
}

}  // namespace wiresage
