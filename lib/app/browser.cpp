// The browser service over NetBIOS datagrams.
#include "app/browser.hpp"

#include <algorithm>
#include <string_view>

#include "app/little_endian.hpp"
#include "app/smb_messages.hpp"
#include "app/text_lines.hpp"
#include "fact/texts.hpp"
#include "packet/reader.hpp"

namespace wiresage {

namespace {

constexpr std::uint16_t datagram_port = 138;
constexpr std::uint8_t direct_unique = 0x10;  ///< RFC 1002, 4.4.1; 0x11 to a group, 0x12 broadcast.
constexpr std::uint8_t broadcast = 0x12;
constexpr std::uint8_t master_announcement = 0x0d;  ///< [MS-BRWS] 2.2.7

/// Passes over a name of RFC 1001, 14.1: labels, or a pointer to some.
void pass_name(Reader& in) noexcept {
    for (int labels = 0; labels < 16 && in.ok(); ++labels) {
        const auto length = in.u8();
        if (length == 0) return;
        if (length >= 0xc0) {
            in.u8();
            return;
        }
        in.take(length);
    }
}

}  // namespace

bool recognise_netbios_datagram(From, Bytes payload, const Conversation& talk) noexcept {
    if (talk.server.port != datagram_port && talk.client.port != datagram_port) return false;
    return payload.size() >= 14 && payload[0] >= direct_unique && payload[0] <= 0x16;
}

Bytes announced_master(Bytes payload) noexcept {
    Reader in{payload};
    const auto type = in.u8();
    if (type < direct_unique || type > broadcast) return {};
    in.take(13);  // Flags, id, source, length, offset.
    pass_name(in);
    pass_name(in);
    const Bytes message = in.rest();
    if (!in.ok() || smb_kind_of(message) != SmbKind::smb1) return {};
    LittleEndian at{message};
    // A transaction to a mailslot: 14 words and three of setup ([MS-MAIL] 2.2.1).
    if (at.u8(4) != smb1_command::transaction || at.u8(smb1_header_bytes) != 17) return {};
    constexpr std::size_t words_at = smb1_header_bytes + 1;
    const std::size_t data_bytes = at.u16(words_at + 22);
    const Bytes data = at.up_to(at.u16(words_at + 24), data_bytes);
    const Bytes slot = at.up_to(words_at + 17 * 2 + 2, 17);
    if (!at.ok() || data.size() < 2 || data[0] != master_announcement) return {};
    constexpr std::string_view browser = "\\MAILSLOT\\BROWSE";
    if (!begins_with_word(as_text(slot), browser)) return {};
    const Bytes name = data.subspan(1);
    return name.first(static_cast<std::size_t>(std::find(name.begin(), name.end(), std::uint8_t{0}) - name.begin()));
}

bool read_netbios_datagram(From from, Bytes payload, std::size_t, AppContext& context) noexcept {
    const Bytes name = announced_master(payload);
    if (name.empty()) return true;
    const auto& talk = context.talk;
    BrowserWord told;
    told.from = from == From::client ? talk.client : talk.server;
    told.to = from == From::client ? talk.server : talk.client;
    told.news = BrowserNews::master_announcement;
    TextWriter texts;
    texts.add(as_text(name), 16);
    context.teller.tell(talk, told, texts.written(), static_cast<std::size_t>(told.news));
    return true;
}

}  // namespace wiresage
