// capture_duplicates: the same packet is captured more than once.
// Page: capture_duplicates.md.

#include <algorithm>

#include "detect/capture_episode.hpp"
#include "detect/news.hpp"
#include "detect/rule.hpp"
#include "detect/waits.hpp"
#include "detect/windows.hpp"

namespace wiresage::rules {

namespace {

constexpr Setting settings[] = {
    {"count", SettingKind::count, 20, 1, 1'000'000, "copies within the window from here on"},
    {"share", SettingKind::share, 10'000, 0, whole_share, "of the packets meanwhile"},
    {"window", SettingKind::duration, in_seconds(10), in_seconds(1), in_seconds(3600),
     "copies are counted over this long"},
};

constexpr EvidenceKey evidence[] = {
    {"duplicates", EvidenceType::integer},
    {"packets", EvidenceType::integer},
    {"duplicate_share", EvidenceType::number},
    {"lag_ms", EvidenceType::number},
    {"kind", EvidenceType::text},
};

constexpr std::string_view next_steps[] = {
    "wiresage drops the copies and judges by the rest, with low confidence while it lasts.",
    "Capture at one place: one interface instead of `any`, one direction of a mirror for each port.",
};

constexpr About about{
    .id = "capture_duplicates",
    .name = "Packets captured twice",
    .category = "capture",
    .kind = RuleKind::site,
    .severity = Severity::info,
    .settings = settings,
    .evidence = evidence,
    .source = "absent",
    .destination = "absent",
    .entity = "interface",
    .cause =
        "The capture sees packets at more than one place: on loopback as sent and as received, at a bridge and its "
        "ports, or at a mirror of both directions of both ports.",
    .unknowable = "Which of the copies was on the wire first.",
    .next_steps = next_steps,
};

class CaptureDuplicates {
public:
    explicit CaptureDuplicates(const RuleContext& context)
        : count_{context.settings.count("count")},
          share_{context.settings.count("share")},
          window_{context.settings.duration("window")},
          quiet_{context.settings.resolve_after} {}

    void on(const Fact& fact, const Duplicates& what, Findings&) {
        auto& entry = inputs_.at_or(fact.at.input, [&] { return Entry{window_}; });
        if (entry.at.touch(fact, what.first, what.first_frame, quiet_)) {
            const auto at = entry.at;
            entry = Entry{window_};
            entry.at = at;
        }
        entry.late_copies.add(fact.at.time, what.dropped);
        entry.late_packets.add(fact.at.time, what.packets);
        entry.copies += what.dropped;
        entry.packets += what.packets;
        entry.loopback += what.loopback;
        entry.same_road += what.same_road;
        entry.lag.add(static_cast<Microseconds>(what.lag_us / std::max(what.dropped, 1U)));
        news_.mark(fact.at.input, entry.is_news);
    }

    void on(const Fact& fact, const Tick&, Findings& findings) {
        news_.tell(inputs_, [&](std::uint16_t input, Entry& entry) {
            const auto copies = entry.late_copies.total(fact.at.time);
            if (copies < count_ || copies * whole_share < entry.late_packets.total(fact.at.time) * share_) return;
            report(input, entry, findings);
        });
    }

private:
    struct Entry {
        explicit Entry(Duration window = {}) : late_copies{window}, late_packets{window} {}
        CaptureEpisode at;
        RateWindow late_copies;
        RateWindow late_packets;
        std::uint64_t copies = 0;
        std::uint64_t packets = 0;
        std::uint64_t loopback = 0;
        std::uint64_t same_road = 0;
        Waits lag;
        bool is_news = false;

        const char* kind() const {
            if (loopback * 2 > copies) return "loopback";
            return same_road * 2 > copies ? "mirror" : "bridge";
        }
    };

    void report(std::uint16_t input, const Entry& entry, Findings& findings) const {
        Finding finding;
        entry.at.describe(finding, input);
        finding.evidence.set("duplicates", entry.copies);
        finding.evidence.set("packets", entry.packets);
        finding.evidence.set("duplicate_share", share_of(entry.copies, entry.packets));
        finding.evidence.set("lag_ms", as_milliseconds(entry.lag.median()));
        finding.evidence.set("kind", entry.kind());
        finding.message = counted(entry.copies, "packet was", "packets were") + " captured twice, of " +
                          std::to_string(entry.packets) + " (" + entry.kind() + "): copies are left out";
        finding.threshold = {{"count", static_cast<std::int64_t>(count_)}, {"share", share_of(share_, whole_share)}};
        finding.window_seconds = seconds(window_);
        finding.wireshark_filter = "tcp.analysis.retransmission || tcp.analysis.duplicate_ack";
        findings.report(std::move(finding));
    }

    std::uint64_t count_;
    std::uint64_t share_;
    Duration window_;
    Duration quiet_;
    ByInput<Entry> inputs_{most_inputs_judged};
    News<std::uint16_t> news_;
};

}  // namespace

extern constinit const RuleEntry capture_duplicates = entry<CaptureDuplicates>(about);

}  // namespace wiresage::rules
