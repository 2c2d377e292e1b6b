#!/usr/bin/env python3
"""A scripted ACME server for what real ones never send.

fake_acme.py --port N --cert PEM --key PEM --ca PEM --ca-key PEM --rules FILE --log FILE

Without rules it is a small CA that believes everything: challenges are valid once they are posted. FILE
is read anew for each request: a JSON object from a resource (directory, nonce, account, neworder, order,
authz, challenge, finalize, certificate; authz/1 is the second one of an order) to what is different about it:

    {"status": 503, "type": "text/html", "body": "<html>", "headers": {"Retry-After": "5"}}
    {"patch": {"status": "pending"}}   members of the usual answer replaced, null removes
    {"patch_challenge": {"token": ""}} the same for the challenge inside an authorization
    {"cut": true}                      the connection ends in the middle of the body
    {"size": 2000000}                  a body of so many bytes
    {"no_nonce": true}                 no Replay-Nonce
    {"times": 2, ...}                  only so many times, then as usual

A rule for "signing" changes the certificate: {"names": "DNS:other.test"} stands in it instead of what was asked for.

The log has a line for each request, and a line "violation: ..." for whatever a client must not do.
"""
import argparse
import base64
import http.server
import itertools
import json
import os
import secrets
import ssl
import subprocess
import tempfile
import threading

lock = threading.Lock()
nonces = set()
orders = {}
accounts = []
numbers = itertools.count(1)
used = {}
args = None


def log(line):
    with open(args.log, "a") as out:
        out.write(line + "\n")


def unbase64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def url(path):
    return "https://127.0.0.1:%d/%s" % (args.port, path)


def rule(resource):
    with open(args.rules) as source:
        text = source.read()
    found = json.loads(text).get(resource) if text.strip() else None
    if not found:
        return {}
    key = resource + text
    used[key] = used.get(key, 0) + 1
    return found if used[key] <= found.get("times", 1 << 30) else {}


def patched(body, patch):
    body = dict(body)
    for name, value in (patch or {}).items():
        if value is None:
            body.pop(name, None)
        else:
            body[name] = value
    return body


def sign(csr):
    with tempfile.TemporaryDirectory() as folder:
        request = os.path.join(folder, "csr")
        with open(request, "wb") as out:
            out.write(csr)
        extensions = ["-copy_extensions", "copyall"]
        names = rule("signing").get("names")
        if names:
            extensions = ["-extfile", os.path.join(folder, "extensions")]
            with open(extensions[1], "w") as out:
                out.write("subjectAltName=%s\n" % names)
        done = subprocess.run(
            ["openssl", "x509", "-req", "-inform", "DER", "-in", request, "-CA", args.ca, "-CAkey", args.ca_key,
             "-set_serial", str(secrets.randbits(60)), "-days", "30", *extensions],
            capture_output=True, check=True)
    with open(args.ca, "rb") as ca:
        return done.stdout + ca.read()


