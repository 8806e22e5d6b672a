// http_proxy_denied: a proxy does not let a request through.
// Page: http_proxy_denied.md.

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

constexpr std::uint16_t forbidden = 403, method_not_allowed = 405, unavailable_for_legal_reasons = 451;

/// What proxies say when a policy, and not the network, stands behind 502 and its like (in reason or error field).
constexpr std::string_view denial_words[] = {"denied",      "forbidden",  "blocked",           "policy",
                                             "not allowed", "prohibited", "ERR_ACCESS_DENIED", "filtered"};

constexpr Setting settings[] = {
    {"requests", SettingKind::count, 3, 1, 1'000'000, "denied requests for one target from here on"},
    {"window", SettingKind::duration, in_seconds(60), in_seconds(1), in_seconds(3600),
     "denials no further apart than this are counted together"},
};

constexpr EvidenceKey evidence[] = {
    {"status", EvidenceType::integer},
    {"count", EvidenceType::integer},
    {"method", EvidenceType::text},
    {"target", EvidenceType::text},
    {"reason", EvidenceType::text, true},
    {"code", EvidenceType::text, true},
    {"allowed_before", EvidenceType::boolean},
};

constexpr std::string_view next_steps[] = {
    "The proxy's log at this time names the rule, the user and the category that denied the target.",
    "Should the client reach the target? Then allow it for that client; else find what on the client asks for it.",
    "Browsers hide the proxy's page where a CONNECT fails: users report a site that cannot be reached.",
};

constexpr About about{
    .id = "http_proxy_denied",
    .name = "Proxy denies a target",
    .category = "http",
    .kind = RuleKind::site,
    .severity = Severity::warning,
    .settings = settings,
    .evidence = evidence,
    .source = "proxy ip:port",
    .destination = "client ip",
    .entity = "proxy, target",
    .cause = "A policy of the proxy denies the target: by name, category, user or port.",
    .unknowable = "Which policy, and whether it means it.",
    .next_steps = next_steps,
};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool holds(std::string_view text, std::string_view word) {
    return std::search(text.begin(), text.end(), word.begin(), word.end(),
                       [](char a, char b) { return lower(a) == lower(b); }) != text.end();
}

class HttpProxyDenied {
public:
    explicit HttpProxyDenied(const RuleContext& context)
        : least_{context.settings.count("requests")},
          quiet_{std::max(context.settings.resolve_after, context.settings.duration("window"))},
          targets_{std::max<std::size_t>(context.most_hosts / 4, 64)},
          allowed_{std::max<std::size_t>(context.most_hosts / 4, 64)} {}

    void on(const Fact& fact, const HttpExchange& what, Findings&) {
        if (what.news != HttpNews::denied && what.news != HttpNews::allowed) return;
        TextReader texts{fact.texts()};
        const std::string method{texts.next()};
        texts.next();
        const std::string host{texts.next()};
        texts.next();
        const std::string reason{texts.next()};
        std::string target{texts.next()};
        texts.next();
        const std::string code{texts.next()};
        if (target.empty()) target = host;
        if (target.rfind(':') == std::string::npos || target.back() == ']')
            target += method == "CONNECT" ? ":443" : ":80";
        const NamedService key{what.server, text_hash(target), fact.vlan};
        if (what.news == HttpNews::allowed) {
            allowed_.at(key) = fact.at.time;
            return;
        }
        if (!is_denial(what.status, reason, code)) return;
        auto& entry = targets_.at(key);
        const EventTime began = what.asked_frame != 0 ? what.asked : fact.at.time;
        if (entry.tally.add(fact, what.client, what.server, began, what.asked_stamp, what.asked_frame, quiet_)) {
            entry.method = method;
            entry.target = target;
            entry.reason = reason;
            entry.code = code;
            entry.status = what.status;
            entry.allowed_before = allowed_.find(key) != nullptr;
        }
        news_.mark(key, entry.is_news);
    }

    void on(const Fact& fact, const Tick&, Findings& findings) {
        news_.tell(targets_, [&](const NamedService& key, const Entry& entry) {
            if (entry.tally.count() >= least_) report(fact.at.time, key, entry, findings);
        });
    }

private:
    struct Entry {
        MessageTally tally;
        std::string method, target, reason, code;
        std::uint16_t status = 0;
        bool allowed_before = false;
        bool is_news = false;
    };

    /// 403 is the proxy's word; 5xx mostly means that the target could not be reached, unless it says otherwise.
    static bool is_denial(std::uint16_t status, std::string_view reason, std::string_view code) {
        if (status == forbidden || status == method_not_allowed || status == unavailable_for_legal_reasons) return true;
        if (status < 400) return false;
        return std::any_of(std::begin(denial_words), std::end(denial_words),
                           [&](std::string_view word) { return holds(reason, word) || holds(code, word); });
    }

    void report(EventTime now, const NamedService& key, const Entry& entry, Findings& findings) const {
        Finding finding;
        entry.tally.describe(finding, Transport::tcp);
        const auto peers = entry.tally.peers();
        finding.confidence =
            limited_by_capture(findings, Place::of(finding, now), confidence_of({peers < 3, !entry.allowed_before}));
        // A policy that works is nobody's trouble; one that is new may be.
        finding.urgency = entry.allowed_before ? urgency_of(Severity::warning, finding.confidence, {}) : Urgency::note;
        finding.entity = key.service.text() + ", " + entry.target;
        finding.source = entry.tally.servers().with_port();
        finding.destination = entry.tally.clients().without_port();
        finding.evidence.set("status", static_cast<int>(entry.status));
        finding.evidence.set("count", entry.tally.count());
        finding.evidence.set("method", entry.method);
        finding.evidence.set("target", entry.target);
        if (!entry.reason.empty()) finding.evidence.set("reason", entry.reason);
        if (!entry.code.empty()) finding.evidence.set("code", entry.code);
        finding.evidence.set("allowed_before", entry.allowed_before);
        finding.message =
            "Proxy " + key.service.text() + " denied " + counted(entry.tally.count(), "request", "requests") + " of " +
            counted(peers, "client", "clients") + " for " + entry.target + " with " + std::to_string(entry.status) +
            (entry.reason.empty() ? "" : " " + entry.reason) + (entry.allowed_before ? "; it was allowed before" : "");
        finding.threshold = {{"requests", static_cast<std::int64_t>(least_)}};
        finding.window_seconds = seconds(quiet_);
        finding.wireshark_filter =
            filter_service(key.service) + " && http.response.code==" + std::to_string(entry.status);
        findings.report(std::move(finding));
    }

    std::uint64_t least_;
    Duration quiet_;
    BoundedMap<NamedService, Entry, ServiceHash> targets_;
    BoundedMap<NamedService, EventTime, ServiceHash> allowed_;
    News<NamedService> news_;
};

}  // namespace

extern constinit const RuleEntry http_proxy_denied = entry<HttpProxyDenied>(about);

}  // namespace wiresage::rules
