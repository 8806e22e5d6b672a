// send IFACE COUNT LEN FLOWS PPS: UDP frames of LEN bytes from FLOWS sources, 64 with one sendmmsg.  PPS 0: as fast as it goes.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { batch = 64, largest = 1514 };

static uint8_t frames[batch][largest];

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void put16(uint8_t* at, unsigned value) {
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

// Ethernet, IPv4, UDP to 198.18.0.2:5001; the UDP checksum is left out (RFC 768 allows it).
static void prepare(uint8_t* frame, unsigned length) {
    static const uint8_t ethernet[14] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0};
    memcpy(frame, ethernet, sizeof ethernet);
    uint8_t* const ip = frame + 14;
    ip[0] = 0x45;
    put16(ip + 2, length - 14);
    ip[8] = 64;
    ip[9] = 17;
    ip[16] = 198, ip[17] = 18, ip[18] = 0, ip[19] = 2;
    put16(ip + 20, 1024);
    put16(ip + 22, 5001);
    put16(ip + 24, length - 34);
}

static void set_source(uint8_t* frame, uint32_t source) {
    uint8_t* const ip = frame + 14;
    const uint32_t address = htonl(0x0a000000u + source);
    memcpy(ip + 12, &address, 4);
    put16(ip + 10, 0);
    uint32_t sum = 0;
    for (int i = 0; i < 20; i += 2) sum += (uint32_t)ip[i] << 8 | ip[i + 1];
    while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
    put16(ip + 10, ~sum & 0xffff);
}

int main(int argc, char** argv) {
    if (argc < 6) return 2;
    const long count = atol(argv[2]);
    const unsigned length = (unsigned)atoi(argv[3]);
    const uint32_t flows = (uint32_t)atoi(argv[4]);
    const double rate = atof(argv[5]);
    if (length < 42 || length > largest || flows == 0) return 2;
    const int fd = socket(AF_PACKET, SOCK_RAW, 0);
    const int bypass = 1;
    struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(argv[1])};
    setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &bypass, sizeof bypass);
    if (bind(fd, (struct sockaddr*)&address, sizeof address) != 0) return perror(argv[1]), 1;

    struct iovec parts[batch];
    struct mmsghdr messages[batch];
    memset(messages, 0, sizeof messages);
    for (int i = 0; i < batch; i++) {
        prepare(frames[i], length);
        parts[i] = (struct iovec){frames[i], length};
        messages[i].msg_hdr.msg_iov = &parts[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
    const double begin = now();
    long sent = 0, errors = 0;
    uint32_t source = 0;
    while (sent < count && errors < 1000000) {
        for (int i = 0; i < batch; i++) set_source(frames[i], source++ % flows);
        const long left = count - sent;
        const int done = sendmmsg(fd, messages, left < batch ? (unsigned)left : batch, 0);
        if (done < 0) errors++;
        if (done > 0) sent += done;
        while (rate > 0 && now() - begin < (double)sent / rate) {
        }
    }
    const double seconds = now() - begin;
    printf("sent %ld in %.3f s = %.0f packets/s, errors %ld\n", sent, seconds, (double)sent / seconds, errors);
    return 0;
}
