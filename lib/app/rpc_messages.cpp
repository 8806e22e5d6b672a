// DCE/RPC packets over connections, read field by field.
#include "app/rpc_messages.hpp"

#include <algorithm>

namespace wiresage {

namespace {

/// Protocol identifiers of a tower's floors (C706, appendix I).
constexpr std::uint8_t floor_uuid = 0x0d;
constexpr std::uint8_t floor_tcp = 0x07;
constexpr std::uint8_t floor_ip = 0x09;

constexpr std::size_t most_floors = 8;
constexpr std::uint64_t most_tower_bytes = 512;
constexpr std::uint64_t most_towers = 32;

/// A floor's two halves; lengths are little-endian whatever the packet is (C706, appendix L).
struct Floor {
    Bytes left;
    Bytes right;
};

Floor floor_of(NdrReader& at) noexcept {
    Floor made;
    const auto length = [&] {
        const Bytes two = at.take(2);
        return two.size() == 2 ? static_cast<std::size_t>(two[0] | two[1] << 8) : std::size_t{0};
    };
    made.left = at.take(length());
    made.right = at.take(length());
    return made;
}

}  // namespace

std::optional<RpcHeader> rpc_header(Bytes shown) noexcept {
    if (shown.size() < RpcHeader::bytes || shown[0] != 5 || shown[1] > 1 || shown[2] > 19) return {};
    RpcHeader made;
    made.type = shown[2];
    made.flags = shown[3];
    made.little = (shown[4] & 0xf0) == 0x10;
    NdrReader at{shown, made.little};
    at.take(8);
    made.length = at.u16();
    made.auth_length = at.u16();
    made.call = at.u32();
    if (made.length < RpcHeader::bytes) return {};
    return made;
}

std::uint32_t rpc_accepted_contexts(const RpcHeader& head, Bytes packet) noexcept {
    NdrReader at{packet, head.little};
    at.take(RpcHeader::bytes + 8);
    at.take(at.u16());  // Secondary address.
    at.align(4);
    const std::size_t count = at.u8();
    at.take(3);
    std::uint32_t accepted = 0;
    for (std::size_t i = 0; i < count && i < 8; ++i) {
        const auto result = at.u16();
        at.u16();
        at.take(20);  // Transfer syntax.
        if (at.ok() && result == 0) accepted |= 1U << i;
    }
    return accepted;
}

namespace {

/// What lies after a packet's own header and before its authentication.
Bytes stub_of(const RpcHeader& head, Bytes packet, std::size_t header_bytes) noexcept {
    // The verifier has a header of eight bytes of its own (C706, 13.2.6.1).
    const std::size_t auth = head.auth_length > 0 ? static_cast<std::size_t>(head.auth_length) + 8 : 0;
    const std::size_t end = std::min<std::size_t>(head.length, packet.size());
    if (end < header_bytes + auth) return {};
    return packet.subspan(header_bytes, end - header_bytes - auth);
}

}  // namespace

std::optional<RpcCall> rpc_request(const RpcHeader& head, Bytes packet) noexcept {
    NdrReader at{packet, head.little};
    at.take(RpcHeader::bytes + 4);
    RpcCall made;
    made.context = at.u16();
    made.operation = at.u16();
    if (!at.ok()) return {};
    const std::size_t object = (head.flags & 0x80) != 0 ? 16 : 0;  // PFC_OBJECT_UUID
    made.stub = stub_of(head, packet, RpcHeader::bytes + 8 + object);
    return made;
}

Bytes rpc_response_stub(const RpcHeader& head, Bytes packet) noexcept {
    return stub_of(head, packet, RpcHeader::bytes + 8);
}

std::uint32_t rpc_fault_status(const RpcHeader& head, Bytes packet) noexcept {
    NdrReader at{packet, head.little};
    at.take(RpcHeader::bytes + 8);
    return at.u32();
}

std::optional<RpcTower> rpc_tower(Bytes octets) noexcept {
    NdrReader at{octets, true};
    const Bytes two = at.take(2);
    if (two.size() < 2) return {};
    const std::size_t count = static_cast<std::size_t>(two[0] | two[1] << 8);
    if (count < 3 || count > most_floors) return {};
    RpcTower made;
    bool has_interface = false;
    for (std::size_t i = 0; i < count; ++i) {
        const Floor floor = floor_of(at);
        if (!at.ok() || floor.left.empty()) return {};
        const auto protocol = floor.left[0];
        if (i == 0 && protocol == floor_uuid && floor.left.size() >= 17) {
            NdrReader uuid{floor.left.subspan(1), true};
            made.interface = uuid.uuid();
            has_interface = true;
        } else if (protocol == floor_tcp && floor.right.size() == 2) {
            made.over_tcp = true;
            made.endpoint.port = static_cast<std::uint16_t>(floor.right[0] << 8 | floor.right[1]);
        } else if (made.over_tcp && protocol == floor_ip && floor.right.size() == 4) {
            const auto ip = floor.right;
            made.endpoint.ip = ipv4(ip[0], ip[1], ip[2], ip[3]);
        } else if (made.over_tcp && floor.right.size() == 16) {
            made.endpoint.ip = Address::v6(floor.right);  // Written so by mappers that serve IPv6.
        }
    }
    if (!has_interface) return {};
    return made;
}

namespace {

/// The octets of a twr_t: its size as an array, its length, then themselves.
Bytes tower_octets(NdrReader& at, std::size_t wide_bytes) noexcept {
    const std::uint64_t largest = at.number(wide_bytes);
    const std::uint64_t length = at.u32();
    if (length > largest || length > most_tower_bytes) return {};
    return at.take(static_cast<std::size_t>(length));
}

}  // namespace

std::optional<RpcTower> rpc_map_request(Bytes stub, bool little, bool wide) noexcept {
    const std::size_t pointer = wide ? 8 : 4;
    NdrReader at{stub, little};
    if (at.number(pointer) != 0) at.uuid();
    if (at.number(pointer) == 0) return {};
    return rpc_tower(tower_octets(at, pointer));
}

std::optional<RpcMapAnswer> rpc_map_answer(Bytes stub, bool little, bool wide) noexcept {
    const std::size_t pointer = wide ? 8 : 4;
    NdrReader at{stub, little};
    at.take(20);  // Entry handle.
    RpcMapAnswer made;
    made.towers = at.u32();
    at.number(pointer);  // Room for so many ...
    at.number(pointer);  // ... from this one on ...
    const std::uint64_t count = at.number(pointer);
    if (!at.ok() || count > most_towers) return {};
    std::uint64_t present = 0;
    for (std::uint64_t i = 0; i < count; ++i) present += at.number(pointer) != 0 ? 1U : 0U;
    for (std::uint64_t i = 0; i < present; ++i) {
        const auto tower = rpc_tower(tower_octets(at, pointer));
        if (!made.tower && tower && tower->over_tcp) made.tower = tower;
    }
    made.status = at.u32();
    if (!at.ok()) return {};
    return made;
}

}  // namespace wiresage
