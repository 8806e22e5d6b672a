// What has been learnt of hosts and services.

#include "detect/knowledge.hpp"

#include <algorithm>
#include <array>

#include "detect/bounded_map.hpp"
#include "detect/dns_memory.hpp"
#include "detect/host.hpp"
#include "detect/windows.hpp"

namespace wiresage {

namespace {

// How many of something make a role.  Ours: far above what a workstation does, far below what the role does in a day.
constexpr std::size_t resolver_name_servers = 50;  // field-notes.md, udp_request_unanswered.
constexpr std::size_t poller_targets = 50;
constexpr std::uint64_t poller_answered_percent = 80;
constexpr std::uint64_t balancer_served = 100;
constexpr std::uint64_t balancer_port_percent = 80;
constexpr std::uint64_t least_one_sided = 10, least_gaps = 10;
constexpr std::size_t forwarding_addresses = 4;
constexpr std::size_t most_addresses_of_mac = 16;
constexpr Duration noted_again = std::chrono::minutes{10};  // A sender's list may have gone meanwhile.

constexpr std::uint16_t domain_port = 53;  // RFC 1035, 4.2.

struct Sender {
    std::vector<Address> addresses;  ///< Seen with this MAC, the first sixteen.
};

/// Lost or doubled packets of the last moments, against all.
struct Losses {
    explicit Losses(Duration span) : bad{span}, all{span} {}
    RateWindow bad;
    RateWindow all;
};

bool can_be_forwarded(const Address& address) noexcept {
    const bool link_local = (address.bytes[0] == 0xfe && (address.bytes[1] & 0xc0U) == 0x80) ||  // RFC 4291, 2.5.6.
                            address.v4_value() >> 16 == 0xa9feU;                                 // RFC 3927, 7.
    return !link_local && !address.is_unspecified() && !address.is_multicast() && !address.is_broadcast() &&
           !address.is_loopback();
}

bool contains_other(const std::array<std::uint16_t, 2>& ports, std::uint16_t port) noexcept {
    return std::any_of(ports.begin(), ports.end(), [&](auto known) { return known != 0 && known != port; });
}

}  // namespace

struct Knowledge::State {
    State(const Site& of, std::size_t most)
        : site{of}, hosts{most}, services{most}, senders{most}, pairs{most}, names{most} {}

    Host& host(const Address& address) {
        auto& found = hosts.at(address);
        found.last_seen = now;
        found.last_use = ++uses;
        return found;
    }

    void saw_mac(const MacAddress& mac, const Address& address) {
        if (mac.is_zero() || mac.is_group() || !can_be_forwarded(address)) return;
        auto& of = senders.at(mac).addresses;
        if (of.size() < most_addresses_of_mac && std::find(of.begin(), of.end(), address) == of.end())
            of.push_back(address);
    }

    /// Both directions of the host were seen; `mac` is where its packets come from.
    void proves(const Fact& fact, const Address& address, Host& host, const MacAddress& mac) {
        host.prove(fact.at.time, fact.at.input, fact.vlan);
        speaks(address, host, mac);
    }
    void speaks(const Address& address, Host& host, const MacAddress& mac) {
        if (host.seen == mac && now - host.seen_noted <= noted_again) return;
        host.seen = mac;
        host.seen_noted = now;
        saw_mac(mac, address);
    }
    void asks(const Attempt& what, Host& client);
    void accepted(const Fact& fact, const Outcome& what, Host& client, Host& server);

