# A CA that makes accounts for its customers only (D5, A6, A7).
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/ca/pebble.sh"
. "$TOP_SRCDIR/tests/ca/acme.sh"

key=zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W
pebble_options="\"externalAccountBindingRequired\": true, \"externalAccountMACKeys\": { \"customer-1\": \"$key\" },"
pebble_start
common="directory = \"$pebble_directory\"; agree_to_terms = true; ca_file = \"$pebble_ca\";
	challenge: { port = $pebble_http_port; };"

acme_config "$common" "a.test"
acme
contains "without a binding nothing is tried" "c1 refused input 0 account:" "$out"
contains "the settings are named" "set eab.kid and eab.hmac_key_file" "$out"

printf '%s\n' "AAAA$key" >"$tmp/eab.key"
acme_config "$common eab: { kid = \"customer-1\"; hmac_key_file = \"$tmp/eab.key\"; };" "a.test"
acme
contains "a wrong key is the operator's" "c1 refused input 0 account: the account with eab.kid and eab.hmac_key_file" "$out"

printf '%s==\n' "$key" >"$tmp/eab.key"
acme
contains "with the right one it is issued, padded as people paste it" "c1 issued" "$out"
lacks "the key is in no output" "$key" "$out$err"

for mac in HS384 HS512; do
	rm -rf "$acme_store"
	acme_config "$common eab: { kid = \"customer-1\"; hmac_key_file = \"$tmp/eab.key\"; mac = \"$mac\"; };" "a.test"
	acme
	contains "the CA checks $mac too (A6)" "c1 issued" "$out"
done

acme_config "$common eab: { kid = \"customer-1\"; };" "a.test"
acme
contains "half a binding is a mistake in the configuration" "problem" "$out"
finish
