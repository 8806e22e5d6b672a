// unexpected_egress: a host that must not talk to the Internet does, or tries to.
// Page: unexpected_egress.md.

#include <algorithm>

#include "detect/bounded_map.hpp"
#include "detect/egress_purpose.hpp"
#include "detect/episode.hpp"
#include "detect/judge.hpp"
#include "detect/keys.hpp"
#include "detect/resolved_names.hpp"
#include "detect/rule.hpp"
#include "detect/windows.hpp"

namespace wiresage::rules {

namespace {

constexpr Setting settings[] = {
    {"window", SettingKind::duration, in_seconds(3600), in_seconds(1), in_seconds(7200),
     "attempts no further apart than this are counted together"},
};

constexpr EvidenceKey evidence[] = {
    {"attempts", EvidenceType::integer},      {"answered", EvidenceType::boolean},
    {"destinations", EvidenceType::texts},    {"dns_name", EvidenceType::text, true},
    {"dns_names", EvidenceType::texts, true}, {"dns_age_s", EvidenceType::number, true},
    {"uris", EvidenceType::texts, true},      {"user_agent", EvidenceType::text, true},
    {"classification", EvidenceType::text},
};

constexpr std::string_view next_steps[] = {
    "On the host: `ss -tunp` while it lasts, or an eBPF trace of connect, names the process.",
    "Fetches of revocation lists and updates are what programs do unasked: allow them through a proxy, or point the "
    "program to an inside mirror.",
    "If nothing explains it, treat the host as one that may be compromised.",
};

constexpr About about{
    .id = "unexpected_egress",
    .name = "Host without Internet talks to the Internet",
    .category = "policy",
    .kind = RuleKind::site,
    .severity = Severity::warning,
    .settings = settings,
    .evidence = evidence,
    .source = "ip",
    .destination = "ip:port",
    .entity = "source ip",
    .cause = "A program on a host of `site.no_internet_hosts` asks for an address outside `site.internal_networks`.",
    .unknowable = "Which process asks, and what for where nothing answers: then only names can be guessed from.",
    .next_steps = next_steps,
};

class UnexpectedEgress {
public:
    explicit UnexpectedEgress(const RuleContext& context)
        : quiet_{std::max(context.settings.resolve_after, context.settings.duration("window"))},
          hosts_{context.most_hosts},
          names_{std::max<std::size_t>(context.most_hosts / 8, 64)} {}

    void on(const Fact& fact, const DnsReply& what, Findings& findings) {
        if (must_stay(what.client.ip, findings.site())) names_.see(fact, what);
    }

    void on(const Fact& fact, const Attempt& what, Findings& findings) {
        if (!what.initiator_known || !leaves(what.client.ip, what.server.ip, findings.site())) return;
        if (what.technique != Technique::syn && what.technique != Technique::udp) return;
        const ServiceAt key{{what.client.ip, 0}, fact.vlan};
        auto& host = hosts_.at(key);
        if (host.episode.touch(fact, what.began, what.began_stamp, quiet_)) {
            const auto begun = host.episode;
            host = Host{};
            host.episode = begun;
        }
        ++host.attempts;
        if (const auto* const name = names_.find(what.client.ip, what.server.ip)) {
            host.purpose.name(name->name, what.began - name->answered, host.attempts == 1);
        } else {
            host.purpose.no_name();
        }
        host.transport.see(what.transport);
        host.client.see(what.client, what.client_mac);
        host.server.see(what.server, what.server_mac);
        host.listed.add(what.server.ip);
        host.destinations.add(static_cast<std::uint32_t>(AddressHash{}(what.server.ip)));
        keep_packet(host.packets, fact.at.input, what.began_frame);
        report(key, host, findings);
    }

    void on(const Fact& fact, const Outcome& what, Findings& findings) {
        if (hosts_.empty() || (what.answer != Answer::accepted && what.answer != Answer::refused)) return;
        const ServiceAt key{{what.client.ip, 0}, fact.vlan};
        auto* const host = hosts_.find(key);
        if (host == nullptr || host->answered || !leaves(what.client.ip, what.server.ip, findings.site())) return;
        host->answered = true;
        report(key, *host, findings);
    }

    void on(const Fact& fact, const HttpExchange& what, Findings& findings) {
        if (hosts_.empty() || what.news != HttpNews::request) return;
        const ServiceAt key{{what.client.ip, 0}, fact.vlan};
        auto* const host = hosts_.find(key);
        if (host == nullptr || !leaves(what.client.ip, what.server.ip, findings.site())) return;
        TextReader texts{fact.texts()};
        texts.next();  // The method.
        const auto uri = texts.next();
        texts.next();  // The host.
        host->purpose.request(uri, texts.next());
        report(key, *host, findings);
    }

private:
    struct Host {
        Episode episode;
        std::uint64_t attempts = 0;
        bool answered = false;
        Agreed<Transport> transport;
        AgreedEnd client;
        AgreedEnd server;
        FirstDistinct<Address> listed;
        DistinctCount destinations;
        EgressPurpose purpose;
        std::vector<PacketRef> packets;
    };

    static bool must_stay(const Address& from, const Site& site) {
        const auto& hosts = site.no_internet_hosts;
        return std::any_of(hosts.begin(), hosts.end(), [&](const Network& one) { return one.contains(from); });
    }

    /// Guard G8 is in is_internal().
    static bool leaves(const Address& from, const Address& to, const Site& site) {
        return must_stay(from, site) && !site.is_internal(to);
    }

    void report(const ServiceAt& key, const Host& host, Findings& findings) const {
        Finding finding;
        host.episode.describe(finding);
        finding.entity = key.service.ip.text();
        finding.source = host.client.without_port();
        finding.destination = host.server.with_port();
        finding.transport = host.transport.get().value_or(Transport::none);
        const auto count = host.destinations.count();
        std::vector<std::string> listed;
        for (const auto& address : host.listed.values()) listed.push_back(address.text());
        finding.message = key.service.ip.text() + " must not talk to the Internet, but asked " +
                          (count == 1 ? listed.front() : std::to_string(count) + " addresses there") + " " +
                          counted(host.attempts, "time", "times") + "; " +
                          (host.answered ? "it was answered" : "nobody answered");
        finding.evidence.set("attempts", host.attempts);
        finding.evidence.set("answered", host.answered);
        finding.evidence.set("destinations", std::move(listed), count);
        host.purpose.describe(finding.evidence, host.answered);
        finding.confidence = Confidence::high;
        finding.urgency = urgency_of(about.severity, finding.confidence, {});
        finding.packets = host.packets;
        finding.impact = {static_cast<std::int64_t>(host.attempts), static_cast<std::int64_t>(count), {}};
        finding.resolve_after = quiet_;
        finding.threshold = {{"attempts", std::int64_t{1}}};
        finding.wireshark_filter = filter_ip("src", key.service.ip) + " && (tcp.flags==2 || udp)";
        findings.report(std::move(finding));
    }

    Duration quiet_;
    BoundedMap<ServiceAt, Host, ServiceHash> hosts_;
    ResolvedNames names_;
};

}  // namespace

extern constinit const RuleEntry unexpected_egress = entry<UnexpectedEgress>(about);

}  // namespace wiresage::rules
