// What rules say alike: how well a place proves silence, how sure they are, who has to move, display filters.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>

#include "alert/finding.hpp"
#include "detect/keys.hpp"
#include "detect/knowledge.hpp"
#include "detect/rule.hpp"

namespace wiresage {

/// Where and when something is judged.  A tick's own input means nothing: a finding's is the episode's.
struct Place {
    std::uint16_t input = 0;
    std::uint16_t vlan = 0;
    EventTime now;

    static Place of(const Fact& fact) { return {fact.at.input, fact.vlan, fact.at.time}; }
    static Place of(const Finding& finding, EventTime now) { return {finding.input, finding.vlan, now}; }
};

/// Guard G2: why this place may speak about the silence of an address.
enum class Proof : std::uint8_t {
    none,     ///< It may not: hold back.
    by_site,  ///< The address is the capturing host's own: at most medium confidence.
    seen,     ///< Both directions of it were seen within the span.
};

/// `span`: 10 minutes, or the rule's own where that is longer.
Proof proof_of(const Findings& findings, const Place& place, const Address& address,
               Duration span = std::chrono::minutes{10});

/// Starts high; one step down for each reason that holds (field-notes.md): no handshake seen, fewer than three
/// independent flows or peers, no baseline where one is wanted, a look-alike not excluded.
Confidence confidence_of(std::initializer_list<bool> reasons) noexcept;

/// Not above `most`.
constexpr Confidence at_most(Confidence confidence, Confidence most) noexcept {
    return confidence < most ? confidence : most;
}

/// What is wrong with the capture itself, the worst first.
enum class CaptureTrouble : std::uint8_t {
    none,
    loses,      ///< Packets were lost by kernel, ring or card within the last minute.
    gaps,       ///< What was acknowledged was often not seen: lost by whoever captured, or on another way.
    doubles,    ///< Packets come twice.
    one_sided,  ///< Most connections show one direction only.
};

CaptureTrouble capture_trouble(const Knowledge& knowledge, std::uint16_t input);
/// A sentence for `unknowable`; empty for `none`.
std::string_view explain(CaptureTrouble trouble) noexcept;

/// What looks like loss on the network may be the capture's own: no verdict of loss at more than low confidence.
inline bool loss_may_be_ours(const Findings& findings, const Place& place) {
    const auto trouble = capture_trouble(findings.knowledge(), place.input);
    return trouble != CaptureTrouble::none && trouble != CaptureTrouble::one_sided;
}

/// Any trouble of the capture: at most low (field-notes.md).  The gate adds the reason to `unknowable`.
Confidence limited_by_capture(const Findings& findings, const Place& place, Confidence confidence);
inline Confidence limited_by_capture(const Findings& findings, const Fact& fact, Confidence confidence) {
    return limited_by_capture(findings, Place::of(fact), confidence);
}

/// What urgency looks at beside severity and confidence.
struct Weight {
    std::uint64_t part = 0;   ///< Of what the service did meanwhile ...
    std::uint64_t whole = 0;  ///< ... this many are in trouble; 0: unknown.
    std::uint64_t internal_peers = 0;
    bool gateway_or_resolver = false;
    bool completions_fell = false;
};

/// The table of field-notes.md: page, ticket or note.
Urgency urgency_of(Severity severity, Confidence confidence, const Weight& weight) noexcept;

/// Part of a whole as evidence has it, 0..1; 0 where there is no whole.
double share_of(std::uint64_t part, std::uint64_t whole) noexcept;

/// "ip.src==192.0.2.1" or "ipv6.src==2001:db8::1"; `side` is "src", "dst" or "addr".
std::string filter_ip(const char* side, const Address& address);
/// "ip.dst==192.0.2.1 && tcp.dstport==443"; `side` is "src" or "dst".
std::string filter_end(const char* side, const char* transport, const Endpoint& end);

/// The SYNs and SYN-ACKs of a service.
std::string filter_syns(const Endpoint& service);
/// All TCP segments of the service.
std::string filter_service(const Endpoint& service);
/// All TCP segments between the client and the service.
std::string filter_between(const ClientOfService& of);

/// The service had accepted somebody before `start` (guard G10).
bool answered_before(const Findings& findings, Transport transport, const Endpoint& service, EventTime start);

/// "1 connection", "3 connections".
std::string counted(std::uint64_t count, const char* singular, const char* plural);
/// One digit after the point: "2.5".
std::string with_tenths(double value);

/// An end of which each part is there as long as all that is counted agrees on it.
class AgreedEnd {
public:
    void see(const Endpoint& end, const MacAddress& mac) {
        ip_.see(end.ip);
        port_.see(end.port);
        mac.is_zero() ? mac_.differ() : mac_.see(mac);
    }
    void clear() { *this = AgreedEnd{}; }
    End with_port() const { return End{ip_.get(), port_.get(), mac_.get()}; }
    End without_port() const { return End{ip_.get(), {}, mac_.get()}; }
    const std::optional<MacAddress>& mac() const noexcept { return mac_.get(); }

private:
    Agreed<Address> ip_;
    Agreed<std::uint16_t> port_;
    Agreed<MacAddress> mac_;
};

/// Keeps the first decisive packets, at most 8.
void keep_packet(std::vector<PacketRef>& packets, std::uint16_t input, std::uint64_t frame);
/// By input and number: verdicts of one tick come in the order of their shards.
std::vector<PacketRef> in_order(std::vector<PacketRef> packets);

}  // namespace wiresage
