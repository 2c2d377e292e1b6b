# Issuing that fails or is interrupted: the old certificate stays and is deployed, the key of the request is kept.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/engine/enginelib.sh"

server web
server mail
deadline=1
certificates "$(certificate shop "$(target web web) $(target mail mail)")
$(issuer=other certificate post "$(bare post "cert_file = \"$tmp/mail/post.pem\";")")"
engine 0 apply
first=$(live shop)

# A record of the CA is damaged: a clear error that names it; targets converge with the certificate that is there.
ca=$state/issuers/house
cp -a "$ca" "$tmp/ca"
broken()
{
	echo drifted >"$tmp/web/cert.pem"
	engine 3 apply --force-renew
	contains "$1: the record is named" "record '$2' of issuer 'house'" "$out"
	contains "$1: the certificate is named" "shop: failed at sign" "$out"
	equal "$1: the old one stays" "$first" "$(live shop)"
	proven "$1: the targets have the old one" shop web
	engine 0 status
	contains "$1: status knows" "shop: failed at sign" "$out"
	rm -rf "$ca"
	cp -a "$tmp/ca" "$ca"
}
echo damaged >"$ca/ca.key"
broken "a damaged key" ca.key
head -c 300 "$tmp/ca/ca.pem" >"$ca/ca.pem"
broken "a damaged root" ca.pem
rm "$ca/ca.key"
echo drifted >"$tmp/web/cert.pem"
engine 3 apply --force-renew
contains "a CA without its key is not begun anew" "the CA key of issuer 'house' is gone" "$out"
equal "the root is what it was" "$(sha256sum <"$tmp/ca/ca.pem")" "$(sha256sum <"$ca/ca.pem")"
proven "without the CA's key" shop web
rm -rf "$ca"
cp -a "$tmp/ca" "$ca"
cp "$state/issuers/other/ca.key" "$ca/ca.key"
engine 3 apply --force-renew
contains "records of two CAs are told apart" "do not belong together" "$out"
rm -rf "$ca"
cp -a "$tmp/ca" "$ca"

# The failed request's key is taken for the next try, and is not there any more once it succeeded.
[ -e "$state/certificates/shop/pending/key.pem" ] || fail "the key of the failed request is gone"
pending=$(sha256sum <"$state/certificates/shop/pending/key.pem")
generation=$(generation shop)
engine 0 apply --force-renew shop
equal "one more generation" $((generation + 1)) "$(generation shop)"
equal "the key of the request is used" "$pending" \
	"$(sha256sum <"$state/certificates/shop/generations/$(generation shop)/key.pem")"
equal "the request is closed" '' "$(ls -A "$state/certificates/shop/pending" 2>/dev/null)"
proven "renewed" shop web
engine 0 status
lacks "status forgets the failure" failed "$out"

# Killed after the key was stored and before the certificate came: the next run goes on with that key.
CE_FAULT=only:renameat2,trace:$tmp/trace engine 0 apply --force-renew shop
point=$(awk '/pending\/state|\/state$| state$/ { print $1 + 1; exit }' "$tmp/trace")
[ -n "$point" ] || fail "no step stores the request: $(cat "$tmp/trace")"
CE_FAULT=only:renameat2,kill:$point "$certengine" -c "$conf" --root "$root" apply --force-renew shop \
	>/dev/null 2>&1
pending=$(sha256sum <"$state/certificates/shop/pending/key.pem")
engine 0 apply --force-renew shop
equal "the interrupted request's key is used" "$pending" \
	"$(sha256sum <"$state/certificates/shop/generations/$(generation shop)/key.pem")"
proven "after an interrupted request" shop web

# Another request than the one that was interrupted gets a key of its own.
CE_FAULT=only:renameat2,kill:$point "$certengine" -c "$conf" --root "$root" apply --force-renew shop >/dev/null 2>&1
pending=$(sha256sum <"$state/certificates/shop/pending/key.pem")
certificates "$(certificate shop "$(target web web) $(target mail mail)" 'key = "ec-p384";')"
engine 0 apply shop
[ "$pending" != "$(sha256sum <"$state/certificates/shop/generations/$(generation shop)/key.pem")" ] ||
	fail "another request got the key of the interrupted one"
proven "another request" shop web

# A generation that was damaged in the store is replaced.
echo damaged >"$state/certificates/shop/generations/$(generation shop)/leaf.pem"
engine 0 apply
proven "a damaged generation" shop web
engine 0 verify

# So is its key, when the operator says so; without it nothing is touched.
before=$(picture web)
keys=$state/certificates/shop/generations
rm "$keys/$(generation shop)/key.pem"
engine 1 apply shop
contains "a key that is gone: the way out is told" "\`certengine apply --force-renew shop\` replaces it" "$out"
equal "a key that is gone: nothing is touched" "$before" "$(picture web)"
engine 0 apply --force-renew shop
proven "a key that was gone" shop web
cp "$state/certificates/post/generations/1/key.pem" "$keys/$(generation shop)/key.pem"
engine 1 apply shop
contains "another's key is told" "the private key is not the certificate's" "$out"
engine 0 apply --force-renew shop
proven "another's key" shop web

# An expired certificate is not installed anew when no better one can be had.
: >"$tmp/mail/calls"
echo damaged >"$ca/ca.key"
before=$(bytes web)
rm -f "$tmp/mail/cert.pem"
CE_FAULT=now:$((100 * 86400)) engine 1 apply shop
contains "the reason is told" "record 'ca.key' of issuer 'house'" "$out"
equal "nothing is reloaded for an expired certificate" 0 "$(calls mail)"
equal "nothing is installed" "$before" "$(bytes web)"
finish
