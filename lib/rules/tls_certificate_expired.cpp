// tls_certificate_expired: a server shows a certificate whose time is over, or soon will be.
// Page: tls_certificate_expired.md.

#include <algorithm>
#include <string>

#include "detect/bounded_map.hpp"
#include "detect/judge.hpp"
#include "detect/keys.hpp"
#include "detect/message_tally.hpp"
#include "detect/news.hpp"
#include "detect/rule.hpp"
#include "detect/tls_words.hpp"

namespace wiresage::rules {

namespace {

constexpr std::int64_t day_seconds = 86400;

constexpr Setting settings[] = {
    {"soon", SettingKind::duration, in_seconds(14 * day_seconds), 0, in_seconds(30 * day_seconds),
     "a certificate that ends within this time is told as info"},
    {"again", SettingKind::duration, in_seconds(day_seconds), in_seconds(60), in_seconds(7 * day_seconds),
     "the same certificate is counted together for this long"},
};

constexpr EvidenceKey evidence[] = {
    {"subject_cn", EvidenceType::text, true}, {"san", EvidenceType::texts},        {"issuer", EvidenceType::text},
    {"not_after", EvidenceType::text},        {"days_left", EvidenceType::number}, {"fingerprint", EvidenceType::text},
    {"count", EvidenceType::integer},         {"failed", EvidenceType::boolean},
};

constexpr std::string_view next_steps[] = {
    "Renew the certificate, and find out why its renewal did not happen by itself (`systemctl list-timers`, the ACME "
    "client's log).",
    "A renewed one that is not shown: was the server reloaded, and every server behind the balancer?",
};

constexpr About about{
    .id = "tls_certificate_expired",
    .name = "TLS certificate out of its time",
    .category = "tls",
    .kind = RuleKind::site,
    .severity = Severity::warning,
    .settings = settings,
    .evidence = evidence,
    .source = "server ip:port",
    .destination = "client ip",
    .entity = "service, fingerprint",
    .cause = "The certificate was not renewed in time, or the renewed one is not in use.",
    .unknowable = "Certificates of TLS 1.3 are encrypted and not seen here; whether the client's clock is right.",
    .next_steps = next_steps,
};

class TlsCertificateExpired {
public:
    explicit TlsCertificateExpired(const RuleContext& context)
        : soon_{context.settings.duration("soon")},
          quiet_{std::max(context.settings.resolve_after, context.settings.duration("again"))},
          certificates_{std::max<std::size_t>(context.most_hosts / 8, 64)} {}

    void on(const Fact& fact, const TlsHandshake& what, Findings&) {
        if (!what.has_certificate || what.not_after == 0) return;
        const std::int64_t left = what.not_after - unix_nanoseconds(fact.at.stamp) / 1'000'000'000;
        if (left > soon_.count() / 1'000'000'000) return;
        std::uint64_t print = 0;
        for (std::size_t i = 0; i < 8; ++i) print = print << 8 | what.fingerprint[i];
        const NamedService key{what.server, print, fact.vlan};
        auto& entry = certificates_.at(key);
        if (entry.tally.add(fact, what.client, what.server, what.began, what.began_stamp, what.began_frame, quiet_)) {
            entry.first = what;
            entry.texts = tls_texts(fact);
            entry.failed = false;
        }
        entry.seconds_left = left;
        entry.failed = entry.failed || (what.end != TlsEnd::completed && what.ended_by_client);
        news_.mark(key, entry.is_news);
    }

    void on(const Fact& fact, const Tick&, Findings& findings) {
        news_.tell(certificates_,
                   [&](const NamedService& key, const Entry& entry) { report(fact.at.time, key, entry, findings); });
    }

private:
    struct Entry {
        MessageTally tally;
        TlsHandshake first;
        TlsTexts texts;
        std::int64_t seconds_left = 0;
        bool failed = false;
        bool is_news = false;
    };

    void report(EventTime now, const NamedService& key, const Entry& entry, Findings& findings) const {
        Finding finding;
        entry.tally.describe(finding, Transport::tcp);
        const bool over = entry.seconds_left < 0;
        const bool ours = findings.site().is_local(key.service.ip);
        // Soon is not now; and of other people's servers only what fails is trouble here.
        if (!over || (!entry.failed && !ours)) finding.severity = Severity::info;
        finding.confidence = limited_by_capture(findings, Place::of(finding, now), confidence_of({!entry.failed}));
        finding.urgency = urgency_of(finding.severity.value_or(Severity::warning), finding.confidence, {});
        const auto print = hex_text(entry.first.fingerprint);
        finding.entity = key.service.text() + ", " + print;
        finding.source = entry.tally.servers().with_port();
        finding.destination = entry.tally.clients().without_port();
        if (!entry.texts.subject.empty()) finding.evidence.set("subject_cn", entry.texts.subject);
        finding.evidence.set("san", entry.texts.names, entry.texts.names.size());
        finding.evidence.set("issuer", entry.texts.issuer);
        finding.evidence.set("not_after", second_text(entry.first.not_after));
        // Tenths of a day: a number that reads well.
        finding.evidence.set("days_left", static_cast<double>(entry.seconds_left / (day_seconds / 10)) / 10);
        finding.evidence.set("fingerprint", print);
        finding.evidence.set("count", entry.tally.count());
        finding.evidence.set("failed", entry.failed);
        const std::int64_t days = entry.seconds_left / day_seconds;
        finding.message =
            key.service.text() + " shows a certificate (" + entry.texts.subject + ") that " +
            (over ? "ended " + std::to_string(-days) + " days ago" : "ends in " + std::to_string(days) + " days") +
            ", on " + second_text(entry.first.not_after) + (entry.failed ? "; the client left" : "");
        finding.threshold = {{"soon_s", seconds(soon_)}};
        finding.window_seconds = seconds(quiet_);
        finding.wireshark_filter = filter_service(key.service) + " && tls.handshake.type==11";
        findings.report(std::move(finding));
    }

    Duration soon_;
    Duration quiet_;
    BoundedMap<NamedService, Entry, ServiceHash> certificates_;
    News<NamedService> news_;
};

}  // namespace

extern constinit const RuleEntry tls_certificate_expired = entry<TlsCertificateExpired>(about);

}  // namespace wiresage::rules
