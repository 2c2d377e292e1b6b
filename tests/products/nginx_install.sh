# A real nginx that speaks plain http gets TLS and its first certificate, keeps it untouched while nothing is to do, and
# gets the next one by a reload, after which no old worker answers. The letters are those of the acceptance facts that all
# products share, fme-13 that of FME Flow on Linux.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/products/nginx.sh"
nginx_requires
nginx_create
sed -i 's/listen 127.0.0.1:[0-9]*;/& # plain\n    server_name shop.example.test;/' "$nginx_base/sites/plain.conf"
cp -a "$nginx_base" "$tmp/before"
nginx_start
target nginx "config = \"$nginx_base/nginx.conf\"; program = \"$nginx_program\"; prefix = \"$nginx_base\"; port = $nginx_https;"

# --- plan tells and does nothing
before=$(tree_state)
run 0 engine plan
contains "plan shows the listener" "+    listen 127.0.0.1:$nginx_https ssl;" "$out"
contains "and the reload" "-s reload" "$out"
lacks "and no key" "PRIVATE KEY" "$out"
equal "plan changed no file" "$before" "$(tree_state)"
run 4 engine plan --exit-code

# --- the first installation
run 0 engine apply
first=$(served)
equal "(b) what is served is what was installed" "$(fingerprint "$nginx_base/shop.crt")" "$first"
equal "(a) a client that trusts that CA alone accepts it" "the page of the shop" "$(fetch)"
equal "the chain is sent" "$(grep -c BEGIN "$nginx_base/shop.crt")" "$(served_count)"
equal "(c) the key fits" "$(openssl pkey -in "$nginx_base/shop.key" -pubout)" \
	"$(openssl x509 -in "$nginx_base/shop.crt" -noout -pubkey)"
equal "(e) the key is for its owner alone" 600 "$(stat -c %a "$nginx_base/shop.key")"
run 0 "$nginx_ctl" test
ok "fme-13: nginx -t is content"
nginx_answers || fail "plain http does not answer any more"
removed=$(diff "$tmp/before/sites/plain.conf" "$nginx_base/sites/plain.conf" | grep -c '^<' || true)
equal "no line was removed or changed" 0 "$removed"
cmp "$tmp/before/nginx.conf" "$nginx_base/nginx.conf" || fail "nginx.conf changed"
equal "owner and mode stay" "$(stat -c '%a %u:%g' "$tmp/before/sites/plain.conf")" \
	"$(stat -c '%a %u:%g' "$nginx_base/sites/plain.conf")"

# --- (d) a second apply: not a byte, not a reload
before=$(tree_state)
signals=$(grep -c 'signal 1 (SIGHUP)' "$nginx_base/error.log")
run 0 engine apply
run 0 engine plan --exit-code
run 0 engine verify
equal "a second apply changes no file, not even its time" "$before" "$(tree_state)"
equal "nor does it reload" "$signals" "$(grep -c 'signal 1 (SIGHUP)' "$nginx_base/error.log")"

# --- renewal, again and again: at once every connection gets the new certificate
conf=$(sha256sum "$nginx_base/sites/plain.conf" "$nginx_base/nginx.conf")
master=$(cat "$nginx_base/nginx.pid")
for _ in 1 2 3 4; do
	run 0 engine -q apply --force-renew
	wanted=$(fingerprint "$nginx_base/shop.crt")
	for _ in 1 2 3 4 5 6; do
		[ "$(served)" = "$wanted" ] || fail "after a renewal another certificate is served"
	done
	ok "a renewed certificate is served, by every worker"
done
equal "the configuration did not change" "$conf" "$(sha256sum "$nginx_base/sites/plain.conf" "$nginx_base/nginx.conf")"
equal "nginx was not restarted" "$master" "$(cat "$nginx_base/nginx.pid")"

# --- rollback of a certificate, and drift
run 0 engine rollback shop 1
equal "the first is served again" "$first" "$(served)"
run 0 engine rollback shop 2
second=$(served)
openssl rand 100 >"$nginx_base/shop.crt"
run 4 engine verify
run 0 engine apply
run 0 engine verify
equal "the certificate is whole again" "$second" "$(served)"
sed -i '/ssl_certificate/d' "$nginx_base/sites/plain.conf"
run 4 engine plan --exit-code
run 0 engine apply
run 0 engine verify
contains "the directives are there again" "ssl_certificate $nginx_base/shop.crt;" "$(cat "$nginx_base/sites/plain.conf")"

# --- discovery says how it would be configured
if [ -e /etc/nginx/nginx.conf ] && [ "$nginx_program" = /usr/sbin/nginx ]; then
	. "$TOP_SRCDIR/tests/plugins/pluginlib.sh"
	install -m 0644 "$TOP_BUILDDIR/.libs/nginx.so" "$plugins/nginx.so"
	serve 0 nginx discover
	contains "an installed nginx is found" "config = /etc/nginx/nginx.conf" "$out"
	contains "with its program" "program = /usr/sbin/nginx" "$out"
fi
finish
