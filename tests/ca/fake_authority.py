"""What stands behind fake_acme.py: accounts, orders, and certificates signed by openssl."""
import base64
import datetime
import itertools
import json
import os
import secrets
import subprocess
import tempfile

ERROR = "urn:ietf:params:acme:error:"
KINDS = ["http-01", "dns-01", "tls-alpn-01"]

numbers = itertools.count(1)


def unbase64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def now(**later):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(**later)).strftime("%Y-%m-%dT%H:%M:%SZ")


def openssl(*words):
    return subprocess.run(["openssl", *words], capture_output=True, check=True).stdout


def read(path):
    with open(path, "rb") as source:
        return source.read()


def write(path, data):
    with open(path, "wb") as out:
        out.write(data)
    return path


def make_ca(folder, name):
    """A root of its own: (certificate, key), both paths."""
    paths = os.path.join(folder, name + ".pem"), os.path.join(folder, name + ".key")
    if not os.path.exists(paths[0]):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                "-subj", "/CN=fake " + name, "-keyout", paths[1], "-out", paths[0])
    return paths


class Accounts:
    """Keys are compared as they were sent: one account per key."""

    def __init__(self):
        self.all = {}

    def of_key(self, jwk):
        return next((account for account in self.all.values() if account["jwk"] == jwk), None)

    def make(self, jwk, payload):
        account = {"number": next(numbers), "jwk": jwk, "status": "valid", "contact": payload.get("contact", [])}
        self.all[account["number"]] = account
        return account


class Order:
    def __init__(self, url, payload):
        self.number = next(numbers)
        self.url = url
        self.asked = {name: payload[name] for name in ("profile", "replaces", "notBefore", "notAfter") if name in payload}
        self.names = payload["identifiers"]
        self.valid = [False] * len(self.names)
        self.leaf = None
        self.signing = {}

    def body(self):
        status = "valid" if self.leaf else "ready" if all(self.valid) else "pending"
        body = {"status": status, "expires": "2099-01-01T00:00:00Z", "identifiers": self.names[::-1],
                "authorizations": [self.url("authz/%d/%d" % (self.number, i)) for i in range(len(self.names))],
                "finalize": self.url("finalize/%d" % self.number), **self.asked}
        if self.leaf:
            body["certificate"] = self.url("certificate/%d" % self.number)
        return body

    def challenge(self, i, kind=0):
        return {"type": KINDS[kind], "url": self.url("challenge/%d/%d/%d" % (self.number, i, kind)),
                "token": "token-%d-%d" % (self.number, i), "status": "valid" if self.valid[i] else "pending"}

    def authz(self, i):
        # A kind that nobody knows, and one without a token, stand before ours (Z3).
        name = self.names[i]
        wildcard = name["value"].startswith("*.")
        body = {"status": "valid" if self.valid[i] else "pending",
                "identifier": {"type": name["type"], "value": name["value"][2:] if wildcard else name["value"]},
                "challenges": [{"type": "carrier-pigeon-01", "url": "x"}, {"type": "dns-persist-01"}]}
        body["challenges"] += [self.challenge(i, kind) for kind in ([1] if wildcard else [2, 0] if name["type"] == "ip" else [2, 1, 0])]
        if wildcard:
            body["wildcard"] = True
        return body


class Authority:
    """Signs. `rule` is what the rules say about "signing"."""

    def __init__(self, ca, key):
        self.ca = ca, key
        self.folder = tempfile.TemporaryDirectory()
        self.alternates = {}

    def sign(self, csr, rule):
        with tempfile.TemporaryDirectory() as folder:
            request = write(os.path.join(folder, "csr"), csr)
            ca, key = make_ca(self.folder.name, "stranger") if rule.get("by_stranger") else self.ca
            extensions = ["-copy_extensions", "copyall"]
            if rule.get("names"):
                extensions = ["-extfile", write(os.path.join(folder, "ext"), b"subjectAltName=" + rule["names"].encode())]
            if rule.get("other_key"):
                other = os.path.join(folder, "other")
                openssl("ecparam", "-genkey", "-name", "prime256v1", "-noout", "-out", other)
                public = write(os.path.join(folder, "public"), openssl("pkey", "-in", other, "-pubout"))
                extensions += ["-force_pubkey", public]
            return openssl("x509", "-req", "-inform", "DER", "-in", request, "-CA", ca, "-CAkey", key,
                           "-set_serial", str(secrets.randbits(60)), "-days", str(rule.get("days", 30)), *extensions)

    def chain(self, leaf, rule, alternate=0):
        """The leaf and what is above it; an alternate ends in another root that signed our CA too."""
        parts = [leaf, read(self.ca[0]) if alternate == 0 else self.cross(alternate)]
        if rule.get("leaf_only"):
            parts = parts[:1]
        if rule.get("reversed"):
            parts = parts[::-1]
        if rule.get("appended"):
            parts.append(read(make_ca(self.folder.name, "stranger")[0]))
        return b"".join(parts)

    def cross(self, number):
        if number not in self.alternates:
            root, key = make_ca(self.folder.name, "root %d" % number)
            request = os.path.join(self.folder.name, "cross.csr")
            write(request, openssl("x509", "-x509toreq", "-in", self.ca[0], "-signkey", self.ca[1]))
            extensions = write(os.path.join(self.folder.name, "cross.ext"), b"basicConstraints=critical,CA:TRUE\n")
            self.alternates[number] = openssl("x509", "-req", "-in", request, "-CA", root, "-CAkey", key, "-set_serial",
                                              str(secrets.randbits(60)), "-days", "30", "-extfile", extensions)
        return self.alternates[number]


def problem(kind, detail="x", **more):
    return {"type": ERROR + kind, "detail": detail, **more}


def rollover(accounts, payload, outer_url):
    """Key change (RFC 8555 section 7.3.5): (status, body, headers, what was wrong with the request)."""
    inner = json.loads(payload)
    protected, told = json.loads(unbase64(inner["protected"])), json.loads(unbase64(inner["payload"]))
    wrong = []
    if "nonce" in protected:
        wrong.append("a nonce in the inner JWS of a key change")
    if protected.get("url") != outer_url:
        wrong.append("url of the inner JWS of a key change")
    account = accounts.of_key(told.get("oldKey"))
    if not account:
        return 400, problem("malformed", "oldKey is of no account"), {}, wrong
    taken = accounts.of_key(protected["jwk"])
    if taken:
        return 409, problem("conflict", "the key has an account"), {"Location": taken["number"]}, wrong
    account["jwk"] = protected["jwk"]
    return 200, b"", {}, wrong
