// dhcp_starvation: somebody asks for addresses in the name of very many clients that never take one.
// Page: dhcp_starvation.md.

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <vector>

#include "detect/bounded_map.hpp"
#include "detect/episode.hpp"
#include "detect/judge.hpp"
#include "detect/keys.hpp"
#include "detect/rule.hpp"
#include "detect/windows.hpp"

namespace wiresage::rules {

namespace {

/// Clients remembered of a place; beyond these new ones are counted by a sketch only.
constexpr std::size_t most_clients = 65'536;

constexpr Setting settings[] = {
    {"clients", SettingKind::count, 100, 10, 1'000'000, "new clients within the window from here on"},
    {"window", SettingKind::duration, in_seconds(60), in_seconds(1), in_seconds(3600), "for `clients`"},
    {"real", SettingKind::share, 200'000, 0, whole_share,
     "of the new clients go on to a request, or are seen alive: with more it is a busy morning"},
};

constexpr EvidenceKey evidence[] = {
    {"discovers", EvidenceType::integer}, {"new_clients", EvidenceType::integer}, {"span_s", EvidenceType::number},
    {"requested", EvidenceType::integer}, {"arped", EvidenceType::integer},       {"naks", EvidenceType::integer},
};

constexpr std::string_view next_steps[] = {
    "Find the MAC address (or the port that shows hundreds of them) on the switch: `show mac address-table`.",
    "Limit MAC addresses a port (port security) and DHCP messages a second (DHCP snooping's rate limit).",
    "Look at the server's pool: how many leases are left, and clear those offered to nobody.",
};

constexpr About about{
    .id = "dhcp_starvation",
    .name = "DHCP starvation",
    .category = "dhcp",
    .kind = RuleKind::site,
    .severity = Severity::error,
    .settings = settings,
    .evidence = evidence,
    .source = "mac where one frame source",
    .destination = "server ip",
    .entity = "interface, vlan",
    .cause =
        "One host asks for leases under ever new hardware addresses, to use the server's pool up; afterwards another "
        "server can answer in its place.",
    .unknowable = "Which host it is, where it forges the source of its frames too.",
    .next_steps = next_steps,
};

class DhcpStarvation {
public:
    explicit DhcpStarvation(const RuleContext& context)
        : clients_{context.settings.count("clients")},
          window_{context.settings.duration("window")},
          real_{context.settings.count("real")},
          quiet_{std::max(context.settings.resolve_after, window_)},
          places_{64} {}

    void on(const Fact& fact, const DhcpClients& what, Findings&) {
        auto& place = places_.at_or(key_of(fact), [&] { return Place{window_}; });
        if (place.over(fact.at.time, quiet_)) place = Place{window_};
        for (std::size_t i = 0; i < what.client_count; ++i) {
            const auto found = place.clients.find(what.clients[i]);
            if (what.message == DhcpMessage::request) {
                // Those who ask for an address that they had before send no discover: they are no new ones.
                if (found == place.clients.end()) {
                    if (place.clients.size() < most_clients)
                        place.clients.emplace(what.clients[i], Client{false, true, false});
                } else if (!found->second.requested) {
                    found->second.requested = true;
                    if (found->second.discovered) ++place.requested;
                }
            } else if (found == place.clients.end() && place.clients.size() < most_clients) {
                place.clients.emplace(what.clients[i], Client{true, false, false});
                ++place.new_clients;
                place.recent.add(fact.at.time);
            }
        }
        if (what.message != DhcpMessage::discover) return;
        if (place.discovers == 0) place.first = place.last = fact.at.time;
        place.discovers += what.count;
        place.last = fact.at.time;
        place.news = true;
        what.one_mac ? place.source.see({}, what.first_mac) : place.source.see({}, {});
        if (!what.server.is_broadcast() && !what.server.is_unspecified()) place.server.see(what.server);
        place.begin.touch(fact, quiet_);
    }

