# Java judges the keystores that are written: products.md 1.2 (what Java accepts), 1.3 (key password), 8 (Java stores).
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
requires keytool openssl
tool=$TOP_BUILDDIR/tests/unit/crypto/keystore-tool
export STOREPASS=secret-1

# colons FINGERPRINT: as keytool prints it
colons()
{
	sed 's/../&:/g; s/:$//' <<<"${1^^}"
}

pem_key()
{
	openssl pkey -in "$1" -outform DER | sha256sum
}

for kind in pkcs12 legacy jks; do
	store=$tmp/$kind.store
	type=PKCS12
	[ "$kind" = jks ] && type=JKS
	run 0 "$tool" write "$store" "$kind" tomcat secret-1
	fingerprint=$out

	run 0 keytool -list -v -storetype "$type" -keystore "$store" -storepass:env STOREPASS
	contains "$kind: one entry" "contains 1 entry" "$out"
	contains "$kind: the alias" "Alias name: tomcat" "$out"
	contains "$kind: a private key" "Entry type: PrivateKeyEntry" "$out"
	contains "$kind: leaf and intermediate" "Certificate chain length: 2" "$out"
	equal "$kind: the leaf comes first" "SHA256: $(colons "$fingerprint")" \
		"$(grep -o 'SHA256: .*' <<<"$out" | head -n 1)"

	# the key comes out under the store's password, and is the one that went in
	run 0 keytool -importkeystore -noprompt -srckeystore "$store" -srcstoretype "$type" -srcstorepass:env STOREPASS \
		-destkeystore "$tmp/$kind.out" -deststoretype PKCS12 -deststorepass:env STOREPASS
	run 0 openssl pkcs12 -in "$tmp/$kind.out" -passin env:STOREPASS -nocerts -noenc -out "$tmp/$kind.key"
	equal "$kind: the key survives" "$(pem_key "$store.key.pem")" "$(pem_key "$tmp/$kind.key")"

	STOREPASS=secret-2 run 1 keytool -list -storetype "$type" -keystore "$store" -storepass:env STOREPASS
	contains "$kind: another password is refused" "password was incorrect" "$out$err"
done

# the algorithms of the two profiles (products.md 1.7)
run 0 openssl pkcs12 -in "$tmp/pkcs12.store" -passin env:STOREPASS -info -noout
contains "modern: MAC" "MAC: sha256" "$err"
contains "modern: cipher" "AES-256-CBC" "$err"
equal "modern: key and certificates alike" 2 "$(grep -c 'PBES2, PBKDF2, AES-256-CBC' <<<"$err")"
run 0 openssl pkcs12 -legacy -in "$tmp/legacy.store" -passin env:STOREPASS -info -noout
contains "legacy: MAC" "MAC: sha1" "$err"
equal "legacy: key and certificates alike" 2 "$(grep -c 'pbeWithSHA1And3-KeyTripleDES-CBC' <<<"$err")"

# localKeyID and friendlyName stand on key and leaf, and on nothing else
run 0 openssl pkcs12 -in "$tmp/pkcs12.store" -passin env:STOREPASS -noenc
equal "friendlyName twice" 2 "$(grep -c 'friendlyName: tomcat' <<<"$out")"
equal "localKeyID twice" 2 "$(grep -c localKeyID: <<<"$out")"
equal "one and the same localKeyID" 1 "$(grep localKeyID: <<<"$out" | sort -u | wc -l)"

# stores are made with a random salt: build once, keep the bytes
run 0 "$tool" write "$tmp/again" jks tomcat secret-1
cmp -s "$tmp/again" "$tmp/jks.store" && fail "two stores are the same"
finish
