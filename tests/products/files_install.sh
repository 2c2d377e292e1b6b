# Files at given paths, for a real nginx: first installation, nothing to do, renewal, drift; every form that can be asked
# for, as openssl and keytool read it.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/products/nginx.sh"
nginx_requires
requires keytool
nginx_create
nginx_start
tls=$nginx_base/tls
nginx_tls tls.conf "ssl_certificate $tls/shop.crt;" "ssl_certificate_key $tls/shop.key;"
settings="key = \"$tls/shop.key\"; fullchain = \"$tls/shop.crt\";
	check_command = [ \"$nginx_ctl\", \"test\" ]; reload_command = [ \"$nginx_ctl\", \"reload\" ];
	endpoints = [ \"127.0.0.1:$nginx_https shop.example.test\" ];"
target files "$settings"

# --- plan tells and does nothing
before=$(tree_state)
run 0 engine plan
contains "plan names the file" "$tls/shop.key" "$out"
lacks "and shows no key" "PRIVATE KEY" "$out"
equal "plan changed no file" "$before" "$(tree_state)"

# --- the first installation
run 0 engine apply
first=$(served)
equal "what is served is the file" "$(fingerprint "$tls/shop.crt")" "$first"
equal "with its intermediates" "$(grep -c BEGIN "$tls/shop.crt")" "$(served_count)"
equal "the page comes over https" "the page of the shop" "$(fetch)"
equal "the key is for its owner alone" 600 "$(stat -c %a "$tls/shop.key")"
equal "nginx was reloaded once" 1 "$(nginx_reloads)"
run 0 openssl pkey -in "$tls/shop.key" -noout
equal "the key fits" "$(openssl pkey -in "$tls/shop.key" -pubout)" "$(openssl x509 -in "$tls/shop.crt" -noout -pubkey)"

# --- a second apply: not a byte, not a reload
before=$(tree_state)
run 0 engine apply
run 0 engine plan --exit-code
run 0 engine verify
equal "a second apply changes no file, not even its time" "$before" "$(tree_state)"
equal "nor does it reload" 1 "$(nginx_reloads)"

# --- renewal
run 0 engine apply --force-renew
second=$(served)
[ -n "$second" ] && [ "$second" != "$first" ] || fail "the renewed certificate is not served"
ok "the renewed certificate is served"
equal "nginx was reloaded once more" 2 "$(nginx_reloads)"
run 0 engine rollback shop
equal "the first is served again" "$first" "$(served)"
run 0 engine rollback shop 2

# --- drift is seen and mended
openssl rand 200 >"$tls/shop.crt"
run 4 engine verify
run 0 engine apply
run 0 engine verify
equal "the file is whole again" "$second" "$(fingerprint "$tls/shop.crt")"
chmod 644 "$tls/shop.key"
run 0 engine apply
rm "$tls/shop.key"
run 4 engine verify
run 0 engine apply
equal "a key that was lost is there again, closed" 600 "$(stat -c %a "$tls/shop.key")"

# --- every form
all="$settings leaf = \"$tls/leaf.pem\"; chain = \"$tls/chain.pem\"; combined = \"$tls/all.pem\"; der = \"$tls/leaf.der\";
	pkcs12 = \"$tls/shop.p12\"; jks = \"$tls/shop.jks\"; alias = \"shop\"; password_file = \"$tls/shop.password\";
	mode = \"0640\"; public_mode = \"0644\";"
target files "$all"
run 0 engine apply
equal "the leaf" "$second" "$(fingerprint "$tls/leaf.pem")"
equal "alone" 1 "$(grep -c BEGIN "$tls/leaf.pem")"
equal "the leaf in DER" "$second" "$(fingerprint "$tls/leaf.der" -inform der)"
equal "leaf and chain are the full chain" "$(cat "$tls/shop.crt")" "$(cat "$tls/leaf.pem" "$tls/chain.pem")"
equal "all in one" "$(sort "$tls/shop.key" "$tls/shop.crt")" "$(sort "$tls/all.pem")"
for store in PKCS12:p12 JKS:jks; do
	listing=$(keytool -list -v -storetype "${store%:*}" -keystore "$tls/shop.${store#*:}" \
		-storepass:file "$tls/shop.password" 2>&1)
	equal "${store%:*}: one entry, a private key" 1 "$(grep -c PrivateKeyEntry <<<"$listing")"
	contains "${store%:*}: under the alias" "Alias name: shop" "$listing"
	contains "${store%:*}: with the certificate" "$second" "$(tr -d : <<<"$listing" | tr A-F a-f)"
done
for file in shop.key all.pem shop.p12 shop.jks shop.password; do
	equal "$file has the mode asked for" 640 "$(stat -c %a "$tls/$file")"
done
for file in leaf.pem chain.pem leaf.der shop.crt; do
	equal "$file is public" 644 "$(stat -c %a "$tls/$file")"
done
password=$(cat "$tls/shop.password")
lacks "the password is not in the output" "$password" "$out$err"
before=$(tree_state)
run 0 engine apply
equal "a second apply changes nothing" "$before" "$(tree_state)"
run 0 engine apply --force-renew
equal "the password stays" "$password" "$(cat "$tls/shop.password")"

# --- owner and group
if [ "$(id -u)" = 0 ]; then
	target files "$settings owner = \"daemon\"; group = \"daemon\"; mode = \"0400\";"
	run 0 engine apply
	equal "owner, group and mode are as asked" "400 daemon:daemon" "$(stat -c '%a %U:%G' "$tls/shop.key")"
	run 0 engine plan --exit-code
fi
finish
