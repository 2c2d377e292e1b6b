#!/bin/bash
# Things in the state directory that the program did not put there, or not so: each is told or passed over, nothing
# behind a link is touched, and the run ends, whatever it finds.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
requires "$certengine" timeout

product=$tmp/product
mkdir "$product"
configure <<END
issuers: { house: { kind = "local"; }; };
certificates: { shop: { issuer = "house"; names = [ "shop.example.test" ]; targets: {
  it: { plugin = "sample"; key_file = "$product/key"; cert_file = "$product/cert"; reload = [ "/bin/true" ]; };
}; }; };
END
soon()
{
	timeout -s KILL 60 "$certengine" --root "$root" "$@"
}

# A folder of somebody else, in this test's own directory.
victim=$tmp/victim
mkdir "$victim"
echo precious >"$victim/file"
spared()
{
	equal "$1: what a link leads to is untouched" "precious" "$(cat "$victim/file" 2>&1)"
}

run 0 ce apply
generations=$state/certificates/shop/generations

# A file among the journals could be neither read nor swept.
for name in file 001795196490.272-04980714; do
	echo garbage >"$state/journal/$name"
	run 5 soon apply
	contains "a file among the journals ($name) is told" "$state/journal/kept/$name" "$out"
	run 0 soon apply
done
ln -s "$victim" "$state/journal/link"
run 5 soon recover
spared "a link among the journals"
contains "a link among the journals is told" "$state/journal/kept/link" "$out"
[ -L "$state/journal/kept/link" ] || fail "the link was not moved as it is"
run 0 soon recover

# A number after which there is none.
mkdir -p "$generations/9223372036854775807" "$generations/999999999999" "$generations/007"
run 0 soon apply --force-renew
equal "it goes on from our own number" 2 "$(cat "$state/certificates/shop/live")"
run 0 soon rollback shop
equal "and back to our own number" 1 "$(cat "$state/certificates/shop/live")"

# A generation and leftovers that are links, when their time has come to be removed.
mv "$generations/1" "$tmp/moved"
ln -s "$victim" "$generations/1"
ln -s "$victim" "$generations/.new"
ln -s "$victim" "$generations/.gone"
for ((n = 0; n < 8; n++)); do
	timeout -s KILL 60 "$certengine" --root "$root" apply --force-renew >"$tmp/.said" 2>&1
	[ $? -le 5 ] || fail "apply did not end by itself: $(cat "$tmp/.said")"
done
spared "links among the generations"
finish
