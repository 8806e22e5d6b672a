// http_proxy_auth_unanswered: a program never answers the proxy's question for credentials.
// Page: http_proxy_auth_unanswered.md.

#include <algorithm>
#include <string>

#include "detect/bounded_map.hpp"
#include "detect/judge.hpp"
#include "detect/message_tally.hpp"
#include "detect/rule.hpp"
#include "fact/texts.hpp"

namespace wiresage::rules {

namespace {

constexpr int proxy_authentication_required = 407;

constexpr Setting settings[] = {
    {"answers", SettingKind::count, 3, 1, 1'000'000, "407 answers that no credentials followed from here on"},
    {"wait", SettingKind::duration, in_seconds(10), in_seconds(1), in_seconds(600), "how long credentials may take"},
    {"window", SettingKind::duration, in_seconds(60), in_seconds(1), in_seconds(3600),
     "answers no further apart than this are counted together"},
};

constexpr EvidenceKey evidence[] = {
    {"status", EvidenceType::integer}, {"count", EvidenceType::integer}, {"user_agent", EvidenceType::text},
    {"hosts", EvidenceType::texts},    {"schemes", EvidenceType::texts},
};

constexpr std::string_view next_steps[] = {
    "Give the program credentials for the proxy, or a proxy that it can authenticate at (Java, package managers and "
    "update services have settings of their own).",
    "Else let the proxy pass all hosts listed without authentication: the one in the address bar is not enough.",
    "`schemes` is what the proxy offers: does the program know any of them (NTLM, Negotiate, Basic)?",
};

constexpr About about{
    .id = "http_proxy_auth_unanswered",
    .name = "Proxy authentication unanswered",
    .category = "http",
    .kind = RuleKind::site,
    .severity = Severity::warning,
    .settings = settings,
    .evidence = evidence,
    .source = "client ip",
    .destination = "proxy ip:port",
    .entity = "client ip > proxy ip, user agent",
    .cause =
        "The program cannot authenticate at a proxy, does not know the schemes offered, or was given no credentials.",
    .unknowable = "Whether the program asks its user and nobody answers.",
    .next_steps = next_steps,
};

class HttpProxyAuthUnanswered {
public:
    explicit HttpProxyAuthUnanswered(const RuleContext& context)
        : least_{context.settings.count("answers")},
          wait_{context.settings.duration("wait")},
          quiet_{std::max({context.settings.resolve_after, context.settings.duration("window"), 2 * wait_})},
          programs_{std::max<std::size_t>(context.most_hosts / 4, 64)} {}

    void on(const Fact& fact, const HttpExchange& what, Findings&) {
        if (what.news != HttpNews::auth_asked && what.news != HttpNews::credentials) return;
        TextReader texts{fact.texts()};
        texts.next();
        texts.next();
        const std::string host{texts.next()};
        const std::string agent{texts.next()};
        const Key key{what.client.ip, what.server.ip, text_hash(agent), fact.vlan};
        if (what.news == HttpNews::credentials || what.credentials) {
            // It knows how to: what was asked before is answered, and the handshake's own 407 is no refusal.
            auto& known = programs_.at(key);
            known.answered_at = fact.at.time;
            known.tally = MessageTally{};
            return;
        }
        if (what.asked_frame == 0) return;  // Nobody saw whether the request had credentials.
        auto& entry = programs_.at(key);
        if (entry.answered_at != EventTime{} && fact.at.time - entry.answered_at <= std::chrono::minutes{10}) return;
        if (entry.tally.add(fact, what.client, what.server, what.asked, what.asked_stamp, what.asked_frame, quiet_)) {
            entry.agent = agent;
            entry.hosts.clear();
            entry.schemes.clear();
        }
        if (!host.empty()) entry.hosts.add(host);
        texts.next();
        texts.next();
        add_schemes(texts.next(), entry);
        entry.last = fact.at.time;
        if (!entry.is_waiting) waiting_.push_back(key);
        entry.is_waiting = true;
    }

    void on(const Fact& fact, const Tick&, Findings& findings) {
        const EventTime now = fact.at.time;
        waiting_.erase(std::remove_if(waiting_.begin(), waiting_.end(),
                                      [&](const Key& key) { return is_settled(key, now, findings); }),
                       waiting_.end());
    }

private:
    struct Key {
        Address client;
        Address proxy;
        std::uint64_t agent = 0;
        std::uint16_t vlan = 0;
        friend bool operator==(const Key&, const Key&) = default;
    };
    struct KeyHash : AddressHash {
        using AddressHash::operator();
        std::size_t operator()(const Key& of) const noexcept {
            return spread((*this)(of.client) + spread((*this)(of.proxy) + of.agent + of.vlan));
        }
    };
    struct Entry {
        MessageTally tally;
        std::string agent;
        FirstDistinct<std::string> hosts;
        FirstDistinct<std::string> schemes;
        EventTime last;
        EventTime answered_at;
        bool is_waiting = false;
    };

    static void add_schemes(std::string_view list, Entry& entry) {
        while (!list.empty()) {
            const auto comma = std::min(list.find(','), list.size());
            if (comma > 0) entry.schemes.add(std::string{list.substr(0, comma)});
            list.remove_prefix(std::min(comma + 1, list.size()));
        }
    }

    bool is_settled(const Key& key, EventTime now, Findings& findings) {
        auto* const entry = programs_.find(key);
        if (entry == nullptr) return true;
        if (entry->tally.count() > 0 && now - entry->last < wait_) return false;
        entry->is_waiting = false;
        if (entry->tally.count() >= least_) report(key, *entry, now, findings);
        return true;
    }

    void report(const Key& key, const Entry& entry, EventTime now, Findings& findings) const {
        Finding finding;
        entry.tally.describe(finding, Transport::tcp);
        finding.confidence =
            limited_by_capture(findings, Place::of(finding, now), confidence_of({entry.tally.count() < 5}));
        finding.urgency = urgency_of(Severity::warning, finding.confidence, {});
        finding.entity = key.client.text() + ">" + key.proxy.text() + ", " + entry.agent;
        finding.source = entry.tally.clients().without_port();
        finding.destination = entry.tally.servers().with_port();
        finding.evidence.set("status", proxy_authentication_required);
        finding.evidence.set("count", entry.tally.count());
        finding.evidence.set("user_agent", entry.agent);
        finding.evidence.set("hosts", entry.hosts.values(), entry.hosts.values().size());
        finding.evidence.set("schemes", entry.schemes.values(), entry.schemes.values().size());
        finding.message = (entry.agent.empty() ? "A program" : entry.agent) + " on " + key.client.text() + " left " +
                          counted(entry.tally.count(), "407 answer", "407 answers") + " of proxy " + key.proxy.text() +
                          " without credentials, for " + counted(entry.hosts.values().size(), "host", "hosts");
        finding.threshold = {{"answers", static_cast<std::int64_t>(least_)}, {"wait_s", seconds(wait_)}};
        finding.window_seconds = seconds(quiet_);
        finding.wireshark_filter =
            filter_ip("addr", key.client) + " && " + filter_ip("addr", key.proxy) + " && http.response.code==407";
        findings.report(std::move(finding));
    }

    std::uint64_t least_;
    Duration wait_;
    Duration quiet_;
    BoundedMap<Key, Entry, KeyHash> programs_;
    std::vector<Key> waiting_;
};

}  // namespace

extern constinit const RuleEntry http_proxy_auth_unanswered = entry<HttpProxyAuthUnanswered>(about);

}  // namespace wiresage::rules