    void see(const Fact& fact, const Attempt& what);
    void see(const Fact& fact, const Outcome& what);
    void see(const Fact& fact, const TwoWay& what);
    void see(const Fact& fact, const Neighbor& what);
    void see(const Fact&, const ConnectionEnded& what) {
        if (!what.was_established) return;
        auto* const pair = pairs.find(std::minmax(what.client.ip, what.server.ip));
        if (pair != nullptr && pair->open > 0) --pair->open;
    }
    void see(const Fact& fact, const CaptureLoss& what) {
        loss.bad.add(fact.at.time, what.kernel + what.ring + what.interface + what.link);
        loss.all.add(fact.at.time, what.captured + what.kernel + what.ring + what.interface + what.link);
    }
    void see(const Fact& fact, const Duplicates& what) {
        while (copies.size() <= fact.at.input) copies.emplace_back(std::chrono::seconds{10});
        copies[fact.at.input].bad.add(fact.at.time, what.dropped);
        copies[fact.at.input].all.add(fact.at.time, what.packets);
    }
    void see(const Fact& fact, const Sidedness& what) {
        while (sides.size() <= fact.at.input) sides.emplace_back(std::chrono::minutes{10});
        sides[fact.at.input].bad.add(fact.at.time, what.one_sided);
        sides[fact.at.input].all.add(fact.at.time, what.flows);
    }
    void see(const Fact& fact, const CaptureGap& what) {
        while (gaps.size() <= fact.at.input) gaps.emplace_back(std::chrono::minutes{1});
        gaps[fact.at.input].add(fact.at.time, what.gaps);
    }
    void see(const Fact& fact, const DnsReply& what) { names.see(fact, what); }
    void see(const Fact&, const ClockStep&) {
        loss = Losses{std::chrono::minutes{1}};
        copies.clear();
        sides.clear();
        gaps.clear();
    }
    template <typename Other>
    void see(const Fact&, const Other&) {}

    bool forwards(const MacAddress& mac) const;
    bool has_role(const Address& address, const Host& host, Role role) const;

