// SMB's messages, read field by field.
#include "app/smb_messages.hpp"

#include <algorithm>

#include "app/little_endian.hpp"
#include "app/text_lines.hpp"

namespace wiresage {

namespace {

constexpr std::array<std::uint8_t, 8> ntlm_mark{'N', 'T', 'L', 'M', 'S', 'S', 'P', 0};
/// The object identifiers of Kerberos in SPNEGO, 1.2.840.113554.1.2.2 (RFC 4121) and Microsoft's 1.2.840.48018.1.2.2.
constexpr std::array<std::uint8_t, 9> kerberos_mark{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02};
constexpr std::array<std::uint8_t, 9> ms_kerberos_mark{0x2a, 0x86, 0x48, 0x82, 0xf7, 0x12, 0x01, 0x02, 0x02};

constexpr std::size_t words_at = smb1_header_bytes + 1;  ///< After WordCount.

template <std::size_t Count>
bool holds(Bytes bytes, const std::array<std::uint8_t, Count>& mark) noexcept {
    return std::search(bytes.begin(), bytes.end(), mark.begin(), mark.end()) != bytes.end();
}

/// The bytes after smb1's words and ByteCount; how many words there have to be at least.
Bytes data_of_smb1(Bytes message, std::size_t least_words) noexcept {
    LittleEndian at{message};
    const std::size_t words = at.u8(smb1_header_bytes);
    if (!at.ok() || words < least_words) return {};
    const std::size_t begin = words_at + words * 2 + 2;
    return at.up_to(begin, message.size());
}

/// Strings of smb1 in Unicode begin at an even place in the message ([MS-CIFS] 2.2.1.1).
Bytes aligned(Bytes message, Bytes data, bool unicode) noexcept {
    const auto at = message.size() - data.size();  // The data reaches to the end of what there is.
    return unicode && at % 2 == 1 && !data.empty() ? data.subspan(1) : data;
}

SmbText text_of(Bytes bytes, bool unicode) noexcept {
    return unicode ? smb_text_of_utf16(bytes) : smb_text_of_bytes(bytes);
}

void append(SmbText& text, std::string_view more) noexcept {
    if (text.count + more.size() > SmbText::most) return;
    std::copy(more.begin(), more.end(), text.bytes.begin() + text.count);
    text.count = static_cast<std::uint8_t>(text.count + more.size());
}

/// NTLMSSP or Kerberos inside a security blob ([MS-NLMP] 2.2.1.3).
SmbLogonWord logon_of_blob(Bytes blob) noexcept {
    SmbLogonWord word;
    const auto found = std::search(blob.begin(), blob.end(), ntlm_mark.begin(), ntlm_mark.end());
    if (found == blob.end()) {
        if (holds(blob, kerberos_mark) || holds(blob, ms_kerberos_mark)) word.logon = SmbLogon::kerberos;
        return word;
    }
    LittleEndian ntlm{blob.subspan(static_cast<std::size_t>(found - blob.begin()))};
    if (ntlm.u32(8) != 3) return word;  // Not the message that names the user.
    const bool unicode = (ntlm.u32(60) & 1) != 0;
    const auto domain = ntlm.up_to(ntlm.u32(32), ntlm.u16(28));
    const auto user = ntlm.up_to(ntlm.u32(40), ntlm.u16(36));
    const bool nobody = ntlm.u16(36) == 0;
    if (!ntlm.ok()) return word;
    word.logon = SmbLogon::ntlm;  // The way of it, also where nobody logs on by it.
    if (nobody) return word;
    word.user = text_of(domain, unicode);
    if (word.user.count > 0) append(word.user, "\\");
    append(word.user, text_of(user, unicode).view());
    return word;
}

}  // namespace

SmbText smb_text_of_utf16(Bytes units) noexcept {
    SmbText text;
    for (std::size_t i = 0; i + 1 < units.size(); i += 2) {
        const auto unit = static_cast<std::uint32_t>(units[i] | units[i + 1] << 8);
        if (unit == 0) break;
        std::array<char, 3> encoded{};
        std::size_t count = 1;  // RFC 3629, 3; halves of a surrogate pair become '?'.
        if (unit < 0x80) {
            encoded[0] = static_cast<char>(unit);
        } else if (unit >= 0xd800 && unit < 0xe000) {
            encoded[0] = '?';
        } else if (unit < 0x800) {
            encoded = {static_cast<char>(0xc0 | unit >> 6), static_cast<char>(0x80 | (unit & 0x3f)), 0};
            count = 2;
        } else {
            encoded = {static_cast<char>(0xe0 | unit >> 12), static_cast<char>(0x80 | (unit >> 6 & 0x3f)),
                       static_cast<char>(0x80 | (unit & 0x3f))};
            count = 3;
        }
        if (text.count + count > SmbText::most) break;
        append(text, {encoded.data(), count});
    }
    return text;
}

SmbText smb_text_of_bytes(Bytes letters) noexcept {
    SmbText text;
    const auto end = std::find(letters.begin(), letters.end(), std::uint8_t{0});
    const auto count = std::min<std::size_t>(static_cast<std::size_t>(end - letters.begin()), SmbText::most);
    append(text, as_text(letters.first(count)));
    return text;
}

std::optional<SessionFrame> session_frame_of(Bytes shown) noexcept {
    if (shown.size() < session_frame::bytes) return {};
    const SessionFrame frame{shown[0], static_cast<std::size_t>(shown[1]) << 16 |
                                           static_cast<std::size_t>(shown[2]) << 8 |
                                           static_cast<std::size_t>(shown[3])};
    if (frame.type == session_frame::message) return frame;
    const bool known = frame.type >= session_frame::request && frame.type <= session_frame::keep_alive;
    if (!known || frame.length > 512) return {};  // Two names of at most 255 bytes (RFC 1002, 4.1 and 4.3.2).
    return frame;
}

SmbKind smb_kind_of(Bytes message) noexcept {
    if (message.size() < 4 || message[1] != 'S' || message[2] != 'M' || message[3] != 'B') return SmbKind::none;
    switch (message[0]) {
        case 0xff:
            return SmbKind::smb1;
        case 0xfe:
            return SmbKind::smb2;
        case 0xfd:
        case 0xfc:
            return SmbKind::sealed;
        default:
            return SmbKind::none;
    }
}

std::optional<SmbMessage> smb1_message(Bytes message) noexcept {
    LittleEndian at{message};
    SmbMessage made;
    made.command = at.u8(4);
    made.status = at.u32(5);
    made.response = (at.u8(9) & 0x80) != 0;
    const auto flags2 = at.u16(10);
    made.nt_status = (flags2 & 0x4000) != 0;
    made.unicode = (flags2 & 0x8000) != 0;
    made.id = static_cast<std::uint64_t>(at.u16(26)) << 16 | at.u16(30);
    if (!at.ok()) return {};
    return made;
}

std::optional<SmbMessage> smb2_message(Bytes message) noexcept {
    LittleEndian at{message};
    SmbMessage made;
    if (at.u16(4) != smb2_header_bytes) return {};
    made.status = at.u32(8);
    made.command = at.u16(12);
    made.response = (at.u32(16) & 1) != 0;
    made.next = at.u32(20);
    made.id = at.u64(24);
    at.take(0, smb2_header_bytes);
    if (!at.ok()) return {};
    return made;
}

SmbFileId SmbFileId::of(std::uint16_t fid) noexcept {
    SmbFileId made;
    made.bytes[0] = static_cast<std::uint8_t>(fid & 0xff);
    made.bytes[1] = static_cast<std::uint8_t>(fid >> 8);
    return made;
}

std::uint16_t SmbFileId::fid() const noexcept { return static_cast<std::uint16_t>(bytes[0] | bytes[1] << 8); }

std::optional<SmbRead> smb1_read_request(Bytes message) noexcept {
    LittleEndian at{message};
    const auto words = at.u8(smb1_header_bytes);
    if (words != 10 && words != 12) return {};
    SmbRead read;
    read.file = SmbFileId::of(at.u16(words_at + 4));
    read.offset = at.u32(words_at + 6);
    read.length = at.u16(words_at + 10);
    // The upper half of the length shares its place with a time-out for pipes, where it is 0xffffffff.
    const auto high = at.u32(words_at + 14);
    if (high != 0xffffffff) read.length |= (high & 0xffff) << 16;
    if (words == 12) read.offset |= static_cast<std::uint64_t>(at.u32(words_at + 20)) << 32;
    if (!at.ok()) return {};
    return read;
}

namespace {

std::optional<SmbFileId> file_id(LittleEndian& at, std::size_t where) noexcept {
    const auto bytes = at.take(where, 16);
    if (!at.ok()) return {};
    SmbFileId made;
    std::copy(bytes.begin(), bytes.end(), made.bytes.begin());
    return made;
}

}  // namespace

std::optional<SmbRead> smb2_read_request(Bytes message) noexcept {
    LittleEndian at{message};
    if (at.u16(64) != 49) return {};
    SmbRead read;
    read.length = at.u32(68);
    read.offset = at.u64(72);
    const auto file = file_id(at, 80);
    if (!file) return {};
    read.file = *file;
    return read;
}

std::optional<SmbFileId> smb1_created(Bytes message) noexcept {
    LittleEndian at{message};
    if (at.u8(smb1_header_bytes) < 34) return {};
    const auto fid = at.u16(words_at + 5);
    if (!at.ok()) return {};
    return SmbFileId::of(fid);
}

std::optional<SmbFileId> smb2_created(Bytes message) noexcept {
    LittleEndian at{message};
    if (at.u16(64) != 89) return {};
    return file_id(at, 128);
}

std::optional<SmbFileId> smb1_closed(Bytes message) noexcept {
    LittleEndian at{message};
    if (at.u8(smb1_header_bytes) != 3) return {};
    const auto fid = at.u16(words_at);
    if (!at.ok()) return {};
    return SmbFileId::of(fid);
}

std::optional<SmbFileId> smb2_closed(Bytes message) noexcept {
    LittleEndian at{message};
    if (at.u16(64) != 24) return {};
    return file_id(at, 72);
}

SmbText smb1_name_to_create(Bytes message, bool unicode) noexcept {
    LittleEndian at{message};
    const auto data = aligned(message, data_of_smb1(message, 24), unicode);
    const std::size_t count = at.u16(words_at + 5);
    return text_of(data.first(std::min(count, data.size())), unicode);
}

SmbText smb2_name_to_create(Bytes message) noexcept {
    LittleEndian at{message};
    if (at.u16(64) != 57) return {};
    return smb_text_of_utf16(at.up_to(at.u16(108), at.u16(110)));
}

SmbText smb1_share(Bytes message, bool unicode) noexcept {
    LittleEndian at{message};
    auto data = data_of_smb1(message, 4);
    const std::size_t password_bytes = at.u16(words_at + 6);
    if (password_bytes > data.size()) return {};
    return text_of(aligned(message, data.subspan(password_bytes), unicode), unicode);
}

SmbText smb2_share(Bytes message) noexcept {
    LittleEndian at{message};
    if (at.u16(64) != 9) return {};
    return smb_text_of_utf16(at.up_to(at.u16(68), at.u16(70)));
}

bool smb1_no_dialect(Bytes message) noexcept {
    LittleEndian at{message};
    return at.u8(smb1_header_bytes) >= 1 && at.u16(words_at) == 0xffff && at.ok();
}

SmbLogonWord smb1_logon(Bytes message, bool unicode) noexcept {
    LittleEndian at{message};
    const auto words = at.u8(smb1_header_bytes);
    if (words == 12) return logon_of_blob(data_of_smb1(message, 12));
    if (words != 13) return {};
    // Without extended security: hashes of the password, then the account's name.
    const std::size_t secrets = static_cast<std::size_t>(at.u16(words_at + 14)) + at.u16(words_at + 16);
    const auto data = data_of_smb1(message, 13);
    if (!at.ok() || secrets > data.size()) return {};
    SmbLogonWord word;
    word.user = text_of(aligned(message, data.subspan(secrets), unicode), unicode);
    word.logon = word.user.count == 0 ? SmbLogon::anonymous : SmbLogon::ntlm;
    return word;
}

SmbLogonWord smb2_logon(Bytes message) noexcept {
    LittleEndian at{message};
    if (at.u16(64) != 25) return {};
    return logon_of_blob(at.up_to(at.u16(76), at.u16(78)));
}

std::uint16_t rap_call_of(Bytes message) noexcept {
    LittleEndian at{message};
    const auto words = at.u8(smb1_header_bytes);
    const std::size_t parameters = at.u16(words_at + 20);
    const auto call = at.u16(parameters);
    if (!at.ok() || words < 14 || at.u16(words_at + 18) < 2) return 0;
    const bool unicode = (LittleEndian{message}.u16(10) & 0x8000) != 0;
    const auto name = text_of(aligned(message, data_of_smb1(message, 14), unicode), unicode);
    return same_word(name.view(), "\\PIPE\\LANMAN") ? call : std::uint16_t{0};
}

}  // namespace wiresage
