"""STARTTLS and AUTH TLS before the login, anonymous FTP, an anonymous LDAP bind, CRAM-MD5, SNMPv3."""
from wire import *

HELLO = b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00"

with Capture() as cap:
    server = "10.0.0.21"
    talk = cap.at(0).tcp_handshake("10.0.0.5", 40000, server, 21)
    talk.server("220 hi\r\n").client("AUTH TLS\r\n").server("234 go on\r\n").client(HELLO + b"USER joe\r\nPASS x\r\n").close()
    talk = cap.at(1).tcp_handshake("10.0.0.5", 40001, server, 21)
    talk.server("220 hi\r\n").client("USER anonymous\r\n").server("331\r\n").client("PASS me@example.net\r\n").server("230 in\r\n").close()
    talk = cap.at(2).tcp_handshake("10.0.0.5", 40002, server, 110)
    talk.server("+OK hi\r\n").client("STLS\r\n").server("+OK\r\n").client(HELLO).close()
    talk = cap.at(3).tcp_handshake("10.0.0.5", 40003, server, 143)
    talk.server("* OK hi\r\n").client("a1 STARTTLS\r\n").server("a1 OK\r\n").client(HELLO).close()
    talk = cap.at(4).tcp_handshake("10.0.0.5", 40004, server, 25)
    talk.server("220 hi ESMTP\r\n").client("EHLO me\r\n").server("250 CRAM-MD5\r\n").client("AUTH CRAM-MD5\r\n")
    talk.server("334 PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2U+\r\n").client("dGltIGI5MTNhNjAy\r\n").server("235 in\r\n").close()
    talk = cap.at(5).tcp_handshake("10.0.0.5", 40005, server, 389)
    talk.client(b"\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\0\x80\0").close()
    cap.at(6).udp("10.0.0.9", 50000, server, 161, b"\x30\x0a\x02\x01\x03\x30\x05\x02\x03\1\2\3")
