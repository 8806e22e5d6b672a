// Answers from another address than the one asked.

#include "detect/stray_answers.hpp"

#include "detect/protocols.hpp"

namespace wiresage {

namespace {

/// Both verdicts of silence are there by then.
constexpr Duration kept_for = silence_wait + std::chrono::seconds{5};

}  // namespace

std::optional<StrayAnswers::Match> StrayAnswers::see(const Fact& fact, const Outcome& what) {
    if (what.transport != Transport::udp) return {};
    const bool refused = what.answer == Answer::refused_by_icmp;
    if (!refused && what.answer != Answer::silent) return {};
    if (what.server.ip.is_multicast() || what.server.ip.is_broadcast() || what.server_mac.is_group()) return {};
    if (!refused && !may_answer_from_elsewhere(what.server.port)) {
        auto& found = talk(fact, what.client, what.server.port);
        found.asked = what;
        found.has_asked = true;
        if (auto match = join(found)) return match;
    }
    if (may_answer_from_elsewhere(what.client.port)) return {};
    auto& found = talk(fact, what.server, what.client.port);
    found.many = found.has_answer && found.answer.client != what.client;
    found.answer = what;
    found.has_answer = true;
    return join(found);
}

StrayAnswers::Talk& StrayAnswers::talk(const Fact& fact, const Endpoint& asker, std::uint16_t port) {
    return talks_.at_or({asker, {Address{}, port}, fact.vlan}, [&] {
        Talk made;
        made.since = fact.at.time;
        return made;
    });
}

std::optional<StrayAnswers::Match> StrayAnswers::join(Talk& talk) const {
    if (!talk.has_asked || !talk.has_answer || talk.many) return {};
    Match made{talk.asked, talk.answer, talk.answer.began - talk.asked.began, false, false};
    if (made.answer.client.ip == made.asked.server.ip || made.delay < Duration{} || made.delay > window_) return {};
    made.ids_known = made.asked.fingerprint != 0 && made.answer.fingerprint != 0;
    made.ids_equal = made.ids_known && made.asked.fingerprint == made.answer.fingerprint;
    // Peers that ask each other from and to one port look just so, but for what they say.
    if (made.asked.client.port == made.asked.server.port && !made.ids_equal) return {};
    talk = Talk{talk.since, {}, {}, false, false, false};
    return made;
}

void StrayAnswers::tick(EventTime now) {
    talks_.erase_oldest_while([&](const TwoEnds&, const Talk& talk) { return now - talk.since > kept_for; });
}

}  // namespace wiresage
