// tls_handshake_failed: handshakes with a service end before they are finished.
// Page: tls_handshake_failed.md.

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

/// A client that has waited this long for an answer has not cancelled.
constexpr Duration patience = std::chrono::seconds{1};

constexpr Setting settings[] = {
    {"connections", SettingKind::count, 5, 1, 1'000'000, "failed handshakes of a service from here on"},
    {"share", SettingKind::share, 200'000, 0, whole_share, "failed of all handshakes of the service meanwhile"},
    {"window", SettingKind::duration, in_seconds(60), in_seconds(1), in_seconds(3600),
     "failures no further apart than this are counted together"},
};

constexpr EvidenceKey evidence[] = {
    {"count", EvidenceType::integer},         {"handshakes", EvidenceType::integer},
    {"failed_share", EvidenceType::number},   {"alert", EvidenceType::integer, true},
    {"alert_name", EvidenceType::text, true}, {"ended_by", EvidenceType::text},
    {"ended_side", EvidenceType::text},       {"stage", EvidenceType::text},
    {"sni", EvidenceType::text, true},        {"tls_version", EvidenceType::text, true},
};

constexpr std::string_view next_steps[] = {
    "`alert_name` says why, `ended_side` who says so, `stage` how far it came: protocol_version and handshake_failure "
    "mean no "
    "version or suite in common, certificate alerts are the certificate's, unrecognized_name the name's.",
    "`openssl s_client -connect HOST:PORT -servername NAME` from the client's host shows the same.",
    "A reset by the server after the ClientHello: does a firewall or a balancer end it, does the port speak TLS at "
    "all?",
};

constexpr About about{
    .id = "tls_handshake_failed",
    .name = "TLS handshakes fail",
    .category = "tls",
    .kind = RuleKind::site,
    .severity = Severity::warning,
    .settings = settings,
    .evidence = evidence,
    .source = "who ended it, ip",
    .destination = "the other, ip:port of the server",
    .entity = "service",
    .cause =
        "The two have no version or suite in common, one does not accept the other's certificate, or something between "
        "ends it.",
    .unknowable = "What an encrypted alert says (TLS 1.3, and after the keys have changed).",
    .next_steps = next_steps,
};

class TlsHandshakeFailed {
public:
    explicit TlsHandshakeFailed(const RuleContext& context)
        : least_{context.settings.count("connections")},
          share_{context.settings.count("share")},
          quiet_{std::max(context.settings.resolve_after, context.settings.duration("window"))},
          services_{std::max<std::size_t>(context.most_hosts / 8, 64)} {}

    void on(const Fact& fact, const TlsTally& what, Findings&) {
        auto* const entry = services_.find({what.server, fact.vlan});
        if (entry == nullptr) return;
        entry->handshakes += what.handshakes;
        entry->completed += what.completed;
    }

    void on(const Fact& fact, const TlsHandshake& what, Findings&) {
        if (what.end == TlsEnd::completed || what.end == TlsEnd::timeout) return;
        // Browsers open connections ahead and close those that they do not need, before any answer.
        const bool cancelled = what.ended_by_client && what.end != TlsEnd::alert &&
                               what.stage == TlsStage::client_hello && fact.at.time - what.began < patience;
        // Nothing that a client could object to has come before the certificate, and it closed without a word: a check.
        const bool only_looked =
            what.ended_by_client && what.end == TlsEnd::fin && what.stage <= TlsStage::server_hello;
        if (cancelled || only_looked) return;
        const ServiceAt key{what.server, fact.vlan};
        auto& entry = services_.at(key);
        const auto& ender = what.ended_by_client ? what.client : what.server;
        const auto& other = what.ended_by_client ? what.server : what.client;
        if (entry.tally.add(fact, what.client, what.server, what.began, what.began_stamp, what.began_frame, quiet_)) {
            entry.first = what;
            entry.sni = tls_texts(fact).sni;
            entry.handshakes = entry.completed = entry.alerts = 0;  // This tick's sum comes after it.
            entry.enders = entry.others = AgreedEnd{};
        }
        entry.alerts += what.end == TlsEnd::alert;
        entry.enders.see(ender, {});
        entry.others.see(other, {});
        news_.mark(key, entry.is_news);
    }

    void on(const Fact& fact, const Tick&, Findings& findings) {
        news_.tell(services_, [&](const ServiceAt& key, const Entry& entry) {
            const auto all = std::max(entry.handshakes, entry.tally.count());
            if (entry.tally.count() < least_ || entry.tally.count() * whole_share < all * share_) return;
            // Each client once, and no alert: scanners, monitors and cancelled preconnects.
            if (entry.alerts == 0 && entry.tally.count() < entry.tally.peers() * 2) return;
            report(fact.at.time, key, entry, all, findings);
        });
    }

private:
    struct Entry {
        MessageTally tally;
        TlsHandshake first;
        std::string sni;
        AgreedEnd enders;
        AgreedEnd others;
        std::uint64_t handshakes = 0;
        std::uint64_t completed = 0;
        std::uint64_t alerts = 0;
        bool is_news = false;
    };

    void report(EventTime now, const ServiceAt& key, const Entry& entry, std::uint64_t all, Findings& findings) const {
        const auto& first = entry.first;
        Finding finding;
        entry.tally.describe(finding, Transport::tcp, all);
        const bool ours = findings.site().is_internal(key.service.ip) || findings.site().is_local(key.service.ip);
        const auto severity = entry.alerts == 0 && !ours ? Severity::info : Severity::warning;
        if (severity != about.severity) finding.severity = severity;
        const auto confidence = confidence_of({entry.alerts == 0, entry.tally.peers() < 3, !first.in_first_flights});
        finding.confidence = limited_by_capture(findings, Place::of(finding, now), confidence);
        finding.urgency = urgency_of(severity, finding.confidence, {.part = entry.tally.count(), .whole = all});
        finding.entity = key.service.text();
        finding.source = entry.enders.without_port();
        finding.destination = first.ended_by_client ? entry.others.with_port() : entry.others.without_port();
        finding.evidence.set("count", entry.tally.count());
        finding.evidence.set("handshakes", all);
        finding.evidence.set("failed_share", share_of(entry.tally.count(), all));
        if (first.end == TlsEnd::alert && first.alert != 0) {
            finding.evidence.set("alert", static_cast<int>(first.alert));
            const auto alert = tls_alert_name(first.alert);
            if (!alert.empty()) finding.evidence.set("alert_name", std::string{alert});
        }
        finding.evidence.set("ended_by", std::string{name(first.end)});
        finding.evidence.set("ended_side", first.ended_by_client ? "client" : "server");
        finding.evidence.set("stage", std::string{name(first.stage)});
        if (!entry.sni.empty()) finding.evidence.set("sni", entry.sni);
        if (first.version != 0) finding.evidence.set("tls_version", tls_version_text(first.version));
        finding.message =
            std::to_string(entry.tally.count()) + " of " + counted(all, "TLS handshake", "TLS handshakes") + " with " +
            key.service.text() + " failed, the first ended by the " + (first.ended_by_client ? "client" : "server") +
            " (" + std::string{name(first.end)} +
            (first.end == TlsEnd::alert && first.alert != 0 ? " " + std::string{tls_alert_name(first.alert)} : "") +
            ") after " + std::string{name(first.stage)};
        finding.threshold = {{"connections", static_cast<std::int64_t>(least_)},
                             {"share", share_of(share_, whole_share)}};
        finding.window_seconds = seconds(quiet_);
        finding.wireshark_filter = filter_service(key.service) + " && (tls.handshake || tls.alert_message)";
        findings.report(std::move(finding));
    }

    std::uint64_t least_;
    std::uint64_t share_;
    Duration quiet_;
    BoundedMap<ServiceAt, Entry, ServiceHash> services_;
    News<ServiceAt> news_;
};

}  // namespace

extern constinit const RuleEntry tls_handshake_failed = entry<TlsHandshakeFailed>(about);

}  // namespace wiresage::rules
