# Orders at a CA that minds: what is asked again, what is left out, what is told; and the way to a CA.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/ca/pebble.sh"
. "$TOP_SRCDIR/tests/ca/acme.sh"
. "$TOP_SRCDIR/tests/ca/fake.sh"

fake_start
acme_config "$fake_options" "a.test b.test"
acme

# case_of WHAT RULES WANTED: one run under these rules
case_of()
{
	rules "$2"
	acme
	contains "$1" "$3" "$out"
	well_behaved "$1"
}

type=urn:ietf:params:acme:error

# Problems of several names (E3), of unknown types (E2), with a page about them (E4).
case_of "each name's reason is told" \
	"{\"neworder\": {\"status\": 403, \"body\": {\"type\": \"$type:compound\", \"detail\": \"two names\", \"subproblems\": [
	{\"type\": \"$type:rejectedIdentifier\", \"identifier\": {\"value\": \"a.test\"}, \"detail\": \"not yours\"},
	{\"type\": \"$type:caa\", \"identifier\": {\"value\": \"b.test\"}, \"detail\": \"not allowed\"}]}}}" \
	"c1 refused input 0 order: the order for 'a.test' and 1 more: compound (403): two names; a.test: rejectedIdentifier: not yours; b.test: caa: not allowed"
contains "the first on a line of its own (E3)" "log: certificate 'c1': a.test: rejectedIdentifier: not yours
" "$err"
contains "the second on another (E3)" "log: certificate 'c1': b.test: caa: not allowed
" "$err"
case_of "a page of help is shown (E4)" \
	"{\"neworder\": {\"status\": 429, \"headers\": {\"Link\": \"<https://ca.test/limits>;rel=\\\"help\\\"\"},
	\"body\": {\"type\": \"$type:rateLimited\", \"detail\": \"too many\"}}}" "too many; see https://ca.test/limits"
case_of "an unknown type counts by its status (E2)" \
	'{"neworder": {"status": 403, "body": {"type": "urn:ietf:params:acme:error:tooEarlyInTheDay", "detail": "come back"}}}' \
	"c1 refused environment 0 order: the order for 'a.test' and 1 more: tooEarlyInTheDay (403): come back"
case_of "a redirect of an order is not followed (H9)" \
	'{"neworder": {"status": 307, "headers": {"Location": "https://127.0.0.1:1/"}, "body": ""}}' "it redirects to https://127.0.0.1:1/"
case_of "a server error is tried again, and then told (E6)" \
	'{"neworder": {"status": 500, "headers": {"Retry-After": "60"}, "body": ""}}' "c1 refused ca "

# Nonces: 204 is as good as 200 (N2); where they are short, fewer requests go side by side, and the order still ends well.
case_of "a nonce with status 204 (N2)" '{"nonce": {"status": 204}}' "c1 issued"
names=
for i in $(seq 20); do names="$names n$i.test"; done
acme_config "$fake_options" "$names"
case_of "a CA that gives three nonces and no more" '{"nonce": {"after": 3, "status": 503, "headers": {"Retry-After": "1"}, "body": ""}}' \
	"c1 issued"
[ "$(asked | grep -c 'HEAD nonce')" -le 14 ] || fail "it was asked for nonces $(asked | grep -c 'HEAD nonce') times"
ok "is not asked again and again"
acme_config "$fake_options" "a.test b.test"

# Authorizations of a state that is not in the book (Z1).
case_of "an unknown state of an authorization counts as pending (Z1)" '{"authz": {"patch": {"status": "processing"}}}' "c1 issued"

# A certificate that is lost on its way is asked for again (K6); "up" is for other formats (K7).
rules '{"certificate": {"times": 1, "cut": true, "headers": {"Link": "<@BASE@/up>;rel=\"up\""}}}'
acme
contains "a certificate that was cut is asked for again" "c1 issued" "$out"
equal "at the same place (K6)" 2 "$(asked | grep -c 'POST certificate')"
equal "without a new order (K6)" 1 "$(asked | grep -c 'POST neworder')"
lacks "a Link up is not followed (K7)" "/up" "$(asked)"

# An order of an earlier run that has expired (O5).
rules '{"order": {"patch": {"status": "pending"}, "headers": {"Retry-After": "86400"}}}'
acme
contains "an order waits" "c1 pending 86" "$out"
rules '{"order": {"times": 1, "patch": {"status": "pending", "expires": "2020-01-01T00:00:00Z"}}}'
acme_again
contains "when it has expired another takes its place (O5)" "c1 issued" "$out"
equal "which is new" 1 "$(asked | grep -c 'POST neworder')"

# A certificate request that the CA does not accept leaves the order ready: a corrected one goes into the same order
# (O14, O15), with another key kind here.
requires "$certengine"
shop()
{
	configure <<-EOF
		issuers: { ca: { kind = "acme"; $fake_options }; };
		certificates: { shop: { issuer = "ca"; names = [ "shop.test" ]; key = "$1"; }; };
	EOF
}
shop rsa-2048
rules "{\"finalize\": {\"status\": 400, \"body\": {\"type\": \"$type:badCSR\", \"detail\": \"RSA is of yesterday\"}}}"
run 1 ce apply
contains "a request that is refused is told" "finalize: the certificate request for 'shop.test': badCSR (400): RSA is of yesterday" "$out"
rules ''
shop ec-p256
run 0 ce apply
contains "a corrected one is accepted (O15)" "POST finalize" "$(asked)"
lacks "in the same order (O15)" "POST neworder" "$(asked)"
leaf=$(find "$state/certificates/shop/generations" -name leaf.pem)
contains "with the key that is configured now" "id-ecPublicKey" "$(openssl x509 -in "$leaf" -noout -text)"
account=$(openssl pkey -in "$state/issuers/ca/account.key" -pubout 2>/dev/null)
[ -n "$account" ] && [ "$account" != "$(openssl x509 -in "$leaf" -noout -pubkey)" ] || fail "the certificate is for the account's key"
ok "which is not the account's (O16)"

# An order that was given the old request before it was lost is of no use for a new key.
rules '{"finalize": {"patch": {"status": "processing", "certificate": null}}, "order": {"after": 1, "patch": {"status": "processing", "certificate": null}, "headers": {"Retry-After": "86400"}}}'
run 7 ce apply --force-renew
rules ''
shop ec-p384
run 0 ce apply --force-renew
contains "an order that has the old request is left alone" "POST neworder" "$(asked)"

# Names that the CA refuses may be left out, where that is configured (O12); the others stop the order.
three()
{
	configure <<-EOF
		issuers: { ca: { kind = "acme"; $fake_options $1 }; };
		certificates: { three: { issuer = "ca"; names = [ "a.test", "b.test", "c.test" ]; }; };
	EOF
}
refused="{\"neworder\": {\"times\": 1, \"status\": 400, \"body\": {\"type\": \"$type:rejectedIdentifier\", \"detail\": \"some\", \"subproblems\": [
	{\"type\": \"$type:rejectedIdentifier\", \"identifier\": {\"type\": \"dns\", \"value\": \"b.test\"}, \"detail\": \"blocked\"}]}}}"
three ""
rules "$refused"
run 1 ce apply three
contains "a refused name stops the order (O12)" "rejectedIdentifier (400): some; b.test: rejectedIdentifier: blocked" "$out"
three "drop_refused_names = true;"
rules "${refused/some/one}"
run 0 ce apply three
contains "with the setting it is told (O12)" "the CA refuses 'b.test', which is left out" "$out$err"
names=$(openssl x509 -in "$(find "$state/certificates/three/generations" -name leaf.pem)" -noout -ext subjectAltName | grep -o 'DNS:[a-z.]*' | paste -sd' ')
equal "and the others are issued (O12)" "DNS:a.test DNS:c.test" "$names"
rules ''
run 0 ce apply
equal "the next run does not try again" "" "$(asked)"
run 0 ce apply --force-renew three
names=$(openssl x509 -in "$state/certificates/three/generations/2/leaf.pem" -noout -ext subjectAltName | grep -o 'DNS:[a-z.]*' | paste -sd' ')
equal "a renewal asks for all again" "DNS:a.test DNS:b.test DNS:c.test" "$names"
well_behaved "left out"

# Waits as a date: a past one is now, a far one is handed on (Z8, Z9).
rules '{"order": {"times": 1, "patch": {"status": "pending"}, "headers": {"Retry-After": "Fri, 20 Nov 2020 10:00:00 GMT"}}}'
acme
contains "a date that has passed is no wait (Z8)" "c1 issued" "$out"
rules '{"order": {"patch": {"status": "pending"}, "headers": {"Retry-After": "Fri, 20 Nov 2099 10:00:00 GMT"}}}'
acme
contains "a date far off is not waited for (Z9)" "c1 pending " "$out"
well_behaved "far off"

# The language of the CA's messages (H2).
rules '{"neworder": {"note": ["Accept-Language", "User-Agent"]}}'
LC_ALL= LANG=de_DE.UTF-8 acme
contains "the language is the locale's (H2)" "note: Accept-Language: de-DE, de;q=0.8, en;q=0.5 " "$(asked)"
agent=$(asked | sed -n 's/^note: User-Agent: \(.*\) from .*/\1/p')
contains "the program is named, and its library (H1)" "certengine/" "$agent"
contains "by name and version (H1)" " libcurl/" "$agent"
[ "${#agent}" -le 100 ] || fail "the User-Agent is ${#agent} characters long"
ok "in at most 100 characters (H1)"
acme
contains "English without one" "note: Accept-Language: en " "$(asked)"
acme_config "$fake_options language = \"fr, en;q=0.3\";" "a.test"
acme
contains "or what was configured (H2)" "note: Accept-Language: fr, en;q=0.3 " "$(asked)"

# From another address of this machine (H13).
acme_config "$fake_options interface = \"127.0.0.2\";" "a.test"
acme
contains "the CA is called from the address that was configured (H13)" "from 127.0.0.2" "$(asked)"

# Name servers: this libcurl can, or says that it cannot (H13).
acme_config "$fake_options dns_servers = \"127.0.0.1\";" "a.test"
acme
case $out in
*"c1 issued"*) ok "name servers may be set (H13)" ;;
*"was built without c-ares and cannot be told its name servers: remove dns_servers"*) ok "name servers that cannot be set are refused (H13)" ;;
*) fail "name servers: $out" ;;
esac

