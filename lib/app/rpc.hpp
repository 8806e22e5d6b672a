// DCE/RPC over TCP: what endpoint mappers answer.
#pragma once

#include <array>
#include <cstdint>

#include "app/parser.hpp"
#include "app/rpc_messages.hpp"

namespace wiresage {

class RpcParser final : public StreamParser {
public:
    Consumed bytes(From from, Bytes shown, AppContext& context) noexcept override;
    Consumed gap(From from, Bytes unused, std::uint64_t missing, AppContext& context) noexcept override;
    void ended(From from, EndedBy how, AppContext& context) noexcept override;

private:
    void packet(From from, const RpcHeader& head, Bytes packet, AppContext& context) noexcept;
    void bound(const RpcHeader& head, Bytes packet) noexcept;
    void asked(const RpcHeader& head, Bytes packet, const AppContext& context) noexcept;
    void answered(const RpcHeader& head, Bytes packet, AppContext& context) noexcept;
    void keep(std::uint8_t type) noexcept;

    RpcMapFailure end_;  ///< What would be told if the connection ended now.
    RpcInterface asked_for_{};
    EventTime asked_at_;
    EventTime asked_stamp_;
    std::uint64_t asked_frame_ = 0;
    std::uint32_t call_ = 0;
    std::array<std::uint16_t, 8> ids_{};
    std::uint8_t contexts_ = 0;  ///< Bit n: the n-th context of the bind is the mapper's ...
    std::uint8_t wide_ = 0;      ///< ... and offers NDR64.
    bool call_wide_ = false;
    bool waits_ = false;    ///< A map request has no answer yet.
    bool mapper_ = false;   ///< The bind was for the endpoint mapper.
    bool refused_ = false;  ///< By bind_nak.
    bool failed_ = false;   ///< A map request got no endpoint.
    bool given_ = false;    ///< One did.
    bool told_ = false;
};

Match recognise_rpc(const FirstBytes& said) noexcept;

}  // namespace wiresage
