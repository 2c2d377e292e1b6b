# A real application of Spring Boot 2.7 that speaks plain http gets its first certificate in a keystore, keeps it untouched
# while nothing is to do, and gets the next one by a restart. The numbers are those of the acceptance facts of Spring Boot;
# the letters those that all products share.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/products/springboot.sh"
springboot_requires 2.7.18
springboot_create 2.7.18
springboot_configure "# the shop
server.address=127.0.0.1
server.port=\${shop.port:$app_port}
spring.application.name = shop \\
   of examples
#---
spring.config.activate.on-profile=other
server.port=1
"
cp -a "$app_config" "$tmp/before"
springboot_start
target

# --- plan tells and does nothing
before=$(tree_state)
run 0 engine plan
contains "plan shows the keystore" "server.ssl.key-store=$app/shop.p12" "$out"
contains "but no password" "server.ssl.key-store-password=********" "$out"
equal "plan changed no file" "$before" "$(tree_state)"

# --- the first installation
run 0 engine apply
first=$(served)
equal "1, (a) the page comes over https" "the page of the shop" "$(fetch)"
equal "it was restarted once" 2 "$(springboot_starts)"
removed=$(diff "$tmp/before" "$app_config" | grep -c '^<' || true)
equal "4 no line was removed or changed" 0 "$removed"
contains "3 placeholders stay" "server.port=\${shop.port:$app_port}" "$(cat "$app_config")"
equal "2 the keys are in the document that is active" "" \
	"$(sed -n '/^#---/,$p' "$app_config" | grep ssl || true)"
equal "11 owner and mode stay" "$(stat -c '%a %u:%g' "$tmp/before")" "$(stat -c '%a %u:%g' "$app_config")"
equal "11 the keystore is closed to others" "$(stat -c '640 %u:%g' "$tmp/before")" "$(stat -c '%a %u:%g' "$app/shop.p12")"

# 5: type, alias and password are those that are said
password=$(sed -n 's/^server.ssl.key-store-password=//p' "$app_config")
alias=$(sed -n 's/^server.ssl.key-alias=//p' "$app_config")
listing=$(keytool -list -v -storetype "$(sed -n 's/^server.ssl.key-store-type=//p' "$app_config")" \
	-keystore "$app/shop.p12" -storepass "$password" 2>&1)
equal "5 one entry, a private key" 1 "$(grep -c PrivateKeyEntry <<<"$listing")"
contains "5 under the alias" "Alias name: $alias" "$listing"
contains "(b) with the certificate that is served" "$first" "$(tr -d : <<<"$listing" | tr A-F a-f)"
lacks "the password is not in the output" "$password" "$out$err"
lacks "nor in the log" "$password" "$(cat "$app/log")"

# --- (d) a second apply: not a byte, not a restart
before=$(tree_state)
run 0 engine apply
run 0 engine plan --exit-code
run 0 engine verify
equal "(d) a second apply changes no file, not even its time" "$before" "$(tree_state)"
equal "(d) nor does it restart" 2 "$(springboot_starts)"

# --- renewal: the keystore alone
sum=$(sha256sum "$app_config")
run 0 engine apply --force-renew
second=$(served)
[ -n "$second" ] && [ "$second" != "$first" ] || fail "the renewed certificate is not served"
ok "the renewed certificate is served"
equal "7 it was restarted" 3 "$(springboot_starts)"
equal "the configuration did not change" "$sum" "$(sha256sum "$app_config")"

# --- a restart that fails: everything is as before
before=$(tree_bytes)
touch "$app/fail"
run 1 engine apply --force-renew
contains "the message names the step" "failed at reload" "$out$err"
equal "(f) every file is as before" "$before" "$(tree_bytes)"
equal "(f) what is served is as before" "$second" "$(served)"

# --- an application that does not come up with it: by a mistake in the configuration its account cannot read the store
if [ "$(id -u)" = 0 ]; then
	deadline=15
	target 'owner = "root"; group = "root"; mode = "0600";'
	run 1 engine apply
	contains "the message names the step" "failed at verify" "$out$err"
	equal "(f) every file is as before" "$before" "$(tree_bytes)"
	equal "(f) what is served is as before" "$second" "$(served)"
	deadline=40
	target
fi

# --- drift is seen and mended, and a killed run is repaired
run 0 engine apply
third=$(served)
openssl rand 300 >"$app/shop.p12"
run 4 engine verify
run 0 engine apply
equal "the keystore is whole again" "$third" "$(served)"
calls=openat+write+fsync+renameat2+unlinkat+fork
CE_FAULT="only:$calls,trace:$tmp/trace" "$certengine" -c "$config" --root "$tmp/root" -q apply --force-renew ||
	fail "the renewal that is traced failed"
switch=$(grep -n "renameat2 shop.p12" "$tmp/trace" | head -n 1 | cut -d: -f1)
for point in "$switch" $((switch + 2)); do
	CE_FAULT="only:$calls,kill:$point" "$certengine" -c "$config" --root "$tmp/root" -q apply --force-renew \
		>/dev/null 2>&1 && fail "call $point: the run was not killed"
	run 0 engine apply
	run 0 engine verify
	contains "call $point: what is installed is served" "$(served)" \
		"$(keytool -list -v -keystore "$app/shop.p12" -storepass "$password" 2>/dev/null | tr -d : | tr A-F a-f)"
done
finish
