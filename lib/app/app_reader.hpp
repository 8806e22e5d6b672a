// The application layer of one shard: which flows are read, by which parser, within which bounds.
#pragma once

#include <cstdint>
#include <memory>

#include "app/app_counts.hpp"
#include "app/parser.hpp"
#include "app/protocols.hpp"
#include "app/shared.hpp"

namespace wiresage {

struct AppOptions {
    std::uint32_t flows = 4096;          ///< Flow numbers are 1 to this.
    std::uint32_t sessions = 1024;       ///< TCP connections read at once.
    std::size_t buffer_bytes = 1 << 20;  ///< Segments that wait, messages not yet whole, texts.
    const KeyLog* keys = nullptr;        ///< tls.keylog; outlives the reader.
    bool count = false;                  ///< Every message, for `read --stats`.
};

/// How a flow goes on.
enum class AppVerdict : std::uint8_t {
    payload,   ///< Show what carries payload, FIN or RST.
    all,       ///< Show every packet: something is missing, and acknowledgments tell whether it still comes.
    given_up,  ///< Show nothing more of it.
};

/// A TCP segment of a conversation.
struct AppSegment {
    From from = From::client;
    std::uint32_t sequence = 0;        ///< Of its first byte of payload.
    std::uint32_t acknowledgment = 0;  ///< 0: none.
    std::uint32_t begin = 0;           ///< Where this side's stream begins (ISN + 1); used with `begin_known`.
    bool begin_known = false;
    bool all_acknowledged = false;  ///< What precedes it was, by its receiver ...
    EventTime acknowledged_stamp;   ///< ... last at this stamp.
    bool fin = false;
    bool rst = false;
    std::size_t wire_bytes = 0;  ///< Of payload.
    Bytes payload;               ///< As captured.
};

/// Owned by one worker; one for each shard.  All memory is reserved by the constructor, and resident once used.
class AppReader {
public:
    explicit AppReader(const AppOptions& options);
    ~AppReader();

    /// `fresh`: the flow has not been shown before.
    AppVerdict segment(const Conversation& talk, bool fresh, const AppSegment& segment, const Moment& at,
                       AppSink& sink) noexcept;
    /// True where a segment of a flow that is read, without FIN or RST, lies in what its reader skips: it need not be
    /// shown.  For `AppVerdict::payload` only.
    bool pass(std::uint32_t flow, From from, std::uint32_t sequence, std::size_t wire_bytes) noexcept;
    AppVerdict datagram(const Conversation& talk, bool fresh, From from, std::size_t wire_bytes, Bytes payload,
                        const Moment& at, AppSink& sink) noexcept;
    /// A flow that is being read goes.
    void gone(const Conversation& talk, bool tcp, EndedBy how, const Moment& at, AppSink& sink) noexcept;
    /// False where nothing is left for later ticks.
    bool tick(const Moment& at, EventTime capture_end, AppSink& sink) noexcept;

    const AppStats& stats() noexcept;
    /// Null where counting was not asked for.
    const AppCounts* counts() const noexcept { return counts_.get(); }

    /// For tests: what parsers hold.
    std::size_t buffers_in_use() const noexcept { return buffers_.used_bytes(); }

private:
    struct Session;
    struct Shower;

    Session& session(std::uint32_t number) noexcept;
    std::uint32_t open(const Conversation& talk) noexcept;
    void close(std::uint32_t number, AppContext& context) noexcept;
    void recognise(Session& session, From from, Bytes shown, AppContext& context) noexcept;
    AppVerdict show(Session& read, std::uint32_t number, const Conversation& talk, const AppSegment& seen,
                    const Moment& at) noexcept;
    void seek(Session& read, AppContext& context) noexcept;
    bool begins_anew(Session& read, From from, const AppSegment& seen) noexcept;
    void end(Session& read, From from, EndedBy how, AppContext& context) noexcept;
    AppVerdict verdict(std::uint32_t number, AppContext& context) noexcept;

    AppOptions options_;
    AppStats stats_;
    AppTeller teller_;
    BufferPool buffers_;
    std::unique_ptr<AppShared> shared_;
    std::unique_ptr<AppCounts> counts_;
    std::unique_ptr<std::uint32_t[]> of_flow_;  ///< Of a flow that is read: its session, or its datagram protocol.
    std::unique_ptr<std::byte[]> sessions_;     ///< Aligned to a cache line.
    std::uint32_t touched_ = 0;                 ///< Sessions below this number were used.
    std::uint32_t free_ = 0;                    ///< The first free one plus one, chained; 0: none.
};

}  // namespace wiresage
