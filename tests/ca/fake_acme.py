#!/usr/bin/env python3
"""A scripted ACME server for what real ones never send.

fake_acme.py --port N --cert PEM --key PEM --ca PEM --ca-key PEM --rules FILE --log FILE [--ari] [--client-ca PEM]

With --client-ca it speaks only to those who show a certificate of that CA.

Without rules it is a small CA that believes everything: challenges are valid once they are posted. FILE
is read anew for each request: a JSON object from a resource (directory, nonce, account, neworder, order,
authz, challenge, finalize, certificate, myaccount, orders, keychange, revoke, renewal; authz/1 is the second one
of an order, certificate/1 the first alternate) to what is different about it. @BASE@ in it becomes this server's URL.

    {"status": 503, "type": "text/html", "body": "<html>", "headers": {"Retry-After": "5"}}
                                       a list of headers' values makes several headers, null none
    {"patch": {"status": "pending"}}   members of the usual answer replaced, null removes
    {"patch_challenge": {"token": ""}} the same for the challenges inside an authorization
    {"cut": true}                      the connection ends in the middle of the body
    {"lost": true}                     what was asked for is done, but the connection ends without an answer
    {"unheard": true}                  the connection ends, and nothing is done
    {"delay": 2.5}                     the answer takes so many seconds; others are answered meanwhile
    {"size": 2000000}                  a body of so many bytes
    {"no_nonce": true}                 no Replay-Nonce
    {"alternates": 2}                  certificate: so many Links to other chains, whose tops are "fake root 1", ...
    {"note": ["Accept-Language"]}      these header fields of the request, and who sent it, are logged

Which requests a rule is for:

    {"times": 2, ...}                  only so many, then as usual
    {"after": 3, ...}                  not the first three
    {"each": [{...}, {}, {...}]}       a rule for each, in their order; the last for all further ones
    {"with": "replaces", ...}          only requests whose payload has this member; "without" likewise

A rule for "signing" changes the certificate: {"names": "DNS:other.test"} stands in it instead of what was asked for;
{"days": -1}, {"other_key": true}, {"by_stranger": true} (another CA than the one that follows in the chain),
{"leaf_only": true}, {"reversed": true}, {"appended": true} (a certificate that belongs to nothing).

With --ari the directory has renewalInfo. GET /statistics: connections, requests, how many at once; zero again by it.
The log has a line for each request, "asks: NAME VALUE" for further members of new orders, "connect" for each connection,
and a line "violation: ..." for whatever a client must not do.
"""
import sys
sys.dont_write_bytecode = True
import argparse
import http.server
import json
import secrets
import ssl
import threading
import time

from fake_authority import Accounts, Authority, Order, now, problem, rollover, unbase64

lock = threading.Lock()
nonces = set()
orders = {}
accounts = Accounts()
revoked = set()
used = {}
statistics = {"connections": 0, "requests": 0, "now": 0, "most": 0}
args = None
authority = None


def log(line):
    with open(args.log, "a") as out:
        out.write(line + "\n")


def url(path):
    return "https://127.0.0.1:%d/%s" % (args.port, path)


def rule(resource, payload=None):
    """What is different about this request; it counts as one."""
    with open(args.rules) as source:
        text = source.read()
    found = json.loads(text.replace("@BASE@", url("")[:-1])).get(resource) if text.strip() else None
    if not found:
        return {}
    members = payload if isinstance(payload, dict) else {}
    if ("with" in found and found["with"] not in members) or found.get("without") in members:
        return {}
    key = resource + text
    used[key] = used.get(key, 0) + 1
    if "each" in found:
        return found["each"][min(used[key], len(found["each"])) - 1]
    return found if found.get("after", 0) < used[key] <= found.get("times", 1 << 30) else {}


def patched(body, patch):
    body = dict(body)
    for name, value in (patch or {}).items():
        if value is None:
            body.pop(name, None)
        else:
            body[name] = value
    return body


