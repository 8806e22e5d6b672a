// SMB, message by message.
#include "app/smb.hpp"

#include <algorithm>

#include "app/little_endian.hpp"
#include "app/shared.hpp"
#include "app/smb_pipes.hpp"
#include "fact/texts.hpp"

namespace wiresage {

namespace {

constexpr std::size_t frame_bytes = session_frame::bytes;
constexpr std::uint16_t netbios_port = 139;
constexpr std::uint16_t smb_port = 445;

/// So much of a message is looked at, where it is long; names and security blobs lie in front.
constexpr std::size_t most_of_short = 256;
constexpr std::size_t most_of_long = 4096;

/// So many shares that open are told of a connection.
constexpr std::uint8_t most_accepted_told = 4;

/// So many segments in which no frame begins: it is something else, whatever its port says.
constexpr std::uint16_t most_sought = 4096;

bool is_smb_port(std::uint16_t port) noexcept { return port == smb_port || port == netbios_port; }

/// Whether a frame with a message begins here; `maybe` where there is too little to say.
Match frame_here(Bytes shown) noexcept {
    const auto frame = session_frame_of(shown);
    if (!frame) return shown.size() < frame_bytes ? Match::maybe : Match::no;
    if (frame->type != session_frame::message) return Match::yes;
    if (shown.size() < frame_bytes + 4) return Match::maybe;
    return smb_kind_of(shown.subspan(frame_bytes)) != SmbKind::none && frame->length >= smb1_header_bytes ? Match::yes
                                                                                                          : Match::no;
}

std::size_t looked_at(SmbKind kind, const SmbMessage& head) noexcept {
    if (kind == SmbKind::smb1) {
        const bool is_long = head.command == smb1_command::session_setup_andx ||
                             head.command == smb1_command::tree_connect_andx ||
                             head.command == smb1_command::nt_create_andx || head.command == smb1_command::transaction;
        return !head.response && is_long ? most_of_long : most_of_short;
    }
    const bool is_long = head.next != 0 || head.command == smb2_command::session_setup ||
                         head.command == smb2_command::tree_connect || head.command == smb2_command::create;
    return is_long ? most_of_long : most_of_short;
}

/// Fixed parts of read answers, after which the file's bytes come: [MS-SMB2] 2.2.20; [MS-CIFS] 2.2.4.42.2.
constexpr std::size_t smb2_read_answer_bytes = smb2_header_bytes + 16;
constexpr std::size_t smb1_read_answer_bytes = smb1_header_bytes + 27;

bool is_read_answer(SmbKind kind, const SmbMessage& head) noexcept {
    if (!head.response || head.next != 0) return false;
    return kind == SmbKind::smb1 ? head.command == smb1_command::read_andx : head.command == smb2_command::read;
}

}  // namespace

Match recognise_smb(const FirstBytes& said) noexcept {
    const bool known_port = is_smb_port(said.server_port);
    if (said.joined && known_port) return Match::yes;  // The parser looks for a frame itself.
    const Bytes first = said.client.empty() ? said.server : said.client;
    const Match match = frame_here(first);
    // A session request alone looks like many a binary protocol.
    if (match == Match::yes && first[0] != session_frame::message && !known_port) return Match::no;
    return match;
}

Consumed SmbParser::bytes(From from, Bytes shown, AppContext& context) noexcept {
    Side& side = sides_[static_cast<std::size_t>(from)];
    if (sealed_) return {.stop = true};
    if (side.body > 0) return body(from, shown, context);
    if (!side.in_order) {
        // Frames are looked for where segments begin: messages mostly do there.
        const Match match = frame_here(shown);
        if (match == Match::maybe) return {};
        if (match == Match::no) return {.used = shown.size(), .stop = ++sought_ > most_sought};
        side.in_order = true;
    }
    const auto frame = session_frame_of(shown);
    if (!frame) {
        if (shown.size() < frame_bytes) return {};
        lost(context);
        side.in_order = false;
        return {.used = shown.size()};
    }
    if (frame->type != session_frame::message) return control(from, *frame, shown, context);
    return message(from, shown, frame->length, context);
}

Consumed SmbParser::control(From from, const SessionFrame& frame, Bytes shown, AppContext& context) noexcept {
    const std::size_t all = frame_bytes + frame.length;
    if (shown.size() < all) return {};
    if (from == From::client && frame.type == session_frame::request) asked(SmbStage::negotiate, context);
    if (from == From::server && frame.type == session_frame::refused && frame.length >= 1) {
        tell(SmbStage::negotiate, shown[frame_bytes], true, context);
    }
    return {.used = all};
}

Consumed SmbParser::message(From from, Bytes shown, std::size_t length, AppContext& context) noexcept {
    const std::size_t whole = frame_bytes + length;
    if (shown.size() < std::min(whole, frame_bytes + smb2_header_bytes)) return {};
    const Bytes rest = shown.subspan(frame_bytes, std::min(shown.size() - frame_bytes, length));
    const SmbKind kind = smb_kind_of(rest);
    if (kind == SmbKind::sealed) {
        sealed_ = true;  // What follows is encrypted: nothing more to be seen.
        return {.stop = true};
    }
    const auto head = kind == SmbKind::smb1   ? smb1_message(rest)
                      : kind == SmbKind::smb2 ? smb2_message(rest)
                                              : std::nullopt;
    if (!head || head->response != (from == From::server)) {
        lost(context);
        return {.used = frame_bytes, .skip = length};
    }
    if (context.counts != nullptr) {
        if (whole <= InOrder::most_unused && shown.size() < whole) return {};
        count_pipes(kind, rest, *context.counts);
    }
    dialect_ = kind == SmbKind::smb1 ? SmbDialect::smb1 : SmbDialect::smb2;
    const std::size_t answer_bytes = kind == SmbKind::smb1 ? smb1_read_answer_bytes : smb2_read_answer_bytes;
    const bool read_answer = is_read_answer(kind, *head) && length > answer_bytes;
    const std::size_t wanted = frame_bytes + (read_answer ? answer_bytes : std::min(length, looked_at(kind, *head)));
    if (shown.size() < wanted) return {};
    if (read_answer) {
        Side& side = sides_[static_cast<std::size_t>(from)];
        side.answer = file_bytes_of_answer(kind, *head, rest.first(answer_bytes), context);
        side.body = whole - wanted;
        return {.used = wanted};
    }
    Bytes one = rest.first(wanted - frame_bytes);
    for (std::optional<SmbMessage> each = head; each;) {
        if (kind == SmbKind::smb1) {
            from == From::client ? smb1_request(*each, one, context) : smb1_response(*each, one, context);
        } else {
            from == From::client ? smb2_request(*each, one, context) : smb2_response(*each, one, context);
        }
        if (kind == SmbKind::smb1 || each->next < smb2_header_bytes || each->next >= one.size()) break;
        one = one.subspan(each->next);
        each = smb2_message(one);
    }
    return {.used = wanted, .skip = whole - wanted};
}

/// The bytes of a file, passed over but for their end, or watched segment by segment.
Consumed SmbParser::body(From from, Bytes shown, AppContext& context) noexcept {
    Side& side = sides_[static_cast<std::size_t>(from)];
    auto* const reads = reads_ == SmbReadPool::none ? nullptr : &context.shared.smb_reads.at(reads_);
    const std::uint64_t taken = std::min<std::uint64_t>(side.body, shown.size());
    const bool whole = taken == side.body;
    if (!whole && (reads == nullptr || !reads->wants_segments())) {
        // One byte of the last segment tells when it came.
        const std::uint64_t passed = side.body - 1;
        side.body = 1;
        return {.used = 0, .skip = passed};
    }
    side.body -= taken;
    if (reads != nullptr) {
        reads->answer_goes_on(whole, context);
        if (whole) reads->answered(side.answer, context);
    }
    return {.used = static_cast<std::size_t>(taken)};
}

std::uint64_t SmbParser::file_bytes_of_answer(SmbKind kind, const SmbMessage& head, Bytes message,
                                              AppContext& context) noexcept {
    auto* const reads = tracker(context);
    if (reads == nullptr) return 0;
    reads->answer_begins(head.id, context);
    LittleEndian at{message};
    if (kind == SmbKind::smb2) return at.u32(68);
    return at.u16(smb1_header_bytes + 11) | static_cast<std::uint64_t>(at.u16(smb1_header_bytes + 15)) << 16;
}

void SmbParser::smb1_request(const SmbMessage& head, Bytes message, AppContext& context) noexcept {
    switch (head.command) {
        case smb1_command::negotiate:
            return asked(SmbStage::negotiate, context);
        case smb1_command::session_setup_andx:
            asked(SmbStage::session_setup, context);
            return logon(smb1_logon(message, head.unicode));
        case smb1_command::tree_connect_andx:
            asked(SmbStage::tree_connect, context);
            share_ = smb1_share(message, head.unicode);
            return;
        case smb1_command::transaction:
            return list_asked(message, context);
        case smb1_command::nt_create_andx:
            if (auto* const reads = tracker(context)) {
                reads->create_asked(head.id, smb1_name_to_create(message, head.unicode));
            }
            return;
        case smb1_command::read_andx:
            if (const auto read = smb1_read_request(message)) {
                if (auto* const reads = tracker(context)) reads->read_asked(head.id, *read, context.at);
            }
            return;
        case smb1_command::close:
            if (const auto file = smb1_closed(message); file && reads_ != SmbReadPool::none) {
                context.shared.smb_reads.at(reads_).closed(*file, context);
            }
            return;
        default:
            return;
    }
}

void SmbParser::smb1_response(const SmbMessage& head, Bytes message, AppContext& context) noexcept {
    switch (head.command) {
        case smb1_command::negotiate:
            if (head.status == 0 && smb1_no_dialect(message)) return tell(SmbStage::negotiate, 0xffff, false, context);
            return outcome(SmbStage::negotiate, head, context);
        case smb1_command::session_setup_andx:
            return outcome(SmbStage::session_setup, head, context);
        case smb1_command::tree_connect_andx:
            return outcome(SmbStage::tree_connect, head, context);
        case smb1_command::nt_create_andx:
            if (reads_ != SmbReadPool::none) {
                const auto file = smb1_created(message);
                context.shared.smb_reads.at(reads_).created(head.id, head.status == 0 && file ? &*file : nullptr,
                                                            context.at.time);
            }
            return;
        case smb1_command::read_andx:  // One without bytes: the end of the file, or an error.
            if (reads_ == SmbReadPool::none) return;
            context.shared.smb_reads.at(reads_).answer_begins(head.id, context);
            return context.shared.smb_reads.at(reads_).answered(0, context);
        default:
            return;
    }
}

void SmbParser::smb2_request(const SmbMessage& head, Bytes message, AppContext& context) noexcept {
    switch (head.command) {
        case smb2_command::negotiate:
            return asked(SmbStage::negotiate, context);
        case smb2_command::session_setup:
            asked(SmbStage::session_setup, context);
            return logon(smb2_logon(message));
        case smb2_command::tree_connect:
            asked(SmbStage::tree_connect, context);
            share_ = smb2_share(message);
            return;
        case smb2_command::create:
            if (auto* const reads = tracker(context)) reads->create_asked(head.id, smb2_name_to_create(message));
            return;
        case smb2_command::read:
            if (const auto read = smb2_read_request(message)) {
                if (auto* const reads = tracker(context)) reads->read_asked(head.id, *read, context.at);
            }
            return;
        case smb2_command::close:
            if (const auto file = smb2_closed(message); file && reads_ != SmbReadPool::none) {
                context.shared.smb_reads.at(reads_).closed(*file, context);
            }
            return;
        default:
            return;
    }
}

void SmbParser::smb2_response(const SmbMessage& head, Bytes message, AppContext& context) noexcept {
    if (head.status == smb_status::pending) return;  // The answer itself comes later ([MS-SMB2] 3.3.4.2).
    switch (head.command) {
        case smb2_command::negotiate:
            return outcome(SmbStage::negotiate, head, context);
        case smb2_command::session_setup:
            return outcome(SmbStage::session_setup, head, context);
        case smb2_command::tree_connect:
            return outcome(SmbStage::tree_connect, head, context);
        case smb2_command::create:
            if (reads_ != SmbReadPool::none) {
                const auto file = smb2_created(message);
                context.shared.smb_reads.at(reads_).created(head.id, head.status == 0 && file ? &*file : nullptr,
                                                            context.at.time);
            }
            return;
        case smb2_command::read:
            if (reads_ == SmbReadPool::none) return;
            context.shared.smb_reads.at(reads_).answer_begins(head.id, context);
            return context.shared.smb_reads.at(reads_).answered(0, context);
        default:
            return;
    }
}

void SmbParser::asked(SmbStage stage, const AppContext& context) noexcept {
    asked_[static_cast<std::size_t>(stage)] = {context.at.time, context.at.stamp, context.at.frame};
}

void SmbParser::logon(const SmbLogonWord& word) noexcept {
    if (word.logon != SmbLogon::unknown) logon_ = word.logon;
    if (word.user.count > 0) user_ = word.user;
}

void SmbParser::outcome(SmbStage stage, const SmbMessage& head, AppContext& context) noexcept {
    if (head.status == 0) {
        if (stage == SmbStage::tree_connect && accepted_told_ < most_accepted_told) {
            ++accepted_told_;
            tell(stage, 0, false, context);
        }
        return;
    }
    // Severity "error" of an NTSTATUS ([MS-ERREF] 2.3); DOS errors have none.
    const bool is_error = !head.nt_status || head.status >> 30 == 3;
    if (is_error && head.status != smb_status::more_processing_required) tell(stage, head.status, false, context);
}

void SmbParser::tell(SmbStage stage, std::uint32_t status, bool netbios, AppContext& context) noexcept {
    const auto& request = asked_[static_cast<std::size_t>(stage)];
    SmbSession told;
    told.client = context.talk.client;
    told.server = context.talk.server;
    const bool known = request.frame != 0;
    told.asked = known ? request.time : context.at.time;
    told.asked_stamp = known ? request.stamp : context.at.stamp;
    told.asked_frame = request.frame;
    told.status = status;
    told.dialect = dialect_;
    told.stage = stage;
    told.netbios = netbios;
    TextWriter texts;
    texts.add(stage == SmbStage::negotiate ? std::string_view{} : user_.view());
    texts.add(stage == SmbStage::tree_connect ? share_.view() : std::string_view{});
    context.teller.tell(context.talk, told, texts.written(), status == 0 ? 1 : 0);
}

void SmbParser::list_asked(Bytes message, AppContext& context) noexcept {
    const auto call = rap_call_of(message);
    if (call != rap::net_server_enum2 && call != rap::net_server_enum3) return;
    BrowserWord told;
    told.from = context.talk.client;
    told.to = context.talk.server;
    told.news = BrowserNews::list_asked;
    told.logon = logon_;
    TextWriter texts;
    texts.add(share_.view());
    texts.add(call == rap::net_server_enum2 ? "NetServerEnum2" : "NetServerEnum3");
    context.teller.tell(context.talk, told, texts.written(), static_cast<std::size_t>(BrowserNews::list_asked));
}

SmbReadTracker* SmbParser::tracker(AppContext& context) noexcept {
    if (reads_ != SmbReadPool::none) return &context.shared.smb_reads.at(reads_);
    if (no_tracker_) return nullptr;
    reads_ = context.shared.smb_reads.take(context.talk, dialect_);
    no_tracker_ = reads_ == SmbReadPool::none;
    if (no_tracker_) return nullptr;
    auto& made = context.shared.smb_reads.at(reads_);
    made.share(share_);
    return &made;
}

void SmbParser::lost(AppContext& context) noexcept {
    if (reads_ != SmbReadPool::none) context.shared.smb_reads.at(reads_).lost();
}

Consumed SmbParser::gap(From from, Bytes, std::uint64_t missing, AppContext& context) noexcept {
    Side& side = sides_[static_cast<std::size_t>(from)];
    lost(context);
    if (side.body > missing) {
        // Inside a read's answer: where it ends is known, when is not.
        const std::uint64_t rest = side.body - missing;
        side.body = 0;
        return {.used = 0, .skip = rest};
    }
    const bool ends_with_body = side.body == missing;
    side.body = 0;
    side.in_order = ends_with_body && missing > 0;
    return {};
}

void SmbParser::ended(From, EndedBy how, AppContext& context) noexcept {
    if (reads_ == SmbReadPool::none) return;
    context.shared.smb_reads.at(reads_).end(context);
    if (how == EndedBy::fin) return;
    context.shared.smb_reads.give_back(reads_);
    reads_ = SmbReadPool::none;
    no_tracker_ = true;
}

void SmbParser::release(AppContext& context) noexcept {
    context.shared.smb_reads.give_back(reads_);
    reads_ = SmbReadPool::none;
}

}  // namespace wiresage
