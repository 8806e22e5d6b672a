// One shard under test: frames and ticks go in, facts and records come out.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "fact/sink.hpp"
#include "flow/flow_record.hpp"
#include "flow/shard.hpp"
#include "packet/flow_key.hpp"
#include "support/packet_builder.hpp"

namespace wiresage::testing {

using namespace std::chrono_literals;

/// All packets of a test go to this one shard, ticks come as the dispatcher makes them.
class ShardBench {
public:
    explicit ShardBench(ShardOptions options = {}) : secret_{options.secret}, shard_{7, options, facts_, &records_} {}

    /// A frame at `since` after the beginning; all ticks before it are played.
    void sees(Duration since, const Frame& frame, std::uint32_t captured_bytes = UINT32_MAX) {
        plays_to(since);
        const EventTime now = began + since;
        auto view = cut_view_of(frame, captured_bytes);
        view.stamp = now + clock_offset;
        view.frame = ++frame_;
        decode(view, coming_.packet);
        FlowKey key;
        const auto hash_of_key = flow_key_of(coming_.packet, key) ? static_cast<std::uint32_t>(hash(key, secret_)) : 0;
        shard_.look_at(coming_, hash_of_key);
        shard_.packet(view, coming_, moment(now, view.stamp, frame_), hash_of_key);
    }

    /// Plays the ticks up to `since`, the last one included.
    void plays_to(Duration since) {
        while (ticked_ + tick_length <= since) {
            ticked_ += tick_length;
            const EventTime now = began + ticked_;
            shard_.tick(moment(now, now + clock_offset, 0), capture_end);
        }
    }

    const std::vector<Fact>& facts() const { return facts_.all; }
    const std::vector<FlowRecord>& records() const { return records_.all; }

    /// Facts of one kind, in order.
    template <typename Kind>
    std::vector<Kind> of() const {
        std::vector<Kind> found;
        for (const auto& fact : facts_.all) {
            if (const auto* what = std::get_if<Kind>(&fact.what)) found.push_back(*what);
        }
        return found;
    }

    /// "accepted completed", or with `unfinished` who ended it: what became of the attempts, in order.
    std::string story() const {
        static constexpr const char* names[] = {"accepted", "completed",    "refused",   "refused_by_icmp",
                                                "silent",   "still_silent", "unfinished"};
        std::string text;
        for (const auto& one : of<Outcome>()) {
            if (!text.empty()) text += ' ';
            text += names[static_cast<std::size_t>(one.answer)];
            if (one.ended_by == EndedBy::rst) text += "(rst)";
            if (one.ended_by == EndedBy::timeout) text += "(timeout)";
            if (one.unproven) text += "(unproven)";
            if (one.after_silent) text += "(after_silent)";
        }
        return text;
    }

    /// The sums of a kind under a key, added over all ticks.
    Volume sum(VolumeKind kind, const Endpoint& key) const {
        Volume total;
        for (const auto& one : of<Volume>()) {
            if (one.kind == kind && one.key == key) add(total, one);
        }
        return total;
    }
    /// The same over all keys.
    Volume sum(VolumeKind kind) const {
        Volume total;
        for (const auto& one : of<Volume>()) {
            if (one.kind == kind) add(total, one);
        }
        return total;
    }

    Shard& shard() { return shard_; }

    EventTime began = event_time(1'600'000'000'000'000'000);
    Duration clock_offset{};
    EventTime capture_end = latest_event_time;

private:
    struct Facts final : FactSink {
        /// As rules read them: an Outcome `at_once` is what it stands for.
        void write(const Fact& fact) noexcept override {
            const auto* const outcome = std::get_if<Outcome>(&fact.what);
            if (outcome == nullptr || !outcome->at_once) return all.push_back(fact);
            Outcome told = *outcome;
            told.at_once = false;
            add(fact, attempt_of(told));
            if (outcome->answer == Answer::completed) {
                told.answer = Answer::accepted;
                add(fact, told);
                told.answer = Answer::completed;
            }
            add(fact, told);
        }
        void add(Fact fact, const Fact::What& what) {
            fact.what = what;
            all.push_back(fact);
        }
        std::vector<Fact> all;
    };
    struct Records final : FlowRecordSink {
        void write(const FlowRecord& record) noexcept override { all.push_back(record); }
        std::vector<FlowRecord> all;
    };