    void on(const Fact& fact, const DhcpAnswer& what, Findings&) {
        auto* const place = places_.find(key_of(fact));
        if (place == nullptr) return;
        if (what.message == DhcpMessage::nak) ++place->naks;
        if (!what.server_id.is_unspecified()) place->server.see(what.server_id);
    }

    void on(const Fact& fact, const Neighbor& what, Findings&) {
        if (places_.empty() || what.sender_mac.is_zero()) return;
        auto* const place = places_.find(key_of(fact));
        if (place == nullptr || place->new_clients == 0) return;
        const auto found = place->clients.find(client_hash(what.sender_mac));
        if (found == place->clients.end() || found->second.alive) return;
        found->second.alive = true;
        if (found->second.discovered) ++place->arped;
    }

    void on(const Fact& tick, const Tick&, Findings& findings) {
        places_.for_each([&](const ServiceAt& key, Place& place) {
            if (!place.news) return;
            place.news = false;
            place.told = place.told || place.recent.total(tick.at.time) >= clients_;
            const auto real = std::max(place.requested, place.arped);
            if (!place.told || real * static_cast<std::uint64_t>(whole_share) > place.new_clients * real_) return;
            report(tick.at.time, key, place, findings);
        });
    }

private:
    struct Client {
        bool discovered = false;
        bool requested = false;
        bool alive = false;
    };
    struct Spread {
        std::size_t operator()(std::uint32_t hash) const noexcept { return spread(hash); }
    };
    struct Place {
        explicit Place(Duration window = std::chrono::seconds{60}) : recent{window} {}
        bool over(EventTime now, Duration quiet) const { return discovers > 0 && now - last > quiet; }

        boost::unordered_flat_map<std::uint32_t, Client, Spread> clients;
        RateWindow recent;  ///< New clients.
        Episode begin;
        AgreedEnd source;
        Agreed<Address> server;
        EventTime first;
        EventTime last;
        std::uint64_t discovers = 0;
        std::uint64_t new_clients = 0;
        std::uint64_t requested = 0;
        std::uint64_t arped = 0;
        std::uint64_t naks = 0;
        bool news = false;
        bool told = false;
    };

    /// Interface and VLAN; the input stands where a port would.
    static ServiceAt key_of(const Fact& fact) { return {{{}, fact.at.input}, fact.vlan}; }

    void report(EventTime now, const ServiceAt& key, const Place& place, Findings& findings) const {
        Finding finding;
        place.begin.describe(finding);
        finding.input = key.service.port;
        finding.source.mac = place.source.mac();
        finding.destination.ip = place.server.get();
        finding.transport = Transport::udp;
        finding.evidence.set("discovers", place.discovers);
        finding.evidence.set("new_clients", place.new_clients);
        finding.evidence.set("span_s", seconds(place.last - place.first));
        finding.evidence.set("requested", place.requested);
        finding.evidence.set("arped", place.arped);
        finding.evidence.set("naks", place.naks);
        finding.impact = {static_cast<std::int64_t>(place.discovers), 1, {}};
        finding.confidence = limited_by_capture(findings, wiresage::Place::of(finding, now), Confidence::high);
        finding.urgency = urgency_of(about.severity, finding.confidence, {});
        finding.message = counted(place.new_clients, "new client", "new clients") + " asked for addresses in " +
                          with_tenths(seconds(place.last - place.first)) + " s, " + std::to_string(place.requested) +
                          " went on to take one and " + std::to_string(place.arped) + " were seen alive";
        finding.threshold = {{"clients", static_cast<std::int64_t>(clients_)}, {"real", share_of(real_, whole_share)}};
        finding.window_seconds = seconds(window_);
        finding.wireshark_filter = "dhcp.option.dhcp==1";
        findings.report(std::move(finding));
    }

    std::uint64_t clients_;
    Duration window_;
    std::uint64_t real_;
    Duration quiet_;
    BoundedMap<ServiceAt, Place, ServiceHash> places_;
};

}  // namespace

extern constinit const RuleEntry dhcp_starvation = entry<DhcpStarvation>(about);

}  // namespace wiresage::rules
