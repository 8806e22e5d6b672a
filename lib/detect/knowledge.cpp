// What has been learnt of hosts and services.

#include "detect/knowledge.hpp"

#include <algorithm>
#include <array>

#include "detect/bounded_map.hpp"
#include "detect/windows.hpp"

namespace wiresage {

namespace {

// How many of something make a role.  Ours: far above what a workstation does, far below what the role does in a day.
constexpr std::size_t resolver_name_servers = 50;  // field-notes.md, udp_request_unanswered.
constexpr std::size_t poller_targets = 50;
constexpr std::uint64_t poller_answered_percent = 80;
constexpr std::uint64_t balancer_served = 100;
constexpr std::uint64_t balancer_port_percent = 80;
constexpr std::size_t most_sampled = 64;  // HostView::targets is exact up to here.
constexpr std::size_t forwarding_addresses = 4;
constexpr std::size_t most_addresses_of_mac = 16;

constexpr std::uint16_t domain_port = 53;  // RFC 1035, 4.2.

/// Distinct hashes, exact up to `most_sampled`, allocated as they come.
class Sampled {
public:
    void add(std::uint64_t hash) {
        const auto value = static_cast<std::uint32_t>(hash);
        if (seen_.size() < most_sampled && std::find(seen_.begin(), seen_.end(), value) == seen_.end()) {
            seen_.push_back(value);
        }
    }
    std::size_t count() const noexcept { return seen_.size(); }

private:
    std::vector<std::uint32_t> seen_;
};

/// The commonest value by Boyer and Moore's vote: exact where one has more than half.
class Commonest {
public:
    void add(std::uint16_t value) {
        if (votes_ == 0) {
            value_ = value;
            hits_ = 0;
        }
        value == value_ ? ++votes_ : --votes_;
        hits_ += value == value_;
    }
    /// At least this many had the commonest value.
    std::uint64_t hits() const noexcept { return hits_; }

private:
    std::uint64_t votes_ = 0;
    std::uint64_t hits_ = 0;
    std::uint16_t value_ = 0;
};

struct Host {
    EventTime last_seen;
    std::uint64_t last_use = 0;  ///< Tells hosts of one moment apart.
    MacAddress owner;  ///< Said by ARP or neighbour discovery.
    MacAddress seen;   ///< Of its packets: its own or a router's.
    std::uint64_t attempts = 0;
    std::uint64_t answered = 0;
    std::uint64_t served = 0;  ///< Accepted as a server.
    Sampled services;          ///< Asked.
    Sampled name_servers;      ///< Asked at port 53.
    Sampled internal_targets;  ///< Addresses inside asked.
    Commonest asked_port;
    std::array<std::uint16_t, 2> tcp_answers{};  ///< The first two ports that accepted somebody.
    std::array<std::uint16_t, 2> udp_answers{};
};

struct Sender {
    std::vector<Address> addresses;  ///< Seen with this MAC, the first sixteen.
};

struct ProofKey {
    Address address;
    std::uint16_t input = 0;
    std::uint16_t vlan = 0;
    friend bool operator==(const ProofKey&, const ProofKey&) = default;
};

struct ServiceKey {
    Endpoint end;
    Transport transport = Transport::none;
    friend bool operator==(const ServiceKey&, const ServiceKey&) = default;
};

struct KeyHash : AddressHash {
    using AddressHash::operator();
    std::size_t operator()(const ProofKey& of) const noexcept {
        return spread((*this)(of.address) + (std::uint64_t{of.input} << 16 | of.vlan));
    }
    std::size_t operator()(const ServiceKey& of) const noexcept {
        return spread((*this)(of.end) + static_cast<std::uint64_t>(of.transport));
    }
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

void remember(std::array<std::uint16_t, 2>& ports, std::uint16_t port) noexcept {
    for (auto& known : ports) {
        if (known == port) return;
        if (known == 0) {
            known = port;
            return;
        }
    }
}

}  // namespace

struct Knowledge::State {
    State(const Site& of, std::size_t most)
        : site{of}, hosts{most}, proofs{most}, services{most}, senders{most}, acquaintances{most} {}

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

    void proves(const Fact& fact, const Address& address) {
        proofs.at(ProofKey{address, fact.at.input, fact.vlan}) = fact.at.time;
    }

