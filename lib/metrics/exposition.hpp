// What a scrape says: samples in, Prometheus text out.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/catalogue.hpp"

namespace wiresage {

/// What /metrics answers as its content type; Prometheus 3 refuses a scrape without a known one.
inline constexpr std::string_view metrics_content_type = "text/plain; version=0.0.4; charset=utf-8";

/// The values of one scrape.  The daemon makes one for each, adds its samples (slots summed over the workers), and
/// forgets it.  Not shared between threads.
class MetricsSnapshot {
public:
    struct Sample {
        Metric metric;
        std::vector<std::string> labels;
        double value;
    };

    /// `labels`: values in the order of the catalogue's names; their number is asserted.  The same metric with the
    /// same labels again adds up, so that workers and inputs need not be summed before.
    void add(Metric metric, double value, std::initializer_list<std::string_view> labels = {});
    void add(Metric metric, std::uint64_t value, std::initializer_list<std::string_view> labels = {}) {
        add(metric, static_cast<double>(value), labels);
    }

    const std::vector<Sample>& samples() const noexcept { return samples_; }

private:
    std::vector<Sample> samples_;
};

/// The text format, version 0.0.4.  A metric without a sample is left out.  Label values are escaped and made valid
/// UTF-8.
std::string exposition(const MetricsSnapshot& snapshot);

}  // namespace wiresage
