"""Logins over FTP, POP3, IMAP, SMTP, Telnet, LDAP and SNMP, none of them inside TLS."""
import base64

from wire import *

with Capture() as cap:
    server, b64 = "10.0.0.21", lambda text: base64.b64encode(text.encode()).decode()
    talk = cap.at(0).tcp_handshake("10.0.0.5", 40000, server, 21)
    talk.server("220 hi\r\n").client("USER joe\r\n").server("331 go on\r\n").client("PASS secret1\r\n").server("230 in\r\n").close()
    talk = cap.at(1).tcp_handshake("10.0.0.5", 40001, server, 110)
    talk.server("+OK hi\r\n").client("USER joe\r\n").server("+OK\r\n").client("PASS secret2\r\n").server("-ERR no\r\n").close()
    talk = cap.at(2).tcp_handshake("2001:db8::5", 40002, "2001:db8::21", 143)
    talk.server("* OK hi\r\n").client('a1 LOGIN "joe" secret3\r\n').server("a1 OK\r\n").close()
    talk = cap.at(3).tcp_handshake("10.0.0.5", 40003, server, 25)
    talk.server("220 hi ESMTP\r\n").client("EHLO me\r\n").server("250 AUTH PLAIN LOGIN\r\n")
    talk.client("AUTH PLAIN " + b64("\0joe\0secret4") + "\r\n").server("235 in\r\n").close()
    talk = cap.at(4).tcp_handshake("10.0.0.6", 40004, server, 25)
    talk.server("220 hi ESMTP\r\n").client("EHLO me\r\n").server("250 AUTH PLAIN LOGIN\r\n").client("AUTH LOGIN\r\n")
    talk.server("334 VXNlcm5hbWU6\r\n").client(b64("ann") + "\r\n").server("334 UGFzc3dvcmQ6\r\n")
    talk.client(b64("secret5") + "\r\n").server("235 in\r\n").close()
    talk = cap.at(5).tcp_handshake("10.0.0.5", 40005, server, 23)
    talk.server(b"\xff\xfd\x18").client(b"\xff\xfc\x18").server("login: ")
    for letter in "joe\r":
        talk.client(letter).server(letter)
    talk.server("Password: ")
    for letter in "secret6\r":
        talk.client(letter)
    talk.close()
    talk = cap.at(6).tcp_handshake("10.0.0.5", 40006, server, 389)
    name = b"cn=joe,dc=corp"
    bind = b"\x02\x01\x03\x04" + bytes([len(name)]) + name + b"\x80\x07secret7"
    message = b"\x02\x01\x01\x60" + bytes([len(bind)]) + bind
    talk.client(b"\x30" + bytes([len(message)]) + message).server(b"\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\0\4\0\4\0").close()
    for i in range(40):
        body = b"\x02\x01\x01\x04\x06public\xa0\x0e\x02\x01" + bytes([i]) + b"\x02\x01\0\x02\x01\0\x30\x03\x30\x01\0"
        cap.at(10 + i).udp_exchange("10.0.0.9", 50000, server, 161, b"\x30" + bytes([len(body)]) + body, b"\x30\2\2\1")
