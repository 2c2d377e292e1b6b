# dns-account-01 and, experimental, dns-persist-01 with the newest pebble and a real name server.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/ca/pebble.sh"
. "$TOP_SRCDIR/tests/ca/named.sh"

named_start
pebble_resolver=$named_address
pebble_options='"caaIdentities": ["pebble.letsencrypt.org"],'
pebble210_start PEBBLE_AUTHZREUSE=0
issuer="kind = \"acme\"; directory = \"$pebble_directory\"; agree_to_terms = true; ca_file = \"$pebble_ca\";"

# apply STATUS CHALLENGE NAMES
apply()
{
	local status=$1
	rm -rf "$state/certificates"
	configure <<-END
		issuers: { ca: { $issuer challenge = { $2 resolver = "$named_address"; }; }; };
		certificates: { shop: { issuer = "ca"; names = [ $3 ]; }; };
	END
	run "$status" ce apply
}

apply 0 "kind = \"dns-account-01\"; server = \"$named_address\"; tsig_key_file = \"$named_key\";" '"acc.test", "*.acc.test"'
account=$(python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["url"])' "$state/issuers/ca/account")
label=$(python3 -c 'import base64,hashlib,sys; print(base64.b32encode(hashlib.sha256(sys.argv[1].encode()).digest()[:10]).decode().lower())' "$account")
contains "the record stands at the account's own name (Z16)" "adding an RR at '_$label._acme-challenge.acc.test' TXT" "$(cat "$named_log")"
equal "nothing stays" "" "$(named_texts "_$label._acme-challenge.acc.test")"

# The record is told, and nothing is written.
apply 7 'kind = "dns-persist-01";' '"standing.test"'
contains "the record that is missing is told (Z19)" "_validation-persist.standing.test. IN TXT \"" "$out"
contains "with the account" "accounturi=$account" "$out"
contains "and that it is experimental" "experimental" "$out"
record=$(sed -n 's/.*\(_validation-persist.standing.test. IN TXT "[^"]*"\).*/\1/p' <<<"$out" | head -1)
named_update "update add ${record/ IN/ 60 IN}"
apply 0 'kind = "dns-persist-01";' '"standing.test"'
ok "with the record the certificate is issued (Z19)"
contains "it is never removed" "accounturi=$account" "$(named_texts _validation-persist.standing.test)"

# A wildcard needs the policy, a record has an end.
apply 7 'kind = "dns-persist-01";' '"*.standing.test"'
contains "a wildcard needs its policy (Z19)" "; policy=wildcard" "$out"
domain=$(sed -n 's/.*IN TXT "\([^;]*\);.*/\1/p' <<<"$out" | head -1)
named_update "update add _validation-persist.standing.test. 60 IN TXT \"$domain; accounturi=$account; policy=wildcard; persistUntil=$(($(date +%s) + 86400 * 5))\""
apply 0 'kind = "dns-persist-01";' '"*.standing.test"'
contains "an end that is near is warned of (Z19)" "more days only" "$err"
finish
