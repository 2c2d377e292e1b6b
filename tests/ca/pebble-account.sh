# The account at a real CA: made, found again, shown, changed, given another key, ended. And revocation.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/ca/pebble.sh"

requires "$certengine" python3
pebble_start
shop()
{
	configure <<-EOF
		issuers: { ca: { kind = "acme"; directory = "$pebble_directory"; agree_to_terms = true; ca_file = "$pebble_ca";
		  $1 challenge: { port = $pebble_http_port; }; };
		  second: { kind = "acme"; directory = "$pebble_directory"; agree_to_terms = true; ca_file = "$pebble_ca";
		  account_key = "rsa-2048"; challenge: { port = $pebble_http_port; }; };
		  house: { kind = "selfsigned"; }; };
		certificates: { shop: { issuer = "ca"; names = [ "shop.test" ]; };
		  mail: { issuer = "second"; names = [ "mail.test" ]; }; };
	EOF
}
# member NAME: of the account in the JSON document that was printed last
member()
{
	python3 -c 'import json, sys; print(json.load(sys.stdin)["account"][sys.argv[1]])' "$1" <<<"$out"
}
# posts: how many requests for an account pebble has seen
posts()
{
	grep -c 'POST /sign-me-up' "$pebble_log"
}

shop 'contact = [ "ops@example.com" ];'
run 1 ce account show ca
contains "nothing is made by looking" "issuer 'ca' has no account yet" "$err"
[ ! -e "$state/issuers/ca/account.key" ] || fail "a key was made by looking"
run 0 ce apply
run 0 ce --json account show ca
url=$(member url)
contains "the account's URL is on record (A1)" "$url" "$(cat "$state/issuers/ca/account")"
equal "the account is shown (A9)" "valid ['mailto:ops@example.com']" "$(member status) $(member contact)"
contains "what was agreed to is on record (A3)" "data:text/plain,Do%20what%20thou%20wilt" "$(member terms)"
contains "and when (A3)" "20" "$(member agreed_at)"
run 0 ce --json account show second
[ "$(member url)" != "$url" ] || fail "two issuers have one account"
ok "two issuers at one CA have an account each"

before=$(posts)
run 0 ce apply --force-renew
equal "an account on record is not asked for (A2)" "$before" "$(posts)"
rm "$state/issuers/ca/account"
run 0 ce apply --force-renew shop
contains "one whose record is lost is found by its key (A2)" "$url" "$(cat "$state/issuers/ca/account")"
equal "without any further account (A2)" $((before + 1)) "$(posts)"
printf 'half a rec' >"$state/issuers/ca/account"
run 0 ce --json account show ca
equal "one whose record is damaged too" "$url" "$(member url)"
contains "which is told" "the record 'account' of issuer 'ca' is damaged" "$err"
equal "and nothing is thrown away" "half a rec" "$(cat "$state/issuers/ca/account.damaged")"

# --- contacts
shop 'contact = [ "mailto:a@example.com", "b@example.com" ];'
run 0 ce --json account update ca
equal "the contacts are those of the configuration now (A9)" "['mailto:a@example.com', 'mailto:b@example.com']" "$(member contact)"
shop ''
run 0 ce --json account update ca
equal "an empty list takes them back (A9)" "[]" "$(member contact)"
for contact in "a@example.com, b@example.com" "a@example.com?subject=x" "ä@example.com" "https://example.com" "ops" "@x" "a b@c.d" \
	"tel:+49"; do
	shop "contact = [ \"$contact\" ];"
	run 2 ce check
	contains "the contact '$contact' is a mistake (A8)" "contact '" "$err"
done
shop 'contact = [ "a..b@example.com" ];'
run 1 ce account update ca
contains "a contact that the CA refuses is a mistake of the configuration (A8)" "invalidContact" "$err"
contains "told with what to do (A8)" "correct contact" "$err"
shop ''

# --- another key
old=$(sha256sum <"$state/issuers/ca/account.key")
run 0 ce --json account rollover ca
equal "the account is the same (A10)" "$url" "$(member url)"
[ "$old" != "$(sha256sum <"$state/issuers/ca/account.key")" ] || fail "the key is the old one"
ok "its key is another (A10)"
[ ! -e "$state/issuers/ca/account.key.next" ] || fail "the next key is still the next one"
run 0 ce apply --force-renew shop
contains "and certificates are issued by it (A10)" "issued" "$out"
for kind in rsa-2048 ec-p384; do
	shop "account_key = \"$kind\";"
	run 0 ce --json account rollover ca
	equal "the new key is of the configured kind (A10)" "$kind" "$(member key)"
done
shop ''

