"""Messages of Windows networking and of DHCP for recipes, as bytes: DCE/RPC, SMB1, SMB2, NetBIOS, BOOTP.

    connection.client(rpc_bind()); connection.server(rpc_bind_ack())
    connection.client(rpc_map_request(MAPI)); connection.server(rpc_map_response(MAPI, "10.0.0.9", 49155))
"""
import ipaddress
import struct
import uuid

EPM = uuid.UUID("e1af8308-5d1f-11c9-91a4-08002b14a0fa")
MAPI = uuid.UUID("a4f1db00-ca47-1067-b31f-00dd010662da")
DRSUAPI = uuid.UUID("e3514235-4b06-11d1-ab04-00c04fc2dcd2")
ACTIVATOR = uuid.UUID("000001a0-0000-0000-c000-000000000046")
NDR = uuid.UUID("8a885d04-1ceb-11c9-9fe8-08002b104860")
NOT_REGISTERED = 0x16c9a0d6


# DCE/RPC (C706, 12.6 and appendices L and O).

def rpc(kind, body, call=1):
    return struct.pack("<BBBBIHHI", 5, 0, kind, 3, 0x10, 16 + len(body), 0, call) + body


def rpc_bind(interface=EPM, call=1):
    context = struct.pack("<HBB", 0, 1, 0) + interface.bytes_le + struct.pack("<I", 3) + NDR.bytes_le + struct.pack("<I", 2)
    return rpc(11, struct.pack("<HHIBBH", 5840, 5840, 0, 1, 0, 0) + context, call)


def rpc_bind_ack(call=1):
    body = struct.pack("<HHI", 5840, 5840, 1) + struct.pack("<H", 4) + b"135\0" + b"\0\0"
    return rpc(12, body + struct.pack("<BBHHH", 1, 0, 0, 0, 0) + NDR.bytes_le + struct.pack("<I", 2), call)


def rpc_bind_nak(call=1):
    return rpc(13, struct.pack("<HBBB", 0, 1, 5, 0) + b"\0\0\0", call)


def rpc_request(operation, stub, call=2):
    return rpc(0, struct.pack("<IHH", len(stub), 0, operation) + stub, call)


def rpc_response(stub, call=2):
    return rpc(2, struct.pack("<IHBB", len(stub), 0, 0, 0) + stub, call)


def rpc_fault(status, call=2):
    return rpc(3, struct.pack("<IHBBII", 0, 0, 0, 0, status, 0), call)


def tower(interface, ip="0.0.0.0", port=135):
    def floor(left, right):
        return struct.pack("<H", len(left)) + left + struct.pack("<H", len(right)) + right
    address = ipaddress.ip_address(ip).packed
    return struct.pack("<H", 5) + floor(b"\x0d" + interface.bytes_le + struct.pack("<H", 0), struct.pack("<H", 0)) \
        + floor(b"\x0d" + NDR.bytes_le + struct.pack("<H", 2), struct.pack("<H", 0)) \
        + floor(b"\x0b", struct.pack("<H", 0)) + floor(b"\x07", struct.pack(">H", port)) + floor(b"\x09", address)


def tower_pointer_target(octets):
    return struct.pack("<II", len(octets), len(octets)) + octets + b"\0" * (-len(octets) % 4)


def rpc_map_request(interface, call=2):
    stub = struct.pack("<I", 1) + b"\0" * 16 + struct.pack("<I", 2) + tower_pointer_target(tower(interface))
    return rpc_request(3, stub + b"\0" * 20 + struct.pack("<I", 4), call)


def rpc_map_response(interface, ip, port, call=2, status=0):
    octets = tower(interface, ip, port)
    return rpc_response(b"\0" * 20 + struct.pack("<IIIII", 1, 4, 0, 1, 3) + tower_pointer_target(octets)
                        + struct.pack("<I", status), call)


def rpc_map_nothing(status=NOT_REGISTERED, call=2):
    return rpc_response(b"\0" * 20 + struct.pack("<IIIII", 0, 4, 0, 0, status), call)


# SMB over TCP or NetBIOS sessions.

def session(message, kind=0):
    return struct.pack(">BBH", kind, len(message) >> 16, len(message) & 0xffff) + message


def smb2(command, body, message=1, status=0, response=False, tree=5, session_id=9):
    return session(b"\xfeSMB" + struct.pack("<HHIHHIIQIIQ", 64, 1, status, command, 64, int(response), 0, message, 0, tree,
                                            session_id) + b"\0" * 16 + body)


def smb2_negotiate(message=0):
    return smb2(0, struct.pack("<HHHHI", 36, 1, 1, 0, 0) + b"\0" * 24 + struct.pack("<H", 0x0210), message)


def smb2_negotiate_response(message=0):
    return smb2(0, struct.pack("<HHHH", 65, 1, 0x0210, 0) + b"\0" * 56, message, response=True)


