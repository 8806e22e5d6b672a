// dns_name_error: a name that somebody keeps asking for does not exist.
// Page: dns_name_error.md.

#include <algorithm>

#include "detect/bounded_map.hpp"
#include "detect/dns_names.hpp"
#include "detect/judge.hpp"
#include "detect/keys.hpp"
#include "detect/message_tally.hpp"
#include "detect/rule.hpp"
#include "fact/texts.hpp"

namespace wiresage::rules {

namespace {

constexpr std::uint8_t name_error = 3;  // RFC 1035, 4.1.1.
constexpr std::uint16_t type_a = 1, type_aaaa = 28;
constexpr Duration search_time = std::chrono::seconds{2};  // A search list goes on at once.
constexpr Duration remembered = std::chrono::minutes{10};

constexpr Setting settings[] = {
    {"answers", SettingKind::count, 3, 1, 1'000'000, "answers that the name does not exist from here on"},
    {"window", SettingKind::duration, in_seconds(60), in_seconds(1), in_seconds(3600),
     "answers no further apart than this are counted together"},
};

constexpr EvidenceKey evidence[] = {
    {"name", EvidenceType::text},   {"rcode", EvidenceType::integer},   {"count", EvidenceType::integer},
    {"types", EvidenceType::texts}, {"clients", EvidenceType::integer}, {"resolved_before", EvidenceType::boolean},
};

constexpr std::string_view next_steps[] = {
    "`dig NAME @SERVER` on the client: does another server, or the zone's own (`dig +trace NAME`), know the name?",
    "Is the name spelt right where the application has it, and with the right domain (`resolvectl status`, "
    "/etc/resolv.conf `search`)?",
    "Where it existed until lately: was the record removed, did its registration (DHCP, cluster, cloud) lapse?",
};

constexpr About about{
    .id = "dns_name_error",
    .name = "Name does not exist",
    .category = "dns",
    .kind = RuleKind::site,
    .severity = Severity::warning,
    .settings = settings,
    .evidence = evidence,
    .source = "name server ip:port",
    .destination = "client ip",
    .entity = "name server ip, name",
    .cause =
        "The name was never registered, was removed, is misspelt where it is used, or this name server is not the one "
        "that knows it.",
    .unknowable = "Whether another name server would know the name.",
    .next_steps = next_steps,
};

std::string type_name(std::uint16_t type) { return type == type_a ? "A" : "AAAA"; }

class DnsNameError {
public:
    explicit DnsNameError(const RuleContext& context)
        : least_{context.settings.count("answers")},
          quiet_{std::max(context.settings.resolve_after, context.settings.duration("window"))},
          names_{context.most_hosts},
          resolved_{context.most_hosts} {}

    void on(const Fact& fact, const DnsReply& what, Findings&) {
        if (what.type != type_a && what.type != type_aaaa) return;
        const std::string name{TextReader{fact.texts()}.next()};
        if (what.news == DnsNews::failed && what.rcode == name_error) {
            if (is_host_name(name)) failed(fact, what, name);
        } else if (what.news == DnsNews::resolved || what.news == DnsNews::no_data) {
            succeeded(fact, what, name);
        }
    }

    void on(const Fact& fact, const Tick&, Findings& findings) {
        const EventTime now = fact.at.time;
        waiting_.erase(std::remove_if(waiting_.begin(), waiting_.end(),
                                      [&](const Key& key) { return is_settled(key, now, findings); }),
                       waiting_.end());
    }

private:
    struct Key {
        Address server;
        std::uint64_t name = 0;
        std::uint16_t vlan = 0;
        friend bool operator==(const Key&, const Key&) = default;
    };
    struct KeyHash : AddressHash {
        using AddressHash::operator();
        std::size_t operator()(const Key& of) const noexcept { return spread((*this)(of.server) + of.name + of.vlan); }
    };
    struct Entry {
        MessageTally tally;
        std::string name;
        FirstDistinct<std::string> types;
        EventTime last;
        EventTime forgiven_until;  ///< Another form of the name was found: no trouble till then.
        bool resolved_before = false;
        bool is_waiting = false;
    };
    struct Resolved {
        std::string name;
        EventTime at;
    };

