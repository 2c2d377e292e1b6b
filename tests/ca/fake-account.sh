# The account at a CA that misbehaves: answers that are lost, a memory that is lost, terms that change.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/ca/pebble.sh"
. "$TOP_SRCDIR/tests/ca/acme.sh"
. "$TOP_SRCDIR/tests/ca/fake.sh"

requires "$certengine" python3
fake_start
shop()
{
	configure <<-EOF
		issuers: { ca: { kind = "acme"; $fake_options $1 }; };
		certificates: { shop: { issuer = "ca"; names = [ "shop.test" ]; }; };
	EOF
}
key_of()
{
	sha256sum <"$state/issuers/ca/$1" 2>/dev/null
}
account="$state/issuers/ca"

# --- a CA that wants a person
shop ''
rules '{"account": {"status": 403, "headers": {"Link": "<https://ca.example/terms-2>;rel=\"terms-of-service\""},
	"body": {"type": "urn:ietf:params:acme:error:userActionRequired", "detail": "read this", "instance": "https://ca.example/here"}}}'
run 7 ce apply
contains "an action of the operator's is no failure (A4)" "wants an action of yours: read this" "$out$err"
contains "the terms are named (A4)" "https://ca.example/terms-2" "$out$err"
contains "and the page (A4)" "https://ca.example/here" "$out$err"
equal "and nothing is tried again (A4)" 1 "$(asked | grep -c 'POST account')"
rules ''
run 0 ce apply --force-renew
rules '{"neworder": {"status": 403, "body": {"type": "urn:ietf:params:acme:error:agreementRequired", "detail": "new terms"}}}'
run 7 ce apply --force-renew
contains "the older word for it is understood, later too (A4)" "wants an action of yours: new terms" "$out$err"
equal "and not tried again (A4)" 1 "$(asked | grep -c 'POST neworder')"
rules ''
run 0 ce apply --force-renew

# --- terms that change
touch_directory()
{
	rm -f "$account/directory"
}
agreed=$(grep -o '"agreed_at":[0-9]*' "$account/account")
touch_directory
rules '{"directory": {"patch": {"meta": {"termsOfService": "https://ca.example/terms-of-tomorrow"}}}}'
run 0 ce apply --force-renew
contains "new terms are told (A5)" "has new terms of service, which are told once: https://ca.example/terms-of-tomorrow" "$err"
contains "and stop nothing (A5)" "issued" "$out"
touch_directory
run 0 ce apply --force-renew
lacks "they are told once (A5)" "new terms of service" "$err"
equal "what was agreed to stays on record (A3)" "$agreed" "$(grep -o '"agreed_at":[0-9]*' "$account/account")"
rules ''

# --- a rollover whose answer is lost
old=$(key_of account.key)
rules '{"keychange": {"lost": true}}'
run 0 ce account rollover ca
contains "a lost answer: the CA is asked, and goes by the new key (A11)" "the account has a new key" "$out"
[ "$old" != "$(key_of account.key)" ] || fail "the key is the old one"
equal "the change is never sent blindly again (A11)" 1 "$(asked | grep -c 'POST keychange')"
well_behaved "A11"
rules ''
run 0 ce apply --force-renew

old=$(key_of account.key)
rules '{"keychange": {"unheard": true}}'
run 1 ce account rollover ca
contains "a lost request: the CA is asked, and goes by the old key (A11)" "did not take the new key; the old one stays" "$err"
equal "which is the account's (A11)" "$old" "$(key_of account.key)"
rules ''
run 0 ce apply --force-renew

# The CA is away before it can be asked: the next run asks.
for how in lost unheard; do
	old=$(key_of account.key)
	rules "{\"keychange\": {\"$how\": true}, \"account\": {\"status\": 500, \"body\": \"\"}}"
	run 1 ce account rollover ca
	contains "not settled, and said so (A11)" "the next run finds out which key is live" "$err"
	[ -f "$account/account.key.next" ] || fail "the next key is not on disk"
	rules ''
	run 0 ce apply --force-renew
	contains "the next run finds out and issues (A11, $how)" "was cut off: the CA goes by the" "$err"
	[ ! -e "$account/account.key.next" ] || fail "it is not settled"
	[ "$how" = lost ] && [ "$old" = "$(key_of account.key)" ] && fail "the new key is not the account's"
	[ "$how" = unheard ] && [ "$old" != "$(key_of account.key)" ] && fail "the old key is not the account's"
	ok "with the right one (A11, $how)"
	well_behaved "A11, $how"
done

# Killed between request and answer: as if the answer was lost.
old=$(key_of account.key)
rules '{"keychange": {"delay": 5}}'
"$certengine" --root "$root" account rollover ca >"$tmp/out" 2>&1 &
pid=$!
wait_for 10 grep -q 'POST keychange' "$fake_log"
kill -KILL "$pid"
wait "$pid" 2>/dev/null
[ -f "$account/account.key.next" ] || fail "the new key was not on disk before the request"
ok "the new key is on disk before the request (A11)"
rules ''
run 0 ce apply --force-renew
contains "and a run that was killed is made up for (A11)" "was cut off: the CA goes by the" "$err"

