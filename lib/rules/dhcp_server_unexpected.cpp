// dhcp_server_unexpected: a DHCP server that nobody knows gives out something else.
// Page: dhcp_server_unexpected.md.

#include <algorithm>
#include <string>
#include <vector>

#include "detect/bounded_map.hpp"
#include "detect/episode.hpp"
#include "detect/judge.hpp"
#include "detect/keys.hpp"
#include "detect/rule.hpp"
#include "detect/windows.hpp"

namespace wiresage::rules {

namespace {

constexpr std::size_t most_servers = 32;  ///< Of a VLAN; further ones are not told apart.
constexpr Duration longest_quiet = std::chrono::hours{1};

constexpr Setting settings[] = {
    {"known_clients", SettingKind::count, 2, 1, 1'000'000,
     "a server is known once it served so many clients before another one appeared"},
    {"answers", SettingKind::count, 1, 1, 1'000'000, "offers and acknowledgments of the other one, from here on"},
};

constexpr EvidenceKey evidence[] = {
    {"server_id", EvidenceType::text},  {"offers", EvidenceType::integer},      {"acks", EvidenceType::integer},
    {"clients", EvidenceType::integer}, {"router", EvidenceType::texts},        {"dns_servers", EvidenceType::texts},
    {"relayed", EvidenceType::boolean}, {"known_servers", EvidenceType::texts},
};

constexpr std::string_view next_steps[] = {
    "Find the MAC address on the switch (`show mac address-table address MAC`) and the port it is behind: often a home "
    "router, a phone's hotspot or a virtual machine with its own DHCP.",
    "Turn DHCP snooping on, so that only trusted ports may answer.",
    "Clients that took its lease keep it until they renew: have them release it (`ipconfig /renew`, `dhclient -r`).",
};

constexpr About about{
    .id = "dhcp_server_unexpected",
    .name = "Unexpected DHCP server",
    .category = "dhcp",
    .kind = RuleKind::site,
    .severity = Severity::warning,
    .settings = settings,
    .evidence = evidence,
    .source = "server ip, mac",
    .destination = "absent",
    .entity = "server identifier, vlan",
    .cause =
        "A second server answers where another one has served clients before, and gives out another router or other "
        "name servers: its clients go astray, or through it.",
    .unknowable = "Whether it was set up on purpose.",
    .next_steps = next_steps,
};

std::vector<std::string> texts_of(const std::vector<Address>& addresses) {
    std::vector<std::string> texts;
    for (const auto& address : addresses) texts.push_back(address.text());
    return texts;
}

class DhcpServerUnexpected {
public:
    explicit DhcpServerUnexpected(const RuleContext& context)
        : known_clients_{context.settings.count("known_clients")},
          answers_{context.settings.count("answers")},
          quiet_{std::max(context.settings.resolve_after, longest_quiet)},
          vlans_{64} {}

    void on(const Fact& fact, const DhcpAnswer& what, Findings& findings) {
        // Boot servers give no addresses (PXE); a NAK may come from any server.
        if (what.boot_only || what.message == DhcpMessage::nak || what.given.is_unspecified()) return;
        const Address id = what.server_id.is_unspecified() ? what.from.ip : what.server_id;
        auto& servers = vlans_.at(fact.vlan).servers;
        auto found = std::find_if(servers.begin(), servers.end(), [&](const Server& one) { return one.id == id; });
        if (found == servers.end()) {
            if (servers.size() >= most_servers) return;
            servers.emplace_back();
            found = servers.end() - 1;
            found->id = id;
            found->is_first = servers.size() == 1;
            for (const auto& other : servers) {
                if (other.id != id && other.clients.count() >= known_clients_) found->known.push_back(other.id);
            }
        }
        see(fact, what, *found);
        if (found->known.empty() || found->offers + found->acks < answers_) return;
        // Partners in failover, and one server with several addresses, give out the same.
        const bool same = std::any_of(servers.begin(), servers.end(), [&](const Server& other) {
            return std::count(found->known.begin(), found->known.end(), other.id) > 0 && gives_same(*found, other);
        });
        if (!same) report(fact, *found, findings);
    }

private:
    struct Server {
        Address id;
        bool is_first = false;
        Episode episode;
        AgreedEnd from;
        FirstDistinct<Address, 8> routers;
        FirstDistinct<Address, 8> dns;
        std::vector<Address> known;  ///< Who was known when it appeared.
        DistinctCount clients;
        std::vector<PacketRef> packets;
        std::uint64_t offers = 0;
        std::uint64_t acks = 0;
        bool relayed = false;
    };
    struct Vlan {
        std::vector<Server> servers;
    };
    struct VlanHash {
        std::size_t operator()(std::uint16_t vlan) const noexcept { return spread(vlan); }
    };

