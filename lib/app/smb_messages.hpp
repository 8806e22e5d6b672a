// SMB's messages, read field by field ([MS-CIFS], [MS-SMB], [MS-SMB2]); no state.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "fact/netbios.hpp"

namespace wiresage {

/// Text of a message as UTF-8, cut at its end.
struct SmbText {
    static constexpr std::size_t most = 120;
    std::array<char, most> bytes{};
    std::uint8_t count = 0;
    std::string_view view() const noexcept { return {bytes.data(), count}; }
};

/// UTF-16LE, up to its end or a NUL; what does not fit is left out.
SmbText smb_text_of_utf16(Bytes units) noexcept;
/// One byte a letter, up to its end or a NUL.
SmbText smb_text_of_bytes(Bytes letters) noexcept;

/// The four bytes before a message, over NetBIOS (RFC 1002, 4.3.1) or TCP ([MS-SMB2] 2.1).
struct SessionFrame {
    std::uint8_t type = 0;
    std::size_t length = 0;  ///< Of what follows.
};

namespace session_frame {
inline constexpr std::uint8_t message = 0x00, request = 0x81, accepted = 0x82, refused = 0x83, retarget = 0x84,
                              keep_alive = 0x85;
inline constexpr std::size_t bytes = 4;
}  // namespace session_frame

/// Nothing where there are fewer than four bytes, or it is no such frame.  Messages over TCP may have 24 bits of
/// length, those over NetBIOS have 17.
std::optional<SessionFrame> session_frame_of(Bytes shown) noexcept;

enum class SmbKind : std::uint8_t { none, smb1, smb2, sealed };
/// What the message behind a frame is, by its first four bytes; sealed: encrypted or compressed ([MS-SMB2] 2.2.41, 42).
SmbKind smb_kind_of(Bytes message) noexcept;

/// What both versions have.
struct SmbMessage {
    std::uint64_t id = 0;  ///< MessageId; smb1: its MID with the PID above it.
    std::uint32_t status = 0;
    std::uint16_t command = 0;
    bool response = false;
    bool nt_status = true;  ///< smb1 may have the error codes of DOS instead.
    bool unicode = true;
    std::uint32_t next = 0;  ///< smb2: where the next message of a compound begins; 0: none.
};

inline constexpr std::size_t smb1_header_bytes = 32;
inline constexpr std::size_t smb2_header_bytes = 64;

std::optional<SmbMessage> smb1_message(Bytes message) noexcept;
std::optional<SmbMessage> smb2_message(Bytes message) noexcept;

namespace smb1_command {
inline constexpr std::uint16_t close = 0x04, transaction = 0x25, read_andx = 0x2e, negotiate = 0x72,
                               session_setup_andx = 0x73, tree_connect_andx = 0x75, nt_create_andx = 0xa2;
}
namespace smb2_command {
inline constexpr std::uint16_t negotiate = 0, session_setup = 1, tree_connect = 3, create = 5, close = 6, read = 8;
}
namespace smb_status {
inline constexpr std::uint32_t pending = 0x00000103, more_processing_required = 0xc0000016;
}

/// An open file, by smb2's 16 bytes or smb1's FID.
struct SmbFileId {
    std::array<std::uint8_t, 16> bytes{};
    static SmbFileId of(std::uint16_t fid) noexcept;
    std::uint16_t fid() const noexcept;
    friend bool operator==(const SmbFileId&, const SmbFileId&) = default;
};

struct SmbRead {
    SmbFileId file;
    std::uint64_t offset = 0;
    std::uint32_t length = 0;
};

// Each of these reads one message from its own header on; nothing where it does not make sense, or is cut before what
// matters.
std::optional<SmbRead> smb1_read_request(Bytes message) noexcept;
std::optional<SmbRead> smb2_read_request(Bytes message) noexcept;
std::optional<SmbFileId> smb1_created(Bytes message) noexcept;
std::optional<SmbFileId> smb2_created(Bytes message) noexcept;
std::optional<SmbFileId> smb1_closed(Bytes message) noexcept;
std::optional<SmbFileId> smb2_closed(Bytes message) noexcept;
SmbText smb1_name_to_create(Bytes message, bool unicode) noexcept;
SmbText smb2_name_to_create(Bytes message) noexcept;
SmbText smb1_share(Bytes message, bool unicode) noexcept;
SmbText smb2_share(Bytes message) noexcept;
/// No dialect of the client's suits the server ([MS-CIFS] 2.2.4.52.2).
bool smb1_no_dialect(Bytes message) noexcept;

/// What a session setup says of who logs on.
struct SmbLogonWord {
    SmbLogon logon = SmbLogon::unknown;
    SmbText user;  ///< "DOMAIN\user"; empty where it is not told here.
};
SmbLogonWord smb1_logon(Bytes message, bool unicode) noexcept;
SmbLogonWord smb2_logon(Bytes message) noexcept;

/// The opcode of a Remote Administration Protocol call over SMB_COM_TRANSACTION ([MS-RAP] 2.5.2); 0: it is none.
std::uint16_t rap_call_of(Bytes message) noexcept;
namespace rap {
inline constexpr std::uint16_t net_server_enum2 = 104, net_server_enum3 = 215;
}

}  // namespace wiresage
