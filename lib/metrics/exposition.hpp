// What a scrape says: samples in, Prometheus text out.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/catalogue.hpp"

namespace wiresage {

/// What /metrics answers as its content type; Prometheus 3 refuses a scrape without a known one.
inline constexpr std::string_view metrics_content_type = "text/plain; version=0.0.4; charset=utf-8";

/// ... and where the scraper asks for OpenMetrics (openmetrics.io, 1.0), which can carry exemplars.
inline constexpr std::string_view open_metrics_content_type =
    "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Which alert a counter rose for last.
struct Exemplar {
    std::string alert_id;
    double unix_seconds = 0;
};

/// A histogram's buckets, each with its own count (not yet summed up); the last has no upper end.
struct HistogramSample {
    std::vector<double> upper_ends;
    std::vector<std::uint64_t> counts;  ///< One more than upper ends.
    double sum = 0;
};

/// The values of one scrape.  The daemon makes one for each, adds its samples (slots summed over the workers), and
/// forgets it.  Not shared between threads.
class MetricsSnapshot {
public:
    struct Sample {
        Metric metric;
        std::vector<std::string> labels;
        double value;
        std::optional<Exemplar> exemplar{};
        std::optional<HistogramSample> histogram{};
    };

    /// `labels`: values in the order of the catalogue's names; their number is asserted.  The same metric with the
    /// same labels again adds up, so that workers and inputs need not be summed before.
    void add(Metric metric, double value, std::initializer_list<std::string_view> labels = {});
    void add(Metric metric, std::uint64_t value, std::initializer_list<std::string_view> labels = {}) {
        add(metric, static_cast<double>(value), labels);
    }

    void add(Metric metric, HistogramSample histogram);
    /// For the sample that was added last.
    void exemplify(const Exemplar& exemplar);

    const std::vector<Sample>& samples() const noexcept { return samples_; }

private:
    std::vector<Sample> samples_;
};

/// OpenMetrics 1.0: the same families, exemplars where samples have them, "# EOF" at the end.
std::string open_metrics(const MetricsSnapshot& snapshot);

/// The text format, version 0.0.4.  A metric without a sample is left out.  Label values are escaped and made valid
/// UTF-8.
std::string exposition(const MetricsSnapshot& snapshot);

}  // namespace wiresage