    void see(const Fact& fact, const Attempt& what);
    void see(const Fact& fact, const Outcome& what);
    void see(const Fact& fact, const TwoWay& what);
    void see(const Fact& fact, const Neighbor& what);
    void see(const Fact& fact, const CaptureLoss& what) {
        loss.bad.add(fact.at.time, what.kernel + what.ring + what.interface);
        loss.all.add(fact.at.time, what.captured + what.kernel + what.ring + what.interface);
    }
    void see(const Fact& fact, const Duplicates& what) {
        while (copies.size() <= fact.at.input) copies.emplace_back(std::chrono::seconds{10});
        copies[fact.at.input].bad.add(fact.at.time, what.dropped);
        copies[fact.at.input].all.add(fact.at.time, what.packets);
    }
    void see(const Fact&, const ClockStep&) {
        loss = Losses{std::chrono::minutes{1}};
        copies.clear();
    }
    template <typename Other>
    void see(const Fact&, const Other&) {}

    bool forwards(const MacAddress& mac) const;
    bool has_role(const Address& address, const Host& host, Role role) const;

    const Site& site;
    EventTime now;
    std::uint64_t uses = 0;
    BoundedMap<Address, Host, KeyHash> hosts;
    BoundedMap<ProofKey, EventTime, KeyHash> proofs;
    BoundedMap<ServiceKey, ServicePast, KeyHash> services;
    BoundedMap<MacAddress, Sender, KeyHash> senders;
    Acquaintances acquaintances;
    Losses loss{std::chrono::minutes{1}};
    std::vector<Losses> copies;  ///< By input.
};

void Knowledge::State::see(const Fact&, const Attempt& what) {
    saw_mac(what.client_mac, what.client.ip);
    saw_mac(what.server_mac, what.server.ip);  // Who is sent to through a MAC is also behind it.
    auto& client = host(what.client.ip);
    client.seen = what.client_mac;
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
    const ServiceKey key{what.server, what.transport};
    if (what.answer == Answer::accepted) {
        proves(fact, what.client.ip);
        proves(fact, what.server.ip);
        auto& past = services.at(key);
        if (past.accepted++ == 0) past.first_accepted = now;
        past.last_accepted = now;
        ++host(what.client.ip).answered;
        auto& server = host(what.server.ip);
        ++server.served;
        if (what.transport == Transport::tcp) remember(server.tcp_answers, what.server.port);
        if (what.transport == Transport::udp) remember(server.udp_answers, what.server.port);
        return;
    }
    // Only what once worked is kept: a scan of 65,536 closed ports must not push out the services that count.
    auto* const past = services.find(key);
    if (past == nullptr) return;
    past->refused += what.answer == Answer::refused || what.answer == Answer::refused_by_icmp;
    past->silent += what.answer == Answer::silent;
}

void Knowledge::State::see(const Fact& fact, const TwoWay& what) {
    acquaintances.see(fact, what);
    for (const auto& [address, mac] : {std::pair{what.a, what.a_mac}, std::pair{what.b, what.b_mac}}) {
        proves(fact, address);
        saw_mac(mac, address);
        host(address).seen = mac;
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
                   of.services.count() < most_sampled &&
                   of.asked_port.hits() * 100 >= of.attempts * balancer_port_percent;
        case Role::virtual_router:
            return is_virtual_router(mac) && of.owner == mac;
    }
    return false;
}

Knowledge::Knowledge(const Site& site, std::size_t most_hosts)
    : state_{std::make_unique<State>(site, std::max<std::size_t>(most_hosts, 1))} {}

Knowledge::~Knowledge() = default;

void Knowledge::see(const Fact& fact) {
    state_->now = fact.at.time;
    std::visit([&](const auto& what) { state_->see(fact, what); }, fact.what);
}

bool Knowledge::two_way(std::uint16_t input, std::uint16_t vlan, const Address& address, EventTime now,
                        Duration span) const {
    const auto* const last = state_->proofs.find(ProofKey{address, input, vlan});
    return last != nullptr && now - *last <= span;
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

const Acquaintances& Knowledge::acquaintances() const noexcept { return state_->acquaintances; }

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

std::vector<HostView> Knowledge::hosts(std::size_t most) const {
    std::vector<std::pair<const Address*, const Host*>> latest;
    state_->hosts.for_each([&](const Address& address, const Host& host) { latest.emplace_back(&address, &host); });
    std::stable_sort(latest.begin(), latest.end(), [](const auto& left, const auto& right) {
        return std::pair{left.second->last_seen, left.second->last_use} > std::pair{right.second->last_seen, right.second->last_use};
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
    return state_->hosts.evicted() + state_->proofs.evicted() + state_->services.evicted() + state_->senders.evicted();
}

const Site& Knowledge::site() const noexcept { return state_->site; }

}  // namespace wiresage
