#!/bin/bash
# A CA that a person speaks to: the request is written, the answer is imported in every form that CAs send it in, and the
# next apply takes it up. Whatever does not fit is one clear error, and the old certificate stays. OpenSSL is the CA.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
requires openssl

# authority NAME [ISSUER]: $tmp/NAME.pem and .key; without an issuer a root.
authority()
{
	printf 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n' >"$tmp/ca.ext"
	openssl ecparam -name prime256v1 -genkey -noout -out "$tmp/$1.key"
	openssl req -new -key "$tmp/$1.key" -subj "/CN=$1" -out "$tmp/$1.req"
	if [ $# = 2 ]; then
		openssl x509 -req -in "$tmp/$1.req" -CA "$tmp/$2.pem" -CAkey "$tmp/$2.key" -CAcreateserial -days 100 \
			-extfile "$tmp/ca.ext" -out "$tmp/$1.pem"
	else
		openssl x509 -req -in "$tmp/$1.req" -signkey "$tmp/$1.key" -days 100 -extfile "$tmp/ca.ext" -out "$tmp/$1.pem"
	fi
} 2>/dev/null

# sign OUT NAMES [DAYS]: what the CA makes of the request that waits; with names of its own.
sign()
{
	printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\n' "$2" >"$tmp/leaf.ext"
	openssl x509 -req -in "$csr.pem" -CA "$tmp/middle.pem" -CAkey "$tmp/middle.key" -CAcreateserial -days "${3:-30}" \
		-extfile "$tmp/leaf.ext" -out "$1" 2>/dev/null || fail "the request could not be signed"
}

# declare_ca MORE: the configuration, with more options of the issuer.
declare_ca()
{
	configure <<END
issuers: { portal: { kind = "manual"; $1 }; house: { kind = "local"; }; };
certificates: {
  shop: { issuer = "portal"; names = [ "shop.example.com", "www.shop.example.com" ];
    subject: { country = "CA"; state = "BC"; locality = "Surrey"; organization = "SafeSoftware"; common_name = "shop.example.com"; }; };
  other: { issuer = "house"; names = [ "other.example.com" ]; };
};
END
}

authority root
authority middle root
authority stranger
mkdir "$tmp/out"
csr=$tmp/out/shop.csr
declare_ca "csr_directory = \"$tmp/out\"; instructions = \"order it at the portal\";"
names=DNS:shop.example.com,DNS:www.shop.example.com

# The request.
run 1 ce import shop "$tmp/root.pem"
contains "before there is a request nothing waits" "has no request that waits" "$err"
run 7 ce apply shop
contains "the operator is told where the request is" "$csr.pem" "$out"
contains "and what to do with it" "order it at the portal" "$out"
contains "and how to go on" "certengine import shop FILE..." "$out"
equal "others may read the request" "644 644" "$(stat -c %a "$csr.pem" "$csr.der" | xargs)"
run 0 openssl req -in "$csr.pem" -noout -verify
text=$(openssl req -in "$csr.pem" -noout -text)
contains "its subject is as configured" "C = CA, ST = BC, L = Surrey, O = SafeSoftware, CN = shop.example.com" "$text"
contains "it asks for the names" "DNS:shop.example.com, DNS:www.shop.example.com" "$text"
equal "the DER is the same request" "$(openssl req -in "$csr.pem" -outform DER | sha256sum)" "$(sha256sum <"$csr.der")"
before=$(stat -c '%i %Z' "$csr.pem" "$csr.der")
run 7 ce apply shop
equal "a second apply leaves the request as it is" "$before" "$(stat -c '%i %Z' "$csr.pem" "$csr.der")"
run 0 ce status shop
contains "status says that it waits" "waiting" "$out"
contains "and since when" "waits since 20" "$out"
contains "and where the request is" "$csr.pem" "$out"
run 7 ce plan shop
rm "$csr.pem"
run 7 ce apply shop
[ -f "$csr.pem" ] || fail "a request that was removed is written again"
rm "$csr.pem"
ln -s "$tmp/elsewhere" "$csr.pem"
run 1 ce apply shop
contains "nothing is written through a link" "is a symbolic link" "$err$out"
[ ! -e "$tmp/elsewhere" ] || fail "it was written through a link"
rm "$csr.pem"
run 7 ce apply --force-renew shop

# What does not fit.
run 2 ce import nobody "$tmp/root.pem"
run 2 ce import shop
run 1 ce import other "$tmp/root.pem"
contains "another kind of issuer takes no import" "of kind 'local'" "$err"
run 1 ce import shop "$tmp/absent.pem"
run 1 ce import shop "$tmp/root.pem"
contains "a certificate of another key" "no certificate belongs to the key of the request" "$err"
run 1 ce import shop "$csr.pem"
contains "the request itself is not the answer" "a certificate request" "$err"
run 1 ce import shop "$tmp/root.key"
contains "a private key is not taken" "private key" "$err"
lacks "and not shown" "PRIVATE KEY" "$err"
echo hello >"$tmp/text"
run 1 ce import shop "$tmp/text"
contains "a text is not taken" "no certificate" "$err"
head -c 300 /dev/urandom >"$tmp/noise"
run 1 ce import shop "$tmp/noise"
printf '0' >"$tmp/der"
run 1 ce import shop "$tmp/der"
sign "$tmp/short.pem" DNS:shop.example.com
run 1 ce import shop "$tmp/short.pem" "$tmp/middle.pem" "$tmp/root.pem"
contains "a missing name is named" "does not cover 'www.shop.example.com'" "$err"
sign "$tmp/leaf.pem" "$names"
run 1 ce import shop "$tmp/leaf.pem"
contains "a chain that is not complete" "the chain is not complete" "$err"
contains "says what is missing" "CN=middle" "$err"
run 1 ce import shop "$tmp/leaf.pem" "$tmp/middle.pem"
contains "an unknown root is missing as well" "CN=root" "$err"
run 1 ce import shop "$tmp/leaf.pem" "$tmp/stranger.pem"
openssl x509 -req -in "$csr.pem" -CA "$tmp/middle.pem" -CAkey "$tmp/middle.key" -days -1 -extfile "$tmp/leaf.ext" \
	-out "$tmp/old.pem" 2>/dev/null
run 1 ce import shop "$tmp/old.pem" "$tmp/middle.pem" "$tmp/root.pem"
contains "an expired certificate" "expired" "$err"
run 7 ce apply shop
equal "nothing of this was issued" '' "$(ls "$state/certificates/shop/generations" 2>/dev/null)"

# What fits, in any order and form.
openssl crl2pkcs7 -nocrl -certfile "$tmp/root.pem" -certfile "$tmp/leaf.pem" -certfile "$tmp/middle.pem" -out "$tmp/all.p7b"
openssl pkcs7 -in "$tmp/all.p7b" -outform DER -out "$tmp/all.p7"
sed 's/PKCS7/CERTIFICATE/' "$tmp/all.p7b" >"$tmp/windows.p7b"
openssl x509 -in "$tmp/leaf.pem" -outform DER -out "$tmp/leaf.der"
openssl x509 -in "$tmp/middle.pem" -outform DER -out "$tmp/middle.der"
{ printf '\xef\xbb\xbf'; openssl x509 -in "$tmp/leaf.pem" -text; } | sed 's/$/\r/' >"$tmp/leaf.crt"
cat "$tmp/root.pem" "$tmp/stranger.pem" "$tmp/middle.pem" "$tmp/leaf.pem" >"$tmp/bundle.pem"
for files in all.p7b all.p7 windows.p7b bundle.pem "root.pem middle.der leaf.der" "middle.pem leaf.crt root.pem"; do
	# shellcheck disable=SC2046,SC2086 # several files on purpose
	run 0 ce import shop $(printf "$tmp/%s " $files)
	contains "$files: it is said what happens next" "the next apply installs it" "$out"
done
cd "$tmp" || exit 99
run 0 ce import shop bundle.pem # a relative path
cd / || exit 99
run 0 ce status shop
contains "status says that it was imported" "was imported at 20" "$(ce status --json shop)"
run 0 ce apply shop
equal "the leaf is live" "$(openssl x509 -in "$tmp/leaf.pem" -noout -fingerprint)" \
	"$(openssl x509 -in "$state/certificates/shop/generations/1/leaf.pem" -noout -fingerprint)"
equal "its chain is in order, without the root" "$(cat "$tmp/middle.pem")" "$(cat "$state/certificates/shop/generations/1/chain.pem")"
equal "the request is gone" '' "$(ls "$tmp/out")"
run 0 ce apply --exit-code shop
run 1 ce import shop "$tmp/leaf.pem"

# Renewal: a new key and request; the old certificate stays. The CA's own certificates come from the configuration, and a
# name that the CA added is no harm.
declare_ca "csr_directory = \"$tmp/out\"; chain_files = [ \"$tmp/root.pem\", \"$tmp/middle.der\" ]; days = 1;"
run 7 ce apply --force-renew shop
[ "$(openssl req -in "$csr.pem" -noout -pubkey)" != "$(openssl x509 -in "$tmp/leaf.pem" -noout -pubkey)" ] || fail "the key is the old one"
run 1 ce import shop "$tmp/leaf.pem"
contains "the answer to the last request does not fit this one" "no certificate belongs to the key" "$err"
sign "$tmp/next.pem" "$names,DNS:shop.example.org"
run 0 ce import shop "$tmp/next.pem"
run 0 ce apply --force-renew shop
equal "the renewed one is live" 2 "$(tr -dc 0-9 <"$state/certificates/shop/live")"
run 0 ce apply --exit-code shop

# Overdue, withdrawn.
run 7 ce apply --force-renew shop
serial=$(openssl req -in "$csr.pem" -noout -pubkey)
CE_FAULT=now:172800 run 1 ce apply --force-renew shop
contains "an answer that does not come is an error" "overdue, more than 1 day" "$out"
equal "the certificate stays" 2 "$(tr -dc 0-9 <"$state/certificates/shop/live")"
echo precious >"$tmp/precious"
rm "$csr.der"
ln -s "$tmp/precious" "$csr.der"
run 0 ce import --withdraw shop
equal "what somebody's link leads to is not removed" precious "$(cat "$tmp/precious")"
rm "$csr.der"
equal "a withdrawn request is gone" '' "$(ls "$tmp/out")"
run 1 ce import --withdraw shop
run 7 ce apply --force-renew shop
[ "$serial" != "$(openssl req -in "$csr.pem" -noout -pubkey)" ] || fail "a new request has the key of the withdrawn one"

# Without csr_directory it lies in the state directory, and moves there.
declare_ca ""
run 7 ce apply --force-renew shop
equal "the request has moved" "" "$(ls "$tmp/out")"
run 0 openssl req -in "$state/requests/shop.csr.pem" -noout -verify
run 2 ce import --withdraw shop "$tmp/leaf.pem"
declare_ca 'chain_files = [ "root.pem" ];'
run 2 ce check
contains "a relative path is refused" "absolute paths" "$err"

# Killed at any step that changes something, the next run goes on: a request is asked for, imported, taken up.
declare_ca "csr_directory = \"$tmp/out\"; chain_files = [ \"$tmp/root.pem\", \"$tmp/middle.pem\" ];"
rm -r "$state"
run 7 ce apply shop
sign "$tmp/leaf.pem" "$names"
cp -a "$state" "$tmp/asked"
cp -a "$tmp/out" "$tmp/out.asked"
run 0 ce import shop "$tmp/leaf.pem"
cp -a "$state" "$tmp/imported"
steps=only:renameat2+unlinkat+mkdirat+fsync
# killed FROM COMMAND...: kills the command at each step of a copy of FROM, and goes on to the end.
killed()
{
	local from=$1 n=0
	shift
	while :; do
		n=$((n + 1))
		rm -r "$state" "$tmp/out"
		cp -a "$tmp/$from" "$state"
		cp -a "$tmp/out.asked" "$tmp/out"
		CE_FAULT=$steps,kill:$n ce "$@" shop ${files:+"$files"} >/dev/null 2>&1
		[ $? = 137 ] || break
		[ -z "$files" ] || ce import shop "$files" >"$tmp/.out" 2>&1 || fail "after a kill at step $n: $(cat "$tmp/.out")"
		ce apply shop >"$tmp/.out" 2>&1 || fail "after a kill of '$1' at step $n: $(cat "$tmp/.out")"
		equal "killed at step $n of $1: the answer is live" "$(openssl x509 -in "$tmp/leaf.pem" -noout -fingerprint)" \
			"$(openssl x509 -in "$state/certificates/shop/generations/1/leaf.pem" -noout -fingerprint)"
	done
	[ "$n" -gt 2 ] || fail "'$1' was killed at no step"
}
files=$tmp/leaf.pem
killed asked import
files=
killed imported apply
equal "no request is left behind" '' "$(ls "$tmp/out")"
finish
