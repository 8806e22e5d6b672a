// The kernel's side of who owns a socket.

#include "process/socket_tracer.hpp"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

// The compiled program: CMakeLists.txt names the file.
__asm__(
    ".section .rodata\n.balign 16\n"
    ".global wiresage_socket_trace\n.hidden wiresage_socket_trace\nwiresage_socket_trace:\n"
    ".incbin \"" WIRESAGE_SOCKET_TRACE
    "\"\n"
    ".global wiresage_socket_trace_end\n.hidden wiresage_socket_trace_end\nwiresage_socket_trace_end:\n"
    ".previous\n");
extern "C" {
extern const char wiresage_socket_trace[];
extern const char wiresage_socket_trace_end[];
}

namespace wiresage {

namespace {

constexpr int so_netns_cookie = 71;  ///< SO_NETNS_COOKIE, since 5.14; newer than some headers.

int stay_silent(enum libbpf_print_level, const char*, va_list) { return 0; }

std::string words(std::string_view what, int error) {
    return std::string{what} + ": " + std::generic_category().message(error < 0 ? -error : error);
}

/// Of the network namespace of this process; 0: the kernel does not say.
std::uint64_t own_namespace() {
    const int probe = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (probe < 0) return 0;
    std::uint64_t cookie = 0;
    socklen_t length = sizeof cookie;
    if (getsockopt(probe, SOL_SOCKET, so_netns_cookie, &cookie, &length) != 0) cookie = 0;
    ::close(probe);
    return cookie;
}

/// Where the cgroup v2 hierarchy is mounted (proc(5), mountinfo); empty: nowhere.
std::string cgroup_root() {
    std::ifstream mounts{"/proc/self/mountinfo"};
    for (std::string line; std::getline(mounts, line);) {
        const auto dash = line.find(" - ");
        if (dash == std::string::npos || !std::string_view{line}.substr(dash).starts_with(" - cgroup2 ")) continue;
        std::istringstream fields{line};
        std::string id, parent, device, root, place;
        if (fields >> id >> parent >> device >> root >> place) return place;
    }
    return {};
}

struct ObjectEnd {
    void operator()(bpf_object* object) const { bpf_object__close(object); }
};
struct LinkEnd {
    void operator()(bpf_link* link) const { bpf_link__destroy(link); }
};
struct RingEnd {
    void operator()(ring_buffer* ring) const { ring_buffer__free(ring); }
};

bool is_at_cgroups(const bpf_program* program) {
    return std::string_view{bpf_program__section_name(program)}.starts_with("cgroup/");
}

int hand_over(void* context, void* data, std::size_t bytes) {
    if (bytes < sizeof(socket_event)) return 0;
    socket_event event{};
    std::memcpy(&event, data, sizeof event);
    (*static_cast<const std::function<void(const socket_event&)>*>(context))(event);
    return 0;
}

}  // namespace

struct SocketTracer::Parts {
    std::unique_ptr<bpf_object, ObjectEnd> object;
    std::vector<std::unique_ptr<bpf_link, LinkEnd>> links;
    std::unique_ptr<ring_buffer, RingEnd> ring;
    std::function<void(const socket_event&)> take;  ///< Where the ring's callback goes, while reading.
    const volatile std::uint64_t* lost = nullptr;   ///< The program's own count, mapped: reading it needs no privilege.
    void* lost_page = nullptr;
    std::uint64_t lost_told = 0;

    ~Parts() {
        if (lost_page) munmap(lost_page, static_cast<std::size_t>(sysconf(_SC_PAGESIZE)));
    }

    std::string load() {
        bpf_object_open_opts options{};
        options.sz = sizeof options;
        options.object_name = "wiresage";
        const auto bytes = static_cast<std::size_t>(wiresage_socket_trace_end - wiresage_socket_trace);
        object.reset(bpf_object__open_mem(wiresage_socket_trace, bytes, &options));
        if (!object) return words("the program for the kernel cannot be read", errno);
        const auto own = own_namespace();
        if (own == 0) return "this kernel does not name network namespaces (Linux 5.14 does)";
        bpf_map* map = nullptr;
        bpf_object__for_each_map(map, object.get()) {
            if (!std::string_view{bpf_map__name(map)}.ends_with(".rodata")) continue;
            std::size_t size = 0;
            auto* const values = const_cast<void*>(bpf_map__initial_value(map, &size));
            if (values && size >= sizeof own) std::memcpy(values, &own, sizeof own);
        }
        if (const int error = bpf_object__load(object.get()); error != 0) {
            return words(
                error == -EPERM
                    ? "the kernel does not let this process load it (CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN are needed)"
                    : "this kernel does not take it",
                error);
        }
        return {};
    }

    std::string attach(std::string& partly) {
        const auto place = cgroup_root();
        const int cgroup = place.empty() ? -1 : ::open(place.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        std::string wrong;
        bpf_program* program = nullptr;
        bpf_object__for_each_program(program, object.get()) {
            if (is_at_cgroups(program) && cgroup < 0) continue;
            std::unique_ptr<bpf_link, LinkEnd> link{is_at_cgroups(program) ? bpf_program__attach_cgroup(program, cgroup)
                                                                           : bpf_program__attach(program)};
            if (!link && wrong.empty()) wrong = words(bpf_program__section_name(program), errno);
            if (link) links.push_back(std::move(link));
        }
        if (cgroup >= 0) ::close(cgroup);
        if (cgroup < 0)
            partly =
                "there is no cgroup v2 hierarchy here: sockets are followed from their connecting only, datagrams not "
                "at all";
        return wrong;
    }

    std::string prepare_reading() {
        const auto* const events = bpf_object__find_map_by_name(object.get(), "events");
        ring.reset(ring_buffer__new(bpf_map__fd(events), hand_over, &take, nullptr));
        if (!ring) return words("the kernel's events cannot be read", errno);
        bpf_map* map = nullptr;
        bpf_object__for_each_map(map, object.get()) {
            if (!std::string_view{bpf_map__name(map)}.ends_with(".bss")) continue;
            auto* const page = mmap(nullptr, static_cast<std::size_t>(sysconf(_SC_PAGESIZE)), PROT_READ, MAP_SHARED,
                                    bpf_map__fd(map), 0);
            if (page == MAP_FAILED) return words("the count of lost events cannot be read", errno);
            lost_page = page;
            lost = static_cast<const volatile std::uint64_t*>(page);
        }
        return {};
    }
};

SocketTracer::SocketTracer() = default;
SocketTracer::~SocketTracer() = default;

std::string SocketTracer::open(std::string& partly) {
    libbpf_set_print(stay_silent);
    auto parts = std::make_unique<Parts>();
    auto wrong = parts->load();
    if (wrong.empty()) wrong = parts->prepare_reading();
    if (wrong.empty()) wrong = parts->attach(partly);
    if (wrong.empty()) parts_ = std::move(parts);
    return wrong;
}

bool SocketTracer::is_open() const noexcept { return parts_ != nullptr; }

std::uint64_t SocketTracer::read(const std::function<void(const socket_event&)>& take) {
    if (!parts_) return 0;
    parts_->take = take;
    ring_buffer__consume(parts_->ring.get());
    const auto lost = parts_->lost ? *parts_->lost : 0;
    return lost - std::exchange(parts_->lost_told, lost);
}

}  // namespace wiresage
