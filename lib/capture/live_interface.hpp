// One live interface: its handle, its fate, its losses.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "capture/link_watch.hpp"
#include "capture/live_source.hpp"
#include "capture/live_status.hpp"

struct pcap;
struct pcap_pkthdr;

namespace wiresage {

/// Opens an interface through libpcap, reads it without waiting, and opens it again when it was away.
/// Used by the source's thread.
class LiveInterface {
public:
    LiveInterface(LiveSource::Interface chosen, const LiveSource::Options& options, InputList& inputs);
    ~LiveInterface();
    LiveInterface(const LiveInterface&) = delete;
    LiveInterface& operator=(const LiveInterface&) = delete;

    /// Compares the interface with what there is, and opens or closes it accordingly.
    void examine(LinkWatch& links);

    /// Up to Source::batch_packets of what the kernel holds, copied; empty when it holds nothing, or the handle broke.
    /// Valid until the next call.  The copy lets the kernel's block go before the views are used: libpcap gives it
    /// back within the call that reads its last packet.
    std::span<const PacketView> read();

    /// To poll for reading; -1 while there is no handle.
    int descriptor() const noexcept { return descriptor_; }

    /// Brings status().loss up to date.
    void count(LinkWatch& links);
    const InterfaceStatus& status() const noexcept { return status_; }

    bool is_ready = false;  ///< The source's note: worth a read().

private:
    struct CloseHandle {
        void operator()(pcap* handle) const noexcept;
    };

    struct HandleCounters {
        std::uint32_t received = 0;
        std::uint32_t dropped = 0;
        std::uint32_t interface_dropped = 0;
    };

    static void on_packet(unsigned char* self, const pcap_pkthdr* header, const unsigned char* bytes);
    void take(const pcap_pkthdr& header, const unsigned char* bytes);
    Direction direction_of(Bytes frame) const noexcept;

    std::unique_ptr<pcap, CloseHandle> activate(const std::string& name);
    void try_open(const std::string& name);
    void open(const std::string& name);
    void close(InterfaceStatus::State state, std::string error);
    void enter(InterfaceStatus::State state, std::string error);
    bool adopt_link_type();
    void count_handle();
    void count_link(const Link& link);

    LiveSource::Interface chosen_;
    const LiveSource::Options& options_;
    InputList& inputs_;
    InterfaceStatus status_;
    std::unique_ptr<pcap, CloseHandle> handle_;
    int descriptor_ = -1;
    int link_index_ = 0;        // Of the link that the handle is bound to.
    unsigned pause_ = 0;        // Looks to pass over before the next attempt to open,
    unsigned passed_over_ = 0;  // and how many were.
    MacAddress mac_;            // Zero: the direction cannot be told.
    std::uint64_t frames_ = 0;
    std::uint32_t link_type_ = 0;
    bool has_input_ = false;
    std::uint16_t input_ = 0;
    HandleCounters handle_seen_;  // When they were last read.
    LossCounters link_seen_;      // link_* when they were last read: they start anew with a new link.
    int link_seen_index_ = 0;

    std::vector<std::uint8_t> arena_;  // Bytes of the current batch; grows to the largest batch met.
    std::size_t arena_used_ = 0;
    std::array<PacketView, Source::batch_packets> views_;
    std::array<std::size_t, Source::batch_packets> places_;  // Where in the arena a view's bytes begin.
    std::size_t count_ = 0;
};

}  // namespace wiresage