def parsed(payload):
    try:
        return json.loads(payload)
    except ValueError:
        return None


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    index = None    # of the authorization in its order, of the chain of a certificate
    changed = None  # the rule for this request
    jwk = None      # who signed: a key, or
    account = None  # one of accounts

    def log_message(self, *_):
        pass

    def setup(self):
        super().setup()
        with lock:
            statistics["connections"] += 1
            log("connect")

    # --- answers

    def look_up(self, resource, payload=None):
        self.changed = (rule("%s/%d" % (resource, self.index), payload) if self.index is not None else {}) or rule(resource, payload)

    def prepare(self, resource, status, body, headers=None, kind="application/json; charset=utf-8"):
        """The answer by the rules: (status, headers, body)."""
        changed = self.changed
        headers = dict(headers or {})
        if isinstance(body, dict):
            body = patched(body, changed.get("patch"))
            if "patch_challenge" in changed:
                body["challenges"] = [patched(c, changed["patch_challenge"]) for c in body["challenges"]]
            if status >= 400:
                kind = "application/problem+json"
            body = json.dumps(body).encode()
        for name in changed.get("note", []):
            log("note: %s: %s from %s" % (name, self.headers.get(name), self.client_address[0]))
        status = changed.get("status", status)
        if "body" in changed:
            body = changed["body"].encode() if isinstance(changed["body"], str) else json.dumps(changed["body"]).encode()
        if "size" in changed:
            body = b"x" * changed["size"]
        headers["Content-Type"] = changed.get("type", kind)
        headers["Content-Length"] = str(len(body))
        headers.update(changed.get("headers", {}))
        if not changed.get("no_nonce") and resource not in ("directory", "renewal", "statistics"):
            nonce = secrets.token_urlsafe(12)
            nonces.add(nonce)
            headers.setdefault("Replay-Nonce", nonce)
        return status, headers, body

    def deliver(self, status, headers, body):
        changed = self.changed
        if changed.get("delay"):
            time.sleep(changed["delay"])
        if changed.get("lost") or changed.get("unheard"):
            self.close_connection = True
            return
        self.send_response(status)
        for name, values in headers.items():
            for value in values if isinstance(values, list) else [values]:
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
        statistics["requests"] += 1
        statistics["now"] += 1
        statistics["most"] = max(statistics["most"], statistics["now"])
        agent = self.headers.get("User-Agent", "")
        if "certengine/" not in agent or "libcurl/" not in agent or len(agent) > 100:
            log("violation: User-Agent")
        if self.headers.get("Replay-Nonce"):
            log("violation: Replay-Nonce in a request")
        if not self.headers.get("Accept-Language"):
            log("violation: no Accept-Language")

    def serve(self, prepare):
        """One request: prepared one after the other, delivered side by side."""
        with lock:
            answer = prepare()
        try:
            self.deliver(*answer)
        finally:
            with lock:
                statistics["now"] -= 1

    # --- what needs no signature

    def do_GET(self):
        parts = self.path[1:].split("/")
        if parts == ["statistics"]:
            with lock:
                self.changed = {}
                answer = self.prepare("statistics", 200, dict(statistics))
                statistics.update(connections=0, requests=0, most=0)
            self.deliver(*answer)
        else:
            self.serve(self.get_renewal if parts[0] == "renewal" else self.get_directory)

    def get_directory(self):
        self.begin("directory" if self.path == "/directory" else self.path)
        self.look_up("directory")
        body = {"newNonce": url("nonce"), "newAccount": url("account"), "newOrder": url("neworder"), "keyChange": url("keychange"),
                "revokeCert": url("revoke"), secrets.token_hex(4): "https://community.example/t/adding-random-entries",
                "meta": {"termsOfService": url("terms"), "unknown": 1}}
        if args.ari:
            body["renewalInfo"] = url("renewal")
        return self.prepare("directory", 200, body)

    def get_renewal(self):
        self.begin(self.path[1:])
        if len(self.path.split("/")) != 3:
            log("violation: path of renewal information")
        self.look_up("renewal")
        return self.prepare("renewal", 200, {"suggestedWindow": {"start": now(days=18), "end": now(days=20)}}, {"Retry-After": "21600"})

    def do_HEAD(self):
        def prepare():
            self.begin("nonce")
            self.look_up("nonce")
            return self.prepare("nonce", 200, b"")
        self.serve(prepare)

    # --- what needs one

    def check_headers(self):
        if self.headers.get("Content-Type") != "application/jose+json":
            log("violation: Content-Type of a POST")
        if "Content-Length" not in self.headers or self.headers.get("Transfer-Encoding"):
            log("violation: no Content-Length")

    def read_jws(self, resource, jws):
        if sorted(jws) != ["payload", "protected", "signature"]:
            log("violation: members of the JWS")
        protected = json.loads(unbase64(jws["protected"]))
        if protected["url"] != url(self.path[1:]):
            log("violation: url in the JWS")
        if ("jwk" in protected) == ("kid" in protected):
            log("violation: jwk and kid")
        if "jwk" in protected and resource not in ("account", "revoke"):
            log("violation: jwk where kid belongs")
        if protected["nonce"] not in nonces:
            log("violation: a nonce that was used or never given")
        nonces.discard(protected["nonce"])
        self.jwk = protected.get("jwk")
        kid = protected.get("kid", "").rpartition("/")[2]
        self.account = accounts.all.get(int(kid)) if kid.isdigit() else None
        if self.account and protected["kid"] != url("myaccount/" + kid):
            log("violation: kid is no account's URL")
        return unbase64(jws["payload"])

    def do_POST(self):
        data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.serve(lambda: self.post(data))

    def post(self, data):
        parts = self.path[1:].split("/")
        resource, ids = parts[0], [int(n) for n in parts[1:]]
        self.begin(resource)
        self.check_headers()
        payload = self.read_jws(resource, json.loads(data))
        self.index = ids[1] if len(ids) > 1 else None
        self.look_up(resource, parsed(payload))
        if self.changed.get("unheard"):
            return 0, {}, b""
        if not self.jwk and not self.account:
            return self.prepare(resource, 400, problem("accountDoesNotExist"))
        if self.account and self.account["status"] != "valid":
            return self.prepare(resource, 401, problem("unauthorized", "the account is gone"))
        order = orders.get(ids[0]) if ids else None
        if ids and not order and resource not in ("myaccount", "orders"):
            return self.prepare(resource, 404, b"")
        return getattr(self, "post_" + resource)(order, ids, payload)

    def account_body(self, account):
        return {"status": account["status"], "contact": account["contact"], "orders": url("orders/%d" % account["number"])}

    def post_account(self, _order, _ids, payload):
        payload = json.loads(payload)
        account, status = accounts.of_key(self.jwk), 200
        if "externalAccountBinding" in payload:
            log("asks: binding " + json.loads(unbase64(payload["externalAccountBinding"]["protected"]))["kid"])
        if not account and payload.get("onlyReturnExisting"):
            return self.prepare("account", 400, problem("accountDoesNotExist"))
        if not account and self.changed.get("status", 201) >= 300:
            return self.prepare("account", 201, {})
        if not account:
            account, status = accounts.make(self.jwk, payload), 201
        return self.prepare("account", status, self.account_body(account), {"Location": url("myaccount/%d" % account["number"])})

    def post_myaccount(self, _order, ids, payload):
        account = self.account
        if account["number"] != ids[0]:
            return self.prepare("myaccount", 403, problem("unauthorized", "another's account"))
        payload = parsed(payload) or {}
        if payload:
            log("asks: account " + json.dumps(payload))
        account.update({name: payload[name] for name in ("status", "contact") if name in payload})
        return self.prepare("myaccount", 200, self.account_body(account))

    def post_orders(self, _order, _ids, _payload):
        return self.prepare("orders", 200, {"orders": [url("order/%d" % number) for number in orders]})

    def post_keychange(self, _order, _ids, payload):
        if self.changed.get("status", 200) >= 300:
            return self.prepare("keychange", 200, b"")
        status, body, headers, wrong = rollover(accounts, payload, url("keychange"))
        for each in wrong:
            log("violation: " + each)
        return self.prepare("keychange", status, body, {name: url("myaccount/%d" % value) for name, value in headers.items()})

    def post_revoke(self, _order, _ids, payload):
        payload = json.loads(payload)
        log("asks: revocation by %s, reason %s" % ("account" if self.account else "certificate", payload.get("reason", "none")))
        if payload["certificate"] in revoked:
            return self.prepare("revoke", 400, problem("alreadyRevoked"))
        if self.changed.get("status", 200) < 300:
            revoked.add(payload["certificate"])
        return self.prepare("revoke", 200, b"")

    def post_neworder(self, _order, _ids, payload):
        order = Order(url, json.loads(payload))
        orders[order.number] = order
        for name, value in order.asked.items():
            log("asks: %s %s" % (name, value))
        return self.prepare("neworder", 201, order.body(), {"Location": url("order/%d" % order.number)})

    def post_order(self, order, _ids, _payload):
        return self.prepare("order", 200, order.body())

    def post_authz(self, order, ids, payload):
        if payload:
            log("deactivated" if json.loads(payload) == {"status": "deactivated"} else "violation: payload of an authorization")
        return self.prepare("authz", 200, order.authz(ids[1]))

    def post_challenge(self, order, ids, payload):
        if payload != b"{}":
            log("violation: payload of a challenge")
        order.valid[ids[1]] = True
        return self.prepare("challenge", 200, order.challenge(ids[1], ids[2]))

    def post_finalize(self, order, _ids, payload):
        if not 400 <= self.changed.get("status", 200) < 500:
            csr = unbase64(json.loads(payload)["csr"])
            if unbase64(self.account["jwk"].get("x", "")) in csr and "x" in self.account["jwk"]:
                log("violation: the certificate's key is the account's")
            order.signing = rule("signing")
            order.leaf = authority.sign(csr, order.signing)
        return self.prepare("finalize", 200, order.body())

    def post_certificate(self, order, ids, _payload):
        links = ['<%s>;rel="alternate"' % url("certificate/%d/%d" % (ids[0], n + 1)) for n in range(self.changed.get("alternates", 0))]
        chain = authority.chain(order.leaf, order.signing, self.index or 0)
        return self.prepare("certificate", 200, chain, {"Link": links}, "application/pem-certificate-chain; charset=utf-8")


def main():
    global args, authority
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    for name in ("cert", "key", "ca", "ca-key", "rules", "log"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--ari", action="store_true")
    parser.add_argument("--client-ca")
    args = parser.parse_args()
    authority = Authority(args.ca, args.ca_key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(args.cert, args.key)
    if args.client_ca:
        context.load_verify_locations(args.client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    server = http.server.ThreadingHTTPServer(("127.0.0.1", args.port), Handler)
    server.daemon_threads = True
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.serve_forever()


main()