# A CA that speaks only to whom it knows (H13).
fake_stop
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=us" -keyout "$tmp/us.key" -out "$tmp/us.csr" >/dev/null 2>&1 ||
	fail "no client key"
openssl x509 -req -in "$tmp/us.csr" -CA "$tmp/pebble-ca.pem" -CAkey "$tmp/pebble-ca.key" -set_serial 3 -days 30 -out "$tmp/us.pem" \
	>/dev/null 2>&1 || fail "no client certificate"
wait_for() { sleep 2; } # without a certificate the CA cannot be asked whether it is there
fake_start --client-ca "$tmp/pebble-ca.pem"
acme_config "$fake_options" "a.test"
acme
contains "who shows no certificate is not served" "c1 refused ca 0 " "$out"
acme_config "$fake_options client_certificate = \"$tmp/us.pem\"; client_key = \"$tmp/us.key\";" "a.test"
acme
contains "a client certificate opens the door (H13)" "c1 issued" "$out"
acme_config "$fake_options client_certificate = \"$tmp/us.pem\";" "a.test"
acme
contains "it needs its key" "a client certificate needs both client_certificate and client_key" "$out"
acme_config "$fake_options proxy = \"http://me:secret@127.0.0.1:1\";" "a.test"
acme
contains "a proxy with a password is refused" "it holds user information" "$out"
lacks "without showing it" "secret" "$out"
finish
