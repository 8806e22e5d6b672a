// Questions that should have been answered.

#include "detect/question.hpp"

#include <algorithm>

#include "detect/median.hpp"
#include "detect/protocols.hpp"

namespace wiresage {

namespace {

constexpr std::uint16_t domain_port = 53;  // RFC 1035, 4.2.
/// So many answers before make an outside name server one that the site relies on.
constexpr std::uint64_t relied_on = 10;

/// To many at once, or of a protocol that expects no answer.
bool expects_none(const Outcome& what) {
    const auto& to = what.server.ip;
    if (to.is_multicast() || to.is_broadcast() || what.server_mac.is_group()) return true;
    return !one_way_udp_name(what.server.port).empty() || is_traceroute_port(what.server.port);
}

}  // namespace

bool QuestionJudge::is_question(const Outcome& what, const Findings& findings) {
    if (expects_none(what)) return false;
    const auto& knowledge = findings.knowledge();
    const auto port = what.server.port;
    // The asker's port serves somebody: it was answered from another port (TFTP), or this is a talk between peers.
    if (what.client.port != port && knowledge.service(Transport::udp, what.client) != nullptr) return false;
    // An answer itself, whose question was not seen.
    if (what.client.port < port && !answering_udp_name(what.client.port).empty()) return false;
    const bool before = answered_before(findings, Transport::udp, what.server, what.began);
    if (!before && !asks_with_each_datagram(port)) return false;
    // Strangers may ask what they like; our own, and those who were served before, are another matter.
    const auto& site = findings.site();
    const bool ours = site.is_internal(what.client.ip) || site.is_local(what.client.ip);
    if (!ours && !(before && knowledge.have_met(what.client.ip, what.server.ip, what.began))) return false;
    return port != domain_port || !is_lame(what, findings);
}

bool QuestionJudge::is_lame(const Outcome& what, const Findings& findings) {
    const auto& knowledge = findings.knowledge();
    if (knowledge.has_role(what.client.ip, Role::resolver)) return true;
    if (findings.site().is_internal(what.server.ip)) return false;
    const auto* const past = knowledge.service(Transport::udp, what.server);
    if (past != nullptr && past->accepted >= relied_on) return false;
    if (knowledge.service(Transport::udp, {what.client.ip, domain_port}) != nullptr) return true;
    auto& silent = lame_.at(what.client.ip);
    silent.add(what.server.ip);
    return silent.values().size() >= lame_servers;
}

Outcome as_outcome(const Unanswered& what) noexcept {
    Outcome made;
    made.client = what.client;
    made.server = what.server;
    made.client_mac = what.client_mac;
    made.server_mac = what.server_mac;
    made.began = what.since;
    made.began_stamp = what.since_stamp;
    made.began_frame = what.since_frame;
    made.transport = Transport::udp;
    made.technique = Technique::udp;
    made.answer = Answer::silent;
    return made;
}

bool UnansweredQuestions::add(const Fact& fact, const Outcome& what, std::uint64_t datagrams, Duration quiet,
                              const Site& site) {
    const bool begins = AttemptTally::add(fact, what, quiet, site);
    if (begins) {
        datagrams_ = 0;
        source_ports_.clear();
        waits_.clear();
    }
    datagrams_ += datagrams;
    source_ports_.add(static_cast<std::uint32_t>(AddressHash{}(what.client)));
    if (waits_.size() < 64) waits_.push_back(fact.at.time - what.began);
    return begins;
}

void UnansweredQuestions::take_back(const Outcome& what) {
    AttemptTally::take_back();
    datagrams_ -= std::min<std::uint64_t>(datagrams_, what.segments);
}

Duration UnansweredQuestions::waited() const { return median_of(waits_); }

Proof UnansweredQuestions::proof(const Findings& findings, const Place& place, const Address& service) const {
    auto best = std::max(proof_of(findings, place, service), asked_here() ? Proof::by_site : Proof::none);
    if (const auto only = clients().without_port().ip) best = std::max(best, proof_of(findings, place, *only));
    return best;
}

}  // namespace wiresage
