// http_server_error: a web service answers requests with 5xx.
// Page: http_server_error.md.

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
    {"errors", SettingKind::count, 5, 1, 1'000'000, "answers of 500 and above within the window from here on"},
    {"share", SettingKind::share, 50'000, 0, whole_share, "of all answers of the service within the window"},
    {"window", SettingKind::duration, in_seconds(60), in_seconds(1), in_seconds(3600),
     "how long answers count together"},
};

constexpr EvidenceKey evidence[] = {
    {"status", EvidenceType::integer},
    {"count", EvidenceType::integer},
    {"responses", EvidenceType::integer},
    {"error_share", EvidenceType::number},
    {"host", EvidenceType::text, true},
    {"uri", EvidenceType::text},
    {"method", EvidenceType::text},
    {"reason", EvidenceType::text, true},
    {"grpc_status", EvidenceType::integer, true},
    {"decrypted", EvidenceType::boolean},
};

constexpr std::string_view next_steps[] = {
    "The server's error log at the time of the first answer: 500 is the application's own, 502 and 504 are its "
    "upstream's, "
    "503 is overload or maintenance.",
    "Ask the service itself with the same method, host and path (`curl -v`), then the upstream behind it.",
    "A gateway in front may only pass on what a server behind it said: follow the request.",
};

constexpr About about{
    .id = "http_server_error",
    .name = "HTTP server errors",
    .category = "http",
    .kind = RuleKind::site,
    .severity = Severity::warning,
    .settings = settings,
    .evidence = evidence,
    .source = "server ip:port",
    .destination = "client ip",
    .entity = "service, host",
    .cause = "The application fails, its upstream does not answer or is refused, or the service is overloaded.",
    .unknowable = "Which server behind a gateway fails, and why: that is in their logs.",
    .next_steps = next_steps,
};

class HttpServerError {
public:
    explicit HttpServerError(const RuleContext& context)
        : errors_{context.settings.count("errors")},
          share_{context.settings.count("share")},
          window_{context.settings.duration("window")},
          quiet_{std::max(context.settings.resolve_after, window_)},
          services_{std::max<std::size_t>(context.most_hosts / 4, 64)} {}

    void on(const Fact& fact, const HttpTally& what, Findings&) {
        if (what.answers == 0) return;
        auto& entry = services_.at_or({what.server, what.host_hash, fact.vlan}, [&] { return Entry{window_}; });
        entry.recent.add(fact.at.time, what.answers);
        entry.recent_errors.add(fact.at.time, what.errors);
        entry.answers += what.answers;
        entry.errors += what.errors;
        if (entry.tally.lasts(fact.at.time, quiet_)) entry.meanwhile += what.answers;
    }

    void on(const Fact& fact, const HttpExchange& what, Findings&) {
        if (what.news != HttpNews::server_error) return;
        const NamedService key{what.server, what.host_hash, fact.vlan};
        auto& entry = services_.at_or(key, [&] { return Entry{window_}; });
        const EventTime began = what.asked_frame != 0 ? what.asked : fact.at.time;
        if (entry.tally.add(fact, what.client, what.server, began, what.asked_stamp, what.asked_frame, quiet_)) {
            read_texts(fact, entry);
            entry.status = what.status;
            entry.grpc_status = what.grpc_status;
            entry.decrypted = what.decrypted;
            entry.meanwhile = 0;  // This tick's sum comes after it.
        }
        news_.mark(key, entry.is_news);
    }

    void on(const Fact& fact, const Tick&, Findings& findings) {
        news_.tell(services_, [&](const NamedService& key, Entry& entry) {
            const auto recent = entry.recent.total(fact.at.time);
            const auto bad = entry.recent_errors.total(fact.at.time);
            const bool many = bad >= errors_ && bad * whole_share >= recent * share_;
            const bool all_so_far = entry.answers == entry.errors && entry.errors > 0;
            if (many || all_so_far) report(fact.at.time, key, entry, all_so_far && !many, findings);
        });
    }

private:
    struct Entry {
        Entry() = default;
        explicit Entry(Duration window) : recent{window}, recent_errors{window} {}
        MessageTally tally;
        RateWindow recent;
        RateWindow recent_errors;
        std::uint64_t answers = 0;  ///< Since the service was first seen.
        std::uint64_t errors = 0;
        std::uint64_t meanwhile = 0;  ///< Answers of the episode.
        std::string method, uri, host, reason;
        std::uint16_t status = 0;
        std::uint8_t grpc_status = 255;
        bool decrypted = false;
        bool is_news = false;
    };

    static void read_texts(const Fact& fact, Entry& entry) {
        TextReader texts{fact.texts()};
        entry.method = texts.next();
        entry.uri = texts.next();
        entry.host = texts.next();
        texts.next();
        entry.reason = texts.next();
    }

    void report(EventTime now, const NamedService& key, const Entry& entry, bool few, Findings& findings) const {
        const auto all = std::max(entry.meanwhile, entry.tally.count());
        Finding finding;
        entry.tally.describe(finding, Transport::tcp, all);
        const bool worked = entry.answers > entry.errors;
        // Below the floor every answer of the service so far failed: a note, whatever else holds.
        const auto confidence =
            few ? Confidence::low : confidence_of({!worked, entry.tally.peers() < 3 && entry.tally.count() < 3});
        finding.confidence = limited_by_capture(findings, Place::of(finding, now), confidence);
        finding.urgency =
            urgency_of(Severity::warning, finding.confidence, {.part = entry.tally.count(), .whole = all});
        finding.entity = key.service.text() + ", " + entry.host;
        finding.source = entry.tally.servers().with_port();
        finding.destination = entry.tally.clients().without_port();
        finding.evidence.set("status", static_cast<int>(entry.status));
        finding.evidence.set("count", entry.tally.count());
        finding.evidence.set("responses", all);
        finding.evidence.set("error_share", share_of(entry.tally.count(), all));
        if (!entry.host.empty()) finding.evidence.set("host", entry.host);
        finding.evidence.set("uri", entry.uri);
        finding.evidence.set("method", entry.method);
        if (!entry.reason.empty()) finding.evidence.set("reason", entry.reason);
        if (entry.grpc_status != 255) finding.evidence.set("grpc_status", static_cast<int>(entry.grpc_status));
        finding.evidence.set("decrypted", entry.decrypted);
        finding.message = key.service.text() + (entry.host.empty() ? "" : " (" + entry.host + ")") + " answered " +
                          std::to_string(entry.tally.count()) + " of " + counted(all, "request", "requests") +
                          " with a server error, the first " + entry.method + " " + entry.uri + " with " +
                          std::to_string(entry.status) + (entry.reason.empty() ? "" : " " + entry.reason);
        finding.threshold = {{"errors", static_cast<std::int64_t>(errors_)}, {"share", share_of(share_, whole_share)}};
        finding.window_seconds = seconds(window_);
        finding.wireshark_filter = filter_service(key.service) + " && http.response.code>=500";
        findings.report(std::move(finding));
    }

    std::uint64_t errors_;
    std::uint64_t share_;
    Duration window_;
    Duration quiet_;
    BoundedMap<NamedService, Entry, ServiceHash> services_;
    News<NamedService> news_;
};

}  // namespace

extern constinit const RuleEntry http_server_error = entry<HttpServerError>(about);

}  // namespace wiresage::rules
