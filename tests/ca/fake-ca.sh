# What real CAs never send: evil tokens, foreign URLs, broken answers, long waits.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/ca/pebble.sh"
. "$TOP_SRCDIR/tests/ca/acme.sh"
. "$TOP_SRCDIR/tests/ca/fake.sh"

fake_start
acme_config "$fake_options" "a.test b.test"

# case_of WHAT RULES WANTED: one run under these rules
case_of()
{
	rules "$2"
	acme
	contains "$1" "$3" "$out"
	well_behaved "$1"
}

case_of "the scripted CA issues" '' "c1 issued"
equal "the directory is asked once (D4)" 0 "$(rules ''; acme >/dev/null; asked | grep -c directory)"

# Errors of every shape (E1, E4, E6, H10).
rm -rf "$acme_store"
case_of "a front end's HTML is told by its status" \
	'{"directory": {"status": 503, "type": "text/html", "body": "<html>busy</html>"}}' "directory: the directory of issuer 'ca'"
contains "by its number" "HTTP status 503" "$out"
case_of "no JSON at all is no directory" '{"directory": {"type": "text/html", "body": "<html>"}}' \
	"is this the URL of an ACME directory?"
case_of "a directory without newOrder is refused (D7)" '{"directory": {"patch": {"newOrder": null}}}' "it has no newOrder"
case_of "a directory with http URLs is refused (H3, SEC-04)" '{"directory": {"patch": {"newOrder": "http://127.0.0.1/x"}}}' \
	"newOrder: the URL 'http://127.0.0.1/x' is refused: only https is used"
case_of "a directory elsewhere is not followed (H9)" '{"directory": {"status": 302, "headers": {"Location": "https://evil.test/"}, "body": ""}}' \
	"it redirects to https://evil.test/"
rules '{"directory": {"times": 2, "status": 500, "body": ""}}'
acme
contains "a directory that fails twice is asked again" "c1 issued" "$out"
case_of "an empty 404 is an error" '{"neworder": {"status": 404, "body": ""}}' "c1 refused ca 0 order: the order for 'a.test' and 1 more: HTTP status 404"
case_of "an answer larger than 1 MiB is cut off" '{"neworder": {"size": 2000000}}' "the answer is larger than 1 MiB"
case_of "a connection that ends early is no answer" '{"order": {"cut": true}}' "reading the order"
rules '{"order": {"times": 1, "cut": true}}'
acme
contains "once is no harm" "c1 issued" "$out"

# What is the CA's word worth? Nothing but the protocol's alphabet becomes a file name (SEC-01, J15).
# Slashes, dots, controls, length, other alphabets; "\u0000" must not end a string early either.
long=$(printf '%0256d' 0)
for token in '../x' '..' '.' 'a/b' '/etc/passwd' '' 'a b' 'a.b' '%2e%2e' 'a\nb' '\u0000' 'a\u0000b' 'caf\u00e9' '\u202e' 'a\\b' 'a+b' \
	'a=b' '~' '*' '$(id)' '`id`' ';' '|' "'" '\"' '<x>' '{}' 'a:b' 'C:\\x' "$long"; do
	rules "{\"authz\": {\"patch_challenge\": {\"token\": \"$token\"}}}"
	acme
	case $out in
	*"token for "*" is refused"* | *"is no authorization"* | *"nobody asked for"*) ;;
	*) fail "the token $token: $out" ;;
	esac
	equal "the token ${token:0:20} made no file" "" "$(find "$tmp" -newer "$tmp/rules" -name '*passwd*' -o -newer "$tmp/rules" -path '*acme-challenge*')"
	lacks "the token ${token:0:20} was not answered" "challenge" "$(asked)"
done
case_of "a token that is no text is refused" '{"authz": {"patch_challenge": {"token": 5}}}' "token for"
case_of "a token may begin with a dash and be long" \
	"{\"authz\": {\"patch_challenge\": {\"token\": \"-${long:0:254}\"}}}" "c1 issued"
case_of "no challenge of our kind" '{"authz": {"patch_challenge": {"type": "x-01"}}}' "and no challenge group of the issuer answers that"

# URLs that lead elsewhere (H3, SEC-04).
for change in '"finalize": "http://127.0.0.1/"' '"finalize": "file:///etc/passwd"' '"authorizations": ["ldap://x/"]' \
	'"finalize": null' '"authorizations": []' '"authorizations": null'; do
	rules "{\"neworder\": {\"patch\": {$change}}}"
	acme
	contains "an order with $change is refused" "c1 refused ca 0 order: " "$out"
	well_behaved "$change"
