// The kernel's side of knowing who owns a socket: told at connect, listen, accept, bind, first datagrams and close, never
// per packet.  Only sockets of the daemon's own network namespace.  Compiled for BPF, loaded by socket_tracer.cpp.
// Needs Linux 5.12 (a socket's cookie in tracing programs).  accept() has no tracepoint: who closes a connection is told.

#include "kernel_types.h"
// The helpers need the types above.
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "socket_event.h"

char license_text[] SEC("license") = "Dual BSD/GPL";  // Reading kernel memory is for programs compatible with the GPL.

const volatile __u64 own_namespace = 0;  // Cookie of the daemon's network namespace.
volatile __u64 lost = 0;                 // Events that found no room in the ring.

enum { ring_bytes = 4 << 20, wake_bytes = 1 << 20, most_senders = 16384, ports_each = 4, most_listeners = 4096 };

struct {
    __uint(type, map_type_ringbuf);
    __uint(max_entries, ring_bytes);
} events SEC(".maps");

// Ports that a process has sent datagrams to from one socket: each is told once, then once that there are more.
struct sender {
    __u64 cookie;
    __u32 pid, padding;
};
struct sent_to {
    __u16 ports[ports_each];
    __u16 count, has_more;
};
struct {
    __uint(type, map_type_lru_hash);
    __uint(max_entries, most_senders);
    __type(key, struct sender);
    __type(value, struct sent_to);
} senders SEC(".maps");

// Processes that listen: where one forks, whose a connection is cannot be told by who listened.
struct {
    __uint(type, map_type_lru_hash);
    __uint(max_entries, most_listeners);
    __type(key, __u32);
    __type(value, __u8);
} listeners SEC(".maps");

static __always_inline void map_ipv4(unsigned char* to, __be32 address) {
    __builtin_memset(to, 0, 10);
    to[10] = to[11] = 0xff;
    __builtin_memcpy(to + 12, &address, 4);
}

static __always_inline struct socket_event* begin(enum socket_event_kind kind, __u64 cookie, bool is_tcp) {
    struct socket_event* event = bpf_ringbuf_reserve(&events, sizeof *event, 0);
    if (!event) {
        __sync_fetch_and_add(&lost, 1);
        return 0;
    }
    __builtin_memset(event, 0, sizeof *event);
    event->time_ns = bpf_ktime_get_ns();
    event->cookie = cookie;
    event->kind = kind;
    event->is_tcp = is_tcp;
    return event;
}

// Readers look once a second, and when asked: they are woken only where the ring fills.
static __always_inline void finish(struct socket_event* event) {
    const bool is_filling = bpf_ringbuf_query(&events, 0 /* BPF_RB_AVAIL_DATA */) >= wake_bytes;
    bpf_ringbuf_submit(event, is_filling ? 2 /* BPF_RB_FORCE_WAKEUP */ : 1 /* BPF_RB_NO_WAKEUP */);
}

// Only where the running process is the one that does it.
static __always_inline void add_owner(struct socket_event* event) {
    struct task_struct* task = (struct task_struct*)bpf_get_current_task();
    if (BPF_CORE_READ(task, flags) & is_kernel_thread) return;
    event->pid = bpf_get_current_pid_tgid() >> 32;
    event->uid = (__u32)bpf_get_current_uid_gid();
    event->cgroup = bpf_get_current_cgroup_id();
    struct task_struct* first = BPF_CORE_READ(task, group_leader);
    BPF_CORE_READ_STR_INTO(&event->comm, first, comm);
    struct cgroup* group = BPF_CORE_READ(task, cgroups, dfl_cgrp);
    const char* name = BPF_CORE_READ(group, kn, name);
    bpf_probe_read_kernel_str(event->group, sizeof event->group, name);
    struct cgroup_subsys_state* above = BPF_CORE_READ(group, self.parent);
    if (!above) return;
    name = BPF_CORE_READ(above, cgroup, kn, name);
    bpf_probe_read_kernel_str(event->group_above, sizeof event->group_above, name);
}

