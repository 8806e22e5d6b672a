// One live interface: see live_interface.hpp.

#include "capture/live_interface.hpp"

#include <pcap/pcap.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "capture/host.hpp"
#include "packet/packet.hpp"

namespace wiresage {

namespace {

constexpr const char* every_interface = "any";
constexpr std::size_t first_arena = std::size_t{128} * 1024;  // 64 packets of 2 KiB: what an ordinary batch needs.

/// What libpcap calls DLT_RAW has another number in files.
std::uint32_t link_type_of(int data_link_type) noexcept {
    if (data_link_type == DLT_RAW) return static_cast<std::uint32_t>(LinkType::raw);
    return static_cast<std::uint32_t>(data_link_type);
}

/// What was added since `seen`; all of it where the counter began anew.
std::uint64_t growth(std::uint64_t now, std::uint64_t seen) noexcept { return now >= seen ? now - seen : now; }

/// CAP_NET_RAW effective for one scope.
class Raised {
public:
    explicit Raised(const std::function<void(bool)>& raise) : raise_{raise} {
        if (raise_) raise_(true);
    }
    ~Raised() {
        if (raise_) raise_(false);
    }
    Raised(const Raised&) = delete;
    Raised& operator=(const Raised&) = delete;

private:
    const std::function<void(bool)>& raise_;
};

}  // namespace

void LiveInterface::CloseHandle::operator()(pcap* handle) const noexcept { ::pcap_close(handle); }

LiveInterface::LiveInterface(LiveSource::Interface chosen, const LiveSource::Options& options, InputList& inputs)
    : chosen_{std::move(chosen)}, options_{options}, inputs_{inputs}, arena_(first_arena) {
    status_.name = chosen_.name;
    status_.required = chosen_.required;
}

LiveInterface::~LiveInterface() = default;

void LiveInterface::examine(LinkWatch& links) {
    if (chosen_.name == every_interface) {
        if (!handle_) try_open(chosen_.name);
        return;
    }
    auto link = links.by_name(chosen_.name);
    const bool is_renamed = !link && link_index_ != 0;
    if (is_renamed) link = links.by_index(link_index_);  // Followed, until a newcomer of the old name takes over.
    if (!link) {
        close(InterfaceStatus::State::missing, "there is no such interface");
        return;
    }
    if (handle_ && link->index != link_index_) close(InterfaceStatus::State::missing, "it was deleted and made anew");
    mac_ = link->is_loopback ? MacAddress{} : link->mac;
    if (!handle_) {
        if (link_index_ != link->index || status_.state == InterfaceStatus::State::down) pause_ = passed_over_ = 0;
        link_index_ = link->index;
        count_link(*link);
        if (link->is_up) try_open(link->name);
    }
    if (!link->is_up) {
        enter(InterfaceStatus::State::down, "the interface is down");
    } else if (handle_) {
        enter(InterfaceStatus::State::up, is_renamed ? "it is called " + link->name + " now" : "");
    }
}

void LiveInterface::enter(InterfaceStatus::State state, std::string error) {
    if (status_.state != state) ++status_.changes;
    status_.state = state;
    status_.error = std::move(error);
    if (state != InterfaceStatus::State::refused) status_.lacks_permission = false;
}

void LiveInterface::close(InterfaceStatus::State state, std::string error) {
    if (handle_) {
        count_handle();
        handle_.reset();
        // What the kernel held for a handle that is gone is lost, and counted as such.
        auto& loss = status_.loss;
        loss.kernel_dropped =
            std::max(loss.kernel_dropped, loss.kernel_received - std::min(loss.captured, loss.kernel_received));
    }
    descriptor_ = -1;
    is_ready = false;
    enter(state, std::move(error));
}

/// A handle that runs, or null with the reason in the status.
std::unique_ptr<pcap, LiveInterface::CloseHandle> LiveInterface::activate(const std::string& name) {
    char words[PCAP_ERRBUF_SIZE] = "";
    std::unique_ptr<pcap, CloseHandle> handle{::pcap_create(name.c_str(), words)};
    if (!handle) {
        enter(InterfaceStatus::State::refused, words);
        return nullptr;
    }
    ::pcap_set_snaplen(handle.get(), static_cast<int>(std::clamp(chosen_.snaplen, 64U, 262'144U)));
    ::pcap_set_promisc(handle.get(), chosen_.promiscuous ? 1 : 0);
    // Not in immediate mode: the kernel hands over whole blocks, or what there is after this long.
    ::pcap_set_timeout(handle.get(), std::max(1, static_cast<int>(options_.poll_timeout.count())));
    ::pcap_set_buffer_size(handle.get(),
                           static_cast<int>(std::min<std::uint64_t>(chosen_.buffer_bytes, 2'000'000'000)));
    ::pcap_set_tstamp_precision(handle.get(), PCAP_TSTAMP_PRECISION_NANO);
    int result = 0;
    {
        const Raised raised{options_.raise_privilege};
        result = ::pcap_activate(handle.get());
    }
    if (result >= 0) return handle;
    const bool is_forbidden = result == PCAP_ERROR_PERM_DENIED || result == PCAP_ERROR_PROMISC_PERM_DENIED;
    if (is_forbidden) {
        enter(InterfaceStatus::State::refused, capture_permission_help());
    } else {
        const std::string more = ::pcap_geterr(handle.get());  // Fresh: pcap_activate() has failed just now.
        enter(InterfaceStatus::State::refused, more.empty() ? ::pcap_statustostr(result) : more);
    }
    status_.lacks_permission = is_forbidden;
    return nullptr;
}

/// A handle that is refused takes a ring of memory each time: tried again after 1, 3, 7, 15 and then every 31 looks.
void LiveInterface::try_open(const std::string& name) {
    if (passed_over_ < pause_) {
        ++passed_over_;
        return;
    }
    open(name);
    passed_over_ = 0;
    pause_ = handle_ ? 0 : std::min(2 * pause_ + 1, 31U);
}

void LiveInterface::open(const std::string& name) {
    auto handle = activate(name);
    if (!handle) return;
    char words[PCAP_ERRBUF_SIZE] = "";
    if (!chosen_.filter.empty()) {
        bpf_program program{};
        const bool compiles =
            ::pcap_compile(handle.get(), &program, chosen_.filter.c_str(), 1, PCAP_NETMASK_UNKNOWN) == 0;
        const bool is_set = compiles && ::pcap_setfilter(handle.get(), &program) == 0;
        if (compiles) ::pcap_freecode(&program);
        if (!is_set) {
            enter(InterfaceStatus::State::refused,
                  "the filter \"" + chosen_.filter + "\" does not fit: " + ::pcap_geterr(handle.get()));
            return;
        }
    }
    if (::pcap_setnonblock(handle.get(), 1, words) != 0) {
        enter(InterfaceStatus::State::refused, words);
        return;
    }
    handle_ = std::move(handle);
    if (!adopt_link_type()) {
        handle_.reset();
        return;
    }
    descriptor_ = ::pcap_get_selectable_fd(handle_.get());
    is_ready = true;
    handle_seen_ = {};
    ++status_.opened;
    enter(InterfaceStatus::State::up, {});
}

/// The first handle of a link type makes an input; false where it is not understood.
bool LiveInterface::adopt_link_type() {
    const auto link_type = link_type_of(::pcap_datalink(handle_.get()));
    if (!is_known_link_type(link_type)) {
        enter(InterfaceStatus::State::refused,
              "its link type " + std::string{link_type_name(link_type)} + " is not understood");
        return false;
    }
    if (has_input_ && link_type == link_type_) return true;
    const auto index = inputs_.size();
    if (!inputs_.add({.file = {},
                      .interface = chosen_.name,
                      .link_type = link_type,
                      .snaplen = static_cast<std::uint32_t>(::pcap_snapshot(handle_.get())),
                      .ticks_per_second = 1'000'000'000,
                      .is_live = true})) {
        enter(InterfaceStatus::State::refused, "it has changed its link type too often");
        return false;
    }
    has_input_ = true;
    link_type_ = link_type;
    input_ = static_cast<std::uint16_t>(index);
    return true;
}

std::span<const PacketView> LiveInterface::read() {
    count_ = 0;
    arena_used_ = 0;
    if (!handle_) return {};
    const int result = ::pcap_dispatch(handle_.get(), static_cast<int>(Source::batch_packets), &on_packet,
                                       reinterpret_cast<unsigned char*>(this));
    for (std::size_t i = 0; i < count_; ++i) {  // Only now: the arena may have moved while it grew.
        views_[i].bytes = Bytes{arena_}.subspan(places_[i], views_[i].bytes.size());
    }
    status_.loss.captured += count_;
    if (result < 0 && result != PCAP_ERROR_BREAK) {
        close(InterfaceStatus::State::missing, ::pcap_geterr(handle_.get()));  // Tried again within a second.
    }
    return std::span{views_}.first(count_);
}

void LiveInterface::on_packet(unsigned char* self, const pcap_pkthdr* header, const unsigned char* bytes) {
    reinterpret_cast<LiveInterface*>(self)->take(*header, bytes);
}

void LiveInterface::take(const pcap_pkthdr& header, const unsigned char* bytes) {
    if (count_ == views_.size()) return;  // libpcap was told so; it does not happen.
    const std::size_t captured = header.caplen;
    if (arena_.size() - arena_used_ < captured) arena_.resize(2 * arena_.size() + captured);
    std::memcpy(arena_.data() + arena_used_, bytes, captured);
    places_[count_] = arena_used_;
    arena_used_ += captured;

    auto& view = views_[count_++];
    view.stamp = event_time(std::max<std::int64_t>(header.ts.tv_sec, 0) * 1'000'000'000 + header.ts.tv_usec);
    view.frame = ++frames_;
    view.wire_bytes = std::max(header.len, header.caplen);
    view.input = input_;
    view.link = static_cast<LinkType>(link_type_);
    view.checksum_not_ready = false;
    view.bytes = Bytes{bytes, captured};
    view.direction = view.link == LinkType::ethernet ? direction_of(view.bytes) : Direction::unknown;
}

/// By the interface's own address.  Bridged and broadcast frames of others stay unknown: they may go either way.
Direction LiveInterface::direction_of(Bytes frame) const noexcept {
    if (frame.size() < 12 || mac_.is_zero()) return Direction::unknown;
    if (std::equal(mac_.bytes.begin(), mac_.bytes.end(), frame.begin() + 6)) return Direction::sent;
    if (std::equal(mac_.bytes.begin(), mac_.bytes.end(), frame.begin())) return Direction::received;
    return Direction::unknown;
}

/// libpcap counts each handle from zero and in 32 bits, which a busy link wraps within the hour.
void LiveInterface::count_handle() {
    pcap_stat stats{};
    if (!handle_ || ::pcap_stats(handle_.get(), &stats) != 0) return;
    auto& loss = status_.loss;
    loss.kernel_received += std::uint32_t{stats.ps_recv - handle_seen_.received};
    loss.kernel_dropped += std::uint32_t{stats.ps_drop - handle_seen_.dropped};
    loss.interface_dropped += std::uint32_t{stats.ps_ifdrop - handle_seen_.interface_dropped};
    handle_seen_ = {stats.ps_recv, stats.ps_drop, stats.ps_ifdrop};
}

/// Adds what the link counted since the last look; the first look at a link only remembers.
void LiveInterface::count_link(const Link& link) {
    auto& loss = status_.loss;
    const bool is_new = link.index != link_seen_index_;
    const auto seen = is_new ? (link_seen_index_ == 0 ? link.counters : LossCounters{}) : link_seen_;
    loss.link_packets += growth(link.counters.link_packets, seen.link_packets);
    loss.link_dropped += growth(link.counters.link_dropped, seen.link_dropped);
    loss.link_errors += growth(link.counters.link_errors, seen.link_errors);
    loss.link_missed += growth(link.counters.link_missed, seen.link_missed);
    link_seen_ = link.counters;
    link_seen_index_ = link.index;
}

void LiveInterface::count(LinkWatch& links) {
    count_handle();
    if (!handle_ || chosen_.name == every_interface) return;
    if (const auto link = links.by_index(link_index_)) count_link(*link);
}

}  // namespace wiresage
