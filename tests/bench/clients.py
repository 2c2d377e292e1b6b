"""The ACME clients that tests/bench/issue compares: how each makes an account, and issues certificates.

`issue(lists)` returns the command lines, run one after the other, that obtain one certificate for each list of names.
"""
import os
import shutil


class Client:
    name = None
    webroot = False     # answers challenges through a web server that is not its own
    def __init__(self, bed):
        self.bed = bed
        self.folder = os.path.join(bed.work, self.name)
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)
        self.environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": self.folder}

    def missing(self):
        """Why it cannot take part, or None."""
        return None if shutil.which(self.name, path="/usr/sbin:/usr/bin:/sbin:/bin") else "it is not installed"

    def prepare(self):
        return []

    def write(self, name, text, mode=0o600):
        path = os.path.join(self.folder, name)
        with open(path, "w") as out:
            out.write(text)
        os.chmod(path, mode)
        return path


class Certengine(Client):
    name = "certengine"

    def missing(self):
        return None

    def issue(self, lists):
        bed = self.bed
        text = ('issuers: { ca: { kind = "acme"; directory = "%s"; agree_to_terms = true; ca_file = "%s"; '
                'challenge: { port = %d; }; }; };\ncertificates: {\n' % (bed.directory, bed.ca, bed.http_port))
        for names in lists:
            text += '  c%s: { issuer = "ca"; names = [ %s ]; };\n' % (names[0].replace(".", "-"), ", ".join('"%s"' % n for n in names))
        os.makedirs(bed.work + "/etc/certengine", exist_ok=True)
        with open(bed.work + "/etc/certengine/certengine.conf", "w") as out:
            out.write(text + "};\n")
        shutil.rmtree(bed.work + "/var/lib/certengine/certificates", ignore_errors=True)
        return [[bed.program, "-q", "apply"]]


class Lego(Client):
    name = "lego"

    def prepare(self):
        self.environment["LEGO_CA_CERTIFICATES"] = self.bed.ca
        return self.issue([["lego.warm.test"]])

    def issue(self, lists):
        bed = self.bed
        start = ["lego", "--server", bed.directory, "--path", self.folder, "--email", "bench@example.test", "--accept-tos",
                 "--key-type", "ec256", "--http", "--http.port", "127.0.0.1:%d" % bed.http_port]
        return [start + [word for name in names for word in ("-d", name)] + ["run"] for names in lists]


class Certbot(Client):
    name = "certbot"

    def common(self):
        return ["--server", self.bed.directory, "-n", "--config-dir", self.folder, "--work-dir", self.folder,
                "--logs-dir", self.folder + "/log"]

    def prepare(self):
        self.environment["REQUESTS_CA_BUNDLE"] = self.bed.ca
        return [["certbot", "register", "--agree-tos", "--register-unsafely-without-email", *self.common()]]

    def issue(self, lists):
        return [["certbot", "certonly", "--standalone", "--http-01-address", "127.0.0.1", "--http-01-port", str(self.bed.http_port),
                 "--key-type", "ecdsa", "--cert-name", names[0], *self.common()]
                + [word for name in names for word in ("-d", name)] for names in lists]


class Uacme(Client):
    name = "uacme"
    webroot = True

    def missing(self):
        if not self.bed.trusted:
            return "it trusts the system's list of CAs only, which root alone can change for it"
        return super().missing()

    def prepare(self):
        hook = '#!/bin/sh\n[ "$2" = http-01 ] || exit 1\ncase $1 in\nbegin) printf %%s "$5" >%s/"$4" ;;\n*) rm -f %s/"$4" ;;\nesac\n'
        self.hook = self.write("hook", hook % (self.bed.well_known, self.bed.well_known), 0o700)
        return [["uacme", "-y", "-a", self.bed.directory, "-c", self.folder, "-t", "EC", "new"]]

    def issue(self, lists):
        return [["uacme", "-a", self.bed.directory, "-c", self.folder, "-t", "EC", "-h", self.hook, "issue", *names] for names in lists]


class Dehydrated(Client):
    name = "dehydrated"
    webroot = True

    def prepare(self):
        self.environment["CURL_CA_BUNDLE"] = self.bed.ca
        self.config = self.write("config", "CA=%s\nBASEDIR=%s\nWELLKNOWN=%s\nKEY_ALGO=prime256v1\nDOMAINS_TXT=%s/domains\n"
                                 % (self.bed.directory, self.folder, self.bed.well_known, self.folder))
        return [["dehydrated", "--register", "--accept-terms", "-f", self.config]]

    def issue(self, lists):
        self.write("domains", "".join(" ".join(names) + "\n" for names in lists))
        return [["dehydrated", "-c", "-f", self.config]]


ALL = [Certengine, Uacme, Lego, Certbot, Dehydrated]