    const Site& site;
    EventTime now;
    std::uint64_t uses = 0;
    BoundedMap<Address, Host, KeyHash> hosts;
    BoundedMap<ServiceKey, ServicePast, KeyHash> services;
    BoundedMap<MacAddress, Sender, KeyHash> senders;
    BoundedMap<std::pair<Address, Address>, Pair, KeyHash> pairs;  ///< The smaller address first.
    RecentAnswers answers;
    DnsMemory names;
    Losses loss{std::chrono::minutes{1}};
    std::vector<Losses> copies;    ///< By input, as the next.
    std::vector<Losses> sides;     ///< Connections seen from one side only.
    std::vector<RateWindow> gaps;  ///< Places where something was acknowledged that was never seen.
};

void Knowledge::State::see(const Fact&, const Attempt& what) {
    saw_mac(what.server_mac, what.server.ip);  // Who is sent to through a MAC is also behind it.
    auto& client = host(what.client.ip);
    speaks(what.client.ip, client, what.client_mac);
    asks(what, client);
}

void Knowledge::State::asks(const Attempt& what, Host& client) {
    if (!what.initiator_known && what.transport != Transport::udp) return;
    const AddressHash hash;
    ++client.attempts;
    client.services.add(hash(what.server));
    client.asked_port.add(what.server.port);
    if (what.transport == Transport::udp && what.server.port == domain_port)
        client.name_servers.add(hash(what.server.ip));
    if (site.is_internal(what.server.ip) && can_be_forwarded(what.server.ip))
        client.internal_targets.add(hash(what.server.ip));
}

void Knowledge::State::see(const Fact& fact, const Outcome& what) {
    const bool is_accepted = what.answer == Answer::accepted || (what.at_once && what.answer == Answer::completed);
    if (is_accepted || what.answer == Answer::refused) {
        auto& server = host(what.server.ip);
        auto& client = host(what.client.ip);  // Evicts the longest unused at most, so not the server.
        proves(fact, what.client.ip, client, what.client_mac);
        proves(fact, what.server.ip, server, what.server_mac);
        auto& pair = pairs.at(std::minmax(what.client.ip, what.server.ip));
        pair.met = now;
        pair.open += what.answer == Answer::completed;
        if (what.at_once) asks(attempt_of(what), client);
        if (is_accepted) return accepted(fact, what, client, server);
    } else if (what.at_once) {
        see(fact, attempt_of(what));
    }
    if (what.answer == Answer::completed) {
        ++pairs.at(std::minmax(what.client.ip, what.server.ip)).open;
        if (const auto* const client = hosts.find(what.client.ip))
            answers.complete(client->last_answer, what.client, what.server);
        return;
    }
    // Only what once worked is kept: a scan of 65,536 closed ports must not push out the services that count.
    auto* const past = services.find(ServiceKey{what.server, what.transport});
    if (past == nullptr) return;
    past->refused += what.answer == Answer::refused || what.answer == Answer::refused_by_icmp;
    past->silent += what.answer == Answer::silent;
}

void Knowledge::State::accepted(const Fact& fact, const Outcome& what, Host& client, Host& server) {
    auto& past = services.at(ServiceKey{what.server, what.transport});
    if (past.accepted++ == 0) past.first_accepted = now;
    past.last_accepted = now;
    ++client.answered;
    answers.add({.client = what.client,
                 .server = what.server,
                 .told = now,
                 .began = what.began,
                 .began_stamp = what.began_stamp,
                 .vlan = fact.vlan,
                 .transport = what.transport,
                 .completed = what.answer == Answer::completed},
                client.last_answer, past.last_answer);
    ++server.served;
    if (what.transport == Transport::tcp) server.answers(server.tcp_answers, what.server.port);
    if (what.transport == Transport::udp) server.answers(server.udp_answers, what.server.port);
}

void Knowledge::State::see(const Fact& fact, const TwoWay& what) {
    pairs.at(std::minmax(what.a, what.b)).met = now;
    for (const auto& [address, mac] : {std::pair{what.a, what.a_mac}, std::pair{what.b, what.b_mac}}) {
        proves(fact, address, host(address), mac);
    }
}

void Knowledge::State::see(const Fact&, const Neighbor& what) {
    // A claim is believed where the frame comes from the claimed MAC: proxies and spoofers speak for others.
    if (what.probe || what.sender_ip.is_unspecified() || what.sender_mac.is_zero()) return;
    if (!what.frame_source.is_zero() && what.frame_source != what.sender_mac && !is_virtual_router(what.sender_mac))
        return;
    host(what.sender_ip).owner = what.sender_mac;
}

bool Knowledge::State::forwards(const MacAddress& mac) const {
    if (is_virtual_router(mac)) return true;
    const auto* const sender = senders.find(mac);
    if (sender == nullptr) return false;
    std::size_t foreign = 0;
    bool owns_inside = false;
    bool foreign_outside = false;
    for (const auto& address : sender->addresses) {
        const auto* const known = hosts.find(address);
        if (known != nullptr && known->owner == mac) {
            owns_inside = owns_inside || site.is_internal(address);
            continue;
        }
        ++foreign;
        foreign_outside = foreign_outside || !site.is_internal(address);
    }
    // One outside address behind a MAC that owns an inside one is enough: that is what a gateway looks like.
    return foreign >= forwarding_addresses || (owns_inside && foreign_outside);
}

bool Knowledge::State::has_role(const Address& address, const Host& of, Role role) const {
    const auto& mac = of.owner.is_zero() ? of.seen : of.owner;
    switch (role) {
        case Role::resolver:
            return of.name_servers.count() >= resolver_name_servers;
        case Role::poller:
            return of.internal_targets.count() >= poller_targets &&
                   of.answered * 100 >= of.attempts * poller_answered_percent;
        case Role::forwards:
            return !of.owner.is_zero() && !site.is_local(address) && forwards(of.owner);
        case Role::load_balancer:
            return of.served >= balancer_served && of.attempts * 2 >= of.served && of.services.count() >= 2 &&
                   of.services.count() < Sampled::most &&
                   of.asked_port.hits() * 100 >= of.attempts * balancer_port_percent;
        case Role::virtual_router:
            return is_virtual_router(mac) && of.owner == mac;
    }
    return false;
}

Knowledge::Knowledge(const Site& site, std::size_t most_hosts)
    : state_{std::make_unique<State>(site, std::max<std::size_t>(most_hosts, 16))} {}

Knowledge::~Knowledge() = default;

void Knowledge::see(const Fact& fact) {
    state_->now = fact.at.time;
    std::visit([&](const auto& what) { state_->see(fact, what); }, fact.what);
}

bool Knowledge::two_way(std::uint16_t input, std::uint16_t vlan, const Address& address, EventTime now,
                        Duration span) const {
    const auto* const host = state_->hosts.find(address);
    return host != nullptr && std::any_of(host->proofs.begin(), host->proofs.end(), [&](const SeenBothWays& proof) {
               return proof.at != EventTime{} && proof.input == input && proof.vlan == vlan && now - proof.at <= span;
           });
}

bool Knowledge::has_met(const Address& address, EventTime now) const {
    const auto* const host = state_->hosts.find(address);
    return host != nullptr && host->met != EventTime{} && now - host->met <= proof_span;
}

bool Knowledge::have_met(const Address& a, const Address& b, EventTime now) const {
    const auto* const pair = state_->pairs.find(std::minmax(a, b));
    return pair != nullptr && now - pair->met <= proof_span;
}

std::vector<const AnsweredAttempt*> Knowledge::answered(const Address& client, EventTime since) const {
    const auto* const host = state_->hosts.find(client);
    return host == nullptr ? std::vector<const AnsweredAttempt*>{}
                           : state_->answers.of_client(host->last_answer, since);
}

AnsweredCounts Knowledge::answered(Transport transport, const Endpoint& service, EventTime since) const {
    const auto* const past = this->service(transport, service);
    return past == nullptr ? AnsweredCounts{} : state_->answers.of_service(past->last_answer, since);
}

std::uint32_t Knowledge::open_connections(const Address& a, const Address& b) const {
    const auto* const pair = state_->pairs.find(std::minmax(a, b));
    return pair == nullptr ? 0 : pair->open;
}

const ServicePast* Knowledge::service(Transport transport, const Endpoint& service) const {
    return state_->services.find(ServiceKey{service, transport});
}

bool Knowledge::other_port_answers(Transport transport, const Endpoint& service) const {
    const auto* const host = state_->hosts.find(service.ip);
    if (host == nullptr) return false;
    if (transport == Transport::tcp) return contains_other(host->tcp_answers, service.port);
    if (transport == Transport::udp) return contains_other(host->udp_answers, service.port);
    return false;
}

bool Knowledge::forwards(const MacAddress& mac) const { return state_->forwards(mac); }

bool Knowledge::has_role(const Address& address, Role role) const {
    const auto* const host = state_->hosts.find(address);
    return host != nullptr && state_->has_role(address, *host, role);
}

const DnsMemory& Knowledge::names() const noexcept { return state_->names; }

std::int64_t Knowledge::capture_loss_share() const noexcept {
    const auto all = state_->loss.all.total(state_->now);
    const auto lost = state_->loss.bad.total(state_->now);
    // Any loss shows as at least one millionth.
    return lost == 0 ? 0
                     : std::max<std::int64_t>(
                           1, static_cast<std::int64_t>(lost * 1'000'000 / std::max<std::uint64_t>(all, 1)));
}

bool Knowledge::doubled(std::uint16_t input) const {
    if (input >= state_->copies.size()) return false;
    auto& copies = state_->copies[input];
    return copies.bad.total(state_->now) * 1000 > copies.all.total(state_->now);
}

bool Knowledge::one_sided(std::uint16_t input) const {
    if (input >= state_->sides.size()) return false;
    auto& sides = state_->sides[input];
    const auto some = sides.bad.total(state_->now);
    return some >= least_one_sided && some * 2 > sides.all.total(state_->now);
}

bool Knowledge::gapped(std::uint16_t input) const {
    return input < state_->gaps.size() && state_->gaps[input].total(state_->now) >= least_gaps;
}

std::vector<HostView> Knowledge::hosts(std::size_t most) const {
    std::vector<std::pair<const Address*, const Host*>> latest;
    state_->hosts.for_each([&](const Address& address, const Host& host) { latest.emplace_back(&address, &host); });
    std::stable_sort(latest.begin(), latest.end(), [](const auto& left, const auto& right) {
        return std::pair{left.second->last_seen, left.second->last_use} >
               std::pair{right.second->last_seen, right.second->last_use};
    });
    latest.resize(std::min(latest.size(), most));
    std::vector<HostView> views;
    for (const auto& [address, host] : latest) {
        HostView view{*address, {}, host->last_seen, {}, host->attempts, host->answered, host->services.count()};
        if (!host->owner.is_zero()) {
            view.mac = host->owner;
        } else if (!host->seen.is_zero() && !forwards(host->seen)) {
            view.mac = host->seen;
        }
        for (const auto role :
             {Role::resolver, Role::poller, Role::forwards, Role::load_balancer, Role::virtual_router}) {
            if (state_->has_role(*address, *host, role)) view.roles.push_back(role);
        }
        views.push_back(std::move(view));
    }
    return views;
}

std::uint64_t Knowledge::evicted() const noexcept {
    return state_->hosts.evicted() + state_->pairs.evicted() + state_->services.evicted() + state_->senders.evicted();
}

const Site& Knowledge::site() const noexcept { return state_->site; }

}  // namespace wiresage
