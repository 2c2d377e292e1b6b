# A CA is added to truststores that Java and OpenSSL made, and Java judges the result: products.md 1.4, 1.5, 8 (Java stores).
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
requires keytool openssl python3
tool=$TOP_BUILDDIR/tests/unit/crypto/keystore-tool
export STOREPASS=secret-1

# authority NAME: a root in $tmp/NAME.pem and $tmp/NAME.der, its fingerprint in $NAME
authority()
{
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -subj "/CN=$1" -days 30 -keyout "$tmp/$1.key" \
		-out "$tmp/$1.pem" 2>/dev/null || fail "openssl req"
	openssl x509 -in "$tmp/$1.pem" -outform DER -out "$tmp/$1.der"
	printf -v "$1" %s "$(sha256sum <"$tmp/$1.der" | cut -d ' ' -f 1)"
}

# listed STORE TYPE: alias, kind and fingerprint of each entry as keytool sees them, sorted
listed()
{
	LC_ALL=C keytool -list -v -keystore "$1" -storetype "$2" -storepass:env STOREPASS 2>/dev/null | awk '
		/^Alias name: / { alias = $3 } /^Entry type: / { kind = $3 }
		/SHA256: / && alias != "" { gsub(":", "", $2); print alias, kind, tolower($2); alias = "" }' | sort
}

import()
{
	keytool -importcert -noprompt -keystore "$1" -storetype "$2" -alias "$3" -storepass:env STOREPASS -file "$tmp/$4.pem" \
		"${@:5}" >/dev/null 2>&1 || fail "keytool -importcert into $1"
}

# holds WHAT FILE PART: every byte of PART stands in FILE in one piece
holds()
{
	python3 -c 'import sys; sys.exit(open(sys.argv[2], "rb").read() not in open(sys.argv[1], "rb").read())' "$2" "$3" &&
		ok "$1" || fail "$1"
}

for name in first second house later; do
	authority $name
done

# judge LABEL STORE TYPE: added once, everything else as before, replaced where ours, and refused where not
judge()
{
	local label=$1 store=$2 type=$3 before
	before=$(listed "$store" "$type")
	cp "$store" "$store.before"
	run 0 "$tool" trust "$store" "$STOREPASS" house-ca "$tmp/house.der" -
	equal "$label: it is added" added "$out"
	equal "$label: Java trusts it, and the rest as before" \
		"$(printf '%s\n' "$before" "house-ca trustedCertEntry $house" | sort)" "$(listed "$store" "$type")"
	equal "$label: the format stays" "$(head -c 2 "$store.before" | xxd -p)" "$(head -c 2 "$store" | xxd -p)"
	cp "$store" "$store.with"
	for alias in house-ca another; do
		run 0 "$tool" trust "$store" "$STOREPASS" $alias "$tmp/house.der" -
		equal "$label: what is there is not added again" unchanged "$out"
	done
	run 1 "$tool" trust "$store" "$STOREPASS" house-ca "$tmp/later.der" "$first"
	contains "$label: the alias of somebody else is left alone" "refused: the alias 'house-ca'" "$err"
	run 1 "$tool" trust "$store" "$STOREPASS" one "$tmp/later.der" "$house"
	contains "$label: also one that was there first" "refused: the alias 'one'" "$err"
	run 0 cmp "$store" "$store.with"
	run 0 "$tool" trust "$store" "$STOREPASS" house-ca "$tmp/later.der" "$house"
	equal "$label: an older one of ours is replaced" \
		"$(printf '%s\n' "$before" "house-ca trustedCertEntry $later" | sort)" "$(listed "$store" "$type")"
	run 0 "$tool" trust "$store" "$STOREPASS" house-ca "$tmp/house.der" "$later"
	run 0 cmp "$store" "$store.with"
	keytool -delete -keystore "$store" -storetype "$type" -alias house-ca -storepass:env STOREPASS >/dev/null 2>&1
	equal "$label: keytool goes on with it" "$before" "$(listed "$store" "$type")"
	cp "$store.with" "$store"
}

# what keytool makes: JKS, PKCS#12 of today, of Java before 16, and without password as cacerts since Java 18
modern=()
legacy=(-J-Dkeystore.pkcs12.legacy)
open=(-J-Dkeystore.pkcs12.certProtectionAlgorithm=NONE -J-Dkeystore.pkcs12.macAlgorithm=NONE)
for form in JKS modern legacy open; do
	type=PKCS12
	[ $form != JKS ] || type=JKS
	declare -n flags=$form
	[ $form = JKS ] && set -- || set -- "${flags[@]}"
	import "$tmp/$form" $type one first "$@"
	import "$tmp/$form" $type Two second "$@"
	judge "$form" "$tmp/$form" $type
	if [ $form != open ]; then
		run 1 "$tool" trust "$tmp/$form" secret-2 x "$tmp/later.der" -
		contains "$form: another password" "or its password is another one" "$err"
		lacks "$form: no password in the message" secret-2 "$err"
	fi
done

# The bytes of the others. A JKS: all of its entries; a PKCS#12: all of its contents, encrypted or not.
python3 - "$tmp" <<'PYTHON' || fail "the parts of the stores"
import sys
tmp = sys.argv[1]
def part(name, start, end):
    data = open(f"{tmp}/{name}.before", "rb").read()
    open(f"{tmp}/{name}.part", "wb").write(data[start(data):end(data)])
