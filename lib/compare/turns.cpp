// Who waits for whom in a session, by two points.

#include "compare/turns.hpp"

#include <algorithm>

namespace wiresage {

void TimedTurns::segment(Point point, bool from_client, std::int64_t begin, std::int64_t end, const Sighting& seen) {
    auto& state = states_[index_of(point)];
    const std::size_t ours = from_client ? 0 : 1;
    if (end <= state.next[ours]) return;  // Sent again.
    if (state.has_spoken && state.client_spoke != from_client) {
        const std::size_t theirs = 1 - ours;
        meet(point, Turn{from_client, std::max(begin, state.next[ours]), state.next[theirs],
                         seen.at - state.last[theirs], seen});
    }
    state.next[ours] = end;
    state.last[ours] = seen.at;
    state.has_spoken = true;
    state.client_spoke = from_client;
}

void TimedTurns::meet(Point point, const Turn& turn) {
    auto& others = states_[index_of(opposite(point))].open;
    const auto same = std::find_if(others.begin(), others.end(), [&](const Turn& other) {
        return other.from_client == turn.from_client && other.begin == turn.begin && other.other == turn.other;
    });
    if (same == others.end()) {
        auto& open = states_[index_of(point)].open;
        if (open.size() >= most_open) open.erase(open.begin());
        open.push_back(turn);
        return;
    }
    const Turn& near = point == Point::near ? turn : *same;
    const Turn& far = point == Point::near ? *same : turn;
    const auto difference = near.wait - far.wait;
    imbalance_ += turn.from_client ? -difference : difference;
    if (!turn.from_client) path_.add(difference);
    if (turn.from_client || turn.begin > 0) {  // Else the handshake's: a kernel answers, not a server.
        const auto kind = turn.from_client ? request : answer;
        waits_[kind][0].add(near.wait);
        waits_[kind][1].add(far.wait);
    }
    if (first_.frame == 0) first_ = near.seen;
    others.erase(same);
}

void TimedTurns::absorb(Point point, TimedTurns& other, std::array<std::int64_t, 2> shift) {
    auto& state = states_[index_of(point)];
    state = std::move(other.states_[index_of(point)]);
    for (std::size_t i = 0; i < shift.size(); ++i) state.next[i] += shift[i];
    auto open = std::move(state.open);
    state.open.clear();
    for (auto& turn : open) {
        turn.begin += shift[turn.from_client ? 0 : 1];
        turn.other += shift[turn.from_client ? 1 : 0];
        meet(point, turn);
    }
}

Duration TimedTurns::round_trip() const {
    const auto middle = path_.median();
    return std::max(client_is_near() ? middle : -middle, Duration::zero());
}

std::uint32_t TimedTurns::path_share() const {
    const auto waited = waits_[answer][index_of(client_point())].sum();
    const auto thought = waits_[answer][index_of(server_point())].sum();
    if (waited <= Duration::zero() || thought >= waited) return 0;
    const auto path = waited - thought;
    // In microseconds, so that a year of waiting does not overflow.
    return static_cast<std::uint32_t>(path.count() / 1000 * 1'000'000 /
                                      std::max<std::int64_t>(waited.count() / 1000, 1));
}

}  // namespace wiresage
