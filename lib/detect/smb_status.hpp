// Names of the status codes with which SMB servers turn clients away: data.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace wiresage {

/// "STATUS_LOGON_FAILURE"; empty where it is not known.  `netbios`: the code of a negative session response.
std::string_view smb_status_name(std::uint32_t status, bool netbios) noexcept;
/// "0xc000006d"; of NetBIOS "0x82".
std::string smb_status_text(std::uint32_t status, bool netbios);
/// Statuses of healthy conversations: a session that expired is opened anew.
bool smb_status_is_ordinary(std::uint32_t status) noexcept;

}  // namespace wiresage
