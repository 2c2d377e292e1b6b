#!/bin/bash
# Limits that a careless unit or shell sets: few open files, small files, outputs that are closed or full. A run either
# does its work or says why not, and never leaves something half done.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
requires "$certengine"

product=$tmp/product
mkdir "$product"
configure <<END
issuers: { house: { kind = "local"; }; };
certificates: { shop: { issuer = "house"; names = [ "shop.example.test" ]; targets: {
  it: { plugin = "sample"; file = "$product/note"; key_file = "$product/key"; cert_file = "$product/cert";
        reload = [ "/bin/true" ]; };
}; }; };
END

files()
{
	(cd "$product" && ls -A && cat ./*)
}

# limited LIMIT VALUE COMMAND...: the program under that limit; what it says goes through a pipe, which has none.
limited()
{
	bash -c '(ulimit "$1" "$2"; shift 2; exec "$@") 2>&1 | cat; exit "${PIPESTATUS[0]}"' - "$1" "$2" "$certengine" --root "$root" "${@:3}"
}

run 0 ce apply
before=$(files)

run 1 limited -n 20 apply --force-renew
contains "too few files: it says so" "only 20 files may be open" "$out"
equal "too few files: nothing was touched" "$before" "$(files)"

for blocks in 0 1; do
	run 1 limited -f "$blocks" apply --force-deploy --force-renew
	contains "files of $blocks KiB: it says so" "File too large" "$out"
	equal "files of $blocks KiB: all is as before" "$before" "$(files)"
	[ -z "$(ls -A "$state/journal")" ] || fail "files of $blocks KiB: something was left in the journal"
done

run 0 ce apply
run 0 bash -c 'exec "$@" <&- >&- 2>&-' - "$certengine" --root "$root" apply --force-renew
grep -q certificate= "$product"/* && fail "a message landed in a file of the product"
ok "closed descriptors: no message lands in a file"
run 0 ce verify

run 1 bash -c '"$@" >/dev/full' - "$certengine" --root "$root" apply --force-renew
contains "a full output: it says so" "output" "$err"
run 0 ce verify
finish
