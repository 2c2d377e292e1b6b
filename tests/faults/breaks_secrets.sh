#!/bin/bash
# A reload command that prints the product's password and key when it fails: neither is shown, told later, or kept where a
# result is kept.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
requires "$certengine"

product=$tmp/product
password=canary.of.this.test
mkdir "$product"
printf '#!/bin/sh\ncat %s/note %s/key >&2\nexit 3\n' "$product" "$product" >"$tmp/reload"
chmod 755 "$tmp/reload"
configure <<END
issuers: { house: { kind = "local"; }; };
certificates: { shop: { issuer = "house"; names = [ "shop.example.test" ]; targets: {
  it: { plugin = "sample"; file = "$product/note"; content = "the note"; password = "$password";
        key_file = "$product/key"; reload = [ "/bin/sh", "-c", "cp $product/key $tmp/seen; exec $tmp/reload" ]; };
}; }; };
END

# What is seen of the key: any line of its body.
body()
{
	sed -n 2p "$tmp/seen"
}

for command in "apply -vv" "apply --json -vv" "status" "status --json" "plan -vv"; do
	# shellcheck disable=SC2086 # a command and its options
	ce $command >"$tmp/.all" 2>&1 </dev/null
	[ -n "$(body)" ] || fail "the reload command saw no key"
	grep -qF "$(body)" "$tmp/.all" && fail "'$command' shows the private key: $(cat "$tmp/.all")"
	grep -qF "$password" "$tmp/.all" && fail "'$command' shows the password"
	ok "'$command' shows neither key nor password"
done
grep -rqF "$(body)" "$state/certificates/shop/targets" && fail "the key is in a result"
run 5 ce apply
contains "the rest of what it said is shown" "the note" "$out"
contains "and that something is missing" "a private key is withheld" "$out"
finish
