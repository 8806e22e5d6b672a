// arp_spoof: two stations claim one address, or one puts itself between two others.
// Page: arp_spoof.md.  Background: RFC 826; RFC 5227, 2.4; RFC 4861, 11.1.

#include <algorithm>

#include "detect/address_claims.hpp"
#include "detect/bounded_map.hpp"
#include "detect/episode.hpp"
#include "detect/judge.hpp"
#include "detect/rule.hpp"
#include "detect/windows.hpp"

namespace wiresage::rules {

namespace {

constexpr Setting settings[] = {
    {"alternations", SettingKind::count, 3, 1, 1000, "so many changes of an address from one MAC to another ..."},
    {"window", SettingKind::duration, in_seconds(60), in_seconds(1), in_seconds(3600), "... within this time"},
};

constexpr EvidenceKey evidence[] = {
    {"protocol", EvidenceType::text},
    {"alternations", EvidenceType::integer},
    {"macs", EvidenceType::texts},
    {"is_gateway", EvidenceType::boolean},
    {"old_still_answers", EvidenceType::boolean},
    {"gratuitous", EvidenceType::integer},
};

constexpr std::string_view next_steps[] = {
    "On the switch, `show mac address-table address MAC` names the port of the newer claimer; take it off the network.",
    "On a victim: `ip neigh show ADDRESS` shows which MAC it believes; `arping -D ADDRESS` shows who answers.",
    "Against repetition: dynamic ARP inspection with DHCP snooping on the switches, RA and ND guard for IPv6.",
};

constexpr About about{.id = "arp_spoof",
                      .name = "ARP spoofing",
                      .category = "arp",
                      .kind = RuleKind::site,
                      .severity = Severity::error,
                      .settings = settings,
                      .evidence = evidence,
                      .source = "mac (the newer claimer), ip claimed",
                      .destination = "mac (the older)",
                      .entity = "claimed ip",
                      .cause = "Somebody answers for an address that is another's, or two hosts have the same address.",
                      .unknowable = "Which of the two has the address by right, and what was read in between.",
                      .next_steps = next_steps};

constexpr Duration remembered = std::chrono::minutes{10};  // An older claim was given up (DHCP leases are reused).

struct Claimed {
    Address ip;
    std::uint16_t vlan = 0;
    friend bool operator==(const Claimed&, const Claimed&) = default;
};

struct ClaimedHash : AddressHash {
    std::size_t operator()(const Claimed& of) const noexcept {
        return spread(AddressHash::operator()(of.ip) + of.vlan);
    }
};

class ArpSpoof {
public:
    explicit ArpSpoof(const RuleContext& context)
        : settings_{context.settings},
          claims_{std::max<std::size_t>(context.most_hosts / 4, 16)},
          owners_{std::max<std::size_t>(context.most_hosts / 2, 16)} {}

    void on(const Fact& fact, const Neighbor& what, Findings& findings) {
        const auto claim = claims_.see(fact, what);
        // The routers of a group share their virtual MAC and its address.
        if (!claim || Knowledge::is_virtual_router(claim->mac)) return;
        auto& owner = owners_.at({claim->ip, fact.vlan});
        const auto now = fact.at.time;
        if (owner.macs.empty() || (!owner.told && now - owner.last > remembered) ||
            owner.episode.over(now, std::max(settings_.resolve_after, remembered))) {
            owner = Owner{};
            owner.changes = RateWindow{settings_.duration("window")};
        }
        owner.nd = what.nd;
        const bool moved = !owner.macs.empty() && owner.holder != claim->mac;
        if (moved) {
            owner.old_still_answers = owner.old_still_answers || claim->mac == owner.macs.front();
            owner.changes.add(now);
            ++owner.alternations;
        }
        if (std::find(owner.macs.begin(), owner.macs.end(), claim->mac) == owner.macs.end() &&
            owner.macs.size() < Evidence::most_listed)
            owner.macs.push_back(claim->mac);
        // What the first claimer says unasked is its own announcement, unless it stands between two others.
        if (claim->unasked && (claim->mac != owner.macs.front() || claim->intercepts)) ++owner.gratuitous;
        owner.holder = claim->mac;
        owner.last = now;
        owner.intercepted = owner.intercepted || claim->intercepts;
        if (!moved && !claim->intercepts && !(owner.told && claim->mac != owner.macs.front())) return;
        keep_packet(owner.packets, fact.at.input, fact.at.frame);
        owner.episode.touch(fact, std::max(settings_.resolve_after, remembered));
        judge(fact, {claim->ip, fact.vlan}, owner, findings);
    }

private:
    struct Owner {
        std::vector<MacAddress> macs;  ///< In order of appearance.
        MacAddress holder;             ///< Claimed it last.
        EventTime last;
        RateWindow changes{std::chrono::minutes{1}};
        std::uint64_t alternations = 0;
        std::uint64_t gratuitous = 0;
        bool old_still_answers = false;
        bool intercepted = false;
        bool nd = false;
        bool told = false;  ///< As more than a move.
        Episode episode;
        std::vector<PacketRef> packets;
    };

