// tls_name_mismatch: a server shows a certificate for other names than the one it was asked for.
// Page: tls_name_mismatch.md.

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
    {"connections", SettingKind::count, 1, 1, 1'000'000, "connections with the wrong certificate from here on"},
    {"window", SettingKind::duration, in_seconds(60), in_seconds(1), in_seconds(3600),
     "connections no further apart than this are counted together"},
};

constexpr EvidenceKey evidence[] = {
    {"sni", EvidenceType::text},      {"subject_cn", EvidenceType::text, true}, {"san", EvidenceType::texts},
    {"count", EvidenceType::integer}, {"failed", EvidenceType::boolean},        {"tls_version", EvidenceType::text},
};

constexpr std::string_view next_steps[] = {
    "Has the server a certificate for this name, and is it chosen for it (`openssl s_client -connect HOST:PORT "
    "-servername NAME`)?",
    "Does the name's DNS record point to the server that is meant?",
};

constexpr About about{
    .id = "tls_name_mismatch",
    .name = "TLS certificate for another name",
    .category = "tls",
    .kind = RuleKind::site,
    .severity = Severity::warning,
    .settings = settings,
    .evidence = evidence,
    .source = "server ip:port",
    .destination = "client ip",
    .entity = "service, sni",
    .cause =
        "The server has no certificate for the name asked, shows its default one, or the name points to the wrong "
        "server.",
    .unknowable = "Whether the client minds: programs that check nothing go on.",
    .next_steps = next_steps,
};

class TlsNameMismatch {
public:
    explicit TlsNameMismatch(const RuleContext& context)
        : least_{context.settings.count("connections")},
          quiet_{std::max(context.settings.resolve_after, context.settings.duration("window"))},
          names_{std::max<std::size_t>(context.most_hosts / 8, 64)} {}

    void on(const Fact& fact, const TlsHandshake& what, Findings&) {
        if (!what.has_certificate || !what.has_sni || what.name_matches) return;
        auto texts = tls_texts(fact);
        const NamedService key{what.server, text_hash(texts.sni), fact.vlan};
        auto& entry = names_.at(key);
        if (entry.tally.add(fact, what.client, what.server, what.began, what.began_stamp, what.began_frame, quiet_)) {
            entry.first = what;
            entry.texts = std::move(texts);
            entry.failed = false;
        }
        entry.failed = entry.failed || (what.end != TlsEnd::completed && what.ended_by_client);
        news_.mark(key, entry.is_news);
    }

    void on(const Fact& fact, const Tick&, Findings& findings) {
        news_.tell(names_, [&](const NamedService& key, const Entry& entry) {
            if (entry.tally.count() >= least_) report(fact.at.time, key, entry, findings);
        });
    }

private:
    struct Entry {
        MessageTally tally;
        TlsHandshake first;
        TlsTexts texts;
        bool failed = false;
        bool is_news = false;
    };

    void report(EventTime now, const NamedService& key, const Entry& entry, Findings& findings) const {
        Finding finding;
        entry.tally.describe(finding, Transport::tcp);
        // Other people's servers, private authorities, clients that do not care: no trouble of this site.
        const bool ours = findings.site().is_local(key.service.ip);
        if (!entry.failed && !ours) finding.severity = Severity::info;
        const auto confidence = confidence_of({!entry.failed, entry.tally.count() < 3});
        finding.confidence = limited_by_capture(findings, Place::of(finding, now), confidence);
        finding.urgency = urgency_of(finding.severity.value_or(Severity::warning), finding.confidence, {});
        finding.entity = key.service.text() + ", " + entry.texts.sni;
        finding.source = entry.tally.servers().with_port();
        finding.destination = entry.tally.clients().without_port();
        finding.evidence.set("sni", entry.texts.sni);
        if (!entry.texts.subject.empty()) finding.evidence.set("subject_cn", entry.texts.subject);
        finding.evidence.set("san", entry.texts.names, entry.texts.names.size());
        finding.evidence.set("count", entry.tally.count());
        finding.evidence.set("failed", entry.failed);
        finding.evidence.set("tls_version", tls_version_text(entry.first.version));
        const std::string shown = entry.texts.names.empty() ? entry.texts.subject : entry.texts.names.front();
        finding.message = key.service.text() + " was asked for " + entry.texts.sni + " and showed a certificate for " +
                          shown + (entry.texts.names.size() > 1 ? " and others" : "") + " in " +
                          counted(entry.tally.count(), "connection", "connections") +
                          (entry.failed ? "; the client left" : "");
        finding.threshold = {{"connections", static_cast<std::int64_t>(least_)}};
        finding.window_seconds = seconds(quiet_);
        finding.wireshark_filter = filter_service(key.service) + " && tls.handshake.type in {1,11}";
        findings.report(std::move(finding));
    }

    std::uint64_t least_;
    Duration quiet_;
    BoundedMap<NamedService, Entry, ServiceHash> names_;
    News<NamedService> news_;
};

}  // namespace

extern constinit const RuleEntry tls_name_mismatch = entry<TlsNameMismatch>(about);

}  // namespace wiresage::rules
