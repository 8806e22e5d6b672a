// Reads of files over SMB, counted.
#include "app/smb_reads.hpp"

#include <algorithm>

#include "fact/texts.hpp"

namespace wiresage {

namespace {

/// What is still going on is told once in this time; so are reads that stopped so long ago.
constexpr Duration told_every = std::chrono::seconds{1};

/// Fewer reads, or pauses, are never told.  The rules' own floors lie higher or equal.
constexpr std::uint32_t least_reads = 8;
constexpr std::uint32_t least_delayed = 5;
/// More outstanding reads than this are pipelining.
constexpr std::uint16_t few_outstanding = 4;
/// Idle for less than a tenth of the time is no waiting.
constexpr int idle_parts = 10;

/// A pause before the last segment is one from here on, and where it is so many times longer than any other.
constexpr Duration least_pause = std::chrono::milliseconds{50};
constexpr int pause_factor = 4;
/// A slow answer lets the segments of so many answers be watched.
constexpr std::uint32_t watch_after_slow = 32;
constexpr Duration slow_answer = std::chrono::milliseconds{50};

std::uint32_t in_us(Duration value) noexcept {
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(value).count();
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(us, 0, UINT32_MAX));
}

}  // namespace

void SmbSamples::add(Duration value) noexcept {
    values_[added_ % most] = in_us(value);
    ++added_;
}

std::uint32_t SmbSamples::quantile_us(std::size_t quarters) const noexcept {
    if (added_ == 0) return 0;
    const auto count = std::min<std::size_t>(added_, most);
    auto sorted = values_;
    std::sort(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(count));
    return sorted[(count - 1) * quarters / 4];
}

void SmbSizes::add(std::uint32_t size) noexcept {
    for (auto& entry : sizes_) {
        if (entry.count > 0 && entry.size != size) continue;
        entry.size = size;
        ++entry.count;
        return;
    }
}

std::uint32_t SmbSizes::commonest() const noexcept {
    return std::max_element(sizes_.begin(), sizes_.end(),
                            [](const Size& a, const Size& b) { return a.count < b.count; })
        ->size;
}

void SmbReadTracker::begin(const Conversation& talk, SmbDialect dialect) noexcept {
    *this = SmbReadTracker{};
    talk_ = talk;
    dialect_ = dialect;
}

SmbReadTracker::File* SmbReadTracker::find(const SmbFileId& id) noexcept {
    for (auto& file : files_) {
        if (file.used && file.id == id) return &file;
    }
    return nullptr;
}

SmbReadTracker::File* SmbReadTracker::find(std::uint32_t opened) noexcept {
    for (auto& file : files_) {
        if (file.used && file.opened == opened) return &file;
    }
    return nullptr;
}

SmbReadTracker::File& SmbReadTracker::open(const SmbFileId& id, EventTime now) noexcept {
    File* place = find(id);
    if (place == nullptr) {
        place = &*std::min_element(files_.begin(), files_.end(), [](const File& a, const File& b) {
            return a.used != b.used ? b.used : a.used_at < b.used_at;
        });
    }
    *place = File{};
    place->id = id;
    place->opened = ++opened_;
    place->used = true;
    place->used_at = now;
    return *place;
}

void SmbReadTracker::create_asked(std::uint64_t id, const SmbText& name) noexcept {
    creating_ = name;
    creating_id_ = id;
    creating_waits_ = true;
}

void SmbReadTracker::created(std::uint64_t id, const SmbFileId* file, EventTime now) noexcept {
    const bool known = creating_waits_ && creating_id_ == id;
    if (known) creating_waits_ = false;
    if (file == nullptr) return;
    File& opened = open(*file, now);
    if (known) opened.name = creating_;
}

