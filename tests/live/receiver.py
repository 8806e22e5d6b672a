"""HTTP receivers for the live tests: one that checks the signature (Standard Webhooks), and ones that misbehave."""
import base64
import hashlib
import hmac
import json
import secrets
import socket
import threading
import time
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from harness import inside


def seconds_of(stamp):
    """Unix seconds of an RFC 3339 stamp with nanoseconds."""
    whole = datetime.strptime(stamp[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc).timestamp()
    return whole + float(f"0.{stamp[20:29]}")


def new_secret(stage):
    """(path of a secret file, key)."""
    key = secrets.token_bytes(32)
    path = stage.folder / f"secret{len(list(stage.folder.glob('secret*')))}"
    path.write_text("whsec_" + base64.b64encode(key).decode() + "\n", encoding="utf-8")
    path.chmod(0o644)
    return path, key


class Got:
    """One request that arrived."""

    def __init__(self, headers, body, key):
        self.at, self.headers, self.body = time.time(), headers, body
        self.document = json.loads(body)
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        want = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        given = [part.partition(",")[2] for part in (headers["webhook-signature"] or "").split() if part.startswith("v1,")]
        self.signed = any(hmac.compare_digest(want, signature) for signature in given)
        self.fresh = abs(self.at - float(headers["webhook-timestamp"])) < 60

    @property
    def rule(self):
        return self.document["rule"]["id"]

    @property
    def lag(self):
        """From the moment that the document is about to its arrival."""
        return self.at - seconds_of(self.document["@timestamp"])


class Receiver:
    """Listens inside the sensor's namespace. `status` is what it answers."""

    def __init__(self, stage, port=9900, status=204):
        self.got, self.broken, self.status, self.tries = [], [], status, 0
        self.secret_path, self.key = new_secret(stage)
        self.url = f"http://127.0.0.1:{port}/hook"
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                outer.tries += 1
                if outer.status < 300:
                    try:
                        outer.got.append(Got(self.headers, body, outer.key))
                    except (ValueError, TypeError, KeyError) as error:
                        outer.broken.append(f"{error!r}: {dict(self.headers)} {body[:200]!r}")
                self.send_response(outer.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                """Says nothing."""

        with inside(stage.names["sensor"]):
            self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None       # A daemon that is killed closes connections as it likes.
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        stage.closing.append(self.close)

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def entry(self, name="hook", **more):
        """This receiver as the configuration names it; notes are asked for too."""
        return {"name": name, "type": "webhook", "url": self.url, "secret_file": str(self.secret_path),
                "match": {"urgency": ["page", "ticket", "note"]}, **more}

    def of(self, rule, state="firing"):
        return [got for got in list(self.got) if got.rule == rule and got.document["event"]["action"] == state]


def hanging(stage, port):
    """A receiver that takes connections and says nothing."""
    with inside(stage.names["sensor"]):
        listening = socket.create_server(("127.0.0.1", port), backlog=64)
    stage.closing.append(listening.close)
    return f"http://127.0.0.1:{port}/hook"