part("JKS", lambda d: 12, lambda d: len(d) - 20)
def inside(data, at):           # where the content of the value at `at` starts
    return at + 2 + (data[at + 1] & 127 if data[at + 1] & 128 else 0)
def length(data, at):
    n = data[at + 1]
    return int.from_bytes(data[at + 2:at + 2 + (n & 127)], "big") if n & 128 else n
def contents(data):             # PFX, version, ContentInfo, OID, [0], OCTET STRING, SEQUENCE
    at = inside(data, inside(data, 0) + 3) + 11
    return inside(data, inside(data, inside(data, at))), inside(data, inside(data, at))
for name in ("modern", "legacy", "open"):
    part(name, lambda d: contents(d)[0], lambda d: contents(d)[0] + length(d, contents(d)[1]))
PYTHON
for form in JKS modern legacy open; do
	[ "$(stat -c %s "$tmp/$form.part")" -gt 500 ] || fail "$form: no part to look for"
	holds "$form: the others keep their bytes" "$tmp/$form.with" "$tmp/$form.part"
done
run 0 openssl pkcs12 -in "$tmp/modern.with" -passin env:STOREPASS -nokeys
contains "OpenSSL verifies the MAC and reads it" "friendlyName: house-ca" "$out"
run 0 openssl pkcs12 -in "$tmp/modern.with" -passin env:STOREPASS -info -noout
contains "the MAC keeps algorithm and rounds" "MAC: sha256, Iteration 10000" "$err"
run 0 openssl pkcs12 -in "$tmp/open.with" -passin env:STOREPASS -noout
contains "one without MAC stays without" "MAC is absent" "$err"
keytool -list -keystore "$tmp/open.with" -storetype PKCS12 </dev/null 2>/dev/null | grep -q '^house-ca, ' &&
	ok "and needs no password" || fail "a store without password needs one now"

# Many entries in one encrypted bag, which GnuTLS would cut to 32; a key beside them; PEM of others.
cp "$tmp/modern.before" "$tmp/many"
for ((i = 0; i < 40; i++)); do
	echo "$tmp/first.pem"
done | xargs cat >"$tmp/forty.pem"
run 0 openssl pkcs12 -export -in "$tmp/first.pem" -inkey "$tmp/first.key" -certfile "$tmp/forty.pem" -name one \
	-passout env:STOREPASS -out "$tmp/many"
run 0 "$tool" trust "$tmp/many" "$STOREPASS" house-ca "$tmp/house.der" -
contains "beside many others and a key" "house-ca trustedCertEntry $house" "$(listed "$tmp/many" PKCS12)"
contains "the key is still one" "one PrivateKeyEntry $first" "$(listed "$tmp/many" PKCS12)"
run 1 "$tool" trust "$tmp/many" "$STOREPASS" one "$tmp/later.der" "$first"
contains "the alias of a key is not replaced" "refused: the alias 'one'" "$err"

# Ours in an encrypted part, since keytool wrote the store anew.
cp "$tmp/modern.before" "$tmp/moved"
import "$tmp/moved" PKCS12 house-ca house
run 0 "$tool" trust "$tmp/moved" "$STOREPASS" house-ca "$tmp/house.der" "$house"
equal "there, wherever it stands" unchanged "$out"
run 1 "$tool" trust "$tmp/moved" "$STOREPASS" house-ca "$tmp/later.der" "$house"
contains "it cannot be cut out of an encrypted part" "keytool -delete" "$err"

# What is no truststore, or not one that can be kept.
printf '\316\316\316\316....' >"$tmp/jceks"
run 1 "$tool" trust "$tmp/jceks" "$STOREPASS" a "$tmp/house.der" -
contains "JCEKS" "refused: the truststore is of type JCEKS" "$err"
run 1 "$tool" trust "$tmp/house.pem" "$STOREPASS" a "$tmp/house.der" -
contains "PEM" "neither a PKCS#12 nor a JKS" "$err"
cp "$tmp/JKS.before" "$tmp/cut"
truncate -s -1 "$tmp/cut"
run 1 "$tool" trust "$tmp/cut" "$STOREPASS" a "$tmp/house.der" -
run 1 "$tool" trust "$tmp/JKS" "$STOREPASS" Upper "$tmp/house.der" -
contains "an alias that Java would change" "lower case" "$err"
run 0 openssl pkcs12 -export -nokeys -in "$tmp/first.pem" -passout env:STOREPASS -iter 10000001 -nomaciter -out "$tmp/slow"
run 1 "$tool" trust "$tmp/slow" "$STOREPASS" a "$tmp/house.der" -
contains "rounds beyond reason" "rounds of key derivation" "$err"

# A cacerts of this machine, whichever format it has.
for cacerts in /etc/ssl/certs/java/cacerts; do
	[ -e "$cacerts" ] || continue
	cp "$cacerts" "$tmp/cacerts"
	STOREPASS=changeit
	wanted=$(keytool -list -keystore "$tmp/cacerts" -storepass:env STOREPASS 2>/dev/null | grep -c trustedCertEntry)
	run 0 "$tool" trust "$tmp/cacerts" changeit house-ca "$tmp/house.der" -
	equal "cacerts: one more" $((wanted + 1)) \
		"$(keytool -list -keystore "$tmp/cacerts" -storepass:env STOREPASS 2>/dev/null | grep -c trustedCertEntry)"
done
finish