    void see(const Fact& fact, const DhcpAnswer& what, Server& server) const {
        server.episode.touch(fact, quiet_);
        (what.message == DhcpMessage::offer ? server.offers : server.acks) += 1;
        server.clients.add(client_hash(what.client));
        server.from.see({what.from.ip, 0}, what.from_mac);
        if (!what.router.is_unspecified()) server.routers.add(what.router);
        for (std::size_t i = 0; i < what.dns_count; ++i) server.dns.add(what.dns[i]);
        server.relayed = server.relayed || what.relayed;
        keep_packet(server.packets, fact.at.input, fact.at.frame);
    }

    static bool all_in(const std::vector<Address>& some, const std::vector<Address>& all) {
        return std::all_of(some.begin(), some.end(),
                           [&](const Address& one) { return std::find(all.begin(), all.end(), one) != all.end(); });
    }

    /// Its routers and name servers are ones that the other gives out as well.
    static bool gives_same(const Server& one, const Server& other) {
        return all_in(one.routers.values(), other.routers.values()) && all_in(one.dns.values(), other.dns.values());
    }

    void report(const Fact& fact, const Server& server, Findings& findings) const {
        Finding finding;
        server.episode.describe(finding);
        finding.resolve_after = quiet_;
        finding.entity = server.id.text();
        finding.source = server.from.without_port();
        if (server.relayed) finding.source = End::of(server.id);
        finding.transport = Transport::udp;
        finding.evidence.set("server_id", server.id.text());
        finding.evidence.set("offers", server.offers);
        finding.evidence.set("acks", server.acks);
        finding.evidence.set("clients", server.clients.count());
        finding.evidence.set("router", texts_of(server.routers.values()), server.routers.values().size());
        finding.evidence.set("dns_servers", texts_of(server.dns.values()), server.dns.values().size());
        finding.evidence.set("relayed", server.relayed);
        finding.evidence.set("known_servers", texts_of(server.known), server.known.size());
        finding.packets = in_order(server.packets);
        const auto clients = static_cast<std::int64_t>(server.clients.count());
        finding.impact = {static_cast<std::int64_t>(server.offers + server.acks), clients, {}};
        // A relay brings in servers of elsewhere; which of them serve this place cannot be told.
        finding.confidence = limited_by_capture(findings, fact, confidence_of({server.relayed, server.acks == 0}));
        finding.urgency = urgency_of(about.severity, finding.confidence, {});
        finding.message =
            server.id.text() + " answers as a DHCP server (" + counted(server.offers, "offer", "offers") + ", " +
            counted(server.acks, "acknowledgment", "acknowledgments") + ") beside " + server.known.front().text() +
            " and gives out router " +
            (server.routers.values().empty() ? std::string{"none"} : server.routers.values().front().text());
        finding.threshold = {{"known_clients", static_cast<std::int64_t>(known_clients_)},
                             {"answers", static_cast<std::int64_t>(answers_)}};
        finding.window_seconds = seconds(quiet_);
        finding.wireshark_filter = "dhcp.option.dhcp_server_id==" + server.id.text();
        findings.report(std::move(finding));
    }

    std::uint64_t known_clients_;
    std::uint64_t answers_;
    Duration quiet_;
    BoundedMap<std::uint16_t, Vlan, VlanHash> vlans_;
};

}  // namespace

extern constinit const RuleEntry dhcp_server_unexpected = entry<DhcpServerUnexpected>(about);

}  // namespace wiresage::rules
