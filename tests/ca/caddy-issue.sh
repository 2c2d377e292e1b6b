# A second CA of another make: Caddy's. It validates and issues at once, so that no answer is ever waited for.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/ca/caddy.sh"
. "$TOP_SRCDIR/tests/ca/acme.sh"

caddy_namespace
requires python3
caddy_start a.test b.test c.test d.test

judge_chain()
{
	openssl verify -CAfile "$caddy_ca" -untrusted "$1" "$1" >/dev/null 2>&1 || fail "the chain in $1 does not verify"
	ok "the chain in ${1##*/} verifies"
}

common="directory = \"$caddy_directory\"; agree_to_terms = true; ca_file = \"$caddy_ca\";"

# Its directory has "meta": {} (D3), its answers come by HTTP/2 (H8), whose header names are in lower case (H12).
acme_config "$common" "a.test"
acme
contains "a directory with an empty meta will do (D3)" "c1 issued" "$out"
judge_chain "$acme_store.c1.pem"
[ "$(requests)" -le 9 ] || fail "a first certificate took $(requests) requests"
ok "valid at once: one request less than from pebble (O14): $(requests)"

acme_config "$common" "b.test c.test d.test a.test"
acme
contains "four names (H8)" "c1 issued" "$out"
judge_chain "$acme_store.c1.pem"

# Account keys of every kind; Ed25519 is what pebble refuses (J8, J9, J10).
for kind in ec-p384 rsa-2048 ed25519; do
	rm -rf "$acme_store"
	acme_config "$common account_key = \"$kind\";" "a.test"
	acme
	contains "an account key of kind $kind (J8, J10)" "c1 issued" "$out"
done

# Another web server answers for this name. This CA leaves authorization and order pending then, and tells it once only, in
# its answer to the challenge.
mkdir -m 755 "$tmp/www"
printf 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nwrong' >"$tmp/answer"
python3 -c 'import socket, sys
server = socket.create_server(("127.0.0.1", 80))
while True:
	peer = server.accept()[0]
	peer.recv(65536)
	peer.sendall(open(sys.argv[1], "rb").read())
	peer.close()' "$tmp/answer" &
other=$!
cleanup_fn eval "kill $other 2>/dev/null"
wait_for 20 bash -c 'exec 3<>/dev/tcp/127.0.0.1/80'
acme_config "$common challenge: { webroot = \"$tmp/www\"; };" "c.test"
began=$SECONDS
acme
contains "a failed challenge is told with the CA's own words (Z7, Z11)" "the http-01 challenge for 'c.test' failed: " "$out"
[ "$((SECONDS - began))" -lt 20 ] || fail "it was polled in vain"
equal "nothing stays in the webroot (Z13)" "" "$(find "$tmp/www" -mindepth 1)"
kill "$other"
wait "$other" 2>/dev/null

# The CA was reset: it answers with a problem document that has no status, and the account is made anew (E1, A13).
acme_config "$common" "a.test"
acme
caddy_stop
rm -rf "$tmp/caddy/data"
caddy_start a.test
acme
contains "a problem document without a status is understood (E1), and the account made anew (A13)" "c1 issued" "$out"
finish