done
case_of "a challenge elsewhere is refused" '{"authz": {"patch_challenge": {"url": "http://127.0.0.1/"}}}' "only https is used"
case_of "a certificate elsewhere is refused" '{"finalize": {"patch": {"certificate": "https://u:p@evil.test/"}}}' \
	"it holds user information"
case_of "an order without a place is refused" '{"neworder": {"headers": {"Location": null}}}' "did not tell the order's URL"

# Other names than those asked for (O2).
case_of "a further name" '{"neworder": {"patch": {"identifiers": [{"type": "dns", "value": "a.test"}, {"type": "dns", "value": "b.test"}, {"type": "dns", "value": "evil.test"}]}}}' \
	"'evil.test', which nobody asked for"
case_of "a missing name" '{"neworder": {"patch": {"identifiers": [{"type": "dns", "value": "a.test"}]}}}' "lacks 'b.test'"
case_of "an authorization for another name" '{"authz": {"patch": {"identifier": {"type": "dns", "value": "evil.test"}}}}' \
	"'evil.test' to be proved, which nobody asked for"

# Authorizations that are valid already need no token (SEC-02).
case_of "no token where none is needed" '{"authz": {"patch": {"status": "valid", "challenges": []}}, "order": {"times": 1, "patch": {"status": "ready"}}}' \
	"c1 issued"
rules '{"neworder": {"patch": {"status": "ready"}}}'
acme
contains "an order that is born ready" "c1 issued" "$out"
[ "$(requests)" -le 5 ] || fail "an order that is born ready took $(requests) requests"
ok "an order that is born ready takes at most 5 requests (O3): $(requests)"

# A challenge that fails, with a wicked text; the other authorization is given back (Z11, Z12, SEC-10).
rules '{"order": {"patch": {"status": "invalid"}}, "authz/1": {"patch": {"status": "invalid"},
	"patch_challenge": {"error": {"type": "urn:ietf:params:acme:error:connection", "detail": "refused"}}},
	"authz/0": {"patch": {"status": "pending"}}}'
acme
contains "an authorization that is invalid already" "c1 refused environment 0 challenge: the http-01 challenge for 'b.test' failed: connection: refused" "$out"
contains "the other one is given back" "deactivated" "$(asked)"
well_behaved "invalid"
case_of "an order that fails without a reason" '{"order": {"patch": {"status": "invalid"}}}' \
	"c1 refused ca 0 challenge: the CA gave the order up: it does not say why"
case_of "an order that fails with a reason" \
	'{"order": {"patch": {"status": "invalid", "error": {"type": "urn:ietf:params:acme:error:caa", "detail": "no"}}}}' \
	"c1 refused input 0 challenge: the CA gave the order up: caa: no"
case_of "control characters are shown, not obeyed" \
	'{"neworder": {"status": 403, "body": {"type": "urn:ietf:params:acme:error:rejectedIdentifier", "detail": "a\u001b[2Jb\nc", "subproblems": [{"identifier": {"value": "b.test"}, "detail": "no"}]}}}' \
	'rejectedIdentifier (403): a\x1b[2Jb\x0ac; b.test: no'

# Nonces (N4 to N6).
problem='"status": 400, "type": "application/problem+json", "body": {"type": "urn:ietf:params:acme:error:badNonce", "detail": "x"}'
case_of "a bad nonce is retried" "{\"neworder\": {\"times\": 3, $problem}}" "c1 issued"
case_of "one without a new nonce, too" "{\"neworder\": {\"times\": 1, \"no_nonce\": true, $problem}}" "c1 issued"
contains "by asking for one" "HEAD nonce" "$(asked)"
case_of "not for ever" "{\"neworder\": {$problem}}" "badNonce (400)"
[ "$(asked | grep -c neworder)" -le 10 ] || fail "badNonce was retried too often"
case_of "a nonce of other characters is dropped (N3)" '{"nonce": {"headers": {"Replay-Nonce": "a b\"c"}}}' "asking a nonce"

# Waiting (Z8, Z9, E4, E5).
rules '{"neworder": {"status": 429, "headers": {"Retry-After": "3600"}, "body": {"type": "urn:ietf:params:acme:error:rateLimited", "detail": "too many"}}}'
acme
contains "a limit is told with its time" "c1 refused limit 3" "$out"
contains "and its reason" "rateLimited (429): too many" "$out"
equal "and not tried again" 1 "$(asked | grep -c neworder)"
case_of "a limit without a time" '{"neworder": {"status": 429, "body": {"type": "urn:ietf:params:acme:error:rateLimited", "detail": "paused"}}}' \
	"c1 refused limit 0"
