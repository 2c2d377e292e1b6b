#!/bin/bash
# What is handed out of the store: certificates in each form, keys to files of mode 0600 only, and the roots of a private CA
# as truststores that Java and OpenSSL take.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
requires openssl keytool

configure <<END
issuers: { House: { kind = "local"; common_name = "House CA"; days = 10; ca_days = 40; };
  own: { kind = "selfsigned"; }; portal: { kind = "manual"; }; };
certificates: {
  Shop: { issuer = "House"; names = [ "shop.example.com" ]; };
  pin: { issuer = "own"; names = [ "pin.example.com" ]; };
  later: { issuer = "portal"; names = [ "later.example.com" ]; };
};
END

# Before there is anything.
run 1 ce export Shop
contains "what is not there yet is said" "has not been issued yet" "$err"
run 1 ce export --issuer House
contains "and who makes it" "has not been made yet" "$err"
run 0 ce apply Shop pin
live=$state/certificates/Shop/generations/1
ca=$state/issuers/House/ca.pem

# A certificate.
run 0 ce export Shop
equal "without a word it is the certificate with its chain" "$(cat "$live/leaf.pem" "$live/chain.pem")" "$out"
run 0 ce export --part leaf Shop
equal "the leaf" "$(cat "$live/leaf.pem")" "$out"
run 0 ce export --part leaf --format der --out "$tmp/leaf.der" Shop
equal "DER" "$(openssl x509 -in "$live/leaf.pem" -outform DER | sha256sum)" "$(sha256sum <"$tmp/leaf.der")"
equal "others may read it" 644 "$(stat -c %a "$tmp/leaf.der")"
run 1 ce export --part chain pin
contains "a chain that is none" "no chain" "$err"

# Its key.
for part in key all; do
	run 2 ce export --part $part Shop
	contains "$part: never on standard output" "a file only" "$err"
	lacks "$part: not a byte of it" "PRIVATE" "$out$err"
	run 0 ce export --part $part --out "$tmp/$part.pem" Shop
	equal "$part: only its owner may read it" 600 "$(stat -c %a "$tmp/$part.pem")"
	equal "$part: the key is the certificate's" "$(openssl x509 -in "$live/leaf.pem" -noout -pubkey)" \
		"$(openssl pkey -in "$tmp/$part.pem" -pubout)"
done
printf 'secret-1\n' >"$tmp/password"
export STOREPASS=secret-1
for format in p12 jks; do
	run 2 ce export --part all --format $format --out "$tmp/key.$format" Shop
	contains "$format: a keystore needs a password" "--password-file" "$err"
	run 0 ce export --part all --format $format --password-file "$tmp/password" --out "$tmp/key.$format" Shop
	run 0 keytool -list -keystore "$tmp/key.$format" -storepass:env STOREPASS
	contains "$format: Java finds the key" "shop, " "$out"
	contains "$format: as a key" "PrivateKeyEntry" "$out"
	equal "$format: only its owner may read it" 600 "$(stat -c %a "$tmp/key.$format")"
done
chmod 0644 "$tmp/password"
run 1 ce export --part all --format p12 --password-file "$tmp/password" --out "$tmp/key.p12" Shop
contains "a password that others may read is refused" "others may read the password" "$err"
chmod 0600 "$tmp/password"
ln -s "$tmp/elsewhere" "$tmp/link"
run 1 ce export --part key --out "$tmp/link" Shop
[ ! -e "$tmp/elsewhere" ] || fail "a key was written through a link"

# The root of a private CA.
run 0 ce export --issuer House
equal "the root" "$(cat "$ca")" "$out"
run 0 openssl verify -CAfile "$ca" "$tmp/leaf.der"
run 0 ce export --issuer --format der --out "$tmp/root.der" House
run 0 openssl x509 -inform DER -in "$tmp/root.der" -noout
run 2 ce export --issuer --format der House
contains "bytes are not for a terminal" "a file only" "$err"
cd "$tmp" || exit 99
for format in p12 jks; do
	run 0 ce export --issuer --format $format --password-file password --out trust.$format House
	run 0 keytool -list -v -keystore trust.$format -storepass:env STOREPASS
	contains "$format: Java trusts it" "trustedCertEntry" "$out"
	contains "$format: by the issuer's name" "Alias name: house" "$out"
	contains "$format: it is the root" "Owner: CN=House CA" "$out"
	lacks "$format: the MAC is right" "WARNING" "$out"
	STOREPASS=other-1 run 1 keytool -list -keystore trust.$format -storepass:env STOREPASS
	equal "$format: another password is refused" 1 "$(grep -ciE 'password was incorrect|integrity check' <<<"$out$err")"
	equal "$format: others may read it" 644 "$(stat -c %a trust.$format)"
	run 0 keytool -importkeystore -noprompt -srckeystore trust.$format -srcstorepass:env STOREPASS \
		-destkeystore cacerts.$format -deststorepass:env STOREPASS
done
run 0 openssl pkcs12 -in trust.p12 -passin env:STOREPASS -nokeys -out trust.pem
run 0 openssl verify -CAfile trust.pem "$live/leaf.pem"
run 0 ce export --issuer --part crl House
run 0 openssl crl -CAfile "$ca" -noout -in <(printf '%s\n' "$out")

# Its successor is handed out before it signs; whoever trusts both needs no other day for the change.
CE_FAULT=now:$((28 * 86400)) run 0 ce apply pin
contains "the operator is told of the successor" "has got its successor 'CN=House CA 2'" "$err"
CE_FAULT=now:$((28 * 86400)) run 0 ce export --issuer House
equal "both roots are handed out" 2 "$(grep -c BEGIN <<<"$out")"
CE_FAULT=now:$((28 * 86400)) run 1 ce export --issuer --format der --out "$tmp/root.der" House
contains "DER holds one" "DER holds one" "$err"
for format in p12 jks; do
	CE_FAULT=now:$((28 * 86400)) run 0 ce export --issuer --format $format --password-file password --out both.$format House
	run 0 keytool -list -keystore both.$format -storepass:env STOREPASS
	contains "$format: both" "2 entries" "$out"
	contains "$format: the second has a name of its own" "house-2, " "$out"
done
CE_FAULT=now:$((32 * 86400)) run 0 ce apply --force-renew Shop
CE_FAULT=now:$((32 * 86400)) run 0 ce export --part leaf --out "$tmp/new.pem" Shop
equal "then it signs" "issuer=CN = House CA 2" "$(openssl x509 -in "$tmp/new.pem" -noout -issuer)"

# Words that are none.
run 2 ce export nobody
run 2 ce export House
run 2 ce export --issuer Shop
contains "where the issuers are shown" "issuer list" "$err"
run 2 ce export --part leg Shop
contains "the parts are named" "leaf" "$err"
run 2 ce export --part roots Shop
run 2 ce export --format pfx Shop
run 2 ce export --format jks Shop
contains "the part that a keystore holds is told" "use --part all" "$err"
run 2 ce export --format der --out "$tmp/x" Shop
contains "and the one that DER holds" "use --part leaf" "$err"
run 1 ce export --issuer own
contains "an issuer without a root" "no CA of our own" "$err"
run 1 ce export --issuer portal
run 2 ce export
run 2 ce apply --out "$tmp/x"
finish
