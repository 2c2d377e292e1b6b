# The newest pebble: a User-Agent is a must, waits are told in both forms, unknown challenges and profiles are offered.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/ca/pebble.sh"
. "$TOP_SRCDIR/tests/ca/acme.sh"

pebble_options='"retryAfter": {"authz": 1, "order": 1}, "keyAlgorithm": "ecdsa",'
pebble210_start PEBBLE_AUTHZREUSE=0
common="directory = \"$pebble_directory\"; agree_to_terms = true; ca_file = \"$pebble_ca\";
	challenge: { port = $pebble_http_port; };"

acme_config "$common" "one.test"
acme
contains "a certificate of the newest pebble, which wants a User-Agent (H1)" "c1 issued" "$out"
ok "though it offers dns-account-01 and dns-persist-01 too (Z3)"
openssl verify -CAfile "$pebble_root" -untrusted "$acme_store.c1.pem" "$acme_store.c1.pem" >/dev/null 2>&1 ||
	fail "the chain does not verify"
ok "of a CA with EC keys"

# The wait is told at random as seconds or as a date: in eight orders both forms come.
began=$(date +%s%N)
acme_config "$common" "r1.test" "r2.test" "r3.test" "r4.test" "r5.test" "r6.test" "r7.test" "r8.test"
acme
equal "waits in seconds and as dates are obeyed (Z8)" 8 "$(grep -c ' issued ' <<<"$out")"

finish
