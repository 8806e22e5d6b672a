// DCE/RPC over TCP, packet by packet.
#include "app/rpc.hpp"

#include <algorithm>

#include "app/app_counts.hpp"

namespace wiresage {

namespace {

constexpr std::uint16_t mapper_port = 135;
/// The answer to ept_map is small; of longer packets nothing is read.
constexpr std::size_t most_packet_bytes = 8192;

constexpr std::uint8_t type_of(RpcPdu pdu) noexcept { return static_cast<std::uint8_t>(pdu); }

}  // namespace

Match recognise_rpc(const FirstBytes& said) noexcept {
    if (said.client.empty()) return said.server_port == mapper_port && !said.server.empty() ? Match::maybe : Match::no;
    if (said.client[0] != 5) return Match::no;
    if (said.client.size() < RpcHeader::bytes)
        return said.client.size() > 2 && said.client[2] != 11 ? Match::no : Match::maybe;
    const auto head = rpc_header(said.client);
    // A conversation begins with a bind (C706, 9.3.3.1); without one nobody can say which interface it is about.
    return head && head->type == type_of(RpcPdu::bind) && head->length >= 28 ? Match::yes : Match::no;
}

Consumed RpcParser::bytes(From from, Bytes shown, AppContext& context) noexcept {
    if (shown.size() < RpcHeader::bytes) return {};
    const auto head = rpc_header(shown);
    if (!head) return {.stop = true};
    if (end_.request_bytes == 0 && end_.response_bytes == 0) {
        end_.began = context.at.time;
        end_.began_stamp = context.at.stamp;
        end_.began_frame = static_cast<std::uint32_t>(context.at.frame);
    }
    const std::size_t wanted = std::min<std::size_t>(head->length, most_packet_bytes);
    if (shown.size() < wanted) return {};
    (from == From::client ? end_.request_bytes : end_.response_bytes) += head->length;
    if (context.counts != nullptr) context.counts->rpc_packet(head->type);
    packet(from, *head, shown.first(wanted), context);
    // Only endpoint mappers are of interest; a refused bind at their port is, too.
    const bool others = context.counts == nullptr && !mapper_ && !refused_ && context.talk.server.port != mapper_port;
    return {.used = wanted, .skip = head->length - wanted, .stop = others};
}

void RpcParser::keep(std::uint8_t type) noexcept {
    const auto pdu = static_cast<RpcPdu>(type);
    const auto* const begin = end_.pdus.data();
    const auto* const end = begin + end_.pdu_count;
    if (std::find(begin, end, pdu) != end || end_.pdu_count == RpcMapFailure::most_pdus) return;
    end_.pdus[end_.pdu_count++] = pdu;
}

void RpcParser::packet(From from, const RpcHeader& head, Bytes packet, AppContext& context) noexcept {
    const bool by_client = from == From::client;
    if (by_client && head.type == type_of(RpcPdu::bind)) {
        keep(head.type);
        bound(head, packet);
    } else if (!by_client && head.type == type_of(RpcPdu::bind_ack)) {
        keep(head.type);
        const auto accepted = rpc_accepted_contexts(head, packet);
        contexts_ = static_cast<std::uint8_t>(contexts_ & accepted);
    } else if (!by_client && head.type == type_of(RpcPdu::bind_nak)) {
        keep(head.type);
        refused_ = true;
    } else if (by_client && head.type == type_of(RpcPdu::request)) {
        keep(head.type);
        asked(head, packet, context);
    } else if (!by_client && (head.type == type_of(RpcPdu::response) || head.type == type_of(RpcPdu::fault))) {
        keep(head.type);
        answered(head, packet, context);
    }
}

void RpcParser::bound(const RpcHeader& head, Bytes packet) noexcept {
    std::uint8_t place = 0;
    rpc_bind_contexts(head, packet, [&](const RpcContext& context) {
        if (place == 0) end_.interface = context.interface;
        if (context.interface == rpc_endpoint_mapper) {
            mapper_ = true;
            contexts_ = static_cast<std::uint8_t>(contexts_ | 1U << place);
            if (context.wide) wide_ = static_cast<std::uint8_t>(wide_ | 1U << place);
            ids_[place] = context.id;
        }
        ++place;
    });
}

void RpcParser::asked(const RpcHeader& head, Bytes packet, const AppContext& context) noexcept {
    const auto call = rpc_request(head, packet);
    waits_ = false;
    if (!call || !mapper_ || call->operation != ept_map || !head.is_first() || !head.is_last()) return;
    for (std::size_t i = 0; i < ids_.size(); ++i) {
        if ((contexts_ >> i & 1) == 0 || ids_[i] != call->context) continue;
        call_wide_ = (wide_ >> i & 1) != 0;
        waits_ = true;
    }
    if (!waits_) return;
    call_ = head.call;
    asked_at_ = context.at.time;
    asked_stamp_ = context.at.stamp;
    asked_frame_ = context.at.frame;
    const auto tower = rpc_map_request(call->stub, head.little, call_wide_);
    asked_for_ = tower ? tower->interface : RpcInterface {};
    if (tower) end_.interface = tower->interface;
}

void RpcParser::answered(const RpcHeader& head, Bytes packet, AppContext& context) noexcept {
    if (!waits_ || head.call != call_ || !head.is_first() || !head.is_last()) return;
    waits_ = false;
    if (head.type == type_of(RpcPdu::fault)) {
        failed_ = true;
        end_.has_status = true;
        end_.status = rpc_fault_status(head, packet);
        return;
    }
    const auto answer = rpc_map_answer(rpc_response_stub(head, packet), head.little, call_wide_);
    if (!answer) return;
    if (!answer->tower) {
        failed_ = failed_ || answer->towers == 0;
        end_.has_status = true;
        end_.status = answer->status;
        return;
    }
    given_ = true;
    RpcEndpoint told;
    told.client = context.talk.client;
    told.server = context.talk.server;
    told.endpoint = answer->tower->endpoint;
    told.interface = answer->tower->interface;
    told.asked = asked_at_;
    told.asked_stamp = asked_stamp_;
    told.asked_frame = static_cast<std::uint32_t>(asked_frame_);
    context.teller.tell(context.talk, told);
}

Consumed RpcParser::gap(From, Bytes, std::uint64_t, AppContext&) noexcept {
    return {.stop = true};  // What was lost may have been the answer.
}

void RpcParser::ended(From, EndedBy how, AppContext& context) noexcept {
    const bool failed = (refused_ || failed_) && !given_;
    if (told_ || !failed || (how != EndedBy::fin && how != EndedBy::rst)) return;
    told_ = true;
    end_.client = context.talk.client;
    end_.server = context.talk.server;
    end_.reset = how == EndedBy::rst;
    context.teller.tell(context.talk, end_);
}

}  // namespace wiresage
