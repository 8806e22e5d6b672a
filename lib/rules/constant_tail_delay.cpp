// constant_tail_delay: responses stop before their last segment, always for the same time.
// Page: constant_tail_delay.md.

#include <algorithm>

#include "detect/bounded_map.hpp"
#include "detect/episode.hpp"
#include "detect/judge.hpp"
#include "detect/keys.hpp"
#include "detect/rule.hpp"
#include "detect/waits.hpp"

namespace wiresage::rules {

namespace {

constexpr Setting settings[] = {
    {"delay", SettingKind::duration, in_milliseconds(100), in_milliseconds(100), in_seconds(30), "pauses from here on"},
    {"count", SettingKind::count, 10, 2, 1'000'000, "responses delayed from here on"},
    {"share", SettingKind::share, 800'000, 0, whole_share, "of the responses of those connections"},
    {"spread", SettingKind::share, 100'000, 0, whole_share, "of the delay that half of the pauses may differ by"},
};

constexpr EvidenceKey evidence[] = {
    {"delay_s", EvidenceType::number},           {"jitter_s", EvidenceType::number},  {"count", EvidenceType::integer},
    {"responses", EvidenceType::integer},        {"share", EvidenceType::number},     {"position", EvidenceType::text},
    {"ack_before_delay", EvidenceType::boolean}, {"tail_len", EvidenceType::integer}, {"excluded", EvidenceType::texts},
};

constexpr std::string_view next_steps[] = {
    "Capture at the sender as well and compare: does the last segment leave late, or does it leave at once and arrive "
    "late?",
    "Look for a shaper, policer or QoS policy on the way: `tc -s qdisc` on Linux, the policy maps of routers.",
    "At the sender: a driver or offload that waits to fill a segment; switch large send offload off for a test.",
};

constexpr About about{
    .id = "constant_tail_delay",
    .name = "Constant delay before the last segment",
    .category = "tcp",
    .kind = RuleKind::flow,
    .severity = Severity::warning,
    .settings = settings,
    .evidence = evidence,
    .source = "sender ip:port",
    .destination = "receiver ip:port",
    .entity = "sender ip:port > receiver ip",
    .cause =
        "A pause of the same length at the same place of every response is a timer's doing: a shaper or policer that "
        "holds what exceeds its bucket, or a sender that waits before it sends a short segment.",
    .unknowable = "Whether the sender or the path holds the segment: that takes a capture at the sender.",
    .next_steps = next_steps,
};

struct Key {
    Endpoint sender;
    Address receiver;
    std::uint16_t vlan = 0;
    friend bool operator==(const Key&, const Key&) = default;
};

struct KeyHash : AddressHash {
    using AddressHash::operator();
    std::size_t operator()(const Key& of) const noexcept {
        return spread((*this)(of.sender) + spread((*this)(of.receiver) + of.vlan));
    }
};

class ConstantTailDelay {
public:
    explicit ConstantTailDelay(const RuleContext& context)
        : delay_{static_cast<Microseconds>(context.settings["delay"] / 1000)},
          count_{context.settings.count("count")},
          share_{context.settings.count("share")},
          spread_{context.settings.count("spread")},
          quiet_{context.settings.resolve_after},
          senders_{context.most_hosts} {}

    void on(const Fact& fact, const TailDelays& what, Findings& findings) {
        const Key key{what.sender, what.receiver.ip, fact.vlan};
        auto* entry = senders_.use(key);
        if (entry == nullptr) {
            if (what.delayed == 0) return;
            entry = &senders_.at(key);
        }
        add(fact, what, *entry);
        if (is_constant(*entry)) report(fact, key, *entry, findings);
    }

private:
    struct Entry {
        Episode episode;
        Agreed<std::uint16_t> receiver_port;
        std::vector<PacketRef> packets;
        Waits pauses;
        std::uint64_t responses = 0;
        std::uint64_t delayed = 0;
        std::uint64_t flows = 0;
        std::uint32_t tail_bytes = 0;
        bool stale_stamps = true;
    };

    void add(const Fact& fact, const TailDelays& what, Entry& entry) const {
        const bool began = what.delayed > 0;
        const EventTime at = began ? what.began : fact.at.time;
        const EventTime stamp = at + (fact.at.stamp - fact.at.time);
        if (entry.episode.touch(fact, at, stamp, quiet_)) {
            const auto episode = entry.episode;
            entry = Entry{};
            entry.episode = episode;
        }
        if (began) entry.episode.begin_no_later(what.began, stamp);
        ++entry.flows;
        entry.receiver_port.see(what.receiver.port);
        entry.responses += what.responses;
        entry.delayed += what.delayed;
        for (std::size_t i = 0; i < what.count; ++i) entry.pauses.add(from_short(what.pauses[i]));
        if (!began) return;
        if (entry.tail_bytes == 0) entry.tail_bytes = what.tail_bytes;
        entry.stale_stamps = entry.stale_stamps && what.stale_stamps;
        keep_packet(entry.packets, fact.at.input, what.began_frame);
    }

    bool is_constant(const Entry& entry) const {
        if (entry.delayed < count_ || entry.delayed * whole_share < entry.responses * share_) return false;
        const Microseconds delay = entry.pauses.median();
        return delay >= delay_ && std::uint64_t{entry.pauses.interquartile()} * whole_share <= delay * spread_;
    }

    void report(const Fact& fact, const Key& key, const Entry& entry, Findings& findings) const {
        Finding finding;
        entry.episode.describe(finding);
        const auto delay = as_seconds(entry.pauses.median());
        // One flow is a fault of that flow, seen again and again: the count of responses supports it.
        finding.confidence =
            limited_by_capture(findings, fact, confidence_of({entry.delayed < 2 * count_, !entry.stale_stamps}));
        finding.urgency =
            urgency_of(about.severity, finding.confidence, {.part = entry.delayed, .whole = entry.responses});
        finding.entity = key.sender.text() + ">" + key.receiver.text();
        finding.source = End::of(key.sender);
        finding.destination = End{key.receiver, entry.receiver_port.get(), {}};
        finding.transport = Transport::tcp;
        finding.packets = in_order(entry.packets);
        finding.impact = {static_cast<std::int64_t>(entry.flows), 1, {}};
        finding.evidence.set("delay_s", delay);
        finding.evidence.set("jitter_s", as_seconds(entry.pauses.interquartile()));
        finding.evidence.set("count", entry.delayed);
        finding.evidence.set("responses", entry.responses);
        finding.evidence.set("share", share_of(entry.delayed, entry.responses));
        finding.evidence.set("position", "last_segment");
        finding.evidence.set("ack_before_delay", true);
        finding.evidence.set("tail_len", entry.tail_bytes);
        finding.evidence.set("excluded", {"delayed_ack", "nagle", "rto", "think_time"}, 4);
        finding.message = key.sender.text() + " paused for " + std::to_string(delay).substr(0, 5) +
                          " s before the last segment of " + std::to_string(entry.delayed) + " of " +
                          counted(entry.responses, "response", "responses") + " to " + key.receiver.text() +
                          ", although all before it was acknowledged";
        finding.threshold = {{"delay_ms", as_milliseconds(delay_)},
                             {"count", static_cast<std::int64_t>(count_)},
                             {"share", share_of(share_, whole_share)},
                             {"spread", share_of(spread_, whole_share)}};
        finding.wireshark_filter =
            filter_end("src", "tcp", key.sender) + " && " + filter_ip("dst", key.receiver) + " && tcp.len > 0";
        findings.report(std::move(finding));
    }

    Microseconds delay_;
    std::uint64_t count_;
    std::uint64_t share_;
    std::uint64_t spread_;
    Duration quiet_;
    BoundedMap<Key, Entry, KeyHash> senders_;
};

}  // namespace

extern constinit const RuleEntry constant_tail_delay = entry<ConstantTailDelay>(about);

}  // namespace wiresage::rules
