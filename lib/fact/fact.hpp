// The vocabulary between decoding and detection: what the flows have to say, as small values.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <variant>

#include "base/address.hpp"
#include "base/hash.hpp"
#include "base/time.hpp"
#include "fact/capture.hpp"
#include "fact/datagrams.hpp"
#include "fact/delay.hpp"
#include "fact/dhcp.hpp"
#include "fact/dns.hpp"
#include "fact/ftp.hpp"
#include "fact/http.hpp"
#include "fact/login.hpp"
#include "fact/loss.hpp"
#include "fact/netbios.hpp"
#include "fact/path.hpp"
#include "fact/rpc.hpp"
#include "fact/smb.hpp"
#include "fact/tls.hpp"

namespace wiresage {

/// A place in the one order of everything, and in time.
struct Moment {
    EventTime time;  ///< Event time: never goes back.
    EventTime
        stamp;  ///< The packet's own stamp; differs from `time` after a step of the clock.  Of a tick: the same shift.
    std::uint64_t order = 0;  ///< Place of the packet or tick in capture order; both are numbered by the dispatcher.
    std::uint64_t frame = 0;  ///< 1-based number of the packet in its input; 0 on a tick.
    std::uint16_t input =
        0;                   ///< Which input (file's or live interface) the packet, or the flow's first one, came from.
    std::uint16_t step = 0;  ///< Several facts of one packet, in order.
    std::uint8_t shard = 0;

    bool is_tick() const noexcept { return frame == 0; }

