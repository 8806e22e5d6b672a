// What SMB connections have to say.
#pragma once

#include <cstdint>

#include "base/address.hpp"
#include "base/time.hpp"

namespace wiresage {

enum class SmbDialect : std::uint8_t { unknown, smb1, smb2 };

enum class SmbStage : std::uint8_t { negotiate, session_setup, tree_connect };

/// A session that was refused, or one of the first tree connects that worked on a connection ([MS-SMB2] 3.3.5,
/// [MS-CIFS] 3.3.5). Passing states (STATUS_MORE_PROCESSING_REQUIRED) are not told.  Made by: app/.  At most 128 of
/// each a shard and tick. Texts: user (with its domain, where NTLM tells it), share as in the tree connect.
struct SmbSession {
    Endpoint client;
    Endpoint server;
    EventTime asked;  ///< The request ...
    EventTime asked_stamp;
    std::uint64_t asked_frame = 0;
    std::uint32_t status = 0;  ///< 0: it worked.
    SmbDialect dialect = SmbDialect::unknown;
    SmbStage stage = SmbStage::negotiate;
    bool netbios = false;  ///< `status` is the error code of a negative session response (RFC 1002, 4.3.4).
};

/// Reads of one open file, all so far; told while they go on slowly, at most once a second, and when they end.
/// Only where few are outstanding at a time and the client waits in between.  Made by: app/.
/// Texts: file, share.
struct SmbReads {
    Endpoint client;
    Endpoint server;
    EventTime began;  ///< The first read ...
    EventTime began_stamp;
    std::uint32_t began_frame = 0;    ///< ... its number (modulo 2^32).
    std::uint32_t reads = 0;          ///< Answered ones.
    std::uint32_t read_size = 0;      ///< The commonest asked for.
    std::uint32_t sequential = 0;     ///< Reads that go on where the one before ended.
    std::uint32_t pauses = 0;         ///< Times that nothing was outstanding.
    std::uint32_t opened = 0;         ///< Which of the connection's files, counted; tells summaries of two files apart.
    std::uint32_t service_us = 0;     ///< Median of request to last byte of the answer.
    std::uint32_t round_trip_us = 0;  ///< Of the TCP handshake: the whole path; 0 unknown.
    Duration span{};                  ///< First request to last byte.
    Duration idle{};                  ///< Of it: nothing was outstanding.
    std::uint64_t bytes = 0;          ///< Read.
    std::uint16_t most_outstanding = 0;
    SmbDialect dialect = SmbDialect::unknown;
    bool gaps = false;  ///< Parts of the conversation were not captured.
    bool ended = false;
};

/// Read answers whose last segment comes late, all of a connection so far; told as SmbReads is.  Made by: app/.
struct SmbTails {
    Endpoint client;
    Endpoint server;
    EventTime began;  ///< The first late segment ...
    EventTime began_stamp;
    std::uint32_t began_frame = 0;
    std::uint32_t reads = 0;      ///< Answers of more than one segment.
    std::uint32_t delayed = 0;    ///< Of them with a pause before the last segment, and nowhere else ...
    std::uint32_t after_ack = 0;  ///< ... though all before it had been acknowledged when the pause began.
    std::uint32_t read_size = 0;  ///< The commonest asked for.
    Duration delay{};             ///< Median of the pauses.
    Duration jitter{};            ///< Their interquartile range.
    std::uint16_t fid = 0;        ///< smb1.
    SmbDialect dialect = SmbDialect::unknown;
    bool one_fid = false;  ///< All of them read the file `fid`.
    bool gaps = false;
    bool ended = false;
};

}  // namespace wiresage
