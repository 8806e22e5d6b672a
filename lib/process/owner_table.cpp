// Which sockets there were, when, and whose.

#include "process/owner_table.hpp"

#include <algorithm>
#include <cstring>

namespace wiresage {

namespace {

/// More sockets to one remote port than this cannot be told apart without the local port.
constexpr std::size_t most_looked_at = 4'096;
constexpr std::int32_t init_process = 1;  ///< systemd: holds sockets for others.

Address address_of(const unsigned char (&bytes)[16]) {
    Address made;
    std::memcpy(made.bytes.data(), bytes, made.bytes.size());
    return made;
}

template <std::size_t N>
std::string text_of(const char (&text)[N]) {
    return {text, strnlen(text, N)};
}

SocketOwner owner_of(const socket_event& event) {
    SocketOwner owner;
    owner.pid = static_cast<std::int32_t>(event.pid);
    owner.name = text_of(event.comm);
    owner.uid = event.uid;
    const auto path = "/" + text_of(event.group_above) + "/" + text_of(event.group);
    owner.unit = unit_of_cgroup(path);
    owner.container = container_of_cgroup(path);
    return owner;
}

std::uint64_t ports_key(bool is_tcp, std::uint16_t local, std::uint16_t remote) {
    return std::uint64_t{is_tcp} << 32 | std::uint64_t{local} << 16 | remote;
}

std::uint64_t remote_key(bool is_tcp, std::uint16_t remote) { return std::uint64_t{is_tcp} << 32 | remote; }

bool is_at(const SocketLife& life, const SocketQuestion& question) {
    return life.local.ip.is_unspecified() || life.local.ip == question.local;
}

bool reaches(const SocketLife& life, const SocketQuestion& question) {
    if (life.remote.port != 0) return !question.remote || life.remote.ip == *question.remote;
    if (question.remote_port == 0 || life.to_many || life.sent_to_count == 0) return true;
    const auto* const end = life.sent_to.begin() + life.sent_to_count;
    return std::find(life.sent_to.begin(), end, question.remote_port) != end;
}

/// What the event says of the socket's ends and of whose it is.
void learn(SocketLife& life, const socket_event& event) {
    const bool closes_unconnected = event.kind == socket_closed && event.remote_port == 0;
    if (event.local_port != 0 && !(closes_unconnected && life.local.port != 0)) {
        life.local = {address_of(event.local_ip), event.local_port};
    }
    life.listens = life.listens || event.kind == socket_listening;
    if (event.pid != 0) life.owner = life.owner ? agreed({*life.owner, owner_of(event)}) : owner_of(event);
    if (event.kind != socket_sending) {
        if (event.remote_port != 0) life.remote = {address_of(event.remote_ip), event.remote_port};
        return;
    }
    auto* const end = life.sent_to.begin() + life.sent_to_count;
    if (event.remote_port != 0 && std::find(life.sent_to.begin(), end, event.remote_port) != end) return;
    life.to_many = life.to_many || event.remote_port == 0 || end == life.sent_to.end();
    if (!life.to_many) life.sent_to[life.sent_to_count++] = event.remote_port;
}

}  // namespace

void OwnerTable::take(const socket_event& event, Duration unix_offset) {
    const auto at = event_time(static_cast<std::int64_t>(event.time_ns)) + unix_offset;
    last_ = at;
    if (event.kind == listener_forked) {
        for (auto& [life, by_ports, by_remote_port, remote_ports] : open_) {
            if (life.listens && life.owner && life.owner->pid == static_cast<std::int32_t>(event.pid))
                life.has_forked = true;
        }
        return;
    }
    const bool is_known = by_cookie_.contains(event.cookie);
    const bool has_ends = event.local_port != 0 && event.remote_port != 0;
    if (event.kind == socket_closed && !is_known && !(event.is_tcp != 0 && has_ends)) return;  // Its life is not known.
    const auto node = node_of(event, at);
    if (!is_known && event.kind == socket_closed) node->life.opened = EventTime{};  // Older than this table.
    unindex(node);
    learn(node->life, event);
    index(node);
    if (event.kind == socket_closed) close(node, at);
}

OwnerTable::Lives::iterator OwnerTable::node_of(const socket_event& event, EventTime at) {
    if (const auto known = by_cookie_.find(event.cookie); known != by_cookie_.end()) return known->second;
    make_room();
    Node node;
    node.life.cookie = event.cookie;
    node.life.is_tcp = event.is_tcp != 0;
    node.life.opened = at;
    open_.push_back(std::move(node));
    const auto made = std::prev(open_.end());
    by_cookie_.emplace(event.cookie, made);
    index(made);
    return made;
}

void OwnerTable::index(Lives::iterator node) {
    const auto& life = node->life;
    node->by_ports = by_ports_.emplace(ports_key(life.is_tcp, life.local.port, life.remote.port), node);
    node->remote_ports = 0;
    const auto add = [&](std::uint16_t port) {
        node->by_remote_port[node->remote_ports++] = by_remote_port_.emplace(remote_key(life.is_tcp, port), node);
    };
    if (life.remote.port != 0) add(life.remote.port);
    for (std::size_t i = 0; i < life.sent_to_count; ++i) add(life.sent_to[i]);
}

void OwnerTable::unindex(Lives::iterator node) {
    by_ports_.erase(node->by_ports);
    while (node->remote_ports != 0) by_remote_port_.erase(node->by_remote_port[--node->remote_ports]);
}

void OwnerTable::close(Lives::iterator node, EventTime at) {
    node->life.closed = at;
    by_cookie_.erase(node->life.cookie);
    closed_.splice(closed_.end(), open_, node);
    if (on_closed && node->life.owner && node->life.local.port != 0) on_closed(node->life);
}

void OwnerTable::make_room() {
    while (size() >= most_) {
        auto& from = closed_.empty() ? open_ : closed_;
        unindex(from.begin());
        if (&from == &open_) by_cookie_.erase(from.front().life.cookie);
        from.pop_front();
    }
}

void OwnerTable::add(const SocketLife& life) {
    make_room();
    closed_.push_back({life});
    index(std::prev(closed_.end()));
}

std::vector<SocketLife> OwnerTable::open_lives() const {
    std::vector<SocketLife> lives;
    for (const auto& node : open_) {
        if (node.life.owner && node.life.local.port != 0) lives.push_back(node.life);
    }
    return lives;
}

void OwnerTable::doubt_open() {
    while (!open_.empty()) close(open_.begin(), last_);
}

std::vector<const SocketLife*> OwnerTable::candidates(const SocketQuestion& question, bool with_afterlife) const {
    std::vector<const SocketLife*> found;
    const auto add = [&](const Index& index, std::uint64_t key) {
        const auto [begin, end] = index.equal_range(key);
        std::size_t looked_at = 0;
        for (auto at = begin; at != end; ++at) {
            const auto& life = at->second->life;
            if (++looked_at > most_looked_at) return found.clear();
            const bool is_connection = life.is_tcp && life.remote.port != 0 && question.local_port != 0;
            const auto slack = !with_afterlife ? Duration{0} : is_connection ? connection_afterlife : afterlife;
            const bool is_open = life.closed == EventTime::max();
            const bool was_there = life.opened <= question.until && (is_open || life.closed >= question.from - slack);
            if (was_there && is_at(life, question) && reaches(life, question)) found.push_back(&life);
        }
    };
    if (question.local_port != 0) {
        if (question.remote_port != 0)
            add(by_ports_, ports_key(question.is_tcp, question.local_port, question.remote_port));
        if (found.empty()) add(by_ports_, ports_key(question.is_tcp, question.local_port, 0));
    } else if (question.remote_port != 0) {
        add(by_remote_port_, remote_key(question.is_tcp, question.remote_port));
    }
    return found;
}

SocketOwner OwnerTable::find(const SocketQuestion& question, bool& is_service) const {
    auto lives = candidates(question, false);
    if (lives.empty()) lives = candidates(question, true);
    is_service = false;
    std::vector<SocketOwner> owners;
    for (const auto* life : lives) {
        if (life->listens) {
            is_service = true;
            auto owner = life->owner.value_or(SocketOwner{});
            if (life->has_forked || owner.pid == init_process) owner.pid.reset();
            if (owner.name == "systemd") owner = {};
            owners.push_back(std::move(owner));
        } else {
            owners.push_back(life->owner ? *life->owner : listener_at(*life));
        }
    }
    return agreed(owners);
}

SocketOwner OwnerTable::listener_at(const SocketLife& connection) const {
    SocketQuestion question{connection.is_tcp, connection.local.ip, connection.local.port, {}, 0,
                            connection.opened, connection.opened};
    std::vector<SocketOwner> owners;
    for (const auto* life : candidates(question, false)) {
        if (!life->listens || !life->owner) continue;
        auto owner = *life->owner;
        if (life->has_forked || owner.pid == init_process) {  // A child has it, perhaps of another name and user.
            owner = {};
            owner.unit = life->owner->unit;
            owner.container = life->owner->container;
        }
        owners.push_back(std::move(owner));
    }
    return agreed(owners);
}

const SocketOwner* OwnerTable::open_owner(std::uint64_t cookie) const {
    const auto known = by_cookie_.find(cookie);
    if (cookie == 0 || known == by_cookie_.end() || !known->second->life.owner) return nullptr;
    const auto& life = known->second->life;
    return life.listens && life.has_forked ? nullptr : &*life.owner;
}

}  // namespace wiresage