void SmbReadTracker::read_asked(std::uint64_t id, const SmbRead& read, const Moment& at) noexcept {
    File* file = find(read.file);
    if (file == nullptr) file = &open(read.file, at.time);
    auto* place = std::find_if(pending_.begin(), pending_.end(), [](const Pending& one) { return one.opened == 0; });
    if (place == pending_.end()) {
        lost();  // Nobody asks for so many at a time; answers were missed.
        return;
    }
    *place = {id, at.time, file->opened, read.length};
    if (file->first_stamp == EventTime{}) {
        file->first = at.time;
        file->first_stamp = at.stamp;
        file->first_frame = at.frame;
        file->told = at.time;
    } else if (file->outstanding == 0 && file->last_end > file->first) {
        file->idle += std::max(at.time - file->last_end, Duration{});
        ++file->pauses;
    }
    if (file->reads + file->outstanding > 0 && read.offset == file->next_offset) ++file->sequential;
    file->next_offset = read.offset + read.length;
    file->sizes.add(read.length);
    file->used_at = at.time;
    ++file->outstanding;
    file->most_outstanding = std::max(file->most_outstanding, file->outstanding);
}

bool SmbReadTracker::answer_begins(std::uint64_t id, const AppContext& context) noexcept {
    answer_ = Answer{};
    auto* const place = std::find_if(pending_.begin(), pending_.end(),
                                     [&](const Pending& one) { return one.opened != 0 && one.id == id; });
    if (place == pending_.end()) return false;
    answer_.request = *place;
    *place = Pending{};
    answer_.active = true;
    answer_.watched = wants_segments();
    answer_.last_stamp = context.at.stamp;
    answer_.segments = 1;
    return true;
}

void SmbReadTracker::answer_goes_on(bool whole, const AppContext& context) noexcept {
    if (!answer_.active) return;
    const Duration gap = context.at.stamp - answer_.last_stamp;
    if (!whole) {
        answer_.most_gap = std::max(answer_.most_gap, gap);
    } else {
        answer_.last_gap = gap;
        // Acknowledged in the first half of the pause: no acknowledgment ended it (Nagle, delayed ACK).
        answer_.after_ack = context.all_acknowledged && context.acknowledged_stamp <= answer_.last_stamp + gap / 2;
    }
    answer_.last_stamp = context.at.stamp;
    ++answer_.segments;
}

void SmbReadTracker::answered(std::uint64_t bytes, AppContext& context) noexcept {
    if (!answer_.active) return;
    answer_.active = false;
    const auto now = context.at.time;
    const Duration service = now - answer_.request.asked;
    last_ = now;
    if (answer_.watched) {
        ++watched_;
        if (slow_ > 0) --slow_;
    }
    if (service >= slow_answer) slow_ = watch_after_slow;
    File* const file = find(answer_.request.opened);
    judge_tail(file, context);
    if (file != nullptr) {
        ++file->reads;
        file->bytes += bytes;
        file->service.add(service);
        file->last_end = now;
        if (file->outstanding > 0) --file->outstanding;
        file->news = true;
    }
    tell_due(context, told_every);
}

void SmbReadTracker::judge_tail(const File* file, const AppContext& context) noexcept {
    if (!answer_.watched || answer_.segments < 2) return;
    ++tails_.reads;
    if (answer_.last_gap < least_pause || answer_.last_gap < answer_.most_gap * pause_factor) return;
    if (tails_.delayed == 0) {
        tails_.first = context.at.time;
        tails_.first_stamp = context.at.stamp;
        tails_.first_frame = context.at.frame;
        tails_.told = context.at.time;
    }
    const auto fid = file == nullptr ? std::uint16_t{0} : file->id.fid();
    if (tails_.delayed > 0 && fid != tails_.fid) tails_.one_fid = false;
    tails_.fid = fid;
    ++tails_.delayed;
    if (answer_.after_ack) ++tails_.after_ack;
    tails_.pauses.add(answer_.last_gap);
    tails_.sizes.add(answer_.request.length);
    tails_.news = true;
}

void SmbReadTracker::closed(const SmbFileId& id, AppContext& context) noexcept {
    File* const file = find(id);
    if (file == nullptr) return;
    tell(*file, true, context);
    file->used = false;
    for (auto& one : pending_) {
        if (one.opened == file->opened) one = Pending{};
    }
}

