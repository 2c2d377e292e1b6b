# The whole flow against pebble: accounts, several names, webroot and built-in responder, bad nonces,
# a CA that was reset, and how many requests that takes (protocols.md 3.3).
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/ca/pebble.sh"
. "$TOP_SRCDIR/tests/ca/acme.sh"

judge_chain()
{
	openssl verify -CAfile "$pebble_root" -untrusted "$1" "$1" >/dev/null 2>&1 || fail "the chain in $1 does not verify"
	ok "the chain in ${1##*/} verifies"
}

pebble_start
trust="directory = \"$pebble_directory\"; agree_to_terms = true; ca_file = \"$pebble_ca\";"
responder="$trust challenge: { port = $pebble_http_port; };"

# A new account, one name, the built-in responder: directory, nonce, account, and the rest (A1, D1).
acme_config "$responder" "one.test"
acme
contains "one name is issued" "c1 issued" "$out"
judge_chain "$acme_store.c1.pem"
[ "$(requests)" -le 10 ] || fail "a first certificate took $(requests) requests"
ok "a first certificate takes at most 10 requests: $(requests)"

# Directory and account are known now (A2, D4). Pebble re-uses authorizations at random, hence new names.
acme_config "$responder" "two.test"
acme
contains "a second one is issued" "c1 issued" "$out"
[ "$(requests)" -le 8 ] || fail "a further certificate took $(requests) requests"
ok "a further certificate takes at most 8 requests: $(requests)"

# Five names in one order: side by side, at most 2N + 6 + (W - 1) (protocols.md 3.3, O2, O11, Z5).
acme_config "$responder" "a.five.test b.five.test c.five.test d.five.test e.five.test"
acme
contains "five names are issued" "c1 issued" "$out"
judge_chain "$acme_store.c1.pem"
[ "$(requests)" -le 20 ] || fail "five names took $(requests) requests"
ok "five names take at most 20 requests: $(requests)"

# Several orders at once.
acme_config "$responder" "m1.test" "m2.test n2.test" "m3.test" "m4.test" "m5.test" "m6.test" "m7.test" "m8.test" \
	"m9.test" "m10.test"
acme
equal "ten certificates are issued" 10 "$(grep -c ' issued ' <<<"$out")"

# The webroot: pebble asks a web server that has nothing to do with us (J14, Z14).
requires python3
mkdir -p -m 755 "$tmp/www"
chmod 755 "$tmp" "$tmp/www"
web=
web_start()
{
	python3 -m http.server --bind 127.0.0.1 --directory "$tmp/www" "$pebble_http_port" >"$tmp/www.log" 2>&1 &
	web=$!
	wait_for 20 curl -fsS --noproxy '*' -o /dev/null "http://127.0.0.1:$pebble_http_port/"
}
web_stop()
{
	[ -z "$web" ] || kill "$web"
	wait "$web" 2>/dev/null
	web=
}
cleanup_fn web_stop
web_start
acme_config "$trust challenge: { webroot = \"$tmp/www\"; };" "w.test v.test"
acme
contains "a webroot is used" "c1 issued" "$out"
contains "the CA fetched the files" "acme-challenge/" "$(cat "$tmp/www.log")"
equal "nothing stays in the webroot (Z13)" "" "$(find "$tmp/www" -mindepth 1)"

# A webroot that leads nowhere: whose fault it is, and what the CA said (Z11).
mkdir -m 755 "$tmp/elsewhere"
acme_config "$trust challenge: { webroot = \"$tmp/elsewhere\"; };" "x.test"
acme
contains "a failed challenge names class, step, name and kind" \
	"c1 refused environment 0 challenge: the http-01 challenge for 'x.test' failed: unauthorized" "$out"
equal "nothing stays after a failure either" "" "$(find "$tmp/elsewhere" -mindepth 1)"
acme_config "$trust challenge: { webroot = \"$tmp/absent\"; };" "y.test"
acme
contains "a missing webroot is named" "$tmp/absent" "$out"
web_stop

# The port is taken by another program.
web_start
acme_config "$responder" "z.test"
acme
contains "a taken port is named, with what to do" "port $pebble_http_port is taken by another program" "$out"
web_stop

# Wildcards are refused before anything is sent.
acme_config "$responder" "*.wild.test" "plain.test"
acme
contains "a wildcard is refused" "c1 refused input 0 challenge: a CA proves '*.wild.test' by the DNS only" "$out"
contains "others are not" "c2 issued" "$out"

# The CA was reset: account, orders and directory are gone (A13, D4, O5).
pebble_stop
pebble_start PEBBLE_WFE_NONCEREJECT=50
trust="directory = \"$pebble_directory\"; agree_to_terms = true; ca_file = \"$pebble_ca\";"
responder="$trust challenge: { port = $pebble_http_port; };"
acme_config "$responder" "n1.test n2.test n3.test"
acme
contains "bad nonces are retried (N4, N5)" "c1 issued" "$out"

# Without consent no account is made (A3).
rm -rf "$acme_store"
acme_config "directory = \"$pebble_directory\"; ca_file = \"$pebble_ca\"; challenge: { port = $pebble_http_port; };" \
	"t.test"
acme
contains "terms must be agreed to" "c1 refused input 0 account:" "$out"
contains "the setting is named" "set agree_to_terms = true" "$out"

# A CA that is not trusted.
rm -rf "$acme_store"
acme_config "directory = \"$pebble_directory\"; agree_to_terms = true; challenge: { port = $pebble_http_port; };" "u.test"
acme
contains "an untrusted server is not spoken to" "c1 refused ca 0 directory:" "$out"
contains "the reason is the certificate" "certificate" "$out"
finish
