# Real applications of Spring Boot 3: YAML, PEM files, and bundles, which 3.4 loads again by itself and 3.1 does not.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/products/springboot.sh"
springboot_requires 3.1.12 3.4.0

# --- 3.4, YAML, a bundle that is loaded again when its files change
springboot_create 3.4.0 application.yml
springboot_configure "server:
  address: 127.0.0.1
  port: $app_port # plain so far
spring:
  ssl.bundle.watch.file.quiet-period: 1s
"
cp -a "$app_config" "$tmp/before"
springboot_start
target 'form = "bundle"; version = "3.4.0";'
run 0 engine apply
first=$(served)
equal "the page comes over https" "the page of the shop" "$(fetch)"
equal "it was restarted once, for its configuration" 2 "$(springboot_starts)"
equal "no line was removed or changed" 0 "$(diff "$tmp/before" "$app_config" | grep -c '^<' || true)"
contains "the server names the bundle" "bundle: certengine" "$(cat "$app_config")"
before=$(tree_state)
run 0 engine apply
equal "a second apply changes nothing" "$before" "$(tree_state)"
run 0 engine apply --force-renew
second=$(served)
[ -n "$second" ] && [ "$second" != "$first" ] || fail "the renewed certificate is not served"
ok "the renewed certificate is served"
equal "without a restart" 2 "$(springboot_starts)"
lacks "the bundle was loaded" "Unexpected SSL reload error" "$(cat "$app/log")"
run 0 engine rollback shop 1
equal "the first is served again, without a restart" "$first 2" "$(served) $(springboot_starts)"

# --- the same application, its bundle a keystore behind a placeholder, which does not reload
"$app_ctl" stop
keytool -genkeypair -keystore "$app/old.p12" -storepass first.password -alias Shop -dname CN=old -keyalg EC 2>/dev/null ||
	fail "keytool made no keystore"
[ "$(id -u)" != 0 ] || chown root:daemon "$app/old.p12"
chmod 640 "$app/old.p12"
springboot_configure "shop.home: $app
server: { address: 127.0.0.1, port: $app_port, ssl: { bundle: web } }
spring:
  ssl:
    bundle:
      jks:
        web:
          key: { alias: 'Shop' }
          keystore:
            location: \"file:\${shop.home}/old.p12\"
            password: first.password
"
"$app_ctl" start
wait_for 60 served
sum=$(sha256sum "$app_config")
target 'version = "3.4.0";'
run 0 engine apply
equal "the page comes over https" "the page of the shop" "$(fetch)"
contains "the type is said" "type: PKCS12" "$(cat "$app_config")"
equal "that is all that changed" 1 "$(sed '/type: PKCS12/d' "$app_config" | sha256sum - | grep -c "${sum%% *}")"
starts=$(springboot_starts)
run 0 engine apply --force-renew
equal "a renewal restarts it" $((starts + 1)) "$(springboot_starts)"
"$app_ctl" stop
rm -rf "$app" "$tmp/product"

# --- 3.1: PEM files in properties
springboot_create 3.1.12
springboot_configure "server.address=127.0.0.1
server.port=$app_port
"
springboot_start
target 'form = "pem"; version = "3.1.12";'
run 0 engine apply
first=$(served)
equal "the file is what is served" "$(fingerprint "$app/shop.crt")" "$first"
equal "the page comes over https" "the page of the shop" "$(fetch)"
run 0 engine plan --exit-code
run 0 engine apply --force-renew
[ "$(served)" != "$first" ] || fail "the renewed certificate is not served"
equal "each was a restart" 3 "$(springboot_starts)"
finish