case_of "a busy front end" '{"neworder": {"status": 503, "type": "text/html", "body": "<html>", "headers": {"Retry-After": "1200"}}}' \
	"c1 refused limit 1"
rules '{"order": {"patch": {"status": "pending"}, "headers": {"Retry-After": "86400"}}}'
SECONDS=0
acme
contains "a wait of a day is handed on" "c1 pending 86" "$out"
[ "$SECONDS" -lt 20 ] || fail "it was waited for"
well_behaved "pending"
rules ''
acme_again
contains "the next run goes on with it" "c1 issued" "$out"
lacks "without a new order (O4)" "neworder" "$(asked)"
rules '{"order": {"times": 1, "patch": {"status": "pending"}, "headers": {"Retry-After": "1"}}}'
acme
contains "a short wait is sat out" "c1 issued" "$out"

# An order of an earlier run that died meanwhile is replaced (O5).
for answer in '"status": 404, "body": ""' '"patch": {"status": "invalid"}' \
	'"patch": {"identifiers": [{"type": "dns", "value": "z.test"}]}'; do
	rules '{"order": {"patch": {"status": "pending"}, "headers": {"Retry-After": "86400"}}}'
	acme
	rules "{\"order\": {\"times\": 1, $answer}}"
	acme_again
	contains "an old order that answers $answer is replaced" "c1 issued" "$out"
done

# Finalizing (O13, O14) and what is downloaded (K1, K2).
case_of "a lost answer to the request is asked for" '{"finalize": {"status": 500, "body": ""}}' "c1 issued"
case_of "an order that is not ready yet" \
	'{"finalize": {"times": 1, "status": 403, "body": {"type": "urn:ietf:params:acme:error:orderNotReady"}}}' "c1 issued"
case_of "a refused request" '{"finalize": {"status": 400, "body": {"type": "urn:ietf:params:acme:error:badCSR", "detail": "weak"}}}' \
	"c1 refused input 0 finalize: the certificate request for 'a.test' and 1 more: badCSR (400): weak"
case_of "a certificate of another type" '{"certificate": {"type": "application/pkix-cert"}}' "application/pem-certificate-chain"
case_of "a certificate with a key" '{"certificate": {"body": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"}}' \
	"something else than certificates"
case_of "a certificate with text" '{"certificate": {"body": "hello\n"}}' "something else than certificates"
case_of "a certificate that is cut" '{"certificate": {"body": "-----BEGIN CERTIFICATE-----\nAAAA\n"}}' "it is cut short"
case_of "a valid order without a certificate" '{"finalize": {"patch": {"certificate": null}}}' "names no certificate"

# A directory that is out of date is fetched anew (D4).
rules '{"neworder": {"times": 1, "status": 404, "body": ""}}'
acme
contains "an old directory is renewed" "c1 issued" "$out"
contains "by asking for it" "GET directory" "$(asked)"

# The account (A1, A4, A13).
rm -rf "$acme_store"
case_of "an account without a place" '{"account": {"headers": {"Location": null}}}' "did not tell the account's URL"
rm -rf "$acme_store"
case_of "a CA that wants an action" \
	'{"account": {"status": 403, "headers": {"Link": "<https://ca.test/terms-2>;rel=\"terms-of-service\""}, "body": {"type": "urn:ietf:params:acme:error:userActionRequired", "detail": "new terms", "instance": "https://ca.test/agree"}}}' \
	"c1 operator the CA of issuer 'ca' wants an action of yours: new terms; terms of service: https://ca.test/terms-2; https://ca.test/agree"

# The network process dies in the middle: told, and nothing stays (Z13).
rules '{"order": {"patch": {"status": "pending"}, "headers": {"Retry-After": "20"}}}'
rm -rf "$acme_store/certificates"
"$acme_run" "$tmp/acme.conf" "$acme_store" >"$tmp/killed.out" 2>"$tmp/killed.err" &
runner=$!
wait_for 20 grep -q '^POST order' "$fake_log"
[ -n "$(find "$tmp/www" -type f)" ] || fail "no challenge file was there"
helper=$(pgrep -P "$runner" -x certengine-net) || fail "no network process"
kill -KILL "$helper"
wait "$runner"
contains "a network process that died is told" "the network process ended before it was done" "$(cat "$tmp/killed.out")"
well_behaved "killed"
finish
