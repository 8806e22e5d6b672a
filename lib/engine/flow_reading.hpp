// Joins a shard's flows with the application layer, which know nothing of each other.
#pragma once

#include "app/app_reader.hpp"
#include "flow/flow_reader.hpp"

namespace wiresage {

/// One for each shard.
class FlowReading final : public FlowReader {
public:
    explicit FlowReading(const AppOptions& options) : reader_{options} {}

    Reading packet(FlowIndex at, const Flow& flow, const TcpFlow* tcp, Side from, const Packet& packet,
                   Teller& teller) noexcept override;
    void gone(FlowIndex at, const Flow& flow, EndedBy by, Teller& teller) noexcept override;
    bool tick(EventTime capture_end, Teller& teller) noexcept override;

    const AppStats& stats() noexcept { return reader_.stats(); }
    const AppCounts* counts() const noexcept { return reader_.counts(); }

private:
    AppReader reader_;
};

}  // namespace wiresage