def ntlm(kind, domain="", user=""):
    blob = b"NTLMSSP\0" + struct.pack("<I", kind)
    if kind != 3:
        return blob + b"\0" * 24
    domain, user = domain.encode("utf-16le"), user.encode("utf-16le")
    fields = struct.pack("<HHI", 0, 0, 64) * 2 + struct.pack("<HHI", len(domain), len(domain), 64) \
        + struct.pack("<HHI", len(user), len(user), 64 + len(domain)) + struct.pack("<HHI", 0, 0, 64) * 2 \
        + struct.pack("<I", 1)
    return blob + fields + domain + user


def smb2_session_setup(blob, message=1):
    return smb2(1, struct.pack("<HBBIIHHQ", 25, 0, 1, 0, 0, 88, len(blob), 0) + blob, message)


def smb2_session_setup_response(status=0, blob=b"", message=1):
    return smb2(1, struct.pack("<HHHH", 9, 0, 72, len(blob)) + blob, message, status, response=True)


def smb2_tree_connect(share, message=3):
    path = share.encode("utf-16le")
    return smb2(3, struct.pack("<HHHH", 9, 0, 72, len(path)) + path, message)


def smb2_tree_connect_response(status=0, message=3):
    body = struct.pack("<HBBIII", 16, 1, 0, 0, 0, 0) if status == 0 else struct.pack("<HHI", 9, 0, 0) + b"\0"
    return smb2(3, body, message, status, response=True)


FILE = bytes(range(1, 17))


def smb2_create(name, message=4):
    path = name.encode("utf-16le")
    return smb2(5, struct.pack("<HBBIQQIIIIIHHII", 57, 0, 0, 2, 0, 0, 0x120089, 0, 7, 1, 0x40, 120, len(path), 0, 0)
                + path, message)


def smb2_create_response(file=FILE, message=4):
    return smb2(5, struct.pack("<HBBI", 89, 0, 0, 1) + b"\0" * 56 + file + b"\0" * 8, message, response=True)


def smb2_read(offset, length=65536, message=10, file=FILE):
    return smb2(8, struct.pack("<HBBIQ", 49, 0x50, 0, length, offset) + file + b"\0" * 17, message)


def smb2_read_response(length=65536, message=10):
    return smb2(8, struct.pack("<HBBIII", 17, 80, 0, length, 0, 0) + b"\x5a" * length, message, response=True)


