# The engine is killed while it renews the certificate of a real Tomcat: around the switch of the keystore, before
# sslReload and before the proof. The next run repairs: one certificate is installed and served, and Tomcat never stopped.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/products/tomcat.sh"
tomcat_requires
tomcat_create
tomcat_start
tomcat_configure "$(tomcat_by_manager)"
run 0 engine apply
store=$(connector_value certificateKeystoreFile)
password_file=$(connector_value certificateKeystorePasswordFile)
pid=$(cat "$tomcat_base/pid")

# The certificate in the keystore, as Tomcat's Java sees it.
installed()
{
	"$tomcat_java/bin/keytool" -exportcert -storetype PKCS12 -keystore "$store" -alias tomcat \
		-storepass:file "$password_file" 2>/dev/null | sha256sum | cut -d' ' -f1
}

# The calls of one renewal, to pick from by name.
calls=openat+write+fsync+renameat2+unlinkat+fork
CE_FAULT="only:$calls,trace:$tmp/trace" "$certengine" -c "$config" --root "$tmp/root" -q apply --force-renew ||
	fail "the renewal that is traced failed"
switch=$(grep -n "renameat2 ${store##*/}$" "$tmp/trace" | head -n 1 | cut -d: -f1)
total=$(wc -l <"$tmp/trace")
[ -n "$switch" ] || fail "the switch of the keystore is not in the trace"

for point in $((switch - 1)) "$switch" $((switch + 1)) $((switch + 4)) $(((switch + total) / 2)) $((total - 3)); do
	[ "$point" -le "$total" ] || continue
	CE_FAULT="only:$calls,kill:$point" "$certengine" -c "$config" --root "$tmp/root" -q apply --force-renew \
		>/dev/null 2>&1 && fail "call $point: the run was not killed"
	[ -n "$(served)" ] || fail "call $point: nothing is served after the kill"
	run 0 engine apply
	run 0 engine verify
	equal "call $point of $total: what is installed is served" "$(installed)" "$(served)"
	equal "no temporary file is left" "" "$(find "$tomcat_base/conf" -name '.*' -type f)"
done
equal "Tomcat was never stopped" "$pid" "$(cat "$tomcat_base/pid")"
finish
