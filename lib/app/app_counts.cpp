// Messages by kind.
#include "app/app_counts.hpp"

#include <algorithm>
#include <charconv>
#include <functional>

#include "app/http_head.hpp"
#include "app/rpc_messages.hpp"
#include "app/text_lines.hpp"

namespace wiresage {

void AppCounts::add(Names& names, std::string_view name) {
    name = name.substr(0, most_name_bytes);
    const auto found = names.find(name);
    if (found != names.end()) {
        ++found->second;
    } else if (names.size() < most_names) {
        names.emplace(name, 1);
    }
}

void AppCounts::rpc_packets_in(Bytes carried) {
    while (carried.size() >= RpcHeader::bytes) {
        const auto head = rpc_header(carried);
        if (!head || head->length < RpcHeader::bytes) return;
        rpc_packet(head->type);
        carried = carried.subspan(std::min<std::size_t>(head->length, carried.size()));
    }
}

void AppCounts::odd_http_answer(Bytes head) {
    const auto text = as_text(head);
    if (text.substr(0, 5) != "HTTP/") return;
    const auto at = text.find_first_not_of(' ', std::min(text.find(' '), text.size()));
    std::uint16_t status = 0;
    if (at != std::string_view::npos) {
        const auto digits = text.substr(at, 3);
        std::from_chars(digits.data(), digits.data() + digits.size(), status);
    }
    http_answer(status);
}

bool AppCounts::datagram(std::uint16_t client_port, std::uint16_t server_port, Bytes datagram) {
    constexpr std::uint16_t dns = 53, multicast_dns = 5353, llmnr = 5355, simple_discovery = 1900;
    const auto has = [&](std::uint16_t port) { return client_port == port || server_port == port; };
    if (has(dns) || has(multicast_dns) || has(llmnr)) {
        constexpr std::size_t header = 12;
        if (datagram.size() >= header) dns_message((datagram[2] & 0x80) != 0, datagram[3] & 15);
        return true;
    }
    if (!has(simple_discovery)) return false;
    ssdp(datagram);
    return true;
}

void AppCounts::ssdp(Bytes datagram) {
    HttpHead head;
    if (read_request_head(datagram, head)) {
        http_request(head.method);
    } else if (read_answer_head(datagram, head)) {
        http_answer(head.status);
    }
}

AppCounts& AppCounts::operator+=(const AppCounts& other) {
    const auto add_names = [](Names& to, const Names& from) {
        for (const auto& [name, count] : from) to[name] += count;
    };
    const auto add_array = [](auto& to, const auto& from) {
        std::transform(to.begin(), to.end(), from.begin(), to.begin(), std::plus<>{});
    };
    add_names(http_requests, other.http_requests);
    add_names(http_answers, other.http_answers);
    add_names(ftp_commands, other.ftp_commands);
    add_array(tls_messages, other.tls_messages);
    add_array(rpc_packets, other.rpc_packets);
    add_array(dns_answers, other.dns_answers);
    add_array(dns_messages, other.dns_messages);
    return *this;
}

}  // namespace wiresage