def smb1(command, words=b"", data=b"", mid=1, status=0, response=False, flags2=0xc001):
    head = b"\xffSMB" + struct.pack("<BIBHH8sHHHHH", command, status, 0x88 if response else 8, flags2, 0, b"\0" * 8, 0, 4,
                                    5, 6, mid)
    return session(head + struct.pack("<B", len(words) // 2) + words + struct.pack("<H", len(data)) + data)


def smb1_read(fid, offset, length=61440, mid=1):
    return smb1(0x2e, struct.pack("<BBHHIHHIHI", 0xff, 0, 0, fid, offset & 0xffffffff, length, 0, 0, 0, offset >> 32), mid=mid)


def smb1_read_response(length=61440, mid=1):
    words = struct.pack("<BBHHHHHHHHHHH", 0xff, 0, 0, 0xffff, 0, 0, length & 0xffff, 60, length >> 16, 0, 0, 0, 0)
    return smb1(0x2e, words, b"\0" + b"\x5a" * length if length < 65535 else b"", mid=mid, response=True)


def smb1_negotiate():
    return smb1(0x72, data=b"\x02NT LM 0.12\0")


def smb1_negotiate_response():
    return smb1(0x72, b"\0" * 34, response=True)


def smb1_session_setup(blob, mid=2):
    return smb1(0x73, struct.pack("<BBHHHHIHII", 0xff, 0, 0, 4356, 10, 0, 0, len(blob), 0, 0), blob + b"\0", mid=mid)


def smb1_session_setup_response(status=0, mid=2):
    return smb1(0x73, struct.pack("<BBHHH", 0xff, 0, 0, 0, 0), b"\0", mid=mid, status=status, response=True)


def smb1_tree_connect(share, mid=4):
    data = b"\0" + share.encode("utf-16le") + b"\0\0" + b"?????\0"
    return smb1(0x75, struct.pack("<BBHHH", 0xff, 0, 0, 0, 1), data, mid=mid)


def smb1_tree_connect_response(mid=4):
    return smb1(0x75, struct.pack("<BBHH", 0xff, 0, 0, 1), b"IPC\0\0", mid=mid, response=True)


def rap_call(call=104, mid=5):
    """NetServerEnum2 by standard, level 1, over \\PIPE\\LANMAN."""
    name = b"\0" + "\\PIPE\\LANMAN\0".encode("utf-16le")
    parameters = struct.pack("<H", call) + b"WrLehDz\0B16BBDz\0" + struct.pack("<HHI", 1, 8192, 0x40000000)
    at = 32 + 1 + 28 + 2 + len(name)
    words = struct.pack("<HHHHBBHIHHHHHBB", len(parameters), 0, 8, 8192, 0, 0, 0, 0, 0, len(parameters), at, 0,
                        at + len(parameters), 0, 0)
    return smb1(0x25, words, name + parameters, mid=mid)


def rap_response(mid=5):
    return smb1(0x25, b"\0" * 20, b"\0" * 9, mid=mid, response=True)


# NetBIOS (RFC 1001, 14.1; RFC 1002, 4.4; [MS-BRWS] 2.2.7).

def netbios_name(name, suffix):
    raw = name.upper().ljust(15).encode() + bytes([suffix])
    return b"\x20" + bytes(byte for letter in raw for byte in (0x41 + (letter >> 4), 0x41 + (letter & 15))) + b"\0"


def netbios_session_request(called, calling):
    return session(netbios_name(called, 0x20) + netbios_name(calling, 0), 0x81)


def netbios_accepted():
    return session(b"", 0x82)


def netbios_refused(code=0x82):
    return session(bytes([code]), 0x83)


def browser_datagram(source, frame, name="CLIENT1", to="DOMAIN"):
    """`frame`: the browser's own message, beginning with its command."""
    slot = b"\\MAILSLOT\\BROWSE\0"
    at = 32 + 1 + 34 + 2 + len(slot)
    words = struct.pack("<HHHHBBHIHHHHHBBHHH", 0, len(frame), 0, 0, 0, 0, 0, 1000, 0, 0, 0, len(frame), at, 3, 0, 1, 1, 2)
    message = b"\xffSMB" + struct.pack("<BIBHH8sHHHHH", 0x25, 0, 0, 0, 0, b"\0" * 8, 0, 0, 0, 0, 0) + bytes([17]) + words \
        + struct.pack("<H", len(slot) + len(frame)) + slot + frame
    body = netbios_name(name, 0) + netbios_name(to, 0x1b) + message
    return struct.pack(">BBH4sHHH", 0x10, 2, 1, ipaddress.ip_address(source).packed, 138, len(body), 0) + body


def master_announcement(source, name="CLIENT1"):
    return browser_datagram(source, b"\x0d" + name.encode() + b"\0", name)


# DHCP (RFC 2131, 2).

def dhcp(message, mac, *, xid=1, given="0.0.0.0", relay="0.0.0.0", server=None, router=None, dns=(), klass=None):
    raw = bytes.fromhex(mac.replace(":", ""))
    reply = message in (2, 5, 6)
    packed = lambda ip: ipaddress.ip_address(ip).packed
    out = struct.pack(">BBBBIHH", 2 if reply else 1, 1, 6, 0, xid, 0, 0x8000) + packed("0.0.0.0") + packed(given) \
        + packed("0.0.0.0") + packed(relay) + raw + b"\0" * 10 + b"\0" * 192 + bytes.fromhex("63825363")
    options = [(53, bytes([message]))]
    if server:
        options.append((54, packed(server)))
    if router:
        options.append((3, packed(router)))
    if dns:
        options.append((6, b"".join(packed(ip) for ip in dns)))
    if klass:
        options.append((60, klass.encode()))
    return out + b"".join(bytes([code, len(value)]) + value for code, value in options) + b"\xff"


BROADCAST_IP = "255.255.255.255"


def dhcp_lease(cap, mac, ip, server, router, dns):
    """Discover, offer, request, acknowledgment."""
    cap.udp("0.0.0.0", 68, BROADCAST_IP, 67, dhcp(1, mac), src_mac=mac)
    for kind, request in ((2, 3), (5, None)):
        cap.wait(2).udp(server, 67, BROADCAST_IP, 68, dhcp(kind, mac, given=ip, server=server, router=router, dns=dns))
        if request:
            cap.wait(2).udp("0.0.0.0", 68, BROADCAST_IP, 67, dhcp(request, mac, server=server), src_mac=mac)


def collect_browser_list(cap, master, port, browser, blob=None):
    """A master browser asks another one for its list of servers."""
    talk = cap.tcp_handshake(master, port, browser, 139)
    talk.client(netbios_session_request("CLIENT1", "DC1")).server(netbios_accepted())
    talk.client(smb1_negotiate()).server(smb1_negotiate_response())
    talk.client(smb1_session_setup(ntlm(1))).server(smb1_session_setup_response(0xc0000016))
    talk.client(smb1_session_setup(blob or ntlm(3, "CORP", "DC1$"), mid=3)).server(smb1_session_setup_response(mid=3))
    talk.client(smb1_tree_connect(r"\\CLIENT1\IPC$")).server(smb1_tree_connect_response())
    talk.client(rap_call()).server(rap_response()).close()


def smb_attempt(cap, client, port, server, status, share=None, share_status=0, user="backup"):
    """A session set up with `status`, and a tree connect to `share` with its own."""
    talk = cap.tcp_handshake(client, port, server, 445)
    talk.client(smb2_negotiate()).server(smb2_negotiate_response())
    talk.client(smb2_session_setup(ntlm(1))).server(smb2_session_setup_response(0xc0000016, ntlm(2)))
    talk.client(smb2_session_setup(ntlm(3, "CORP", user), 2)).server(smb2_session_setup_response(status, message=2))
    if share:
        talk.client(smb2_tree_connect(share)).server(smb2_tree_connect_response(share_status))
    talk.close()