rules '{"keychange": {"status": 409, "headers": {"Location": "https://ca.example/another"}, "body": {"type": "urn:ietf:params:acme:error:malformed"}}}'
run 1 ce account rollover ca
contains "a key that belongs to another account: which (A11)" "for another account already, https://ca.example/another" "$err"
[ ! -e "$account/account.key.next" ] || fail "a refusal leaves a key behind"
rules '{"keychange": {"status": 429, "headers": {"Retry-After": "3600"}, "body": {"type": "urn:ietf:params:acme:error:rateLimited", "detail": "slowly"}}}'
run 1 ce account rollover ca
contains "a limit is told" "rateLimited (429): slowly" "$err"
rules '{"directory": {"patch": {"keyChange": null, "revokeCert": null}}}'
touch_directory
run 1 ce account rollover ca
contains "a CA that cannot change keys" "the CA of issuer 'ca' does not change account keys" "$err"
run 1 ce revoke shop
contains "a CA that cannot revoke" "the CA of issuer 'ca' does not revoke" "$err"
rules ''
touch_directory
run 0 ce apply --force-renew

# --- revocation
rules '{"revoke": {"status": 400, "body": {"type": "urn:ietf:params:acme:error:badRevocationReason", "detail": "not this one"}}}'
run 1 ce revoke shop --reason privilegeWithdrawn
contains "a reason that the CA does not take is final (R2)" "does not take this reason: not this one" "$err"
equal "and tried once (R2)" 1 "$(asked | grep -c 'POST revoke')"
rules '{"revoke": {"status": 403, "body": {"type": "urn:ietf:params:acme:error:unauthorized", "detail": "not yours"}}}'
run 1 ce revoke shop
contains "another's certificate: there is another way (R1)" "try --with-certificate-key" "$err"
rules '{"revoke": {"lost": true, "times": 1}}'
run 0 ce revoke shop
contains "an answer that is lost: it is asked again, and was done (R3)" "is revoked already" "$out"
run 0 ce apply
contains "what was revoked is replaced by the next run" "issued" "$out"

# A key that others know: no revocation before the replacement, none of the key ever after.
live=$(cat "$state/certificates/shop/live")
rules '{"neworder": {"status": 500, "body": ""}}'
run 1 ce revoke shop --reason keyCompromise
contains "the replacement fails: nothing is revoked (R4)" "is not revoked yet" "$err"
lacks "the CA was not asked to (R4)" "POST revoke" "$(asked)"
equal "and the certificate is in place (R4)" "$live" "$(cat "$state/certificates/shop/live")"
rules ''
run 0 ce revoke shop --reason keyCompromise
contains "then it is issued first (R4)" "POST revoke" "$(asked | sed -n '/POST finalize/,$p')"
contains "and revoked with its reason (R4)" "asks: revocation by account, reason 1" "$(asked)"
run 1 ce rollback shop "$live"
contains "and is not put back (R4)" "cannot be put back: it was revoked" "$err"
live=$(cat "$state/certificates/shop/live")
rules '{"neworder": {"status": 500, "body": ""}}'
run 0 ce revoke shop --reason keyCompromise --no-replacement
contains "at once, if the operator says so (R4)" "generation $live is revoked" "$out"
rules ''
run 0 ce apply --force-renew

# --- an account that the CA lost
fake_stop
fake_start
rules ''
shop ''
sed -i "s|https://127.0.0.1:[0-9]*|${fake_directory%/directory}|g" "$account/account"
touch_directory
run 0 ce apply --force-renew
equal "a CA that was reset: the account is looked up, and made again, once (A13)" 2 "$(asked | grep -c 'POST account')"
contains "and the order placed again (A13)" "issued" "$out"
well_behaved "A13"
fake_stop
fake_start
rules ''
sed -i "s|https://127.0.0.1:[0-9]*|${fake_directory%/directory}|g" "$account/account"
fake_options=${fake_options/agree_to_terms = true/agree_to_terms = false}
shop ''
touch_directory
run 1 ce apply --force-renew
contains "not without consent (A13)" "set agree_to_terms = true" "$out$err"

# --- an account that is bound to a customer's
fake_options=${fake_options/agree_to_terms = false/agree_to_terms = true}
printf 'c2VjcmV0LXNlY3JldC1zZWNyZXQ=\n' >"$tmp/eab.key"
binding='eab: { kid = "customer-1"; hmac_key_file = "'$tmp'/eab.key"; mac = "HS512"; };'
shop "$binding"
chmod 640 "$tmp/eab.key"
run 2 ce check
contains "a key file that others may read is a mistake (A6)" "may be read by others" "$err"
chmod 600 "$tmp/eab.key"
run 0 ce account new ca --yes
rules ''
run 0 ce apply --force-renew
contains "the binding is sent (A6)" "asks: binding customer-1" "$(asked)"
run 0 ce account show ca
contains "and is on record" "customer-1" "$out"
fake_stop
fake_start
rules ''
shop "$binding"
sed -i "s|https://127.0.0.1:[0-9]*|${fake_directory%/directory}|g" "$account/account"
touch_directory
run 1 ce apply --force-renew
contains "credentials are never used a second time by themselves (A7)" "ask the CA for new credentials" "$out$err"
lacks "nothing was sent (A7)" "asks: binding" "$(asked)"
shop "${binding/customer-1/customer-2}"
run 0 ce apply --force-renew
contains "new ones are (A7)" "asks: binding customer-2" "$(asked)"
finish
