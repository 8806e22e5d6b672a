// http_content_decode_error: a compressed body arrives whole and does not decompress.
// Page: http_content_decode_error.md.

#include <algorithm>
#include <string>

#include "detect/bounded_map.hpp"
#include "detect/judge.hpp"
#include "detect/keys.hpp"
#include "detect/message_tally.hpp"
#include "detect/news.hpp"
#include "detect/rule.hpp"
#include "fact/texts.hpp"

namespace wiresage::rules {

namespace {

constexpr Setting settings[] = {
    {"bodies", SettingKind::count, 1, 1, 1'000'000, "bodies that do not decompress from here on"},
    {"window", SettingKind::duration, in_seconds(60), in_seconds(1), in_seconds(3600),
     "bodies no further apart than this are counted together"},
};

constexpr EvidenceKey evidence[] = {
    {"uri", EvidenceType::text},      {"host", EvidenceType::text, true},    {"status", EvidenceType::integer},
    {"encoding", EvidenceType::text}, {"body_bytes", EvidenceType::integer}, {"offset_bytes", EvidenceType::integer},
    {"error", EvidenceType::text},    {"count", EvidenceType::integer},      {"judged", EvidenceType::integer},
};

constexpr std::string_view next_steps[] = {
    "Fetch the same from the server itself, past every proxy: `curl --compressed -v`; is the body broken there too?",
    "Where it is not, a proxy or load balancer on the way damages it: compare the bodies' lengths and first bytes.",
    "Until it is mended, clients can ask for no compression (`Accept-Encoding: identity`).",
};

constexpr About about{
    .id = "http_content_decode_error",
    .name = "HTTP body does not decompress",
    .category = "http",
    .kind = RuleKind::flow,
    .severity = Severity::error,
    .settings = settings,
    .evidence = evidence,
    .source = "server ip:port",
    .destination = "client ip:port",
    .entity = "service, host",
    .cause =
        "The server, or a proxy before it, sends a body that is not what Content-Encoding says: damaged, cut short, or "
        "compressed another way. TCP carried it faithfully.",
    .unknowable = "Who damaged it: whatever lies behind the address that sent it.",
    .next_steps = next_steps,
};

std::string_view error_name(BodyError error) {
    switch (error) {
        case BodyError::crc:
            return "crc";
        case BodyError::length:
            return "length";
        case BodyError::not_gzip:
            return "not_gzip";
        case BodyError::bad_data:
        case BodyError::none:
            break;
    }
    return "bad_data";
}

class HttpContentDecodeError {
public:
    explicit HttpContentDecodeError(const RuleContext& context)
        : least_{context.settings.count("bodies")},
          quiet_{std::max(context.settings.resolve_after, context.settings.duration("window"))},
          services_{std::max<std::size_t>(context.most_hosts / 4, 64)} {}

    void on(const Fact& fact, const HttpTally& what, Findings&) {
        if (what.bodies > 0) services_.at({what.server, what.host_hash, fact.vlan}).judged += what.bodies;
    }

    void on(const Fact& fact, const HttpExchange& what, Findings&) {
        if (what.news != HttpNews::bad_body) return;
        const NamedService key{what.server, what.host_hash, fact.vlan};
        auto& entry = services_.at(key);
        if (entry.tally.add(fact, what.client, what.server, what.asked, what.asked_stamp, what.asked_frame, quiet_)) {
            entry.first = what;
            entry.judged = 0;
            TextReader texts{fact.texts()};
            texts.next();
            entry.uri = texts.next();
            entry.host = texts.next();
        }
        news_.mark(key, entry.is_news);
    }

    void on(const Fact& fact, const Tick&, Findings& findings) {
        news_.tell(services_, [&](const NamedService& key, const Entry& entry) {
            if (entry.tally.count() >= least_) report(fact.at.time, key, entry, findings);
        });
    }

private:
    struct Entry {
        MessageTally tally;
        HttpExchange first;
        std::string uri, host;
        std::uint64_t judged = 0;
        bool is_news = false;
    };

    void report(EventTime now, const NamedService& key, const Entry& entry, Findings& findings) const {
        const auto judged = std::max(entry.judged, entry.tally.count());
        Finding finding;
        entry.tally.describe(finding, Transport::tcp, judged);
        finding.confidence =
            limited_by_capture(findings, Place::of(finding, now), confidence_of({entry.tally.count() < 3}));
        finding.urgency =
            urgency_of(Severity::error, finding.confidence, {.part = entry.tally.count(), .whole = judged});
        finding.entity = key.service.text() + ", " + entry.host;
        finding.source = entry.tally.servers().with_port();
        finding.destination = entry.tally.clients().with_port();
        const char* const encoding = entry.first.deflate ? "deflate" : "gzip";
        finding.evidence.set("uri", entry.uri);
        if (!entry.host.empty()) finding.evidence.set("host", entry.host);
        finding.evidence.set("status", static_cast<int>(entry.first.status));
        finding.evidence.set("encoding", encoding);
        finding.evidence.set("body_bytes", entry.first.body_bytes);
        finding.evidence.set("offset_bytes", entry.first.offset_bytes);
        finding.evidence.set("error", std::string{error_name(entry.first.error)});
        finding.evidence.set("count", entry.tally.count());
        finding.evidence.set("judged", judged);
        finding.message =
            key.service.text() + (entry.host.empty() ? "" : " (" + entry.host + ")") + " sent " + entry.uri + " as " +
            encoding + ", and its " + counted(entry.first.body_bytes, "byte", "bytes") + " do not decompress (" +
            std::string{error_name(entry.first.error)} + " at byte " + std::to_string(entry.first.offset_bytes) +
            "); " + std::to_string(entry.tally.count()) + " of " + counted(judged, "body", "bodies") + " looked at";
        finding.threshold = {{"bodies", static_cast<std::int64_t>(least_)}};
        finding.window_seconds = seconds(quiet_);
        finding.wireshark_filter = filter_service(key.service) + " && http.content_encoding";
        findings.report(std::move(finding));
    }

    std::uint64_t least_;
    Duration quiet_;
    BoundedMap<NamedService, Entry, ServiceHash> services_;
    News<NamedService> news_;
};

}  // namespace

extern constinit const RuleEntry http_content_decode_error = entry<HttpContentDecodeError>(about);

}  // namespace wiresage::rules
