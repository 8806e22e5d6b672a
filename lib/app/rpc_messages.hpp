// DCE/RPC packets over connections, read field by field (C706, chapter 12 and appendices L and O; [MS-RPCE]); no state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "fact/rpc.hpp"

namespace wiresage {

/// A packet's common header (C706, 12.6.3.1).
struct RpcHeader {
    static constexpr std::size_t bytes = 16;
    std::uint8_t type = 0;
    std::uint8_t flags = 0;
    bool little = true;        ///< Integers come least significant byte first.
    std::uint16_t length = 0;  ///< Of the whole fragment.
    std::uint16_t auth_length = 0;
    std::uint32_t call = 0;

    bool is_first() const noexcept { return (flags & 1) != 0; }
    bool is_last() const noexcept { return (flags & 2) != 0; }
};

/// Nothing where it is no header of version 5.
std::optional<RpcHeader> rpc_header(Bytes shown) noexcept;

inline constexpr RpcInterface rpc_endpoint_mapper{0xe1, 0xaf, 0x83, 0x08, 0x5d, 0x1f, 0x11, 0xc9,
                                                  0x91, 0xa4, 0x08, 0x00, 0x2b, 0x14, 0xa0, 0xfa};

/// One interface that a bind offers, in one presentation.
struct RpcContext {
    RpcInterface interface {};
    std::uint16_t id = 0;
    bool wide = false;  ///< NDR64 ([MS-RPCE] 2.2.5) is among its transfer syntaxes.
};

/// The contexts of a bind, at most 8; `use(context)` for each.  False where it does not make sense.
template <typename Use>
bool rpc_bind_contexts(const RpcHeader& head, Bytes packet, Use use) noexcept;

/// Of a bind_ack: bit n is set where the n-th context was accepted.
std::uint32_t rpc_accepted_contexts(const RpcHeader& head, Bytes packet) noexcept;

/// Of requests: which context and operation.
struct RpcCall {
    std::uint16_t context = 0;
    std::uint16_t operation = 0;
    Bytes stub;
};
std::optional<RpcCall> rpc_request(const RpcHeader& head, Bytes packet) noexcept;
/// The stub of a response.
Bytes rpc_response_stub(const RpcHeader& head, Bytes packet) noexcept;
/// The status of a fault (C706, 12.6.4.7).
std::uint32_t rpc_fault_status(const RpcHeader& head, Bytes packet) noexcept;

/// A protocol tower for a connection over TCP (C706, appendix L).
struct RpcTower {
    RpcInterface interface {};
    Endpoint endpoint;
    bool over_tcp = false;
};
std::optional<RpcTower> rpc_tower(Bytes octets) noexcept;

inline constexpr std::uint16_t ept_map = 3;

/// What ept_map was asked for (C706, appendix O).
std::optional<RpcTower> rpc_map_request(Bytes stub, bool little, bool wide) noexcept;

struct RpcMapAnswer {
    std::optional<RpcTower> tower;  ///< The first over TCP.
    std::uint32_t towers = 0;
    std::uint32_t status = 0;
};
/// Nothing where the answer is cut or does not make sense.
std::optional<RpcMapAnswer> rpc_map_answer(Bytes stub, bool little, bool wide) noexcept;

/// Numbers in either order of bytes, one after the other, aligned as NDR has it (C706, 14.2.2).
class NdrReader {
public:
    NdrReader(Bytes bytes, bool little) noexcept : bytes_{bytes}, little_{little} {}

    std::uint64_t number(std::size_t bytes) noexcept {
        align(bytes);
        const Bytes field = take(bytes);
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < field.size(); ++i) {
            value = value << 8 | field[little_ ? field.size() - 1 - i : i];
        }
        return value;
    }
    std::uint8_t u8() noexcept { return static_cast<std::uint8_t>(number(1)); }
    std::uint16_t u16() noexcept { return static_cast<std::uint16_t>(number(2)); }
    std::uint32_t u32() noexcept { return static_cast<std::uint32_t>(number(4)); }
    RpcInterface uuid() noexcept {
        RpcInterface made{};
        const std::uint32_t low = u32();
        const std::uint16_t mid = u16();
        const std::uint16_t high = u16();
        for (std::size_t i = 0; i < 4; ++i) made[i] = static_cast<std::uint8_t>(low >> (24 - 8 * i));
        made[4] = static_cast<std::uint8_t>(mid >> 8);
        made[5] = static_cast<std::uint8_t>(mid & 0xff);
        made[6] = static_cast<std::uint8_t>(high >> 8);
        made[7] = static_cast<std::uint8_t>(high & 0xff);
        const Bytes rest = take(8);
        for (std::size_t i = 0; i < rest.size(); ++i) made[8 + i] = rest[i];
        return made;
    }
    Bytes take(std::size_t count) noexcept {
        if (count > bytes_.size() - at_) {
            ok_ = false;
            at_ = bytes_.size();
            return {};
        }
        const Bytes taken = bytes_.subspan(at_, count);
        at_ += count;
        return taken;
    }
    void align(std::size_t to) noexcept { take((to - at_ % to) % to); }
    bool ok() const noexcept { return ok_; }

private:
    Bytes bytes_;
    std::size_t at_ = 0;
    bool little_;
    bool ok_ = true;
};

namespace rpc_syntax {
inline constexpr RpcInterface ndr64{0x71, 0x71, 0x05, 0x33, 0xbe, 0xba, 0x49, 0x37,
                                    0x83, 0x19, 0xb5, 0xdb, 0xef, 0x9c, 0xcc, 0x36};
}

template <typename Use>
bool rpc_bind_contexts(const RpcHeader& head, Bytes packet, Use use) noexcept {
    NdrReader at{packet, head.little};
    at.take(RpcHeader::bytes + 8);  // Largest fragments, association group.
    const std::size_t count = at.u8();
    at.take(3);
    for (std::size_t i = 0; i < count && i < 8; ++i) {
        RpcContext context;
        context.id = at.u16();
        const std::size_t syntaxes = at.u8();
        at.take(1);
        context.interface = at.uuid();
        at.u32();  // Version.
        for (std::size_t s = 0; s < syntaxes && s < 8; ++s) {
            if (at.uuid() == rpc_syntax::ndr64) context.wide = true;
            at.u32();
        }
        if (!at.ok()) return false;
        use(context);
    }
    return at.ok();
}

}  // namespace wiresage
