// tls_obsolete_version: a service still speaks SSL 3.0, TLS 1.0 or 1.1.
// Page: tls_obsolete_version.md.

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

constexpr std::uint16_t tls12 = 0x0303;

constexpr Setting settings[] = {
    {"connections", SettingKind::count, 1, 1, 1'000'000, "connections with an obsolete version from here on"},
    {"again", SettingKind::duration, in_seconds(3600), in_seconds(60), in_seconds(604800),
     "connections of a service are counted together for this long"},
};

constexpr EvidenceKey evidence[] = {
    {"tls_version", EvidenceType::text},
    {"cipher", EvidenceType::text},
    {"count", EvidenceType::integer},
    {"client_offers", EvidenceType::text},
};

constexpr std::string_view next_steps[] = {
    "`client_offers` tells whose fault it is: where the client offers more, the server knows no better.",
    "Allow TLS 1.2 and 1.3 on the server; then see which clients are left.",
};

constexpr About about{
    .id = "tls_obsolete_version",
    .name = "Obsolete TLS version",
    .category = "tls",
    .kind = RuleKind::site,
    .severity = Severity::info,
    .settings = settings,
    .evidence = evidence,
    .source = "server ip:port",
    .destination = "client ip",
    .entity = "service",
    .cause = "The server, or the client, knows no better than TLS 1.1, which RFC 8996 says must not be used.",
    .unknowable = "Whether the server would speak TLS 1.2 with a client that offers it.",
    .next_steps = next_steps,
};

class TlsObsoleteVersion {
public:
    explicit TlsObsoleteVersion(const RuleContext& context)
        : least_{context.settings.count("connections")},
          quiet_{std::max(context.settings.resolve_after, context.settings.duration("again"))},
          services_{std::max<std::size_t>(context.most_hosts / 8, 64)} {}

    void on(const Fact& fact, const TlsHandshake& what, Findings&) {
        if (what.version == 0 || what.version >= tls12) return;
        const ServiceAt key{what.server, fact.vlan};
        auto& entry = services_.at(key);
        if (entry.tally.add(fact, what.client, what.server, what.began, what.began_stamp, what.began_frame, quiet_))
            entry.first = what;
        news_.mark(key, entry.is_news);
    }

    void on(const Fact& fact, const Tick&, Findings& findings) {
        news_.tell(services_, [&](const ServiceAt& key, const Entry& entry) {
            if (entry.tally.count() >= least_) report(fact.at.time, key, entry, findings);
        });
    }

private:
    struct Entry {
        MessageTally tally;
        TlsHandshake first;
        bool is_news = false;
    };

    void report(EventTime now, const ServiceAt& key, const Entry& entry, Findings& findings) const {
        Finding finding;
        entry.tally.describe(finding, Transport::tcp);
        finding.confidence = limited_by_capture(findings, Place::of(finding, now), Confidence::high);
        finding.entity = key.service.text();
        finding.source = entry.tally.servers().with_port();
        finding.destination = entry.tally.clients().without_port();
        const auto version = tls_version_text(entry.first.version);
        const auto offered = tls_version_text(entry.first.client_best);
        finding.evidence.set("tls_version", version);
        finding.evidence.set("cipher", tls_cipher_text(entry.first.cipher));
        finding.evidence.set("count", entry.tally.count());
        finding.evidence.set("client_offers", offered);
        finding.message = key.service.text() + " speaks TLS " + version + " (" + tls_cipher_text(entry.first.cipher) +
                          ") in " + counted(entry.tally.count(), "connection", "connections") +
                          "; the client offered " + offered;
        finding.threshold = {{"connections", static_cast<std::int64_t>(least_)}};
        finding.window_seconds = seconds(quiet_);
        finding.wireshark_filter = filter_service(key.service) + " && tls.handshake.type==2";
        findings.report(std::move(finding));
    }

    std::uint64_t least_;
    Duration quiet_;
    BoundedMap<ServiceAt, Entry, ServiceHash> services_;
    News<ServiceAt> news_;
};

}  // namespace

extern constinit const RuleEntry tls_obsolete_version = entry<TlsObsoleteVersion>(about);

}  // namespace wiresage::rules
