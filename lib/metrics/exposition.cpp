// Samples in, Prometheus text out.

#include "metrics/exposition.hpp"

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <cassert>
#include <sstream>

#include "base/log.hpp"

namespace wiresage {

namespace {

constexpr std::size_t most_label_bytes = 128;  // Ours are names of interfaces, rules and receivers: far shorter.

prometheus::ClientMetric client_metric(const MetricAbout& about, const MetricsSnapshot::Sample& sample) {
    prometheus::ClientMetric made;
    auto names = about.labels;
    for (const auto& value : sample.labels) {
        const auto label = names.substr(0, names.find(' '));
        names.remove_prefix(std::min(names.size(), label.size() + 1));
        made.label.push_back({std::string{label}, printable(value, most_label_bytes)});
    }
    if (about.type == MetricType::counter) {
        made.counter.value = sample.value;
    } else {
        made.gauge.value = sample.value;
    }
    return made;
}

/// A snapshot as prometheus-cpp wants to see it.
class SnapshotCollectable final : public prometheus::Collectable {
public:
    explicit SnapshotCollectable(const MetricsSnapshot& snapshot) : snapshot_{snapshot} {}

    std::vector<prometheus::MetricFamily> Collect() const override {
        std::vector<prometheus::MetricFamily> families(static_cast<std::size_t>(Metric::count));
        for (const auto& sample : snapshot_.samples()) {
            auto& family = families[static_cast<std::size_t>(sample.metric)];
            const auto& declared = about(sample.metric);
            family.name = declared.name;
            family.help = declared.help;
            family.type =
                declared.type == MetricType::counter ? prometheus::MetricType::Counter : prometheus::MetricType::Gauge;
            family.metric.push_back(client_metric(declared, sample));
        }
        std::erase_if(families, [](const auto& family) { return family.metric.empty(); });
        return families;
    }

private:
    const MetricsSnapshot& snapshot_;
};

}  // namespace

void MetricsSnapshot::add(Metric metric, double value, std::initializer_list<std::string_view> labels) {
    assert(labels.size() == label_count(about(metric)));
    const auto same = std::ranges::find_if(samples_, [&](const Sample& sample) {
        return sample.metric == metric && std::ranges::equal(sample.labels, labels);
    });
    if (same != samples_.end()) {
        same->value += value;
        return;
    }
    samples_.push_back({metric, {labels.begin(), labels.end()}, value});
}

std::string exposition(const MetricsSnapshot& snapshot) {
    std::ostringstream out;
    out.imbue(std::locale::classic());  // A grouping locale would write 1,000.
    prometheus::TextSerializer{}.Serialize(out, SnapshotCollectable{snapshot}.Collect());
    return std::move(out).str();
}

}  // namespace wiresage
