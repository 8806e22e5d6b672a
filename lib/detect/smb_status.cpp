// Names of the status codes with which SMB servers turn clients away.
#include "detect/smb_status.hpp"

#include <algorithm>

namespace wiresage {

namespace {

struct Named {
    std::uint32_t status;
    std::string_view name;
};

// [MS-ERREF] 2.3.1.
constexpr Named statuses[] = {
    {0x0000ffff, "no common dialect"},  // [MS-CIFS] 2.2.4.52.2: DialectIndex of a negotiate response.
    {0xc0000022, "STATUS_ACCESS_DENIED"},
    {0xc000005e, "STATUS_NO_LOGON_SERVERS"},
    {0xc0000064, "STATUS_NO_SUCH_USER"},
    {0xc000006a, "STATUS_WRONG_PASSWORD"},
    {0xc000006d, "STATUS_LOGON_FAILURE"},
    {0xc000006e, "STATUS_ACCOUNT_RESTRICTION"},
    {0xc000006f, "STATUS_INVALID_LOGON_HOURS"},
    {0xc0000070, "STATUS_INVALID_WORKSTATION"},
    {0xc0000071, "STATUS_PASSWORD_EXPIRED"},
    {0xc0000072, "STATUS_ACCOUNT_DISABLED"},
    {0xc00000bb, "STATUS_NOT_SUPPORTED"},
    {0xc00000c9, "STATUS_NETWORK_NAME_DELETED"},
    {0xc00000ca, "STATUS_NETWORK_ACCESS_DENIED"},
    {0xc00000cb, "STATUS_BAD_DEVICE_TYPE"},
    {0xc00000cc, "STATUS_BAD_NETWORK_NAME"},
    {0xc00000d0, "STATUS_REQUEST_NOT_ACCEPTED"},
    {0xc000000d, "STATUS_INVALID_PARAMETER"},
    {0xc0000133, "STATUS_TIME_DIFFERENCE_AT_DC"},
    {0xc000015b, "STATUS_LOGON_TYPE_NOT_GRANTED"},
    {0xc000018b, "STATUS_NO_TRUST_SAM_ACCOUNT"},
    {0xc000018d, "STATUS_TRUSTED_RELATIONSHIP_FAILURE"},
    {0xc0000193, "STATUS_ACCOUNT_EXPIRED"},
    {0xc0000203, "STATUS_USER_SESSION_DELETED"},
    {0xc0000205, "STATUS_INSUFF_SERVER_RESOURCES"},
    {0xc0000224, "STATUS_PASSWORD_MUST_CHANGE"},
    {0xc0000234, "STATUS_ACCOUNT_LOCKED_OUT"},
    {0xc000035c, "STATUS_NETWORK_SESSION_EXPIRED"},
    {0xc0000413, "STATUS_AUTHENTICATION_FIREWALL_FAILED"},
};

// RFC 1002, 4.3.4.
constexpr Named netbios_errors[] = {
    {0x80, "not listening on called name"},
    {0x81, "not listening for calling name"},
    {0x82, "called name not present"},
    {0x83, "called name present, but insufficient resources"},
    {0x8f, "unspecified error"},
};

template <std::size_t Count>
std::string_view find(const Named (&names)[Count], std::uint32_t status) noexcept {
    const auto found =
        std::find_if(std::begin(names), std::end(names), [&](const Named& each) { return each.status == status; });
    return found == std::end(names) ? std::string_view{} : found->name;
}

}  // namespace

std::string_view smb_status_name(std::uint32_t status, bool netbios) noexcept {
    return netbios ? find(netbios_errors, status) : find(statuses, status);
}

std::string smb_status_text(std::uint32_t status, bool netbios) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text = "0x";
    for (int shift = netbios ? 4 : 28; shift >= 0; shift -= 4) text += digits[status >> shift & 0xf];
    return text;
}

bool smb_status_is_ordinary(std::uint32_t status) noexcept {
    return status == 0xc0000203 || status == 0xc000035c || status == 0xc00000c9;
}

}  // namespace wiresage
