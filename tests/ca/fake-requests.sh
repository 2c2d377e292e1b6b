# What every request looks like. The scripted CA notes whatever breaks a rule of the protocol (fake_acme.py); here is what
# it looks at, in a whole run: a new account, 12 names, bad nonces in between, and a second certificate.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/ca/pebble.sh"
. "$TOP_SRCDIR/tests/ca/acme.sh"
. "$TOP_SRCDIR/tests/ca/fake.sh"

fake_start
names=
for i in $(seq 12); do names="$names n$i.test"; done
acme_config "$fake_options" "$names"
rules '{"challenge": {"times": 2, "status": 400, "type": "application/problem+json; charset=utf-8",
	"body": {"type": "urn:ietf:params:acme:error:badNonce", "detail": "x"}}}'
fake_statistics >"$tmp/before"
acme
contains "twelve names with bad nonces in between (N4)" "c1 issued" "$out"
log=$(asked)
for rule in \
	"User-Agent|User-Agent with our name, version and libcurl, of at most 100 characters (H1)" \
	"no Accept-Language|a language (H2)" \
	"Content-Type of a POST|application/jose+json (H4)" \
	"no Content-Length|Content-Length, and no chunks (H5)" \
	"Replay-Nonce in a request|no nonce as a header (H6)" \
	"members of the JWS|protected, payload, signature and nothing else (J1)" \
	"jwk and kid|one of jwk and kid (J2)" \
	"jwk where kid belongs|jwk for the new account only (J3)" \
	"kid is no account|kid is the account's URL (J3)" \
	"url in the JWS|the URL as the CA wrote it (J4)" \
	"payload of a challenge|an empty object for a challenge (J5)" \
	"payload of an authorization|nothing for reading (J5)" \
	"a nonce that was used|each nonce once, though many requests are under way (N7)" \
	"the certificate's key is the account's|a certificate's key is not the account's (O16)"; do
	lacks "${rule#*|}" "violation: ${rule%%|*}" "$log"
done
lacks "nothing else was wrong" "violation" "$log"

# This CA speaks HTTP/1.1, where what is under way at once needs a connection each: 8 at first. One more is the question itself.
statistics=$(fake_statistics)
connections=$(sed -n 's/.*"connections": \([0-9]*\).*/\1/p' <<<"$statistics")
[ "$connections" -le 9 ] || fail "connections are not used again: $statistics"
ok "connections are used again (H7): $statistics"
[ "$(grep -c 'HEAD nonce' <<<"$log")" -le 12 ] || fail "more nonces were asked for than there was work: $log"
ok "nonces come from answers; few are asked for (N1)"
lacks "the list of orders is not needed (A14)" "POST orders" "$log"
lacks "nothing is asked of the account (A2)" "POST myaccount" "$log"

# Another run has no nonces yet, and asks for the first.
acme_config "$fake_options" "second.test"
rules ''
acme
contains "a second run" "c1 issued" "$out"
equal "begins with a nonce of its own (N8)" "HEAD nonce" "$(asked | sed -n '/^connect/d;p' | head -n 1)"
well_behaved "a second run"
finish
