// The few parts of the kernel's structures that socket_trace.bpf.c reads.  Offsets are not these: libbpf puts in those
// of the running kernel (CO-RE), which it learns from /sys/kernel/btf/vmlinux.
#pragma once

typedef unsigned char __u8;
typedef signed char __s8;
typedef unsigned short __u16;
typedef short __s16;
typedef unsigned int __u32;
typedef int __s32;
typedef unsigned long long __u64;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u64 __be64;
typedef __u32 __wsum;
typedef __u16 __sum16;
typedef _Bool bool;
enum { false, true };

enum { map_type_array = 2, map_type_lru_hash = 9, map_type_ringbuf = 27 };  // linux/bpf.h, enum bpf_map_type.
enum { family_ipv4 = 2, family_ipv6 = 10 };
enum { protocol_tcp = 6, protocol_udp = 17 };
enum { state_syn_sent = 2, state_syn_recv = 3, state_listen = 10 };  // The kernel's tcp_states.h.
enum { is_kernel_thread = 0x00200000 };                              // PF_KTHREAD of linux/sched.h.

// What programs at cgroups are handed: a stable interface, linux/bpf.h.
struct bpf_sock {
    __u32 bound_dev_if, family, type, protocol, mark, priority, src_ip4, src_ip6[4], src_port;
    __be16 dst_port;
    __u16 : 16;
    __u32 dst_ip4, dst_ip6[4], state;
    __s32 rx_queue_mapping;
};

struct bpf_sock_addr {
    __u32 user_family, user_ip4, user_ip6[4], user_port, family, type, protocol, msg_src_ip4, msg_src_ip6[4];
    union {
        struct bpf_sock* sk;
        __u64 : 64;
    } __attribute__((aligned(8)));
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct in6_addr {
    union {
        __u8 u6_addr8[16];
    } in6_u;
};
struct net {
    __u64 net_cookie;
};
typedef struct {
    struct net* net;
} possible_net_t;
typedef struct {
    __s64 counter;
} atomic64_t;
struct sock_common {
    __be32 skc_daddr, skc_rcv_saddr;
    __be16 skc_dport;
    __u16 skc_num;
    unsigned short skc_family;
    possible_net_t skc_net;
    struct in6_addr skc_v6_daddr, skc_v6_rcv_saddr;
    atomic64_t skc_cookie;
};
struct sock {
    struct sock_common __sk_common;
    __u16 sk_protocol;
};
struct inet_sock {
    __be16 inet_sport;
};
struct kernfs_node {
    const char* name;
};
struct cgroup;
struct cgroup_subsys_state {
    struct cgroup* cgroup;
    struct cgroup_subsys_state* parent;
};
struct cgroup {
    struct cgroup_subsys_state self;
    struct kernfs_node* kn;
};
struct css_set {
    struct cgroup* dfl_cgrp;
};
struct task_struct {
    unsigned int flags;
    int tgid;
    struct task_struct* group_leader;
    struct css_set* cgroups;
    char comm[16];
};

#pragma clang attribute pop
