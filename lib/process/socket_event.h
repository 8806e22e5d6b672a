// What the kernel's side (socket_trace.bpf.c) tells of a socket: C, read by both sides.
#pragma once

enum socket_event_kind {
    socket_connecting = 1,  // connect(): who; over UDP also the other end.
    socket_ends = 2,        // A TCP connection's ends are known: established, or its attempt is over.
    socket_listening = 3,   // listen(): who and where.
    socket_bound = 4,       // bind() of UDP: who and where.
    socket_sending = 5,     // A first datagram to that port: who, local end, other end; port 0: to many ports.
    socket_closed = 6,      // The last holder has closed it: who, and the ends as far as still known.
    listener_forked = 7,    // A process that listens has a child now: `pid`, and no socket.
};

enum { socket_group_bytes = 96, socket_comm_bytes = 16 };

// Ports in host order; addresses in network order, IPv4 mapped into IPv6. pid 0: nobody, the kernel itself.
struct socket_event {
    unsigned long long time_ns;  // Of the monotonic clock.
    unsigned long long cookie;   // The socket's own, never used twice.
    unsigned long long cgroup;   // The process's.
    unsigned int kind;
    unsigned int pid;
    unsigned int uid;
    unsigned short local_port;
    unsigned short remote_port;
    unsigned char local_ip[16];
    unsigned char remote_ip[16];
    unsigned char is_tcp;
    unsigned char padding[7];
    char comm[socket_comm_bytes];        // Of the process's first thread.
    char group[socket_group_bytes];      // The cgroup's folder ...
    char group_above[socket_group_bytes];  // ... and the one that holds it.
};
