// tcp_connection_refused: a service turns connections away with RST or an ICMP error.
// Page: tcp_connection_refused.md.

#include <algorithm>

#include "detect/attempt_tally.hpp"
#include "detect/bounded_map.hpp"
#include "detect/judge.hpp"
#include "detect/keys.hpp"
#include "detect/rule.hpp"

namespace wiresage::rules {

namespace {

/// Refusing these is what a healthy host does: mail and IRC servers ask their clients' ident (RFC 1413), which nobody
/// runs.
constexpr std::uint16_t refused_by_custom[] = {113};

/// A client that is served at another address of the same port within this time tries both families (RFC 8305).
constexpr Duration second_try = std::chrono::seconds{1};

constexpr Setting settings[] = {
    {"attempts", SettingKind::count, 5, 1, 1'000'000, "refused attempts of a service from here on"},
    {"share", SettingKind::share, 300'000, 0, whole_share, "refused of all attempts to the service meanwhile"},
    {"successes", SettingKind::count, 100, 1, 1'000'000,
     "a service that accepted so many counts from its first refusal"},
    {"window", SettingKind::duration, in_seconds(60), in_seconds(1), in_seconds(3600),
     "refusals no further apart than this are counted together"},
};

constexpr EvidenceKey evidence[] = {
    {"attempts", EvidenceType::integer},        {"successes", EvidenceType::integer},
    {"refused_share", EvidenceType::number},    {"by_icmp", EvidenceType::boolean},
    {"answered_before", EvidenceType::boolean}, {"peers", EvidenceType::integer},
};

constexpr std::string_view next_steps[] = {
    "On the server: `ss -ltn` shows whether anything listens on the port, and on which address (127.0.0.1 serves "
    "nobody else).",
    "`systemctl status` and `journalctl -u UNIT` of the service: did it stop, crash, or start on another port?",
    "`nft list ruleset` shows rules that answer with `reject`; an ICMP error names the host that sent it.",
};

constexpr About about{
    .id = "tcp_connection_refused",
    .name = "TCP connections refused",
    .category = "tcp",
    .kind = RuleKind::site,
    .severity = Severity::warning,
    .settings = settings,
    .evidence = evidence,
    .source = "server ip:port",
    .destination = "client ip",
    .entity = "service",
    .cause =
        "Nothing listens on the port (stopped, crashed, another address or port), its accept queue overflows with "
        "tcp_abort_on_overflow set, or a firewall rejects in its place.",
    .unknowable =
        "Whether the server itself or a firewall in its name sent the refusal; a TTL unlike the server's other "
        "packets is a hint.",
    .next_steps = next_steps,
};

class TcpConnectionRefused {
public:
    explicit TcpConnectionRefused(const RuleContext& context)
        : attempts_{context.settings.count("attempts")},
          share_{context.settings.count("share")},
          successes_{context.settings.count("successes")},
          quiet_{std::max(context.settings.resolve_after, context.settings.duration("window"))},
          services_{context.most_hosts},
          tries_{context.most_hosts} {}

    void on(const Fact& fact, const Outcome& what, Findings& findings) {
        if (what.transport != Transport::tcp || what.technique != Technique::syn) return;
        if (what.answer == Answer::accepted) {
            if (auto* const entry = services_.find({what.server, fact.vlan})) ++entry->successes;
            forgive(fact, what);
        } else if (what.answer == Answer::refused || what.answer == Answer::refused_by_icmp) {
            refused(fact, what, findings);
        }
    }

    void on(const Fact& fact, const Tick&, Findings& findings) {
        news_.tell(services_, [&](const ServiceAt& key, const Entry& entry) {
            if (is_trouble(entry)) report(fact.at.time, key, entry, findings);
        });
    }

private:
    struct Entry : AttemptTally {
        std::uint64_t successes = 0;
        std::uint64_t by_icmp = 0;
        std::uint64_t past_successes = 0;
        bool is_news = false;
        std::uint64_t all() const noexcept { return count() + successes; }
    };

    /// The last refusal of a client at a port.
    struct Try {
        ServiceAt refused_by;
        EventTime at;
    };

    void refused(const Fact& fact, const Outcome& what, const Findings& findings) {
        if (std::find(std::begin(refused_by_custom), std::end(refused_by_custom), what.server.port) !=
            std::end(refused_by_custom)) {
            return;
        }
        const ServiceAt key{what.server, fact.vlan};
        auto& entry = services_.at(key);
        if (entry.add(fact, what, quiet_, findings.site())) {
            const auto* const past = findings.knowledge().service(Transport::tcp, what.server);
            entry.past_successes = past == nullptr ? 0 : past->accepted;
            entry.successes = entry.by_icmp = 0;
        }
        entry.by_icmp += what.answer == Answer::refused_by_icmp;
        news_.mark(key, entry.is_news);
        tries_.at({{what.client.ip, what.server.port}, fact.vlan}) = {key, fact.at.time};
    }

    /// Served at once at another address: the refusal did no harm.
    void forgive(const Fact& fact, const Outcome& what) {
        const ServiceAt client{{what.client.ip, what.server.port}, fact.vlan};
        const auto* const last = tries_.find(client);
        if (last == nullptr) return;
        if (last->refused_by.service.ip != what.server.ip && fact.at.time - last->at <= second_try) {
            if (auto* const entry = services_.find(last->refused_by)) entry->take_back();
        }
        tries_.erase(client);
    }

    bool is_trouble(const Entry& entry) const {
        const bool worked = entry.past_successes >= successes_ && entry.count() > 0;
        return (entry.count() >= attempts_ || worked) && entry.count() * whole_share >= entry.all() * share_;
    }

    void report(EventTime now, const ServiceAt& key, const Entry& entry, Findings& findings) const {
        const auto peers = entry.peers();
        Finding finding;
        entry.describe(finding, entry.all());
        const auto severity = peers == 1 && !entry.asked_inside() ? Severity::info : Severity::warning;
        if (severity != about.severity) finding.severity = severity;
        const bool before = entry.past_successes > 0;
        const auto confidence = confidence_of({!before, entry.count() < 3 && peers < 3});
        finding.confidence = limited_by_capture(findings, Place::of(finding, now), confidence);
        finding.urgency = urgency_of(severity, finding.confidence, {.part = entry.count(), .whole = entry.all()});
        finding.entity = key.service.text();
        finding.source = entry.servers().with_port();
        finding.destination = entry.clients().without_port();
        finding.evidence.set("attempts", entry.count());
        finding.evidence.set("successes", entry.successes);
        finding.evidence.set("refused_share", share_of(entry.count(), entry.all()));
        finding.evidence.set("by_icmp", entry.by_icmp > 0);
        finding.evidence.set("answered_before", before);
        finding.evidence.set("peers", peers);
        finding.message = key.service.text() + " refused " + std::to_string(entry.count()) + " of " +
                          counted(entry.all(), "connection attempt", "connection attempts") + " by " +
                          counted(peers, "client", "clients") + (entry.by_icmp > 0 ? " (ICMP error)" : " (RST)") +
                          (before ? "; it accepted before" : "; it never accepted here");
        finding.threshold = {{"attempts", static_cast<std::int64_t>(attempts_)},
                             {"share", share_of(share_, whole_share)},
                             {"successes", static_cast<std::int64_t>(successes_)}};
        finding.window_seconds = seconds(quiet_);
        finding.wireshark_filter = filter_service(key.service) + " && (tcp.flags.syn==1 || tcp.flags.reset==1)";
        findings.report(std::move(finding));
    }

    std::uint64_t attempts_;
    std::uint64_t share_;
    std::uint64_t successes_;
    Duration quiet_;
    BoundedMap<ServiceAt, Entry, ServiceHash> services_;
    BoundedMap<ServiceAt, Try, ServiceHash> tries_;  ///< By client address and port asked.
    News<ServiceAt> news_;
};

}  // namespace

extern constinit const RuleEntry tcp_connection_refused = entry<TcpConnectionRefused>(about);

}  // namespace wiresage::rules
