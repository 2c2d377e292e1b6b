# Accounts and revocation at Caddy: it has no key change though its directory lists it, and forgets no revocation.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/ca/caddy.sh"

caddy_namespace
caddy_start a.test b.test
configure <<END
issuers: { ca: { kind = "acme"; directory = "$caddy_directory"; agree_to_terms = true; ca_file = "$caddy_ca"; }; };
certificates: {
	one: { issuer = "ca"; names = [ "a.test" ]; };
	two: { issuer = "ca"; names = [ "b.test" ]; };
};
END
run 0 ce apply
run 0 ce account show ca
contains "the account can be looked at (A9)" "valid" "$out"

# By the account, by the certificate's key, and again (R1, R2, R3).
run 0 ce revoke one --reason superseded
run 0 ce revoke two --with-certificate-key
ok "revoked by the account and by the certificate's key (R1)"
run 0 ce revoke two --generation 1
ok "what is revoked already is a success (R3)"

# Listed, but answered with 501: told, and the old key goes on working.
run 1 ce account rollover ca
contains "a CA without key change is told (A10)" "501" "$out$err"
run 0 ce account show ca
ok "the account's key is as it was (A11)"

# Deactivated on another machine: nothing here knows, and Caddy answers with 401 (A12).
cp -a "$state" "$tmp/before"
run 0 ce account deactivate ca --yes
cp -a "$state" "$tmp/after"
rm -rf "$state"
mv "$tmp/before" "$state"
configure <<END
issuers: { ca: { kind = "acme"; directory = "$caddy_directory"; agree_to_terms = true; ca_file = "$caddy_ca"; }; };
certificates: { three: { issuer = "ca"; names = [ "a.test", "b.test" ]; }; };
END
got=0
ce apply >"$tmp/apply" 2>&1 || got=$?
[ "$got" != 0 ] || fail "a certificate came from an account that was deactivated: $(cat "$tmp/apply")"
contains "an account that was deactivated elsewhere is told to be gone (A12)" "does not take the account any more" "$(cat "$tmp/apply")"

# Deactivated here: known without asking.
rm -rf "$state"
mv "$tmp/after" "$state"
run 1 ce apply
contains "an account that was deactivated here is known to be gone" "was deactivated by" "$out$err"
run 0 ce account new ca --yes
run 0 ce apply three
ok "another account is made when the operator asks for it (A12)"
finish
