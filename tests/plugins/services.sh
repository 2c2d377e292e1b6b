#!/bin/bash
# Every service, where it may be used: what a plugin is told is what is there.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/plugins/pluginlib.sh"
requires python3

plugin services
root=$tmp/root
mkdir "$root"
printf 'old' >"$root/old.txt"
chmod 0640 "$root/old.txt"
printf 'gone' >"$root/gone.txt"
cat >"$root/server.xml" <<'XML'
<?xml version="1.0"?>
<Server>
  <!-- kept -->
  <Connector port="8443" keystorePass="changeit42" secretRequired="false" passwordFile="/etc/pw"/>
</Server>
XML
cat >"$root/app.conf" <<'TEXT'
# kept
PORT=8443
STORE_PASSWORD=open.sesame
OLD=1
TWICE=1
TWICE=2
TEXT
python3 -c 'import sys, zipfile; zipfile.ZipFile(sys.argv[1], "w").writestr("inner.txt", "packed")' "$root/some.zip"

switches=(-c /other)
serve 0 services stage,reload,verify,discover root="$root" names="first second" secret=hidden-secret
contains "options by type" "create count=3 loud=1 first=first secret=********" "$out"
contains "facts of the certificate" "certificate shop www.shop.example ec-p256 ab12cd34 7" "$out"
contains "read" "read old" "$out"
contains "an absent file is CE_ERR_NOT_FOUND" "absent -5" "$out"
contains "a limit is kept" "too large -7" "$out"
contains "stat" "stat 1 0 640 3" "$out"
contains "a staged file is listed" "name new.txt" "$out"
lacks "a file staged for removal is not" "name gone.txt" "$out"
contains "the generated secret never shows" "secret ********" "$out"
contains "nor what was masked by hand" $'masked ********\n' "$out"
contains "masks hold in later callbacks" "still masked ********" "$out"
contains "xml is walked" "xml Connector 8443 line 4" "$out"
contains "passwords in xml are masked" "password ********" "$out"
contains "xml that was not changed stages nothing" "xml stage unchanged 1" "$out"
contains "what was meant is changed" 'port="8444"' "$out"
contains "and nothing else" '<!-- kept -->' "$out"
contains "truth values are no secrets" 'mask changeit42' "$out"
lacks "truth values are no secrets either" 'mask false' "$out"
lacks "nor is the place of a password" 'mask /etc/pw' "$out"
contains "text is scanned" "text PORT 8443 line 2" "$out"
contains "passwords in it are masked" "text password ********" "$out"
contains "text that was not changed stages nothing" "text stage unchanged 1" "$out"
contains "what was meant is changed there" $'# kept\\x0aPORT=8444\\x0a' "$out"
lacks "and removed" "OLD=" "$out"
contains "and added, masked" "mask fresh.secret" "$out"
contains "what is set twice is refused" "text twice -6" "$out"
contains "a written file has the mode asked for" "write $root/new.txt 0604 new" "$out"
contains "a removal" "remove $root/gone.txt" "$out"
contains "the committed paths" "committed 1 1" "$out"
contains "run with an input" "run 0 through a pipe" "$out"
contains "http is done by the engine, with a normal path" \
	"http 200 POST https://localhost/reload with /etc/credentials and 4 bytes" "$out"
contains "only http and https" "http of a file -3" "$out"
contains "a program's time limit" "slow -8" "$out"
contains "port 0 is none" "bad port -3" "$out"
contains "an endpoint with a name" "endpoint localhost 443 shop.example" "$out"
contains "an endpoint without one" "endpoint ::1 8443 -" "$out"
contains "a member of an archive" "member packed" "$out"
contains "an installation found" $'found found it\n  root = /opt/product\n  count = 4' "$out"
equal "install wrote nothing" "old" "$(cat "$root/old.txt")"
[ ! -e "$root/new.txt" ] && [ -e "$root/gone.txt" ] && ok "install changed no file" || fail "install changed a file"

# The sample, whole: what engine tests rely on.
plugin sample
switches=()
serve 0 sample stage,reload,verify file="$root/a.txt" content=hello password=geheim99 key_file="$root/key.pem" \
	cert_file="$root/cert.pem" keystore="$root/store.p12" remove="$root/gone.txt" "command=/bin/true x" \
	"undo=/bin/false y" "check=/bin/false z" "reload=/bin/sh -c true" reload_key=one port=8443
contains "text" "write $root/a.txt 0640 hello\\x0apassword=geheim99\\x0a" "$out"
contains "a key is for its owner alone" "write $root/key.pem 0600 material" "$out"
contains "a certificate is not secret" "write $root/cert.pem 0640 material" "$out"
contains "a keystore is" "write $root/store.p12 0600 material" "$out"
contains "a command with its undo" "command the sample's step: /bin/true x undo: /bin/false y check: /bin/false z" "$out"
contains "the group it reloads with" "reload by one (sample one)" "$out"
contains "its endpoint" "endpoint 127.0.0.1 8443 -" "$out"
contains "reload ran" "reload: ok" "$out"

# A step that is done already is not staged; a keystore of somebody else is left alone.
serve 0 sample stage "command=/bin/true x" "check=/bin/true z"
lacks "done already" "command" "$out"
printf 'FOREIGN store' >"$root/store.p12"
serve 1 sample stage keystore="$root/store.p12" password=geheim99
contains "entries of others" "stage: refused: install: '$root/store.p12' holds entries of somebody else" "$out"
serve 1 sample reload "reload=/bin/sh -c exit\$IFS\"7\""
contains "a reload that fails is told" "reload by '/bin/sh' ended with" "$out"
serve 1 sample reload "reload=sh -c true"
contains "programs have absolute paths" "program to run: 'sh' is no absolute path" "$out"
finish
