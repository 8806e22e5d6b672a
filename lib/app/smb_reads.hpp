// Reads of files over SMB: how many at a time, what the client waits for, and whether answers come late at their end.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "app/context.hpp"
#include "app/smb_messages.hpp"

namespace wiresage {

/// Numbers of which the middle is wanted: the first `most`, then every place anew in turn.
class SmbSamples {
public:
    static constexpr std::size_t most = 64;
    void add(Duration value) noexcept;
    std::uint32_t median_us() const noexcept { return quantile_us(2); }
    /// Between the quarters.
    std::uint32_t spread_us() const noexcept { return quantile_us(3) - quantile_us(1); }

private:
    std::uint32_t quantile_us(std::size_t quarters) const noexcept;

    std::array<std::uint32_t, most> values_{};
    std::uint32_t added_ = 0;
};

/// Which of some sizes is the commonest: as many as there are places are told apart, further ones are not counted.
class SmbSizes {
public:
    void add(std::uint32_t size) noexcept;
    std::uint32_t commonest() const noexcept;

private:
    struct Size {
        std::uint32_t size = 0;
        std::uint32_t count = 0;
    };
    std::array<Size, 4> sizes_{};
};

/// The reads of one connection.  Kept in a pool; a connection that finds none left is not judged.
class SmbReadTracker {
public:
    static constexpr std::size_t most_files = 8;     ///< Beyond these the one longest unused is given up.
    static constexpr std::size_t most_pending = 64;  ///< Reads and creates without an answer.

    void begin(const Conversation& talk, SmbDialect dialect) noexcept;

    void create_asked(std::uint64_t id, const SmbText& name) noexcept;
    void created(std::uint64_t id, const SmbFileId* file, EventTime now) noexcept;
    void read_asked(std::uint64_t id, const SmbRead& read, const Moment& at) noexcept;
    /// The first bytes of an answer came; what follows belongs to it, until `answered`.
    /// False: nothing is known of its request.
    bool answer_begins(std::uint64_t id, const AppContext& context) noexcept;
    /// Further bytes of it, in a segment of their own; `whole`: the last ones.
    void answer_goes_on(bool whole, const AppContext& context) noexcept;
    /// The answer is whole.  `bytes`: of the file.
    void answered(std::uint64_t bytes, AppContext& context) noexcept;
    void closed(const SmbFileId& file, AppContext& context) noexcept;
    void share(const SmbText& name) noexcept { share_ = name; }
    void lost() noexcept;  ///< Something was not captured.

    /// Whether to be shown every segment of the answers: while little is known, and where they are slow.
    bool wants_segments() const noexcept { return watched_ < 32 || slow_ > 0; }

    /// Tells what is new and has been for a while.  False: nothing is left to tell.
    bool tick(AppContext& context) noexcept;
    void end(AppContext& context) noexcept;

private:
    struct File {
        SmbFileId id;
        SmbText name;
        SmbSizes sizes;
        SmbSamples service;
        EventTime first;
        EventTime first_stamp;
        EventTime last_end;
        EventTime used_at;
        EventTime told;
        Duration idle{};
        std::uint64_t next_offset = 0;
        std::uint64_t bytes = 0;
        std::uint64_t first_frame = 0;
        std::uint32_t opened = 0;
        std::uint32_t reads = 0;
        std::uint32_t sequential = 0;
        std::uint32_t pauses = 0;
        std::uint16_t outstanding = 0;
        std::uint16_t most_outstanding = 0;
        bool used = false;
        bool news = false;
    };
    struct Pending {
        std::uint64_t id = 0;
        EventTime asked;
        std::uint32_t opened = 0;  ///< Of its file; 0: the place is free.
        std::uint32_t length = 0;
    };
    /// The answer that is coming in.
    struct Answer {
        Pending request;
        EventTime last_stamp;  ///< Of its last segment so far.
        Duration most_gap{};   ///< Between segments before the last one.
        Duration last_gap{};
        std::uint32_t segments = 0;
        bool after_ack = false;
        bool watched = false;
        bool active = false;
    };
    struct Tails {
        SmbSamples pauses;
        SmbSizes sizes;
        EventTime first;
        EventTime first_stamp;
        EventTime told;
        std::uint64_t first_frame = 0;
        std::uint32_t reads = 0;
        std::uint32_t delayed = 0;
        std::uint32_t after_ack = 0;
        std::uint16_t fid = 0;
        bool one_fid = true;
        bool news = false;
    };

    File* find(const SmbFileId& id) noexcept;
    File* find(std::uint32_t opened) noexcept;
    File& open(const SmbFileId& id, EventTime now) noexcept;
    void judge_tail(const File* file, const AppContext& context) noexcept;
    void tell(File& file, bool ended, AppContext& context) noexcept;
    void tell_tails(bool ended, AppContext& context) noexcept;
    void tell_due(AppContext& context, Duration quiet) noexcept;

    Conversation talk_;
    SmbDialect dialect_ = SmbDialect::unknown;
    SmbText share_;
    std::array<File, most_files> files_{};
    std::array<Pending, most_pending> pending_{};
    SmbText creating_;
    std::uint64_t creating_id_ = 0;
    Answer answer_;
    Tails tails_;
    EventTime last_;
    std::uint32_t opened_ = 0;
    std::uint32_t watched_ = 0;
    std::uint32_t slow_ = 0;
    bool creating_waits_ = false;
    bool gaps_ = false;
};

/// The trackers of a shard.
class SmbReadPool {
public:
    static constexpr std::uint16_t most = 64;
    static constexpr std::uint16_t none = 0xffff;

    /// A number for at(), or `none`.
    std::uint16_t take(const Conversation& talk, SmbDialect dialect) noexcept;
    void give_back(std::uint16_t number) noexcept;
    SmbReadTracker& at(std::uint16_t number) noexcept { return trackers_[number]; }
    bool tick(AppContext& context) noexcept;

private:
    /// Reserved when first needed; most shards never see SMB.
    std::unique_ptr<SmbReadTracker[]> trackers_;
    std::array<bool, most> used_{};
    std::uint16_t used_count_ = 0;
};

}  // namespace wiresage
