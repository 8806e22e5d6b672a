// tcp_connect_timeout: SYNs go out to a service and nothing comes back.
// Page: tcp_connect_timeout.md.

#include <algorithm>

#include "detect/bounded_map.hpp"
#include "detect/judge.hpp"
#include "detect/keys.hpp"
#include "detect/rule.hpp"
#include "detect/silence.hpp"

namespace wiresage::rules {

namespace {

/// So many silent services of one client at a time are a sweep, a poll, or a fault of its own: no service is to blame.
constexpr std::uint64_t widespread = 16;

/// Silence is known so much later than it began: what was answered in between counts too.
constexpr Duration verdict_wait = silence_wait + std::chrono::seconds{1};

constexpr Setting settings[] = {
    {"attempts", SettingKind::count, 3, 1, 1'000'000, "attempts (not SYNs) without any answer from here on"},
    {"share", SettingKind::share, 200'000, 0, whole_share, "silent attempts of all attempts to the service meanwhile"},
    {"window", SettingKind::duration, in_seconds(60), in_seconds(1), in_seconds(3600),
     "silent attempts no further apart than this are counted together"},
};

constexpr EvidenceKey evidence[] = {
    {"attempts", EvidenceType::integer},        {"syns", EvidenceType::integer},    {"peers", EvidenceType::integer},
    {"answered_before", EvidenceType::boolean}, {"waited_s", EvidenceType::number},
};

constexpr std::string_view next_steps[] = {
    "From the client: `ip route get SERVER` shows the way taken; `tcptraceroute` or `mtr -T -P PORT SERVER` where it "
    "ends.",
    "On the server: `ss -ltn` (is the port listened on), `nft list ruleset` (is it dropped), and a capture there: do "
    "the SYNs arrive?",
    "On firewalls between: look for the client's address and the port in the log of dropped packets.",
};

constexpr About about{
    .id = "tcp_connect_timeout",
    .name = "TCP connections time out",
    .category = "tcp",
    .kind = RuleKind::site,
    .severity = Severity::warning,
    .settings = settings,
    .evidence = evidence,
    .source = "client ip",
    .destination = "server ip:port",
    .entity = "service",
    .cause =
        "The SYNs, or the answers to them, are dropped on the way, or the server is down. A host that is up and has no "
        "such service would refuse with RST.",
    .unknowable =
        "Which way the packets are lost, and where beyond this point. An answer that comes back by another way is "
        "not seen here.",
    .next_steps = next_steps,
};

class TcpConnectTimeout {
public:
    explicit TcpConnectTimeout(const RuleContext& context)
        : attempts_{context.settings.count("attempts")},
          share_{context.settings.count("share")},
          quiet_{std::max(context.settings.resolve_after, context.settings.duration("window"))},
          services_{context.most_hosts},
          clients_{context.most_hosts} {}

    void on(const Fact& fact, const Outcome& what, Findings& findings) {
        if (what.transport != Transport::tcp || what.technique != Technique::syn) return;
        if (findings.site().is_local(what.server.ip)) return;  // tcp_syn_received_no_reply knows more of our own.
        const ServiceAt key{what.server, fact.vlan};
        if (what.answer == Answer::silent || what.answer == Answer::still_silent) {
            silent(fact, key, what, findings);
            return;
        }
        if (auto* const entry = services_.find(key)) {
            entry->answered += what.answer == Answer::accepted || what.answer == Answer::refused;
            if (what.after_silent) entry->take_back(what);
        }
    }

    void on(const Fact& fact, const Tick&, Findings& findings) {
        news_.tell(services_, [&](const ServiceAt& key, const Entry& entry) {
            if (entry.count() < attempts_ || entry.count() * whole_share < entry.all() * share_) return;
            report(fact.at.time, key, entry, findings);
        });
    }

private:
    struct Entry : SilentAttempts {
        std::uint64_t answered = 0;  ///< Since the silence began.
        bool is_news = false;
        std::uint64_t all() const noexcept { return count() + answered; }
    };

    /// The silent services of one client in one episode.
    struct Client {
        Episode episode;
        DistinctCount services;
    };

    void silent(const Fact& fact, const ServiceAt& key, const Outcome& what, Findings& findings) {
        auto& entry = services_.at(key);
        const auto episode = entry.episodes();
        if (!entry.add(fact, what, quiet_, findings.site())) return;
        if (entry.episodes() != episode) {
            const auto since = fact.at.time - verdict_wait;
            entry.answered = findings.knowledge().answered(Transport::tcp, key.service, since).accepted;
        }
        news_.mark(key, entry.is_news);

        auto& client = clients_.at(what.client.ip);
        if (client.episode.touch(fact, quiet_)) client.services.clear();
        client.services.add(static_cast<std::uint32_t>(ServiceHash{}(key)));
    }

    /// Internal clients, and services that worked and now answer nobody, are trouble; strangers turned away are not.
    Severity severity_of(const Entry& entry, bool before) {
        if (entry.peers() == 1) {
            const auto only = entry.clients().without_port().ip;
            const auto* const client = only ? clients_.find(*only) : nullptr;
            if (client != nullptr && client->services.count() >= widespread) return Severity::info;
        }
        return entry.asked_inside() || (before && entry.answered == 0) ? Severity::warning : Severity::info;
    }

    /// Guard G2: this place shows both directions of the service or of who asks it.
    static Proof proof(const Findings& findings, const Place& place, const Entry& entry, const Endpoint& service) {
        auto best = std::max(proof_of(findings, place, service.ip), entry.asked_here() ? Proof::by_site : Proof::none);
        if (const auto only = entry.clients().without_port().ip) {
            best = std::max(best, proof_of(findings, place, *only));
        }
        return best;
    }

    void report(EventTime now, const ServiceAt& key, const Entry& entry, Findings& findings) {
        Finding finding;
        entry.describe(finding, entry.all());
        const auto place = Place::of(finding, now);
        const auto proven = proof(findings, place, entry, key.service);
        if (proven == Proof::none) return;
        const bool before = answered_before(findings, Transport::tcp, key.service, entry.start());
        const auto severity = severity_of(entry, before);
        if (severity != about.severity) finding.severity = severity;
        auto confidence = confidence_of({!before});
        if (proven == Proof::by_site) confidence = at_most(confidence, Confidence::medium);
        finding.confidence = limited_by_capture(findings, place, confidence);
        finding.urgency = urgency_of(severity, finding.confidence, {.part = entry.count(), .whole = entry.all()});
        finding.entity = key.service.text();
        finding.source = entry.clients().without_port();
        finding.destination = entry.servers().with_port();
        finding.evidence.set("attempts", entry.count());
        finding.evidence.set("syns", entry.syns());
        finding.evidence.set("peers", entry.peers());
        finding.evidence.set("answered_before", before);
        finding.evidence.set("waited_s", seconds(entry.waited()));
        finding.message = key.service.text() + " did not answer " +
                          counted(entry.count(), "connection attempt", "connection attempts") + " (" +
                          counted(entry.syns(), "SYN", "SYNs") + ") of " + counted(entry.peers(), "client", "clients") +
                          "; it " + (before ? "answered before" : "never answered here");
        finding.threshold = {{"attempts", static_cast<std::int64_t>(attempts_)},
                             {"share", share_of(share_, whole_share)}};
        finding.window_seconds = seconds(quiet_);
        finding.wireshark_filter = filter_syns(key.service);
        findings.report(std::move(finding));
    }

    std::uint64_t attempts_;
    std::uint64_t share_;
    Duration quiet_;
    BoundedMap<ServiceAt, Entry, ServiceHash> services_;
    BoundedMap<Address, Client, AddressHash> clients_;
    News<ServiceAt> news_;
};

}  // namespace

extern constinit const RuleEntry tcp_connect_timeout = entry<TcpConnectTimeout>(about);

}  // namespace wiresage::rules
