// tls_certificate_rejected: a client leaves right after it was shown the server's certificate.
// Page: tls_certificate_rejected.md.

#include <algorithm>
#include <string>

#include "detect/bounded_map.hpp"
#include "detect/judge.hpp"
#include "detect/keys.hpp"
#include "detect/message_tally.hpp"
#include "detect/news.hpp"
#include "detect/rule.hpp"
#include "detect/tls_words.hpp"
#include "fact/texts.hpp"

namespace wiresage::rules {

namespace {

constexpr Setting settings[] = {
    {"connections", SettingKind::count, 2, 1, 1'000'000,
     "rejected connections of one client and certificate from here on"},
    {"window", SettingKind::duration, in_seconds(60), in_seconds(1), in_seconds(3600),
     "connections no further apart than this are counted together"},
};

constexpr EvidenceKey evidence[] = {
    {"count", EvidenceType::integer},         {"tls_version", EvidenceType::text},
    {"subject_cn", EvidenceType::text, true}, {"san", EvidenceType::texts},
    {"issuer", EvidenceType::text},           {"wildcard", EvidenceType::boolean},
    {"sni", EvidenceType::text, true},        {"name_matches", EvidenceType::boolean, true},
    {"alert", EvidenceType::integer, true},   {"ended_by", EvidenceType::text},
    {"not_after", EvidenceType::text},
};

constexpr std::string_view next_steps[] = {
    "Which name does the client want? It must be among the certificate's names (`openssl s_client -connect HOST:PORT "
    "-servername NAME`); some clients and proxies do not accept wildcards.",
    "Does the client trust the issuer, and does the server send the whole chain? Is a clock wrong?",
    "The client's own log has the reason: the wire shows only that it left.",
};

constexpr About about{
    .id = "tls_certificate_rejected",
    .name = "TLS certificate rejected",
    .category = "tls",
    .kind = RuleKind::site,
    .severity = Severity::error,
    .settings = settings,
    .evidence = evidence,
    .source = "client ip (who ended it)",
    .destination = "server ip:port",
    .entity = "service, subject_cn",
    .cause =
        "The client does not accept the certificate: another name than it wanted, an issuer it does not trust, out of "
        "its "
        "time, or a wildcard where it takes none.",
    .unknowable = "Which of these, where no alert says so; the name wanted, where the client sent no SNI.",
    .next_steps = next_steps,
};

class TlsCertificateRejected {
public:
    explicit TlsCertificateRejected(const RuleContext& context)
        : least_{context.settings.count("connections")},
          quiet_{std::max(context.settings.resolve_after, context.settings.duration("window"))},
          subjects_{std::max<std::size_t>(context.most_hosts / 8, 64)},
          completed_{context.most_hosts} {}

    void on(const Fact& fact, const TlsTally& what, Findings&) {
        for (std::size_t i = 0; i < what.client_count; ++i)
            completed_.at({what.server, what.clients[i], fact.vlan}) = fact.at.time;
    }

    void on(const Fact& fact, const TlsHandshake& what, Findings&) {
        const auto client = static_cast<std::uint32_t>(AddressHash{}(what.client.ip));
        if (what.end == TlsEnd::completed) {
            completed_.at({what.server, client, fact.vlan}) = fact.at.time;
            return;
        }
        if (!what.has_certificate || !what.ended_by_client || what.stage != TlsStage::certificate ||
            what.end == TlsEnd::timeout)
            return;
        const bool says_so = what.end == TlsEnd::alert;
        if (says_so && !is_certificate_alert(what.alert)) return;
        // A client that was served before has only cancelled this one.
        if (!says_so && completed_.find({what.server, client, fact.vlan}) != nullptr) return;
        auto texts = tls_texts(fact);
        const NamedService key{what.server, text_hash(texts.subject), fact.vlan};
        auto& entry = subjects_.at(key);
        if (entry.tally.add(fact, what.client, what.server, what.began, what.began_stamp, what.began_frame, quiet_)) {
            entry.first = what;
            entry.texts = std::move(texts);
            entry.alerts = 0;
        }
        entry.alerts += says_so;
        news_.mark(key, entry.is_news);
    }

    void on(const Fact& fact, const Tick&, Findings& findings) {
        news_.tell(subjects_, [&](const NamedService& key, const Entry& entry) {
            const auto tries = entry.tally.count();
            // Many clients that each leave once are scanners; one that tries again wants to be served.
            if (tries >= least_ && tries > entry.tally.peers()) report(fact.at.time, key, entry, findings);
        });
    }

private:
    struct Entry {
        MessageTally tally;
        TlsHandshake first;
        TlsTexts texts;
        std::uint64_t alerts = 0;
        bool is_news = false;
    };

    void report(EventTime now, const NamedService& key, const Entry& entry, Findings& findings) const {
        const auto& first = entry.first;
        Finding finding;
        // Without an alert, at other people's servers: a client that pins its certificates, or has changed its mind.
        const bool ours = findings.site().is_internal(key.service.ip) || findings.site().is_local(key.service.ip);
        const auto severity = entry.alerts == 0 && !ours ? Severity::info : Severity::error;
        if (severity != about.severity) finding.severity = severity;
        entry.tally.describe(finding, Transport::tcp);
        const auto confidence = entry.alerts > 0 ? confidence_of({!first.in_first_flights}) : Confidence::low;
        finding.confidence = limited_by_capture(findings, Place::of(finding, now), confidence);
        finding.urgency = urgency_of(severity, finding.confidence, {.internal_peers = entry.tally.peers()});
        finding.entity = key.service.text() + ", " + entry.texts.subject;
        finding.source = entry.tally.clients().without_port();
        finding.destination = entry.tally.servers().with_port();
        finding.evidence.set("count", entry.tally.count());
        finding.evidence.set("tls_version", tls_version_text(first.version));
        if (!entry.texts.subject.empty()) finding.evidence.set("subject_cn", entry.texts.subject);
        finding.evidence.set("san", entry.texts.names, entry.texts.names.size());
        finding.evidence.set("issuer", entry.texts.issuer);
        finding.evidence.set("wildcard", first.wildcard);
        if (first.has_sni) finding.evidence.set("sni", entry.texts.sni);
        if (first.has_sni) finding.evidence.set("name_matches", first.name_matches);
        if (first.end == TlsEnd::alert) finding.evidence.set("alert", static_cast<int>(first.alert));
        finding.evidence.set("ended_by", std::string{name(first.end)});
        finding.evidence.set("not_after", second_text(first.not_after));
        finding.message =
            (finding.source.ip ? finding.source.ip->text() : counted(entry.tally.peers(), "client", "clients")) +
            " ended " + counted(entry.tally.count(), "handshake", "handshakes") + " with " + key.service.text() +
            " right after its certificate (" + entry.texts.subject + ", issued by " + entry.texts.issuer + ")" +
            (first.end == TlsEnd::alert ? ", alert " + std::string{tls_alert_name(first.alert)} : "");
        finding.threshold = {{"connections", static_cast<std::int64_t>(least_)}};
        finding.window_seconds = seconds(quiet_);
        finding.wireshark_filter = filter_service(key.service) + " && tls.handshake.type==11";
        findings.report(std::move(finding));
    }

    std::uint64_t least_;
    Duration quiet_;
    BoundedMap<NamedService, Entry, ServiceHash> subjects_;
    BoundedMap<NamedService, EventTime, ServiceHash>
        completed_;  ///< By service and client: handshakes that came to their end.
    News<NamedService> news_;
};

}  // namespace

extern constinit const RuleEntry tls_certificate_rejected = entry<TlsCertificateRejected>(about);

}  // namespace wiresage::rules
