# A second CA of another make: Caddy's. It validates and issues at once, so that no answer is ever waited for.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/ca/caddy.sh"
. "$TOP_SRCDIR/tests/ca/acme.sh"

caddy_namespace
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

# The CA was reset: it answers with a problem document that has no status, and the account is made anew (E1, A13).
acme_config "$common" "a.test"
acme
caddy_stop
rm -rf "$tmp/caddy/data"
caddy_start a.test
acme
contains "a problem document without a status is understood (E1), and the account made anew (A13)" "c1 issued" "$out"
finish