void SmbReadTracker::lost() noexcept {
    gaps_ = true;
    answer_.active = false;
    creating_waits_ = false;
    pending_ = {};
    for (auto& file : files_) file.outstanding = 0;
}

void SmbReadTracker::tell(File& file, bool ended, AppContext& context) noexcept {
    if (!file.news) return;
    file.told = context.at.time;
    file.news = false;
    const Duration span = file.last_end - file.first;
    if (file.reads < least_reads || file.most_outstanding > few_outstanding || file.idle * idle_parts < span) return;
    SmbReads told;
    told.client = talk_.client;
    told.server = talk_.server;
    told.began = file.first;
    told.began_stamp = file.first_stamp;
    told.began_frame = static_cast<std::uint32_t>(file.first_frame);
    told.reads = file.reads;
    told.read_size = file.sizes.commonest();
    told.sequential = file.sequential;
    told.pauses = file.pauses;
    told.opened = file.opened;
    told.service_us = file.service.median_us();
    told.round_trip_us = in_us(talk_.handshake_rtt);
    told.span = span;
    told.idle = file.idle;
    told.bytes = file.bytes;
    told.most_outstanding = file.most_outstanding;
    told.dialect = dialect_;
    told.gaps = gaps_;
    told.ended = ended;
    TextWriter texts;
    texts.add(file.name.view());
    texts.add(share_.view());
    context.teller.tell(talk_, told, texts.written());
}

void SmbReadTracker::tell_tails(bool ended, AppContext& context) noexcept {
    if (!tails_.news) return;
    tails_.told = context.at.time;
    tails_.news = false;
    if (tails_.delayed < least_delayed) return;
    SmbTails told;
    told.client = talk_.client;
    told.server = talk_.server;
    told.began = tails_.first;
    told.began_stamp = tails_.first_stamp;
    told.began_frame = static_cast<std::uint32_t>(tails_.first_frame);
    told.reads = tails_.reads;
    told.delayed = tails_.delayed;
    told.after_ack = tails_.after_ack;
    told.read_size = tails_.sizes.commonest();
    told.delay = std::chrono::microseconds{tails_.pauses.median_us()};
    told.jitter = std::chrono::microseconds{tails_.pauses.spread_us()};
    told.fid = tails_.fid;
    told.dialect = dialect_;
    told.one_fid = tails_.one_fid && dialect_ == SmbDialect::smb1;
    told.gaps = gaps_;
    told.ended = ended;
    context.teller.tell(talk_, told);
}

void SmbReadTracker::tell_due(AppContext& context, Duration quiet) noexcept {
    for (auto& file : files_) {
        if (file.used && file.news && context.at.time - file.told >= quiet) tell(file, false, context);
    }
    if (tails_.news && context.at.time - tails_.told >= quiet) tell_tails(false, context);
}

bool SmbReadTracker::tick(AppContext& context) noexcept {
    if (context.at.time - last_ < told_every) return true;
    tell_due(context, Duration{});
    return false;
}

void SmbReadTracker::end(AppContext& context) noexcept {
    for (auto& file : files_) {
        if (file.used) tell(file, true, context);
    }
    tell_tails(true, context);
}

std::uint16_t SmbReadPool::take(const Conversation& talk, SmbDialect dialect) noexcept {
    if (used_count_ == most) return none;
    if (!trackers_) trackers_.reset(new SmbReadTracker[most]);
    const auto free = std::find(used_.begin(), used_.end(), false);
    const auto number = static_cast<std::uint16_t>(free - used_.begin());
    *free = true;
    ++used_count_;
    trackers_[number].begin(talk, dialect);
    return number;
}

void SmbReadPool::give_back(std::uint16_t number) noexcept {
    if (number >= most || !used_[number]) return;
    used_[number] = false;
    --used_count_;
}

bool SmbReadPool::tick(AppContext& context) noexcept {
    if (used_count_ == 0) return false;
    bool more = false;
    for (std::uint16_t i = 0; i < most; ++i) {
        if (used_[i] && trackers_[i].tick(context)) more = true;
    }
    return more;
}

}  // namespace wiresage
