# The account at a CA of another make: it changes no keys, says 401 where pebble says 403, and takes Ed25519.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/ca/caddy.sh"

caddy_namespace
requires "$certengine"
caddy_start shop.test
configure <<EOF
issuers: { ca: { kind = "acme"; directory = "$caddy_directory"; agree_to_terms = true; ca_file = "$caddy_ca";
  account_key = "ed25519"; }; };
certificates: { shop: { issuer = "ca"; names = [ "shop.test" ]; }; };
EOF
run 0 ce issuer info ca
contains "a directory with an empty meta is shown (D3, D6)" "kind              acme" "$out"
run 0 ce apply
run 0 ce account show ca
contains "the account is shown (A9)" "status            valid" "$out"
contains "its key may be of a kind that others refuse (J10)" "ed25519" "$out"
account=$state/issuers/ca

rm "$account/account"
run 0 ce apply --force-renew
contains "an account without its record is found by its key (A2)" '"url"' "$(cat "$account/account")"

key=$(sha256sum <"$account/account.key")
run 1 ce account rollover ca
contains "a CA that does not change keys says so (A10)" "issuer 'ca'" "$err"
equal "and the key stays (A10)" "$key" "$(sha256sum <"$account/account.key")"
run 0 ce apply --force-renew
contains "with which certificates are issued" "issued" "$out"

run 0 ce revoke shop
contains "revoked by the account (R1)" "generation 3 is revoked" "$out"
run 0 ce revoke shop
ok "again is no failure (R3)"
run 0 ce apply
run 0 ce revoke shop --with-certificate-key --reason superseded
contains "revoked by its own key (R1)" "generation 4 is revoked" "$out"

cp "$account/account" "$tmp/account"
run 0 ce account deactivate ca --yes
contains "the account is deactivated (A12)" "deactivated" "$out"
cp "$tmp/account" "$account/account"
run 1 ce apply --force-renew
contains "one that was deactivated elsewhere is understood (A12)" "the CA of issuer 'ca' does not take the account any more" "$out$err"
run 0 ce account new ca --yes
run 0 ce apply --force-renew
contains "and another one is made when it is asked for (A12)" "issued" "$out"
finish
