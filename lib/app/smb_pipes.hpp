// What SMB messages carry to and from named pipes: only for counting.
#pragma once

#include "app/app_counts.hpp"
#include "app/smb_messages.hpp"

namespace wiresage {

/// The bytes that a request writes to a file or pipe, or that an answer read from it ([MS-SMB2] 2.2.20, 2.2.21, 2.2.31,
/// 2.2.32; [MS-CIFS] 2.2.4.33, 2.2.4.42, 2.2.4.43); empty where it carries none, or is cut.
Bytes smb_carried(SmbKind kind, const SmbMessage& head, Bytes message) noexcept;

/// DCE/RPC of a frame's messages.
void count_pipes(SmbKind kind, Bytes messages, AppCounts& counts);

}  // namespace wiresage
