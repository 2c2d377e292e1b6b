# Stores that Java and OpenSSL made are read: products.md 1.1 to 1.5, 1.7, 8 (Java stores).
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
requires keytool openssl
tool=$TOP_BUILDDIR/tests/unit/crypto/keystore-tool
export STOREPASS=secret-1

genkey()
{
	local store=$1 type=$2 alias=$3
	keytool -genkeypair -keyalg EC -groupname secp256r1 -dname CN=shop -alias "$alias" -keystore "$store" \
		-storetype "$type" -storepass:env STOREPASS -keypass:env STOREPASS >/dev/null 2>&1 || fail "keytool -genkeypair"
}

# the fingerprint of an entry, as keytool sees it
fingerprint()
{
	keytool -list -v -keystore "$1" -storetype "$2" -alias "$3" -storepass:env STOREPASS 2>/dev/null \
		| sed -n 's/.*SHA256: //p' | head -n 1 | tr -d ':\n' | tr A-F a-f
}

for type in PKCS12 JKS; do
	label=$type
	[ "$type" = PKCS12 ] && label=PKCS#12
	store=$tmp/$type
	genkey "$store" "$type" TomCat
	run 0 "$tool" read "$store" secret-1
	equal "$type: a key that keytool made" "$label 1
tomcat key 1 $(fingerprint "$store" "$type" tomcat)" "$out"

	genkey "$store" "$type" second
	keytool -exportcert -keystore "$store" -storetype "$type" -alias second -storepass:env STOREPASS -rfc \
		>"$tmp/second.pem" 2>/dev/null
	keytool -importcert -noprompt -keystore "$store" -storetype "$type" -alias trusted -storepass:env STOREPASS \
		-file "$tmp/second.pem" 2>/dev/null || fail "keytool -importcert"
	run 0 "$tool" read "$store" secret-1
	contains "$type: three entries" "$label 3" "$out"
	contains "$type: two keys are told apart" "tomcat key 1 $(fingerprint "$store" "$type" tomcat)" "$out"
	contains "$type: two keys are told apart" "second key 1 $(fingerprint "$store" "$type" second)" "$out"
	contains "$type: a trusted certificate" "trusted certificate 1 $(fingerprint "$store" "$type" trusted)" "$out"

	run 1 "$tool" read "$store" secret-2
	contains "$type: another password" "invalid" "$err"
	lacks "$type: no password in the message" secret "$err"
done

# what is written here is read here, chain and all
run 0 "$tool" write "$tmp/own" legacy tomcat secret-1
fingerprint=$out
run 0 "$tool" read "$tmp/own" secret-1
equal "an own store" "PKCS#12 1
tomcat key 2 $fingerprint" "$out"

# OpenSSL without a name; the key stands alone for its certificate
run 0 openssl pkcs12 -export -in "$tmp/own.leaf.pem" -inkey "$tmp/own.key.pem" -certfile "$tmp/own.chain.pem" \
	-passout env:STOREPASS -out "$tmp/openssl"
run 0 "$tool" read "$tmp/openssl" secret-1
equal "a store without names" "PKCS#12 1
1 key 2 $fingerprint" "$out"
run 0 openssl pkcs12 -export -legacy -in "$tmp/own.leaf.pem" -inkey "$tmp/own.key.pem" -name Old -passout env:STOREPASS \
	-out "$tmp/rc2"
run 0 "$tool" read "$tmp/rc2" secret-1
equal "a store with RC2 and SHA-1" "PKCS#12 1
old key 1 $fingerprint" "$out"
run 0 openssl pkcs12 -export -nomac -in "$tmp/own.leaf.pem" -inkey "$tmp/own.key.pem" -name a -passout env:STOREPASS \
	-out "$tmp/nomac"
run 0 "$tool" read "$tmp/nomac" secret-1
equal "a store without MAC" "PKCS#12 1
a key 1 $fingerprint" "$out"

# products.md 1.7: GnuTLS returns 32 of more elements without a word, so such a store is refused
for ((i = 0; i < 32; i++)); do
	cat "$tmp/second.pem" >"$tmp/part$i.pem"
done
cat "$tmp"/part*.pem >"$tmp/all.pem"
run 0 openssl pkcs12 -export -nokeys -in "$tmp/all.pem" -passout env:STOREPASS -out "$tmp/many"
run 1 "$tool" read "$tmp/many" secret-1
contains "32 certificates in a bag" "refused: the PKCS#12 has 32 or more elements" "$err"

# rounds beyond reason are refused before they are computed
run 0 openssl pkcs12 -export -nomac -nokeys -in "$tmp/own.leaf.pem" -passout env:STOREPASS -iter 10000001 -out "$tmp/slow"
run 1 "$tool" read "$tmp/slow" secret-1
contains "many rounds" "rounds of key derivation" "$err"

run 1 "$tool" read "$tmp/own.key.pem" secret-1
contains "a PEM file" "neither a PKCS#12 nor a JKS" "$err"

# the machine's own cacerts, whose format depends on who built the Java
for cacerts in /etc/ssl/certs/java/cacerts; do
	[ -e "$cacerts" ] || continue
	wanted=$(keytool -list -keystore "$cacerts" -storepass changeit 2>/dev/null | grep -c trustedCertEntry)
	run 0 "$tool" read "$cacerts" changeit
	equal "cacerts: every entry" "$wanted" "$(grep -c ' certificate 1 ' <<<"$out")"
done
finish