    Moment moment(EventTime time, EventTime stamp, std::uint64_t frame) {
        Moment made;
        made.time = time;
        made.stamp = stamp;
        made.order = ++order_;
        made.frame = frame;
        made.shard = 7;
        return made;
    }

    static void add(Volume& total, const Volume& one) {
        total.bytes += one.bytes;
        total.packets += one.packets;
        total.fragments += one.fragments;
        total.replies += one.replies;
        total.attempts += one.attempts;
        total.completed += one.completed;
        total.refused += one.refused;
        total.given_up += one.given_up;
        total.unanswered += one.unanswered;
    }

    Facts facts_;
    Records records_;
    std::uint64_t secret_;
    Shard shard_;
    ComingPacket coming_;
    Duration ticked_{};
    std::uint64_t order_ = 0;
    std::uint64_t frame_ = 0;
};

/// One TCP segment of a conversation between two fixed ends.
struct Turn {
    Duration at;
    char from;          ///< 'c' or 's'.
    const char* flags;  ///< Letters of tcpdump: S F R P A U; "" is none.
    std::uint32_t seq;  ///< From the ISN on: the SYN is 0.
    std::uint32_t ack;  ///< Likewise, of the other side.
    std::uint32_t length = 0;
    std::uint32_t isn = 1000;  ///< Of the sender; the other side's stands in `peer_isn`.
    std::uint32_t peer_isn = 1000;
    unsigned window = 1000;
    int window_scale = -1;
    unsigned id = 0;  ///< IP ID; 0: a new one.
};

inline const Endpoint client{ipv4(10, 0, 0, 1), 40000};
inline const Endpoint server{ipv4(10, 0, 0, 2), 80};

inline unsigned flags_of(const char* letters) {
    unsigned flags = 0;
    for (; *letters != '\0'; ++letters) {
        switch (*letters) {
            case 'F':
                flags |= tcp_flag::fin;
                break;
            case 'S':
                flags |= tcp_flag::syn;
                break;
            case 'R':
                flags |= tcp_flag::rst;
                break;
            case 'P':
                flags |= tcp_flag::psh;
                break;
            case 'A':
                flags |= tcp_flag::ack;
                break;
            case 'U':
                flags |= tcp_flag::urg;
                break;
            default:
                break;
        }
    }
    return flags;
}

inline TcpSpec segment(const Turn& turn, const Endpoint& from_client = client, const Endpoint& to_server = server) {
    TcpSpec spec;
    spec.src = turn.from == 'c' ? from_client : to_server;
    spec.dst = turn.from == 'c' ? to_server : from_client;
    spec.flags = flags_of(turn.flags);
    spec.seq = turn.isn + turn.seq;
    spec.ack = (spec.flags & tcp_flag::ack) != 0 ? turn.peer_isn + turn.ack : 0;
    spec.payload = std::string(turn.length, 'x');
    spec.window = turn.window;
    spec.window_scale = turn.window_scale;
    return spec;
}

/// Plays the turns; IP IDs rise, so that nothing is a duplicate unless a turn names an ID.
inline void play(ShardBench& bench, const std::vector<Turn>& turns, const Endpoint& from_client = client,
                 const Endpoint& to_server = server) {
    static constexpr unsigned first_free_id = 1000;
    unsigned id = first_free_id;
    for (const auto& turn : turns) {
        auto spec = segment(turn, from_client, to_server);
        spec.ip.id = turn.id != 0 ? turn.id : ++id;
        bench.sees(turn.at, tcp(spec));
    }
}

}  // namespace wiresage::testing
