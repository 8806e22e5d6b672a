// capture_loss: the capture itself loses packets.
// Page: capture_loss.md.

#include <algorithm>

#include "detect/capture_episode.hpp"
#include "detect/rule.hpp"
#include "detect/windows.hpp"

namespace wiresage::rules {

namespace {

constexpr Setting settings[] = {
    {"lost", SettingKind::count, 100, 1, 1'000'000'000, "packets lost within the window from here on"},
    {"share", SettingKind::share, 1'000, 0, whole_share, "of all packets meanwhile"},
    {"window", SettingKind::duration, in_seconds(60), in_seconds(1), in_seconds(3600),
     "packets are counted over this long"},
};

constexpr EvidenceKey evidence[] = {
    {"lost", EvidenceType::integer},
    {"captured", EvidenceType::integer},
    {"dropped_ratio", EvidenceType::number},
    {"reason", EvidenceType::text},
};

constexpr std::string_view next_steps[] = {
    "kernel_buffer: raise `interfaces[].buffer`, or narrow the `filter`.",
    "ring: raise `pipeline.ring` and `pipeline.workers`; `wiresage_stalled_seconds_total` says which stage is slow.",
    "interface, link: `ethtool -S DEVICE`, `ip -s link`: the card or its driver drops before anybody can capture.",
};

constexpr About about{
    .id = "capture_loss",
    .name = "Capture loses packets",
    .category = "capture",
    .kind = RuleKind::site,
    .severity = Severity::warning,
    .settings = settings,
    .evidence = evidence,
    .source = "absent",
    .destination = "absent",
    .entity = "interface",
    .cause =
        "Packets come faster than they are read: the kernel has no room for them, the ring to the workers is full, or "
        "the network card drops them.",
    .unknowable = "What was in the packets that were lost.",
    .next_steps = next_steps,
};

class LossOfCapture {
public:
    explicit LossOfCapture(const RuleContext& context)
        : lost_{context.settings.count("lost")},
          share_{context.settings.count("share")},
          window_{context.settings.duration("window")},
          quiet_{std::max(context.settings.resolve_after, window_)} {}

    void on(const Fact& fact, const CaptureLoss& what, Findings& findings) {
        auto& entry = inputs_.at_or(fact.at.input, [&] { return Entry{window_}; });
        const std::uint64_t lost = what.kernel + what.ring + what.interface + what.link;
        entry.late_lost.add(fact.at.time, lost);
        entry.late_captured.add(fact.at.time, what.captured);
        const bool lasts = entry.at.episode.is_open() && !entry.at.episode.over(fact.at.time, quiet_);
        if (lasts) entry.captured += what.captured;
        if (lost == 0) return;
        if (entry.at.touch(fact, fact.at.time, 0, quiet_)) {
            entry.reasons = {};
            entry.captured = what.captured;
        }
        entry.reasons[0] += what.kernel;
        entry.reasons[1] += what.ring;
        entry.reasons[2] += what.interface;
        entry.reasons[3] += what.link;
        const auto late = entry.late_lost.total(fact.at.time);
        const auto all = late + entry.late_captured.total(fact.at.time);
        if (late >= lost_ && late * whole_share >= all * share_) report(fact.at.input, entry, findings);
    }

private:
    struct Entry {
        explicit Entry(Duration window = {}) : late_lost{window}, late_captured{window} {}
        CaptureEpisode at;
        RateWindow late_lost;
        RateWindow late_captured;
        std::uint64_t captured = 0;
        std::array<std::uint64_t, 4> reasons{};
    };

    void report(std::uint16_t input, const Entry& entry, Findings& findings) const {
        static constexpr const char* names[] = {"kernel_buffer", "ring", "interface", "link"};
        Finding finding;
        entry.at.describe(finding, input);
        std::uint64_t lost = 0;
        for (const auto count : entry.reasons) lost += count;
        const auto most = std::max_element(entry.reasons.begin(), entry.reasons.end()) - entry.reasons.begin();
        const auto share = share_of(lost, lost + entry.captured);
        finding.urgency = urgency_of(about.severity, finding.confidence, {});
        finding.evidence.set("lost", lost);
        finding.evidence.set("captured", entry.captured);
        finding.evidence.set("dropped_ratio", share);
        finding.evidence.set("reason", names[most]);
        finding.message = "The capture lost " + counted(lost, "packet", "packets") + " (" + names[most] + ") and got " +
                          std::to_string(entry.captured) +
                          ": verdicts of loss and silence have low confidence meanwhile";
        finding.threshold = {{"lost", static_cast<std::int64_t>(lost_)}, {"share", share_of(share_, whole_share)}};
        finding.window_seconds = seconds(window_);
        finding.resolve_after = quiet_;
        finding.wireshark_filter = "tcp.analysis.lost_segment || tcp.analysis.ack_lost_segment";
        findings.report(std::move(finding));
    }

    std::uint64_t lost_;
    std::uint64_t share_;
    Duration window_;
    Duration quiet_;
    ByInput<Entry> inputs_{most_inputs_judged};
};

}  // namespace

extern constinit const RuleEntry capture_loss = entry<LossOfCapture>(about);

}  // namespace wiresage::rules
