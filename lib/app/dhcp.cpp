// DHCP's messages.
#include "app/dhcp.hpp"

#include <algorithm>

#include "app/shared.hpp"
#include "app/text_lines.hpp"
#include "packet/reader.hpp"

namespace wiresage {

namespace {

constexpr std::uint16_t server_port = 67;
constexpr std::uint16_t client_port = 68;
constexpr std::uint32_t magic_cookie = 0x63825363;  ///< RFC 2131, 3.
constexpr std::size_t fixed_bytes = 236;

constexpr std::uint8_t option_pad = 0, option_router = 3, option_dns = 6, option_message = 53, option_server = 54,
                       option_class = 60, option_end = 255;

Address address_of(Bytes four) noexcept {
    if (four.size() < 4) return {};
    return ipv4(four[0], four[1], four[2], four[3]);
}

void take_option(DhcpPacket& packet, std::uint8_t option, Bytes value) noexcept {
    switch (option) {
        case option_message:
            if (value.size() == 1 && value[0] >= 1 && value[0] <= 8)
                packet.message = static_cast<DhcpMessage>(value[0]);
            return;
        case option_server:
            if (value.size() == 4) packet.server_id = address_of(value);
            return;
        case option_router:
            packet.router = address_of(value);
            return;
        case option_dns:
            for (std::size_t i = 0; i + 4 <= value.size() && packet.dns_count < packet.dns.size(); i += 4) {
                packet.dns[packet.dns_count++] = address_of(value.subspan(i));
            }
            return;
        case option_class:
            packet.boot_client = begins_with_word(as_text(value), "PXEClient");
            return;
        default:
            return;
    }
}

}  // namespace

std::optional<DhcpPacket> dhcp_packet(Bytes payload) noexcept {
    Reader in{payload};
    DhcpPacket packet;
    const auto operation = in.u8();
    const auto hardware = in.u8();
    const auto hardware_bytes = in.u8();
    in.take(13);  // Hops, xid, secs, flags, ciaddr.
    packet.given = address_of(in.take(4));
    in.take(4);  // siaddr
    packet.relay = address_of(in.take(4));
    const Bytes mac = in.take(16);
    in.take(fixed_bytes - 44);  // sname, file
    if (in.u32() != magic_cookie || !in.ok()) return {};
    if ((operation != 1 && operation != 2) || hardware != 1 || hardware_bytes != 6) return {};
    packet.reply = operation == 2;
    std::copy_n(mac.begin(), 6, packet.client.bytes.begin());
    while (in.left() > 0) {
        const auto option = in.u8();
        if (option == option_end) break;
        if (option == option_pad) continue;
        const Bytes value = in.take(in.u8());
        if (!in.ok()) return {};
        take_option(packet, option, value);
    }
    return packet;
}

bool recognise_dhcp(From, Bytes payload, const Conversation& talk) noexcept {
    const auto is_port = [](std::uint16_t port) { return port == server_port || port == client_port; };
    return is_port(talk.client.port) && is_port(talk.server.port) && dhcp_packet(payload).has_value();
}

bool read_dhcp(From from, Bytes payload, std::size_t, AppContext& context) noexcept {
    const auto packet = dhcp_packet(payload);
    if (!packet) return true;  // One that is cut says nothing of the next.
    if (!packet->reply) {
        context.shared.dhcp.see(*packet, context);
        return true;
    }
    if (packet->message != DhcpMessage::offer && packet->message != DhcpMessage::ack &&
        packet->message != DhcpMessage::nak) {
        return true;
    }
    const auto& talk = context.talk;
    DhcpAnswer told;
    told.server_id = packet->server_id;
    told.from = from == From::client ? talk.client : talk.server;
    told.from_mac = talk.sender_mac;
    told.client = packet->client;
    told.given = packet->given;
    told.router = packet->router;
    told.dns = packet->dns;
    told.dns_count = packet->dns_count;
    told.message = packet->message;
    const auto& to = from == From::client ? talk.server : talk.client;
    told.relayed = !packet->relay.is_unspecified() || to.port == server_port;
    told.boot_only = packet->boot_client && packet->given.is_unspecified();
    context.teller.tell(talk, told, {}, static_cast<std::size_t>(packet->message));
    return true;
}

void DhcpAsked::see(const DhcpPacket& packet, const AppContext& context) noexcept {
    if (packet.message != DhcpMessage::discover && packet.message != DhcpMessage::request) return;
    const auto& talk = context.talk;
    auto* const end = asked_.data() + used_;
    auto* entry = std::find_if(asked_.data(), end, [&](const Asked& one) {
        return one.sum.message == packet.message && one.vlan == talk.vlan;
    });
    if (entry == end) {
        if (used_ == asked_.size()) return;
        ++used_;
        *entry = Asked{};
        entry->vlan = talk.vlan;
    }
    auto& sum = entry->sum;
    if (sum.client_count == DhcpClients::most && told_ < most_clients) {
        context.teller.sum(entry->vlan, sum);
        told_ += sum.client_count;
        sum = DhcpClients{};
    }
    if (sum.count == 0) {
        sum.message = packet.message;
        sum.server = talk.server.ip;
        sum.first_mac = talk.sender_mac;
    }
    if (sum.first_mac != talk.sender_mac) sum.one_mac = false;
    ++sum.count;
    const auto hash = client_hash(packet.client);
    auto* const known = sum.clients.data() + sum.client_count;
    if (sum.client_count < DhcpClients::most && std::find(sum.clients.data(), known, hash) == known) {
        sum.clients[sum.client_count++] = hash;
    }
}

void DhcpAsked::tick(AppContext& context) noexcept {
    for (std::size_t i = 0; i < used_; ++i) context.teller.sum(asked_[i].vlan, asked_[i].sum);
    used_ = 0;
    told_ = 0;
}

}  // namespace wiresage