    /// A machine with several interfaces on the link answers, and asks, for each address at each of them; the members
    /// of a bond have neighbouring MACs and no address of their own: nobody claims what is another's.
    bool is_one_machine(const Owner& owner) const {
        if (owner.macs.size() != 2) return false;
        const auto& older = owner.macs.front();
        const auto& newer = owner.macs.back();
        if (owner.gratuitous == 0) return claims_.claimed_by(older) > 1 || claims_.claimed_by(newer) > 1;
        const auto apart = older < newer ? newer.value() - older.value() : older.value() - newer.value();
        const bool global = (older.bytes[0] & 2U) == 0;  // Given by a maker (IEEE 802-2014, 8.2.2).
        return global && apart <= 3 && claims_.claimed_by(newer) == 1;
    }

    void judge(const Fact& fact, const Claimed& key, Owner& owner, Findings& findings) const {
        const auto& knowledge = findings.knowledge();
        const bool is_gateway = knowledge.forwards(owner.macs.front());
        const bool both = owner.changes.total(fact.at.time) >= settings_.count("alternations");
        const bool taken = is_gateway && owner.old_still_answers && owner.gratuitous > 0;
        // A router that answers for hosts behind it, when asked (RFC 1027), claims for their sake.
        const bool proxy = owner.gratuitous == 0 && knowledge.forwards(owner.macs.back());
        const bool is_grave = owner.intercepted || ((both || taken) && !proxy && !is_one_machine(owner));
        owner.told = owner.told || is_grave;
        report(fact, key, owner, is_gateway, findings);
    }

    void report(const Fact& fact, const Claimed& key, const Owner& owner, bool is_gateway, Findings& findings) const {
        const auto newer = owner.macs.back();
        Finding finding;
        owner.episode.describe(finding);
        finding.entity = with_vlan(key.ip.text(), key.vlan);
        finding.source = End{key.ip, {}, newer};
        if (owner.macs.size() > 1) finding.destination.mac = owner.macs[owner.macs.size() - 2];
        std::vector<std::string> macs;
        for (const auto& mac : owner.macs) macs.push_back(mac.text());
        const auto count = macs.size();
        finding.evidence.set("protocol", owner.nd ? "nd" : "arp");
        finding.evidence.set("alternations", owner.alternations);
        finding.evidence.set("macs", std::move(macs), count);
        finding.evidence.set("is_gateway", is_gateway);
        finding.evidence.set("old_still_answers", owner.old_still_answers);
        finding.evidence.set("gratuitous", owner.gratuitous);
        finding.message = describe(key, owner, newer);
        if (!owner.told) {
            finding.severity = Severity::info;
            finding.cause = "The address moved: a failover, a new network card, a lease given to another host.";
        }
        finding.threshold = {{"alternations", settings_["alternations"]}};
        finding.window_seconds = seconds(settings_.duration("window"));
        finding.wireshark_filter =
            owner.nd ? "icmpv6.nd.na.target_address==" + key.ip.text() : "arp.src.proto_ipv4==" + key.ip.text();
        finding.packets = owner.packets;
        finding.impact.peers = 1;
        finding.confidence = limited_by_capture(
            findings, fact, confidence_of({!owner.intercepted && owner.gratuitous == 0, !owner.told}));
        finding.urgency = urgency_of(finding.severity.value_or(about.severity), finding.confidence,
                                     {.gateway_or_resolver = is_gateway});
        findings.report(std::move(finding));
    }

    static std::string describe(const Claimed& key, const Owner& owner, const MacAddress& newer) {
        if (owner.intercepted)
            return newer.text() + " tells others that it is " + key.ip.text() +
                   ", and this one that it is they: it stands between them";
        const auto older = owner.macs[owner.macs.size() - 2].text();
        if (owner.told)
            return newer.text() + " and " + older + " both claim " + key.ip.text() + ": it changed " +
                   counted(owner.alternations, "time", "times") + ", " + std::to_string(owner.gratuitous) +
                   " claims unasked";
        return key.ip.text() + " moved from " + older + " to " + newer.text();
    }

    const RuleSettings settings_;
    AddressClaims claims_;
    BoundedMap<Claimed, Owner, ClaimedHash> owners_;
};

}  // namespace

extern constinit const RuleEntry arp_spoof = entry<ArpSpoof>(about);

}  // namespace wiresage::rules