static __always_inline void add_ends(struct socket_event* event, struct sock* sk) {
    event->local_port = bpf_ntohs(BPF_CORE_READ((struct inet_sock*)sk, inet_sport));
    event->remote_port = bpf_ntohs(BPF_CORE_READ(sk, __sk_common.skc_dport));
    if (BPF_CORE_READ(sk, __sk_common.skc_family) == family_ipv4) {
        map_ipv4(event->local_ip, BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr));
        map_ipv4(event->remote_ip, BPF_CORE_READ(sk, __sk_common.skc_daddr));
    } else {
        BPF_CORE_READ_INTO(&event->local_ip, sk, __sk_common.skc_v6_rcv_saddr.in6_u.u6_addr8);
        BPF_CORE_READ_INTO(&event->remote_ip, sk, __sk_common.skc_v6_daddr.in6_u.u6_addr8);
    }
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(on_state, struct sock* sk, int before, int after) {
    if (BPF_CORE_READ(sk, sk_protocol) != protocol_tcp) return 0;
    if (BPF_CORE_READ(sk, __sk_common.skc_net.net, net_cookie) != own_namespace) return 0;
    const bool is_known_now = before == state_syn_sent || before == state_syn_recv;
    if (after != state_syn_sent && after != state_listen && !is_known_now) return 0;
    const enum socket_event_kind kind =
        after == state_syn_sent ? socket_connecting : after == state_listen ? socket_listening : socket_ends;
    struct socket_event* event = begin(kind, bpf_get_socket_cookie(sk), true);
    if (!event) return 0;
    // A connection becomes established while a packet is worked on, in whichever process: that one is no owner.
    if (kind != socket_ends) add_owner(event);
    add_ends(event, sk);
    if (kind == socket_listening) {
        const __u32 pid = event->pid;
        const __u8 listens = 1;
        bpf_map_update_elem(&listeners, &pid, &listens, 0);
    }
    finish(event);
    return 0;
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(on_fork, struct task_struct* parent, struct task_struct* child) {
    const __u32 pid = BPF_CORE_READ(parent, tgid);
    if ((__u32)BPF_CORE_READ(child, tgid) == pid || !bpf_map_lookup_elem(&listeners, &pid)) return 0;  // A thread.
    struct socket_event* event = begin(listener_forked, 0, true);
    if (!event) return 0;
    event->pid = pid;
    finish(event);
    return 0;
}

// The context of these programs is the kernel's own socket, of which linux/bpf.h shows each kind of program a part only:
// the rest is read as kernel memory, which CAP_PERFMON allows.
static __always_inline struct sock* kernel_socket(struct bpf_sock* sk) { return (struct sock*)(void*)sk; }

// The same behind a pointer that the verifier follows: read as a number, it is one.
static __always_inline struct sock* kernel_socket_of(struct bpf_sock_addr* to) {
    struct bpf_sock* sk = to->sk;
    struct sock* address = 0;
    bpf_probe_read_kernel(&address, sizeof address, &sk);
    return address;
}

static __always_inline bool is_internet(const struct bpf_sock* sk) {
    return (sk->family == family_ipv4 || sk->family == family_ipv6) &&
           (sk->protocol == protocol_tcp || sk->protocol == protocol_udp);
}

static __always_inline void tell_bound(struct bpf_sock* sk) {
    if (!is_internet(sk) || sk->protocol != protocol_udp) return;
    if (bpf_get_netns_cookie(sk) != own_namespace) return;
    struct socket_event* event = begin(socket_bound, bpf_get_socket_cookie(sk), false);
    if (!event) return;
    add_owner(event);
    add_ends(event, kernel_socket(sk));
    finish(event);
}

SEC("cgroup/post_bind4")
int on_bind4(struct bpf_sock* sk) {
    tell_bound(sk);
    return 1;
}

SEC("cgroup/post_bind6")
int on_bind6(struct bpf_sock* sk) {
    tell_bound(sk);
    return 1;
}

SEC("cgroup/sock_release")
int on_release(struct bpf_sock* sk) {
    if (!is_internet(sk) || bpf_get_netns_cookie(sk) != own_namespace) return 1;
    struct socket_event* event = begin(socket_closed, bpf_get_socket_cookie(sk), sk->protocol == protocol_tcp);
    if (!event) return 1;
    add_owner(event);
    add_ends(event, kernel_socket(sk));
    finish(event);
    return 1;
}

static __always_inline void add_destination(struct socket_event* event, struct bpf_sock_addr* to, bool is_ipv6) {
    event->remote_port = bpf_ntohs((__u16)to->user_port);
    if (is_ipv6) {
        const __u32 remote[4] = {to->user_ip6[0], to->user_ip6[1], to->user_ip6[2], to->user_ip6[3]};
        __builtin_memcpy(event->remote_ip, remote, 16);
    } else {
        map_ipv4(event->remote_ip, to->user_ip4);
    }
}

static __always_inline void tell_connect(struct bpf_sock_addr* to, bool is_ipv6) {
    if (to->protocol != protocol_udp || bpf_get_netns_cookie(to) != own_namespace) return;  // TCP's is told by its state.
    struct socket_event* event = begin(socket_connecting, bpf_get_socket_cookie(to), false);
    if (!event) return;
    add_owner(event);
    add_ends(event, kernel_socket_of(to));  // Port 0 where none is bound yet: close() tells it.
    add_destination(event, to, is_ipv6);
    finish(event);
}

SEC("cgroup/connect4")
int on_connect4(struct bpf_sock_addr* to) {
    tell_connect(to, false);
    return 1;
}

SEC("cgroup/connect6")
int on_connect6(struct bpf_sock_addr* to) {
    tell_connect(to, true);
    return 1;
}

/// Whether this sender's port is news; `is_many`: it has sent to more than are remembered.
static __always_inline bool is_news(__u64 cookie, __u16 port, bool* is_many) {
    const struct sender key = {cookie, bpf_get_current_pid_tgid() >> 32, 0};
    struct sent_to* known = bpf_map_lookup_elem(&senders, &key);
    if (!known) {
        const struct sent_to first = {{port}, 1, 0};
        bpf_map_update_elem(&senders, &key, &first, 0);
        return true;
    }
    for (int i = 0; i < ports_each; ++i) {
        if (i < known->count && known->ports[i] == port) return false;
    }
    if (known->count < ports_each) {
        known->ports[known->count & (ports_each - 1)] = port;
        ++known->count;
        return true;
    }
    *is_many = true;
    if (known->has_more) return false;
    known->has_more = 1;
    return true;
}

static __always_inline void tell_sending(struct bpf_sock_addr* to, bool is_ipv6) {
    if (bpf_get_netns_cookie(to) != own_namespace) return;
    const __u64 cookie = bpf_get_socket_cookie(to);
    bool is_many = false;
    if (!is_news(cookie, (__u16)to->user_port, &is_many)) return;
    struct socket_event* event = begin(socket_sending, cookie, false);
    if (!event) return;
    add_owner(event);
    add_ends(event, kernel_socket_of(to));
    add_destination(event, to, is_ipv6);
    if (is_many) event->remote_port = 0;
    finish(event);
}

SEC("cgroup/sendmsg4")
int on_sendmsg4(struct bpf_sock_addr* to) {
    tell_sending(to, false);
    return 1;
}

SEC("cgroup/sendmsg6")
int on_sendmsg6(struct bpf_sock_addr* to) {
    tell_sending(to, true);
    return 1;
}
