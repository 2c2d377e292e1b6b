# A Tomcat that speaks plain http gets its first certificate, keeps it untouched while nothing is to do, and gets
# the next one without a restart. The numbers tomcat-1 to tomcat-12 are those of the acceptance facts.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/products/tomcat.sh"
tomcat_requires
tomcat_create
conf=$tomcat_base/conf
cp -a "$conf/server.xml" "$tmp/server.xml.before"
tomcat_start
tomcat_configure "$(tomcat_by_manager)"

# --- plan tells and does nothing
before=$(tree_state "$tomcat_base")
run 0 engine plan
contains "plan shows the connector" "$tomcat_https" "$out"
equal "plan changed no file" "$before" "$(tree_state "$tomcat_base")"
run 4 engine plan --exit-code

# --- the first installation
tomcat_log_mark
run 0 engine apply
first=$(served)
[ -n "$first" ] || fail "nothing is served on port $tomcat_https"
equal "Tomcat was restarted once" 2 "$(tomcat_starts)"
wait_for 10 tomcat_answers
ok "the plain connector still answers"

# tomcat-1: a client that trusts that CA alone accepts the new certificate
equal "the page comes over https" "the page of the shop" "$(fetch)"

# tomcat-3, tomcat-5: no connector failed, nothing of the form that Tomcat 10 dropped
lacks "Tomcat logged no failure" SEVERE "$(tomcat_log_since)"
lacks "no attribute was refused" "failed to set property" "$(tomcat_log_since)"
for attribute in keystoreFile keystorePass keyAlias sslProtocol clientAuth; do
	lacks "no legacy attribute $attribute" " $attribute=" "$(connector "$tomcat_https")"
done

# tomcat-4: the diff adds one connector and takes nothing away
removed=$(diff "$tmp/server.xml.before" "$conf/server.xml" | grep -c '^<' || true)
equal "no line of server.xml was removed or changed" 0 "$removed"
equal "server.xml keeps owner and mode" "$(stat -c '%a %u:%g' "$tmp/server.xml.before")" \
	"$(stat -c '%a %u:%g' "$conf/server.xml")"

# tomcat-6
for wanted in SSLEnabled=true scheme=https secure=true; do
	contains "the connector has $wanted" "${wanted%=*}=\"${wanted#*=}\"" "$(connector "$tomcat_https")"
done

# tomcat-7: Tomcat's own Java opens the store: one key entry, under the alias, which is the certificate served
store=$(connector_value certificateKeystoreFile)
password_file=$(connector_value certificateKeystorePasswordFile)
listing=$("$tomcat_java/bin/keytool" -list -v -storetype PKCS12 -keystore "$store" \
	-storepass:file "$password_file" 2>&1)
equal "the store has one entry, a private key" 1 "$(grep -c PrivateKeyEntry <<<"$listing")"
contains "under the alias" "Alias name: $(connector_value certificateKeyAlias)" "$listing"
contains "with the certificate that is served" "$first" "$(tr -d : <<<"$listing" | tr A-F a-f)"

# tomcat-9: the service's account can read the store (it serves it) and others cannot
for file in "$store" "$password_file"; do
	equal "${file##*/} is closed to others" "$(stat -c '640 %u:%g' "$conf/server.xml")" \
		"$(stat -c '%a %u:%g' "$file")"
done

# tomcat-11: the password is in no output and no log
password=$(cat "$password_file")
[ ${#password} -ge 6 ] || fail "the password is too short for Java"
lacks "the password is not in the output" "$password" "$out$err"
lacks "the password is not in Tomcat's logs" "$password" "$(cat "$tomcat_base"/logs/* "$tomcat_base/catalina.out")"
lacks "the password is not in server.xml" "$password" "$(cat "$conf/server.xml")"

# --- a second apply: not a byte, not a reload
before=$(tree_state "$tomcat_base")
reloads=$(tomcat_reloads)
run 0 engine apply
equal "a second apply changes no file, not even its time" "$before" "$(tree_state "$tomcat_base")"
equal "nor does it reload" "2 $reloads" "$(tomcat_starts) $(tomcat_reloads)"
run 0 engine plan --exit-code
run 0 engine verify
run 0 engine -q apply
equal "quiet is silent" "" "$out$err"
run 0 engine status
contains "status names the certificate" shop "$out"

# --- renewal: same path, alias and password (tomcat-12), so sslReload is enough (tomcat-2)
xml=$(sha256sum "$conf/server.xml")
pid=$(cat "$tomcat_base/pid")
run 0 engine apply --force-renew
second=$(served)
[ -n "$second" ] && [ "$second" != "$first" ] || fail "the renewed certificate is not served"
ok "the renewed certificate is served"
equal "server.xml did not change" "$xml" "$(sha256sum "$conf/server.xml")"
equal "Tomcat was not restarted" "2 $pid" "$(tomcat_starts) $(cat "$tomcat_base/pid")"
equal "sslReload was asked for once" $((reloads + 1)) "$(tomcat_reloads)"
equal "the password stays" "$password" "$(cat "$password_file")"

# --- rollback of a certificate: the generation before
run 0 engine rollback shop
equal "the first certificate is served again" "$first" "$(served)"
run 0 engine verify
run 0 engine rollback shop 2
equal "and the second once more" "$second" "$(served)"

# --- drift is seen and mended: the keystore, then the connector
openssl rand 200 >"$store"
run 4 engine verify
contains "verify names the target" "web" "$out$err"
run 0 engine apply
run 0 engine verify
equal "the store is whole again" "$second" "$(served)"
sed -i 's/\(certificateKeystoreType="\)[^"]*/\1JKS/' "$conf/server.xml"
run 4 engine verify
sed -i 's/\(certificateKeystoreType="\)[^"]*/\1PKCS12/' "$conf/server.xml"
equal "by hand it is as before" "$xml" "$(sha256sum "$conf/server.xml")"
run 0 engine verify
finish