# --- what the directory says
run 0 ce issuer list
contains "issuers are listed with their certificates" "ca      acme        1 certificate" "$out"
run 0 ce issuer info ca
contains "the terms of service are shown (D6)" "data:text/plain,Do%20what%20thou%20wilt" "$out"
run 0 ce issuer info house
contains "an issuer that is no CA has nothing to say" "'selfsigned'" "$out"
run 2 ce account show house
contains "and no account" "has no accounts" "$err"
run 2 ce account show caa
contains "an unknown issuer is told with the nearest" "did you mean 'ca'?" "$err"

# --- revocation
# state_of GENERATION: what the CA says of it
state_of()
{
	local serial
	serial=$(openssl x509 -noout -serial -in "$state/certificates/shop/generations/$1/leaf.pem")
	pebble_get "/cert-status-by-serial/$(tr 'A-F' 'a-f' <<<"${serial#serial=}")"
}
live=$(cat "$state/certificates/shop/live")
run 0 ce revoke shop
contains "revoked by the account (R1)" '"Status": "Revoked"' "$(state_of "$live" | sed 's/":"/": "/g')"
lacks "without a reason (R2)" '"Reason":' "$(state_of "$live")"
run 0 ce revoke shop
contains "once more is no failure (R3)" "is revoked already" "$out"
run 4 ce plan --exit-code shop
contains "what was revoked is due" "it was revoked" "$out"
run 0 ce apply shop
live=$(cat "$state/certificates/shop/live")
run 0 ce revoke shop --with-certificate-key --reason superseded
contains "revoked by its own key (R1)" "evoked" "$(state_of "$live")"
contains "with the reason that was given (R2)" '"Reason":4' "$(state_of "$live" | tr -d ' ')"
run 1 ce rollback shop "$((live - 1))"
contains "a revoked generation is not put back" "it was revoked" "$err"
for word in removedFromCRL 7 boredom; do
	run 2 ce revoke shop --reason "$word"
	contains "'$word' is no reason (R2)" "is no reason for a revocation" "$err"
done

# A key that others know: its successor first, and never again.
run 0 ce apply shop
live=$(cat "$state/certificates/shop/live")
run 0 ce --json revoke shop --reason keyCompromise
contains "a lost key is revoked (R4)" '"Reason":1' "$(state_of "$live" | tr -d ' ')"
next=$(cat "$state/certificates/shop/live")
[ "$next" -gt "$live" ] || fail "no replacement was issued"
[ "$(openssl x509 -noout -pubkey -in "$state/certificates/shop/generations/$live/leaf.pem")" != \
	"$(openssl x509 -noout -pubkey -in "$state/certificates/shop/generations/$next/leaf.pem")" ] || fail "with the same key"
lacks "after another one was issued with another key (R4)" "evoked" "$(state_of "$next")"
run 1 ce revoke shop --generation 99
contains "only what there is can be revoked" "has no generation 99" "$err"

# --- the end
run 2 ce account deactivate ca
contains "what is final is never asked about" "add --yes" "$err"
run 0 ce --json account deactivate ca --yes
equal "the account is deactivated (A12)" "deactivated" "$(member status)"
run 1 ce apply --force-renew shop
contains "its issuer says so, and what to do (A12)" "'certengine account new ca' makes another" "$err$out"
run 0 ce account new ca --yes
run 0 ce apply --force-renew shop
run 0 ce --json account show ca
[ "$(member url)" != "$url" ] || fail "the account is the old one"
ok "another account is made when it is asked for (A12)"

# Ended at the CA behind our back.
cp -r "$state/issuers/ca" "$tmp/kept"
run 0 ce account deactivate ca --yes
rm -rf "$state/issuers/ca"
cp -r "$tmp/kept" "$state/issuers/ca"
run 1 ce apply --force-renew shop
contains "an account that was ended elsewhere is understood (A12)" "the CA of issuer 'ca' does not take the account any more" "$out$err"
contains "with what to do (A12)" "'certengine account new ca' makes another" "$out$err"
equal "nothing is lost" "$(sha256sum <"$tmp/kept/account.key")" "$(sha256sum <"$state/issuers/ca/account.key")"

printf 'no key at all' >"$state/issuers/ca/account.key"
run 1 ce apply --force-renew shop
contains "a damaged key is one sentence" "the account key of issuer 'ca' is damaged" "$out$err"
contains "with what to do" "restore issuers/ca/account.key from a backup" "$out$err"
run 0 ce account new ca --yes
run 0 ce apply --force-renew shop
[ "$(cat "$state"/issuers/ca/account.key.old-* | grep -c 'no key at all')" = 1 ] || fail "the damaged key was thrown away"
ok "and even that is kept"
finish
