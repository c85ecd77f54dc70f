#!/usr/bin/env python3
"""A hub of models on this machine, with the interface that app/models/hub.h describes and whatever can go wrong.

A Hub answers on two addresses: the hub's own (listings, redirects) and that of the store of files, to which it sends on.
"""
import hashlib
import http.server
import json
import random
import socket
import ssl
import sys
import threading
import time
import urllib.parse

REVISION = "a" * 40


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        hub = self.server.hub
        path = self.path
        if path.startswith("http://"):  # as a proxy is asked
            hub.proxied.append(path)
            path = "/" + path.split("/", 3)[3]
        with hub.lock:
            hub.requests.append((self.server.role, path, dict(self.headers)))
        try:
            (hub.answer_hub if self.server.role == "hub" else hub.answer_store)(self, path)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def reply(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def hang_up(self):
        self.close_connection = True
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass


class Hub:
    """`repositories`: {"OWNER/NAME": {path: bytes, ...}}. `store_faults` and `hub_faults`: names of what goes wrong with
    the next requests, one each; after them all goes well. None: that one goes well."""

    def __init__(self, repositories, tls=None):
        self.repositories = repositories
        self.license = "mit"
        self.listed = {}            # path: what a listing says otherwise of it
        self.page = 1000            # entries
        self.store_faults, self.hub_faults = [], []
        self.random = None          # random.Random: faults by chance
        self.chance = 0.0
        self.pace = 0.0             # seconds between pieces
        self.piece = 1 << 16
        self.etag_salt = ""
        self.requests, self.proxied = [], []
        self.lock = threading.Lock()
        self.servers = {}
        for role in ("hub", "store"):
            server = Server(("127.0.0.1", 0), Handler)
            server.hub, server.role = self, role
            if tls:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(*tls)
                server.socket = context.wrap_socket(server.socket, server_side=True)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            self.servers[role] = server
        self.scheme = "https" if tls else "http"

    @staticmethod
    def hash_of(data):
        return hashlib.sha256(data).hexdigest()

    def address(self, role="hub"):
        return "%s://127.0.0.1:%d" % (self.scheme, self.servers[role].server_address[1])

    def close(self):
        for server in self.servers.values():
            server.shutdown()
            server.server_close()

    def asked(self, role):
        with self.lock:
            return [(path, headers) for r, path, headers in self.requests if r == role]

    FAULTS_OF_HUB = ("429", "503", "close")
    FAULTS_OF_STORE = ("503", "403", "416", "close", "cut", "other etag", "no ranges", "wrong bytes", "stall")

    def fault(self, faults, all_faults):
        with self.lock:
            if faults:
                return faults.pop(0)
            if self.random and self.random.random() < self.chance:
                return self.random.choice(all_faults)
        return None

    # The hub

    def answer_hub(self, h, path):
        fault = self.fault(self.hub_faults, self.FAULTS_OF_HUB)
        if fault == "close":
            return h.hang_up()
        if fault == "429":
            return h.reply(429, b"slow down", Retry_After="0")
        if fault == "429 long":
            return h.reply(429, b"slow down", Retry_After="7200")
        if fault == "503":
            return h.reply(503, b"", Retry_After=time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime()))
        if fault in ("401", "404", "500", "418"):
            return h.reply(int(fault), b"<html>")
        if fault == "html":
            return h.reply(200, b"<html>Welcome to our network</html>")
        if fault == "circle":
            return h.reply(302, Location=path)
        address = urllib.parse.urlsplit(path)
        parts = urllib.parse.unquote(address.path).strip("/").split("/")
        query = urllib.parse.parse_qs(address.query)
        name = "/".join(parts[2:4] if parts[0] == "api" else parts[0:2])
        files = self.repositories.get(name)
        if files is None:
            return h.reply(404, b"{}")
        if parts[0] == "api" and parts[4] == "revision":
            return h.reply(200, json.dumps({"sha": REVISION, "cardData": {"license": self.license}}).encode())
        if parts[0] == "api" and parts[4] == "tree":
            return self.answer_tree(h, name, files, int(query.get("cursor", ["0"])[0]))
        if parts[2] == "resolve" and parts[3] == REVISION and "/".join(parts[4:]) in files:
            where = "%s/%s?name=%s" % (self.address("store"), name, urllib.parse.quote("/".join(parts[4:])))
            return h.reply(302, b"Found", Location=where, X_Linked_ETag='"no etag of the file itself"')
        return h.reply(404, b"")

    def answer_tree(self, h, name, files, cursor):
        entries = [{"type": "directory", "path": "BF16"}, {"type": "file", "path": "README.md", "size": 10}]
        for path, data in files.items():
            entry = {"type": "file", "path": path, "size": len(data),
                     "lfs": {"oid": self.hash_of(data), "size": len(data)}}
            entry["lfs"].update(self.listed.get(path, {}))
            entries.append(entry)
        more = {}
        if cursor + self.page < len(entries):
            more["Link"] = '<%s/api/models/%s/tree/%s?recursive=true&cursor=%d>; rel="next"' % (
                self.address(), name, REVISION, cursor + self.page)
        h.reply(200, json.dumps(entries[cursor:cursor + self.page]).encode(), **more)

    # The store

    def answer_store(self, h, path):
        address = urllib.parse.urlsplit(path)
        data = self.repositories[address.path.strip("/")][urllib.parse.parse_qs(address.query)["name"][0]]
        fault = self.fault(self.store_faults, self.FAULTS_OF_STORE)
        if fault == "close":
            return h.hang_up()
        if fault in ("403", "503", "429"):
            return h.reply(int(fault), b"no", Retry_After="0")
        if fault == "html":
            return h.reply(200, b"<html>Welcome to our network</html>", Content_Type="text/html")
        if fault == "other etag":
            with self.lock:
                self.etag_salt += "x"
        etag = '"%s%s"' % (self.hash_of(data)[:16], self.etag_salt)
        if fault == "wrong bytes":
            data = bytes(len(data) - 1) + b"!"
        first = 0
        asked = h.headers.get("Range", "")
        if asked.startswith("bytes=") and h.headers.get("If-Range", etag) == etag and fault != "no ranges":
            first = int(asked[6:].split("-")[0])
        if fault == "416" or first >= len(data):
            return h.reply(416, b"", Content_Range="bytes */%d" % len(data))
        h.send_response(206 if first else 200)
        h.send_header("ETag", etag)
        if first:
            start = first + 1 if fault == "other range" else first
            h.send_header("Content-Range", "bytes %d-%d/%d" % (start, len(data) - 1, len(data)))
        end = len(data)
        if fault == "too short":
            end = first + (end - first) // 2
            h.send_header("Connection", "close")  # without a length: nobody can tell
            h.close_connection = True
        elif fault == "too long":
            data, end = data + b"more", end + 4
            h.send_header("Connection", "close")
            h.close_connection = True
        else:
            h.send_header("Content-Length", str(end - first))
        h.end_headers()
        if fault in ("cut", "stall"):
            end = first + (self.random or random).randrange(0, end - first + 1)
        while first < end:
            h.wfile.write(data[first:min(first + self.piece, end)])
            first += self.piece
            if self.pace:
                time.sleep(self.pace)
        if fault == "stall":
            time.sleep(0.5)
        if fault in ("cut", "stall"):
            h.hang_up()


def main():
    """hub_server.py PACE OWNER/NAME NAME=FILE...: prints its address, then a line for each request, until it is ended."""
    files = {}
    for argument in sys.argv[3:]:
        name, path = argument.split("=", 1)
        with open(path, "rb") as f:
            files[name] = f.read()
    hub = Hub({sys.argv[2]: files})
    hub.pace = float(sys.argv[1])
    print(hub.address(), flush=True)
    told = 0
    while True:
        time.sleep(0.02)
        for role, path, _ in hub.requests[told:]:
            print(role, path, flush=True)
            told += 1


if __name__ == "__main__":
    main()