class Order:
    def __init__(self, names):
        self.number = next(numbers)
        self.names = names
        self.valid = [False] * len(names)
        self.chain = None

    def body(self):
        status = "valid" if self.chain else "ready" if all(self.valid) else "pending"
        body = {"status": status, "expires": "2099-01-01T00:00:00Z", "identifiers": self.names[::-1],
                "authorizations": [url("authz/%d/%d" % (self.number, i)) for i in range(len(self.names))],
                "finalize": url("finalize/%d" % self.number)}
        if self.chain:
            body["certificate"] = url("certificate/%d" % self.number)
        return body

    def challenge(self, i):
        return {"type": "http-01", "url": url("challenge/%d/%d" % (self.number, i)), "token": "token-%d-%d" % (self.number, i),
                "status": "valid" if self.valid[i] else "pending"}

    def authz(self, i):
        # A kind that nobody knows, and one without a token, stand before ours (Z3).
        return {"status": "valid" if self.valid[i] else "pending", "identifier": self.names[i],
                "challenges": [{"type": "carrier-pigeon-01", "url": "x"}, {"type": "dns-persist-01"}, self.challenge(i)]}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    index = None  # of the authorization in its order

    def log_message(self, *_):
        pass

    def answer(self, resource, status, body, headers=None, kind="application/json; charset=utf-8"):
        changed = (rule("%s/%d" % (resource, self.index)) if self.index is not None else {}) or rule(resource)
        headers = dict(headers or {})
        if isinstance(body, dict):
            body = patched(body, changed.get("patch"))
            if "patch_challenge" in changed:
                body["challenges"] = [patched(c, changed["patch_challenge"]) for c in body["challenges"]]
            body = json.dumps(body).encode()
        status = changed.get("status", status)
        kind = changed.get("type", kind)
        if "body" in changed:
            body = changed["body"].encode() if isinstance(changed["body"], str) else json.dumps(changed["body"]).encode()
        if "size" in changed:
            body = b"x" * changed["size"]
        headers.update(changed.get("headers", {}))
        self.send_response(status)
        if not changed.get("no_nonce") and resource != "directory":
            nonce = secrets.token_urlsafe(12)
            nonces.add(nonce)
            headers.setdefault("Replay-Nonce", nonce)
        headers["Content-Type"] = kind
        headers["Content-Length"] = str(len(body))
        for name, value in headers.items():
            if value is not None:
                self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        self.wfile.write(body[: len(body) // 2] if changed.get("cut") else body)
        if changed.get("cut"):
            self.close_connection = True

    def begin(self, resource):
        log("%s %s" % (self.command, resource))
        if "certengine/" not in self.headers.get("User-Agent", ""):
            log("violation: User-Agent")
        if self.headers.get("Replay-Nonce"):
            log("violation: Replay-Nonce in a request")
        if not self.headers.get("Accept-Language"):
            log("violation: no Accept-Language")

    def do_GET(self):
        with lock:
            self.begin("directory" if self.path == "/directory" else self.path)
            self.answer("directory", 200, {
                "newNonce": url("nonce"), "newAccount": url("account"), "newOrder": url("neworder"),
                secrets.token_hex(4): "https://community.example/t/adding-random-entries", "meta": {"termsOfService": url("terms"),
                "unknown": 1}})

    def do_HEAD(self):
        with lock:
            self.begin("nonce")
            self.answer("nonce", 200, b"")

    def read_jws(self):
        if self.headers.get("Content-Type") != "application/jose+json":
            log("violation: Content-Type of a POST")
        if "Content-Length" not in self.headers:
            log("violation: no Content-Length")
        jws = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if sorted(jws) != ["payload", "protected", "signature"]:
            log("violation: members of the JWS")
        protected = json.loads(unbase64(jws["protected"]))
        if protected["url"] != url(self.path[1:]):
            log("violation: url in the JWS")
        if ("jwk" in protected) == ("kid" in protected):
            log("violation: jwk and kid")
        if protected["nonce"] not in nonces:
            log("violation: a nonce that was used or never given")
        nonces.discard(protected["nonce"])
        return unbase64(jws["payload"])

    def do_POST(self):
        with lock:
            parts = self.path[1:].split("/")
            resource, ids = parts[0], [int(n) for n in parts[1:]]
            self.begin(resource)
            payload = self.read_jws()
            order = orders.get(ids[0]) if ids else None
            self.index = ids[1] if len(ids) > 1 else None
            if ids and not order:
                self.answer(resource, 404, b"")
                return
            getattr(self, "post_" + resource)(order, ids, payload)

    def post_account(self, _order, _ids, payload):
        if json.loads(payload).get("onlyReturnExisting"):
            if not accounts:
                self.answer("account", 400, {"type": "urn:ietf:params:acme:error:accountDoesNotExist"})
                return
        elif rule("account").get("status", 201) < 300:
            accounts.append(1)
        self.answer("account", 201, {"status": "valid"}, {"Location": url("account/1")})

    def post_neworder(self, _order, _ids, payload):
        order = Order(json.loads(payload)["identifiers"])
        orders[order.number] = order
        self.answer("neworder", 201, order.body(), {"Location": url("order/%d" % order.number)})

    def post_order(self, order, _ids, _payload):
        self.answer("order", 200, order.body())

    def post_authz(self, order, ids, payload):
        if payload:
            log("deactivated" if json.loads(payload) == {"status": "deactivated"} else "violation: payload of an authorization")
        self.answer("authz", 200, order.authz(ids[1]))

    def post_challenge(self, order, ids, payload):
        if payload != b"{}":
            log("violation: payload of a challenge")
        order.valid[ids[1]] = True
        self.answer("challenge", 200, order.challenge(ids[1]))

    def post_finalize(self, order, _ids, payload):
        order.chain = sign(unbase64(json.loads(payload)["csr"]))
        self.answer("finalize", 200, order.body())

    def post_certificate(self, order, _ids, _payload):
        self.answer("certificate", 200, order.chain, kind="application/pem-certificate-chain; charset=utf-8")


def main():
    global args
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    for name in ("cert", "key", "ca", "ca-key", "rules", "log"):
        parser.add_argument("--" + name, required=True)
    args = parser.parse_args()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(args.cert, args.key)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", args.port), Handler)
    server.daemon_threads = True
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()


main()
