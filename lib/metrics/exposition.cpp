// Samples in, Prometheus text out.

#include "metrics/exposition.hpp"

#include <fmt/format.h>
#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <cassert>
#include <limits>
#include <sstream>

#include "base/log.hpp"

namespace wiresage {

namespace {

constexpr double endless = std::numeric_limits<double>::infinity();
constexpr std::size_t most_label_bytes = 128;  // Ours are names of interfaces, rules and receivers: far shorter.

prometheus::ClientMetric client_metric(const MetricAbout& about, const MetricsSnapshot::Sample& sample) {
    prometheus::ClientMetric made;
    auto names = about.labels;
    for (const auto& value : sample.labels) {
        const auto label = names.substr(0, names.find(' '));
        names.remove_prefix(std::min(names.size(), label.size() + 1));
        made.label.push_back({std::string{label}, printable(value, most_label_bytes)});
    }
    if (sample.histogram) {
        std::uint64_t below = 0;
        for (std::size_t i = 0; i < sample.histogram->counts.size(); ++i) {
            below += sample.histogram->counts[i];
            const bool is_last = i == sample.histogram->upper_ends.size();
            made.histogram.bucket.push_back({below, is_last ? endless : sample.histogram->upper_ends[i]});
        }
        made.histogram.sample_count = below;
        made.histogram.sample_sum = sample.histogram->sum;
    } else if (about.type == MetricType::counter) {
        made.counter.value = sample.value;
    } else {
        made.gauge.value = sample.value;
    }
    return made;
}

prometheus::MetricType type_of(MetricType type) {
    if (type == MetricType::histogram) return prometheus::MetricType::Histogram;
    return type == MetricType::counter ? prometheus::MetricType::Counter : prometheus::MetricType::Gauge;
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
            family.type = type_of(declared.type);
            family.metric.push_back(client_metric(declared, sample));
        }
        std::erase_if(families, [](const auto& family) { return family.metric.empty(); });
        return families;
    }

private:
    const MetricsSnapshot& snapshot_;
};

/// ABNF of OpenMetrics: \, " and line feeds are escaped; printable() has done away with the last.
std::string escaped(std::string_view value) {
    std::string made;
    for (const char c : printable(value, most_label_bytes)) {
        if (c == '\\' || c == '"') made += '\\';
        made += c;
    }
    return made;
}

std::string_view type_name(MetricType type) {
    if (type == MetricType::histogram) return "histogram";
    return type == MetricType::counter ? "counter" : "gauge";
}

std::string sample_line(const MetricAbout& declared, const MetricsSnapshot::Sample& sample) {
    std::string labels;
    auto names = declared.labels;
    for (const auto& value : sample.labels) {
        const auto label = names.substr(0, names.find(' '));
        names.remove_prefix(std::min(names.size(), label.size() + 1));
        labels += fmt::format("{}{}=\"{}\"", labels.empty() ? "" : ",", label, escaped(value));
    }
    if (!labels.empty()) labels = "{" + labels + "}";
    if (sample.histogram) {
        std::string lines;
        std::uint64_t below = 0;
        for (std::size_t i = 0; i < sample.histogram->counts.size(); ++i) {
            below += sample.histogram->counts[i];
            const auto end = i == sample.histogram->upper_ends.size() ? std::string{"+Inf"} : fmt::format("{}", sample.histogram->upper_ends[i]);
            lines += fmt::format("{}_bucket{{le=\"{}\"}} {}\n", declared.name, end, below);
        }
        return lines + fmt::format("{0}_count {1}\n{0}_sum {2}\n", declared.name, below, sample.histogram->sum);
    }
    auto line = fmt::format("{}{} {}", declared.name, labels, sample.value);
    if (sample.exemplar && declared.type == MetricType::counter) {
        line += fmt::format(" # {{alert_id=\"{}\"}} 1 {:.3f}", escaped(sample.exemplar->alert_id),
                            sample.exemplar->unix_seconds);
    }
    return line + "\n";
}

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
    samples_.push_back({metric, {labels.begin(), labels.end()}, value, {}, {}});
}

void MetricsSnapshot::add(Metric metric, HistogramSample histogram) {
    assert(about(metric).type == MetricType::histogram && histogram.counts.size() == histogram.upper_ends.size() + 1);
    samples_.push_back({metric, {}, 0, {}, std::move(histogram)});
}

void MetricsSnapshot::exemplify(const Exemplar& exemplar) {
    assert(!samples_.empty());
    samples_.back().exemplar = exemplar;
}

std::string exposition(const MetricsSnapshot& snapshot) {
    std::ostringstream out;
    out.imbue(std::locale::classic());  // A grouping locale would write 1,000.
    prometheus::TextSerializer{}.Serialize(out, SnapshotCollectable{snapshot}.Collect());
    return std::move(out).str();
}

std::string open_metrics(const MetricsSnapshot& snapshot) {
    std::string out;
    for (const auto& declared : metric_catalogue()) {
        bool is_begun = false;
        for (const auto& sample : snapshot.samples()) {
            if (sample.metric != declared.metric) continue;
            if (!is_begun) {  // A counter's family has no _total; its samples have.
                auto family = declared.name;
                if (declared.type == MetricType::counter && family.ends_with("_total")) family.remove_suffix(6);
                out += fmt::format("# TYPE {} {}\n# HELP {} {}\n", family,
                                   type_name(declared.type), family, declared.help);
                is_begun = true;
            }
            out += sample_line(declared, sample);
        }
    }
    return out + "# EOF\n";
}

}  // namespace wiresage