    void failed(const Fact& fact, const DnsReply& what, const std::string& name) {
        const Key key{what.server.ip, what.name_hash, fact.vlan};
        auto& entry = names_.at(key);
        const EventTime now = fact.at.time;
        if (now < entry.forgiven_until) return;
        const auto* const form = resolved_.find({what.client.ip, label_hash(name), 0});
        if (form != nullptr && now - form->at <= quiet_ && form->name != name && is_same_search(form->name, name)) {
            entry.forgiven_until = now + remembered;
            return;
        }
        if (entry.tally.add(fact, what.client, what.server, what.asked, what.asked_stamp, what.asked_frame, quiet_)) {
            entry.name = name;
            entry.types.clear();
            entry.resolved_before = resolved_.find({{}, what.name_hash, 0}) != nullptr;
        }
        entry.types.add(type_name(what.type));
        entry.last = now;
        pending_.at({what.client.ip, label_hash(name), 0}) = key;
        if (!entry.is_waiting && entry.tally.count() >= least_) {
            entry.is_waiting = true;
            waiting_.push_back(key);
        }
    }

    void succeeded(const Fact& fact, const DnsReply& what, const std::string& name) {
        const EventTime now = fact.at.time;
        const Key form{what.client.ip, label_hash(name), 0};
        resolved_.at(form) = resolved_.at({{}, what.name_hash, 0}) = {name, now};
        const auto* const last = pending_.find(form);
        if (last == nullptr) return;
        auto* const entry = names_.find(*last);
        const bool at_once = entry != nullptr && now - entry->last <= std::chrono::milliseconds{250};
        if (entry != nullptr && now - entry->last <= search_time && (is_same_search(entry->name, name) || at_once)) {
            entry->tally = MessageTally{};
            entry->forgiven_until = now + remembered;
        }
        pending_.erase(form);
    }

    /// Two seconds after the last answer no other form of the name was found.
    bool is_settled(const Key& key, EventTime now, Findings& findings) {
        auto* const entry = names_.find(key);
        if (entry == nullptr) return true;
        const bool enough = entry->tally.count() >= least_;
        if (enough && now - entry->last < search_time) return false;
        entry->is_waiting = false;
        if (enough) report(key, *entry, now, findings);
        return true;
    }

    void report(const Key& key, const Entry& entry, EventTime now, Findings& findings) const {
        Finding finding;
        const auto clients = entry.tally.peers();
        entry.tally.describe(finding, Transport::udp);
        const bool sure = entry.resolved_before || clients > 1;
        finding.confidence = limited_by_capture(findings, Place::of(finding, now),
                                                sure ? confidence_of({clients < 3}) : Confidence::low);
        finding.urgency = urgency_of(Severity::warning, finding.confidence, {.internal_peers = clients});
        finding.entity = key.server.text() + ", " + entry.name;
        finding.source = entry.tally.servers().with_port();
        finding.destination = entry.tally.clients().without_port();
        finding.evidence.set("name", entry.name);
        finding.evidence.set("rcode", static_cast<int>(name_error));
        finding.evidence.set("count", entry.tally.count());
        finding.evidence.set("types", entry.types.values(), entry.types.values().size());
        finding.evidence.set("clients", clients);
        finding.evidence.set("resolved_before", entry.resolved_before);
        finding.message = "Name server " + key.server.text() + " says that " + entry.name +
                          " does not exist: " + counted(entry.tally.count(), "answer", "answers") + " to " +
                          counted(clients, "client", "clients") + (entry.resolved_before ? "; it resolved before" : "");
        finding.threshold = {{"answers", static_cast<std::int64_t>(least_)}};
        finding.window_seconds = seconds(quiet_);
        finding.wireshark_filter = filter_ip("addr", key.server) + " && dns.qry.name==\"" + entry.name + "\"";
        findings.report(std::move(finding));
    }

    static std::uint64_t label_hash(std::string_view name) { return text_hash(first_label(name)); }
    std::uint64_t least_;
    Duration quiet_;
    BoundedMap<Key, Entry, KeyHash> names_;
    BoundedMap<Key, Resolved, KeyHash> resolved_;  ///< By client and first label; by name alone.
    BoundedMap<Key, Key, KeyHash> pending_{4096};  ///< By client and first label: the name that failed last.
    std::vector<Key> waiting_;                     ///< Enough answers; a search may still find another form.
};

}  // namespace

extern constinit const RuleEntry dns_name_error = entry<DnsNameError>(about);

}  // namespace wiresage::rules
