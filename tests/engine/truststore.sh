# The CA of a target's certificate in a truststore of the product, through the whole program: added once, taken back with
# the rest, replaced only where it is ours, never beside what is somebody else's.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/engine/enginelib.sh"
requires keytool

export STOREPASS=changeit

# trusted STORE: alias and fingerprint of each entry, as Java sees them
trusted()
{
	LC_ALL=C keytool -list -v -keystore "$1" -storepass:env STOREPASS 2>/dev/null |
		awk '/^Alias name: / { alias = $3 } /SHA256: / && alias != "" { print alias, $2; alias = "" }' | sort
}

# root ISSUER: the fingerprint of its CA
root()
{
	"$certengine" -c "$conf" --root "$root" export --issuer "$1" >"$tmp/$1.root" 2>/dev/null
	fingerprint "$tmp/$1.root"
}

picture_of()
{
	stat -c '%i %Y %Z %U %G %a' "$1"
	sha256sum <"$1"
}

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -subj /CN=foreign -days 30 -keyout "$tmp/foreign.key" \
	-out "$tmp/foreign.pem" 2>/dev/null
for type in JKS PKCS12; do
	keytool -importcert -noprompt -keystore "$tmp/$type" -storetype $type -alias foreign -storepass:env STOREPASS \
		-file "$tmp/foreign.pem" >/dev/null 2>&1 || fail "keytool -importcert"
	chmod 0604 "$tmp/$type"
	cp -p "$tmp/$type" "$tmp/$type.before"
done

server web
server mail
certificates "$(certificate shop "$(target web web "truststore = \"$tmp/JKS\"; trust_alias = \"shop-ca\";")
$(target mail mail "truststore = \"$tmp/PKCS12\"; trust_alias = \"shop-ca\";")")"

# A plan says it and touches nothing.
engine 0 plan
contains "the plan names the store" "$tmp/JKS" "$out"
contains "and what comes in" "alias shop-ca" "$out"
run 0 cmp "$tmp/JKS" "$tmp/JKS.before"

# A reload that fails takes it back, byte for byte, and the next run adds it.
echo fail >"$tmp/web/moods"
engine 3 apply
run 0 cmp "$tmp/JKS" "$tmp/JKS.before"
equal "the other target has it" "foreign $(fingerprint "$tmp/foreign.pem")
shop-ca $(root house)" "$(trusted "$tmp/PKCS12")"
engine 0 apply
proven "with a truststore" shop web
for type in JKS PKCS12; do
	equal "$type: Java trusts the CA and what it trusted" "foreign $(fingerprint "$tmp/foreign.pem")
shop-ca $(root house)" "$(trusted "$tmp/$type")"
	equal "$type: the mode stays" 604 "$(stat -c %a "$tmp/$type")"
	lacks "$type: no key is in it" PrivateKeyEntry "$(keytool -list -keystore "$tmp/$type" -storepass:env STOREPASS 2>/dev/null)"
done
no_traces "truststores"

# A renewal by the same CA and a second run leave it alone.
before=$(picture_of "$tmp/JKS"; picture_of "$tmp/PKCS12")
engine 0 apply --force-renew
engine 0 apply --exit-code
engine 0 plan --exit-code
engine 0 verify
equal "what is there is not written again" "$before" "$(picture_of "$tmp/JKS"; picture_of "$tmp/PKCS12")"

# The store is replaced by the product's upgrade: the CA is drift, and comes back.
cp "$tmp/JKS.before" "$tmp/JKS"
engine 4 plan --exit-code
engine 0 apply
contains "an upgrade's store gets it again" "shop-ca $(root house)" "$(trusted "$tmp/JKS")"

# Another CA: the old one is ours and goes, and the same back again.
issuer=other
certificates "$(certificate shop "$(target web web "truststore = \"$tmp/JKS\"; trust_alias = \"shop-ca\";")
$(target mail mail "truststore = \"$tmp/PKCS12\"; trust_alias = \"shop-ca\";")")"
engine 0 apply --force-renew
for type in JKS PKCS12; do
	equal "$type: the CA of now stands under the alias" "foreign $(fingerprint "$tmp/foreign.pem")
shop-ca $(root other)" "$(trusted "$tmp/$type")"
done
[ "$(root house)" != "$(root other)" ] || fail "two issuers have one CA"
issuer=house
certificates "$(certificate shop "$(target web web "truststore = \"$tmp/JKS\"; trust_alias = \"shop-ca\";")
$(target mail mail "truststore = \"$tmp/PKCS12\"; trust_alias = \"shop-ca\";")")"
engine 0 apply --force-renew
equal "back to the first CA" "foreign $(fingerprint "$tmp/foreign.pem")
shop-ca $(root house)" "$(trusted "$tmp/JKS")"

# What cannot be done is refused before anything is touched.
refused()
{
	before=$(bytes web; sha256sum "$tmp/JKS")
	certificates "$(certificate shop "$(target web web "$2")")"
	engine 1 apply --force-deploy
	contains "$1" "$3" "$out$err"
	equal "$1: nothing is touched" "$before" "$(bytes web; sha256sum "$tmp/JKS")"
}
refused "the alias of somebody else" "truststore = \"$tmp/JKS.before\"; trust_alias = \"foreign\";" \
	"did not put there"
refused "another password" "truststore = \"$tmp/JKS\"; trust_password = \"hidden-word\";" "its password is another one"
lacks "the password is not told" hidden-word "$out$err"
refused "no such store" "truststore = \"$tmp/absent\";" "$tmp/absent"
refused "one of the system's" "truststore = \"/etc/ssl/certs/java/cacerts\";" "trust store"
printf 'no store' >"$tmp/text"
refused "no store at all" "truststore = \"$tmp/text\";" "neither a PKCS#12 nor a JKS"
finish
