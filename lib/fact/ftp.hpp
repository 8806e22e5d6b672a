// What FTP control connections have to say of the data connections they arrange.
#pragma once

#include <cstdint>

#include "base/address.hpp"
#include "base/time.hpp"

namespace wiresage {

enum class FtpNews : std::uint8_t {
    announced,  ///< PORT or EPRT: the client asks the server to connect to `data`.
    failed,     ///< 425 or 426 to the command that was to use it.
};

/// One step of an active transfer (RFC 959, 3.2 and 4.1.2; RFC 2428, 2).  Made by: app/.  At most 128 of each kind a
/// shard and tick.
struct FtpData {
    Endpoint client;  ///< Of the control connection.
    Endpoint server;  ///< Of the control connection.
    Endpoint data;    ///< Where the client listens, as it says.
    EventTime asked;  ///< The PORT or EPRT ...
    EventTime asked_stamp;
    std::uint64_t asked_frame = 0;
    std::uint16_t reply = 0;  ///< `failed`: 425, 426.
    FtpNews news = FtpNews::announced;
    bool extended = false;  ///< EPRT.
};

}  // namespace wiresage