    /// Capture order; within one packet or tick by shard and step.
    friend bool before(const Moment& a, const Moment& b) noexcept {
        if (a.order != b.order) return a.order < b.order;
        if (a.shard != b.shard) return a.shard < b.shard;
        return a.step < b.step;
    }
};

enum class Transport : std::uint8_t { none, tcp, udp, icmp, sctp };

/// How somebody was asked.
enum class Technique : std::uint8_t {
    syn,   ///< A connection is opened (RFC 9293, 3.5).
    fin,   ///< A FIN that belongs to no known connection.
    null,  ///< No flag at all.
    xmas,  ///< FIN, PSH and URG.
    ack,   ///< A bare ACK without payload that belongs to no known connection: a scan, or a connection older than the
           ///< capture.
    udp,   ///< The first datagram of a UDP flow.
    echo,  ///< An ICMP echo request with a new identifier.
};

/// Somebody asks for something: the first SYN of a connection attempt (five-tuple and ISN, guard G4), the first
/// datagram of a UDP flow, the first echo request of an identifier, or a stray probe.
/// Told with the next tick, where no answer came before: what is answered within a tick is one Outcome `at_once`, and
/// rules read the Attempt that it stands for just before it.
/// Not made for the many once a service is under a flood: each attempt is either told so, or counted in a Volume.
/// Made by: flow/.  Read by: port_scan, host_sweep, single_source_connection_limit, and the knowledge of hosts.
struct Attempt {
    Endpoint client;
    Endpoint server;
    MacAddress client_mac;  ///< Zero where the link has none.
    MacAddress server_mac;
    EventTime began;                ///< Its first packet ...
    EventTime began_stamp;          ///< ... its own stamp ...
    std::uint32_t began_frame = 0;  ///< ... its number in `Moment::input` (modulo 2^32).
    std::uint32_t isn = 0;          ///< TCP only.
    std::uint16_t fingerprint = 0;  ///< Of the SYN: TTL rounded up to 32, 64, 128, 255, window, options.  For telling
                                    ///< hosts behind one address apart.
    Transport transport = Transport::none;
    Technique technique = Technique::syn;
    std::uint16_t payload_bytes = 0;  ///< Of a datagram or echo request.
    bool answered_at_once = false;    ///< The Attempt that an Outcome `at_once` stands for.
    bool initiator_known =
        false;  ///< Guard G3: TCP by its SYN; others once the flow's kind was watched for twice its idle time-out.
};

/// What became of an attempt.
enum class Answer : std::uint8_t {
    accepted,         ///< The first answer that is no refusal: SYN-ACK, datagram back, echo reply.  Also proves both
                      ///< directions (G2).
    completed,        ///< TCP: the client finished the handshake.
    refused,          ///< RST.
    refused_by_icmp,  ///< An ICMP error quoting the attempt.
    silent,           ///< Nothing came back for `silence_wait` after the first packet (on a tick).
    still_silent,     ///< One more SYN of an attempt already told silent.
    unfinished,       ///< TCP: SYN-ACK sent and never acknowledged: ended by RST, or given up (on a tick).
};

enum class EndedBy : std::uint8_t { none, fin, rst, timeout, evicted };

/// How long an attempt may stay without an answer before it is told silent: the first three SYNs of every schedule
/// of G4 but one have passed (Linux 1, 2, 4 s and 1, 1, 1 s); 3 s is also the old initial time-out (RFC 1122, 4.2.3.1).
inline constexpr Duration silence_wait = std::chrono::seconds{3};

/// What became of an Attempt; at most one of each kind for it, but `still_silent`.
/// Made by: flow/.  Read by: every rule about connections, scans and silence.
struct Outcome {
    Endpoint client;
    Endpoint server;
    MacAddress client_mac;
    MacAddress server_mac;
    EventTime began;                ///< The attempt's first packet.
    EventTime began_stamp;          ///< Its own stamp.
    std::uint32_t began_frame = 0;  ///< Its number in `Moment::input` (modulo 2^32).
    std::uint32_t isn = 0;          ///< TCP: the client's.
    std::uint16_t fingerprint =
        0;  ///< TCP: as in Attempt.  UDP, until it is accepted: a digest of what the application
            ///< tells exchanges by, the same in request and answer (DNS id, ...); 0: not known.
    std::uint16_t segments =
        0;  ///< SYNs so far; of `unfinished` the SYN-ACKs so far; of udp and echo the requests so far.
    Transport transport = Transport::none;
    Technique technique = Technique::syn;
    Answer answer = Answer::accepted;
    EndedBy ended_by = EndedBy::none;  ///< Of `unfinished`: rst or timeout, and who is not told.
    bool after_silent = false;         ///< accepted, refused: came after `silent` had been told.
    bool at_once = false;  ///< Nothing was told before: stands for the Attempt (and, if completed, for accepted) too.
    std::uint16_t payload_bytes = 0;  ///< As in Attempt.
    bool initiator_known = false;     ///< As in Attempt.
    bool unproven = false;            ///< silent, unfinished: the capture ended before the whole wait was seen.
    std::uint8_t icmp_code = 0;       ///< refused_by_icmp.
};

/// The attempt that an Outcome `at_once` stands for.
inline Attempt attempt_of(const Outcome& of) noexcept {
    return {.client = of.client,
            .server = of.server,
            .client_mac = of.client_mac,
            .server_mac = of.server_mac,
            .began = of.began,
            .began_stamp = of.began_stamp,
            .began_frame = of.began_frame,
            .isn = of.isn,
            .fingerprint = of.fingerprint,
            .transport = of.transport,
            .technique = of.technique,
            .payload_bytes = of.payload_bytes,
            .answered_at_once = true,
            .initiator_known = of.initiator_known};
}

/// Both directions of a flow were seen: proof that this place shows both directions of either address (guard G2).
/// Once per flow of every kind, joined mid-stream too, unless an Outcome accepted or refused says the same; and again
/// when it still lives five minutes later.
struct TwoWay {
    Address a;
    Address b;
    MacAddress a_mac;
    MacAddress b_mac;
    Transport transport = Transport::none;
};

/// A TCP connection ended that had been established, or was joined mid-stream.
/// Made by: flow/.  Read by: single_source_connection_limit, arp_request_burst (what followed it).
struct ConnectionEnded {
    Endpoint client;
    Endpoint server;
    Duration idle{};       ///< Silence of the flow before the segment that ended it.
    MacAddress ender_mac;  ///< Source MAC of that segment.
    EndedBy by = EndedBy::fin;
    bool by_client = false;        ///< Of rst and fin: who sent it (the first FIN).
    bool initiator_known = false;  ///< False: joined mid-stream; `client` is then a guess by port.
    bool was_established = false;  ///< The handshake was seen and completed.
};

/// What a Volume counts, and whom its key is.
enum class VolumeKind : std::uint8_t {
    syn_to,    ///< What no Attempt or Outcome tells of the TCP handshakes of a service: key is its ip:port.
    syn_from,  ///< The same of a source address.
    udp_to,    ///< Datagrams to an address in flows that it did not begin.
    udp_from,  ///< Datagrams of an address in flows that it began.
    icmp_to,   ///< ICMP messages to an address, replies to its own echo requests not counted.
    icmp_from,
};

/// What happened within one tick in one shard under one key, summed: what floods send in masses leaves the worker
/// only so.  At most 1,024 keys of a kind per shard and tick, the rest under the key `Endpoint{}`.  Sums over shards
/// are exact.  Made on ticks by flow/volumes.cpp.  Read by: tcp_syn_flood, udp_flood, icmp_flood.
struct Volume {
    Endpoint key;                   ///< Port 0 where the key is an address.
    Endpoint peer;                  ///< The first other end of this tick: of *_to the source, of *_from the target.
    MacAddress mac;                 ///< Source MAC of the first packet.
    EventTime first;                ///< The first packet's event time ...
    EventTime first_stamp;          ///< ... its own stamp ...
    std::uint32_t first_frame = 0;  ///< ... its number (modulo 2^32) ...
    std::uint16_t first_input = 0;  ///< ... in this input.
    std::uint64_t bytes = 0;        ///< On the wire, fragments included.
    std::uint32_t packets = 0;      ///< SYNs without ACK; datagrams; messages.  Fragments of one datagram are one.
    std::uint32_t fragments = 0;    ///< IP fragments, the first ones included.
    std::uint32_t replies = 0;      ///< syn: SYN-ACKs.  udp: datagrams back in the same flows.  icmp: echo replies.
    std::uint32_t attempts = 0;     ///< syn: distinct (five-tuple, ISN).  udp: flows begun.
    std::uint32_t completed =
        0;  ///< syn: handshakes finished.  udp, icmp: earlier `unanswered` ones whose flow has now been answered.
    std::uint32_t refused = 0;  ///< syn: answered by RST or ICMP.
    std::uint32_t given_up =
        0;  ///< syn: half-open ones that timed out, were evicted or were closed by the client's RST.
    std::uint32_t unanswered = 0;  ///< udp, icmp: of `packets`, those before the first answer in their flow.
    std::uint16_t common_length =
        0;                       ///< udp: a UDP length field that is common among these (exact where all are equal).
    std::uint16_t key_port = 0;  ///< udp: the first destination port.
    VolumeKind kind = VolumeKind::syn_to;
    bool one_peer_ip = true;    ///< All packets so far came from (went to) peer.ip ...
    bool one_peer_port = true;  ///< ... and peer.port.
    bool one_key_port = true;   ///< udp: all went to key_port.
    bool one_mac = true;
    bool one_length = true;
    std::array<std::uint8_t, 3> icmp_types{};  ///< The first distinct types.
    std::uint8_t icmp_type_count = 0;
};

/// How a destination port stands in a Distinct, so that rules can look for the ports of a table among the hashes.
constexpr std::uint32_t port_hash(std::uint16_t port) noexcept {
    return static_cast<std::uint32_t>(spread(std::uint64_t{port} + 0x10000U));
}

/// Hashes of the distinct other ends (addresses, or of `ports` destination ports) behind a Volume, as a sample list:
/// the same hash may come again; a set or a sketch of them counts who took part.  At most 512 of a key per shard and
/// tick.  Not made where the Volume's `peer.ip` (`key_port`) is the only one.
struct Distinct {
    static constexpr std::size_t most = 14;
    Endpoint key;
    std::array<std::uint32_t, most> hashes{};
    VolumeKind kind = VolumeKind::syn_to;
    bool ports = false;
    std::uint8_t count = 0;
};

/// An ARP packet or a neighbour solicitation or advertisement.  One fact each, at most 1,024 per shard and tick.
/// Made by: flow/.  Read by: arp_request_burst, arp_scan, arp_spoof, and the knowledge of hosts.
struct Neighbor {
    Address sender_ip;  ///< Unspecified for probes.
    Address target_ip;
    MacAddress frame_source;  ///< Source of the frame; zero where the link has none.
    MacAddress sender_mac;    ///< As claimed in the message.
    MacAddress target_mac;    ///< As in the message (ARP) ...
    MacAddress frame_target;  ///< ... and the frame's destination.
    bool nd = false;
    bool reply = false;
    bool announcement = false;  ///< Sender and target address are equal (gratuitous ARP, unsolicited advertisement).
    bool probe = false;         ///< RFC 5227 probe, duplicate address detection.
};

/// Duplicates that guard G1 dropped within one tick in one shard.
struct Duplicates {
    std::uint32_t dropped = 0;
    std::uint32_t packets = 0;      ///< All packets of the tick in the shard.
    std::uint64_t lag_us = 0;       ///< Sum of the times from the original to the copy.
    std::uint32_t loopback = 0;     ///< Of those dropped: both ends are the same host ...
    std::uint32_t same_road = 0;    ///< ... else the copy looks the same at the link: a mirror of both directions ...
    std::uint32_t first_frame = 0;  ///< ... else another direction, MAC, VLAN or TTL.  The first copy's number.
    EventTime first{};
};

/// The dispatcher's own: event time reached a multiple of the tick length.
struct Tick {};

/// The dispatcher's own: the capture's clock stepped (guard G7), by this much; windows that cross it are cleared.
struct ClockStep {
    Duration by{};
};

/// The dispatcher's own, live only: packets lost since the last report.
struct CaptureLoss {
    std::uint64_t kernel = 0;
    std::uint64_t ring = 0;
    std::uint64_t interface = 0;
    std::uint64_t captured = 0;
    std::uint64_t link = 0;  ///< By the network card or before it, as the kernel counts.
};

/// The dispatcher's own: the files are read to their end; ticks follow.
struct CaptureEnd {};

/// A fact, with its place in the order.  Plain bytes, so that it goes through a ring; two cache lines and a half at
/// most.
struct Fact {
    using What =
        std::variant<Attempt, Outcome, TwoWay, ConnectionEnded, Volume, Distinct, Neighbor, Duplicates, Tick, ClockStep,
                     CaptureLoss, CaptureEnd, HttpExchange, HttpTally, TlsHandshake, TlsTally, DnsReply, DnsTally,
                     PathLoss, PathChange, PathDelay, FtpData, SmbSession, SmbReads, SmbTails, RpcEndpoint,
                     RpcMapFailure, BrowserWord, DhcpAnswer, DhcpClients, CleartextLogin, SlowAnswer, ServiceWaits,
                     Exchanges, TailDelays, OffloadedSegments, BadChecksums, Sidedness, Unanswered, IcmpError, TinyEcho,
                     OddHandshake, SegmentStall, SequenceHole, LossTally, WindowStall, CaptureGap>;
    Moment at;
    std::uint16_t vlan = 0;  ///< Outermost VLAN id, 0: none.
    bool tunnelled = false;
    std::uint16_t text_bytes = 0;  ///< Of the texts beside it; 0: none.
    What what;
    const char* text =
        nullptr;  ///< Those texts (texts.hpp); the sink moves them, and they last while the fact is judged.

    std::string_view texts() const noexcept { return {text, text_bytes}; }
};

static_assert(std::is_trivially_copyable_v<Fact>, "facts cross threads as bytes");
static_assert(sizeof(Fact) <= 192, "a fact is small");

}  // namespace wiresage
