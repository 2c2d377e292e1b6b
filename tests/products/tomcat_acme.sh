# A Tomcat with PEM files and a certificate from an ACME CA with an intermediate, on the road an operator takes: http-01,
# the chain, the redirect from http. The numbers are those of the acceptance facts.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/products/tomcat.sh"
. "$TOP_SRCDIR/tests/ca/pebble.sh"
tomcat_requires
tomcat_create
conf=$tomcat_base/conf
pebble_start PEBBLE_WFE_NONCEREJECT=20

# tomcat-10: an application that wants https, and a connector that would send it to the wrong port
mkdir -p "$tomcat_base/webapps/ROOT/WEB-INF"
cat >"$tomcat_base/webapps/ROOT/WEB-INF/web.xml" <<-XML
<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0">
  <security-constraint>
    <web-resource-collection>
      <web-resource-name>HTTPSOnly</web-resource-name>
      <url-pattern>/closed/*</url-pattern>
    </web-resource-collection>
    <user-data-constraint><transport-guarantee>CONFIDENTIAL</transport-guarantee></user-data-constraint>
  </security-constraint>
</web-app>
XML
sed -i "s/redirectPort=\"$tomcat_https\"/redirectPort=\"9\"/" "$conf/server.xml"
tomcat_settle_owners
tomcat_start

issuer="kind = \"acme\"; directory = \"$pebble_directory\"; ca_file = \"$pebble_ca\"; agree_to_terms = true;
	challenge: { port = $pebble_http_port; };"
key=rsa-2048
tomcat_configure "$(tomcat_by_manager)" 'form = "pem";' "redirect_from = $tomcat_http;"
tomcat_log_mark
run 0 engine apply
first=$(served)

# tomcat-1, tomcat-7: leaf and intermediate are sent, and lead to the CA's root
equal "the chain is served, without the root" 2 "$(served_count)"
page=$(curl -s -m 10 --cacert "$pebble_root" --resolve "shop.example.test:$tomcat_https:127.0.0.1" \
	"https://shop.example.test:$tomcat_https/")
equal "the page comes over https" "the page of the shop" "$page"
lacks "Tomcat logged no failure" SEVERE "$(tomcat_log_since)"

# tomcat-8: key and certificate as Tomcat's parser wants them
for file in "$(connector_value certificateFile)" "$(connector_value certificateKeyFile)"; do
	equal "${file##*/} begins without a byte order mark" "-----BEGIN" "$(head -c 10 "$file")"
done
key_file=$(connector_value certificateKeyFile)
equal "the key belongs to the certificate" "$(openssl pkey -in "$key_file" -pubout)" \
	"$(openssl x509 -in "$(connector_value certificateFile)" -noout -pubkey)"
equal "the key is closed to others" "$(stat -c '640 %u:%g' "$conf/server.xml")" "$(stat -c '%a %u:%g' "$key_file")"
lacks "no keystore attribute is left beside them" "certificateKeystore" "$(connector "$tomcat_https")"

# tomcat-10: http sends the browser to the port that serves it
location=$(curl -s -m 10 -o /dev/null -w '%{http_code} %{redirect_url}' -H 'Host: shop.example.test' \
	"http://127.0.0.1:$tomcat_http/closed/")
equal "http redirects to https" "302 https://shop.example.test:$tomcat_https/closed/" "$location"

# --- nothing to do, then a renewal: new key, new chain, no restart
before=$(tree_state "$tomcat_base")
run 0 engine apply
equal "a second apply changes no file" "$before" "$(tree_state "$tomcat_base")"
starts=$(tomcat_starts)
run 0 engine apply --force-renew
[ -n "$(served)" ] && [ "$(served)" != "$first" ] || fail "the renewed certificate is not served"
equal "without a restart" "$starts" "$(tomcat_starts)"
run 0 engine verify

# --- the CA is gone: nothing changes, and Tomcat serves on
pebble_stop
before=$(tree_state "$tomcat_base") first=$(served)
run 3 engine apply --force-renew
contains "the message names the certificate" shop "$out$err"
equal "no file changed" "$before" "$(tree_state "$tomcat_base")"
equal "the same certificate is served" "$first" "$(served)"
run 0 engine verify
finish
