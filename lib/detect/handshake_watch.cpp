// Watching handshakes that stay incomplete.

#include "detect/handshake_watch.hpp"

#include <algorithm>

#include "detect/judge.hpp"

namespace wiresage {

namespace {

/// No schedule of guard G4 sends more SYNs of one attempt within ten seconds; what goes beyond is no retry.
constexpr std::uint64_t most_syns_of_attempt = 8;

/// A verdict waits so long: a burst of honest connections has its answers by then.
constexpr Duration hold = std::chrono::seconds{1};

std::uint64_t less(std::uint64_t from, std::uint64_t what) noexcept { return from > what ? from - what : 0; }

}  // namespace

void HandshakeSums::add(const Volume& volume) noexcept {
    syns += volume.packets;
    synacks += volume.replies;
    attempts += volume.attempts;
    completed += volume.completed;
    refused += volume.refused;
    given_up += volume.given_up;
}

std::uint64_t HandshakeSums::asked() const noexcept { return std::max(attempts, syns / most_syns_of_attempt); }

Evidence HandshakeRun::evidence(std::uint64_t sources) const {
    Evidence made;
    made.set("syns", sums.syns);
    made.set("attempts", sums.attempts);
    made.set("completed", sums.completed);
    made.set("refused", sums.refused);
    made.set("completed_share", share_of(sums.completed, sums.attempts));
    made.set("distinct_sources", sources);
    made.set("half_open_max", half_open_max);
    made.set("syn_per_s", static_cast<double>(syns.peak()));
    made.set("synack_per_s", static_cast<double>(synacks.peak()));
    made.set("good_completions_fell", completions_fell);
    return made;
}

WatchedHandshakes::WatchedHandshakes(Duration window)
    : seconds_of_window_{std::max<std::uint64_t>(static_cast<std::uint64_t>(window / std::chrono::seconds{1}), 1)},
      syns_{window},
      attempts_{window},
      completed_{window},
      refused_{window},
      attempts_second_{std::chrono::seconds{1}},
      completed_second_{std::chrono::seconds{1}} {}

void WatchedHandshakes::clear(Duration window) {
    const auto old_episode = episode;
    const auto old_vlan = vlan;
    const bool was_active = is_active;
    *this = WatchedHandshakes{window};
    episode = old_episode;
    vlan = old_vlan;
    is_active = was_active;
}

void WatchedHandshakes::add(const Volume& volume, const HandshakeSums& earlier) {
    const bool has_first = volume.first != EventTime{};
    if (has_first && (!run_begun_ || volume.first < run_.start)) {
        run_.start = volume.first;
        run_.start_stamp = volume.first_stamp;
        run_.input = volume.first_input;
        run_begun_ = true;
    }
    for (auto* const sums : {&tick_, &run_.sums}) {
        sums->add(volume);
        sums->syns += earlier.syns;
        sums->synacks += earlier.synacks;
        sums->attempts += earlier.attempts;
        sums->completed += earlier.completed;
        sums->refused += earlier.refused;
        sums->given_up += earlier.given_up;
    }
    if (volume.packets > 0) {
        volume.one_peer_ip ? run_.other_ip.see(volume.peer.ip) : run_.other_ip.differ();
        volume.one_mac && !volume.mac.is_zero() ? run_.mac.see(volume.mac) : run_.mac.differ();
        keep_packet(run_.packets, volume.first_input, volume.first_frame);
    }
    has_news_ = true;
}

std::uint64_t WatchedHandshakes::open(EventTime now) {
    const auto attempts = std::max(attempts_.total(now), syns_.total(now) / most_syns_of_attempt);
    return less(attempts, completed_.total(now) + refused_.total(now));
}

std::uint64_t WatchedHandshakes::under_way(EventTime now) {
    const auto completed = completed_.total(now);
    const auto of_last_second = completed_second_.total(now);
    const auto load = of_last_second * seconds_of_window_;
    // A load like before keeps as many under way as before; a new one at most what it finishes in a second.
    if (has_past_ && load <= 2 * past_.completed) {
        return past_.completed == 0 ? past_.open : past_.open * std::max(load, past_.completed) / past_.completed;
    }
    return std::max(of_last_second, completed / seconds_of_window_);
}

std::uint64_t WatchedHandshakes::incomplete(EventTime now) {
    return less(open(now), std::max(under_way(now), under_way_at_end_));
}

void WatchedHandshakes::count_tick(EventTime now) {
    syns_.add(now, tick_.syns);
    attempts_.add(now, tick_.attempts);
    completed_.add(now, tick_.completed);
    refused_.add(now, tick_.refused);
    attempts_second_.add(now, tick_.attempts);
    completed_second_.add(now, tick_.completed);
    run_.syns.add(now, tick_.syns);
    run_.synacks.add(now, tick_.synacks);
    const auto& sums = run_.sums;
    run_.half_open_max =
        std::max(run_.half_open_max, less(sums.attempts, sums.completed + sums.refused + sums.given_up));
    tick_ = {};
    last_news_ = now;
}

bool WatchedHandshakes::is_suspect(EventTime now, const HandshakeLimits& limits) {
    return incomplete(now) >= limits.incomplete && open(now) >= limits.growth * past_.open;
}

/// Honest clients of a service that fell silent: no more of them than usual, and they ask again and again.
bool WatchedHandshakes::is_dead_service(EventTime now, const HandshakeLimits& limits) {
    const bool worked = has_past_ && past_.completed >= 10 * seconds_of_window_;
    const bool fell = worked && completed_second_.total(now) * seconds_of_window_ * 2 < past_.completed;
    run_.completions_fell = run_.completions_fell || fell;
    if (fell && attempts_second_.total(now) * seconds_of_window_ <= limits.growth * past_.attempts) return true;
    const auto syns = syns_.total(now);
    const auto attempts = attempts_.total(now);
    const bool retried = syns * 4 >= attempts * 5 && syns <= attempts * most_syns_of_attempt;
    return retried && completed_.total(now) == 0 && !episode.is_open();
}

/// Quiet windows become the past, and end a run.
void WatchedHandshakes::remember(EventTime now, const HandshakeLimits& limits) {
    if (now - past_at_ < limits.window) return;
    const auto mix = [&](std::uint64_t& old, std::uint64_t fresh) { old = has_past_ ? (old * 3 + fresh) / 4 : fresh; };
    const bool counted = past_at_ != EventTime{};
    past_at_ = now;
    if (!counted) return;
    mix(past_.attempts, attempts_.total(now));
    mix(past_.completed, completed_.total(now));
    mix(past_.open, open(now));
    has_past_ = true;
}

bool WatchedHandshakes::tick(EventTime now, const HandshakeLimits& limits) {
    if (has_news_) count_tick(now);
    if (episode.over(now, limits.resolve_after)) {
        episode.close();
        run_begun_ = false;
    }
    if (!is_suspect(now, limits)) {
        suspected_ = false;
        const auto at = past_at_;
        remember(now, limits);
        const bool old = at != past_at_ && now - run_.start >= limits.window;
        const bool calm = incomplete(now) * 50 < limits.incomplete || old;
        if (calm && !episode.is_open()) run_begun_ = false;
        if (!run_begun_) run_ = HandshakeRun{};
        has_news_ = false;
        return false;
    }
    if (!suspected_) suspected_since_ = now;
    suspected_ = true;
    if (now - suspected_since_ < hold) return false;  // News is kept until the verdict.
    if (is_dead_service(now, limits)) {
        has_news_ = false;
        return false;
    }
    return true;
}

HandshakeWatch::HandshakeWatch(VolumeKind kind, const HandshakeLimits& limits, std::size_t most, std::uint64_t secret)
    : kind_{kind},
      limits_{limits},
      hash_{secret},
      watched_{std::max<std::size_t>(most, 1)},
      // A quarter of what would fill the window tick by tick.
      notable_attempts_{
          std::max<std::uint64_t>(2, limits.incomplete / static_cast<std::uint64_t>(limits.window / tick_length) / 4)},
      small_{std::max<std::size_t>(most * 4, 1)} {}

void HandshakeWatch::see(const Fact& fact, const Attempt& what) {
    if (what.transport != Transport::tcp || what.technique != Technique::syn) return;
    count(fact, asked(fact, what));
}

void HandshakeWatch::see(const Fact& fact, const Outcome& what) {
    if (what.transport != Transport::tcp || what.technique != Technique::syn) return;
    Volume one;
    if (what.at_once) {
        one = asked(fact, attempt_of(what));
    } else {
        one.key = key_of(what.client, what.server);
    }
    one.completed = what.answer == Answer::completed;
    one.replies = what.answer == Answer::accepted || (what.at_once && one.completed != 0);
    one.refused = what.answer == Answer::refused || what.answer == Answer::refused_by_icmp;
    if (one.attempts + one.replies + one.completed + one.refused != 0) count(fact, one);
}

Volume HandshakeWatch::asked(const Fact& fact, const Attempt& what) const {
    Volume one;
    one.key = key_of(what.client, what.server);
    one.peer = kind_ == VolumeKind::syn_to ? what.client : what.server;
    one.mac = what.client_mac;
    one.first = what.began;
    one.first_stamp = what.began_stamp;
    one.first_frame = what.began_frame;
    one.first_input = fact.at.input;
    one.packets = one.attempts = 1;
    return one;
}

void HandshakeWatch::see(const Fact& fact, const Volume& volume) {
    if (volume.kind == kind_) count(fact, volume);
}

/// Too little of a key in a tick opens no entry.
void HandshakeWatch::count(const Fact& fact, const Volume& volume) {
    if (volume.key.ip.is_unspecified()) return;
    HandshakeSums earlier;
    auto* watched = watched_.use(volume.key);
    if (watched == nullptr) {
        auto& small = small_.at(volume.key);
        earlier = small;
        small.add(volume);
        if (small.asked() < notable_attempts_) return;
        watched = &watched_.at_or(volume.key, [&] { return WatchedHandshakes{limits_.window}; });
    }
    watched->add(volume, earlier);
    if (volume.packets > 0 && volume.one_peer_ip) watched->add_other(static_cast<std::uint32_t>(hash_(volume.peer.ip)));
    if (fact.vlan != 0) watched->vlan = fact.vlan;  // Sums do not know theirs.
    if (!watched->is_active) active_.push_back(volume.key);
    watched->is_active = true;
}

void HandshakeWatch::see(const Fact&, const Distinct& distinct) {
    if (distinct.kind != kind_ || distinct.ports) return;
    auto* const watched = watched_.find(distinct.key);
    if (watched == nullptr) return;
    for (std::size_t i = 0; i < distinct.count; ++i) watched->add_other(distinct.hashes[i]);
}

void HandshakeWatch::capture_ended(EventTime now) {
    for_each_busy([&](const Endpoint&, WatchedHandshakes& watched) { watched.freeze(now); });
}

void HandshakeWatch::clear() {
    for_each_busy([&](const Endpoint&, WatchedHandshakes& watched) { watched.clear(limits_.window); });
    small_.clear();
}

}  // namespace wiresage
