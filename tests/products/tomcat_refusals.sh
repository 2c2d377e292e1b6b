# server.xml as one meets it: what cannot be edited safely is refused with the line that is in the way, and nothing
# changes; what looks like the connector but is none is left alone. No Tomcat runs here.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/products/tomcat.sh"
tomcat_requires
tomcat_create
xml=$tomcat_base/conf/server.xml
cp -a "$xml" "$tmp/server.xml.good"
tomcat_configure

# refused STATUS PART...: plan and apply say each PART, and no file changes.
refused()
{
	local status=$1 part before
	shift
	before=$(tree_state "$tomcat_base")
	run "$status" engine plan
	run "$status" engine apply
	for part; do
		contains "the message says it" "$part" "$out$err"
	done
	equal "no file changed" "$before" "$(tree_state "$tomcat_base")"
}

# spoil SED-SCRIPT: server.xml anew, changed.
spoil()
{
	cp -a "$tmp/server.xml.good" "$xml"
	sed -i "$1" "$xml"
	cmp -s "$xml" "$tmp/server.xml.good" && fail "'$1' changes nothing"
}

# --- XML that is none: the line is named
spoil 's,</Service>,</Servce>,'
line=$(grep -n '</Servce>' "$xml" | cut -d: -f1)
refused 1 "$xml" "line $line"

# --- a raw ampersand in a password: what stops Tomcat itself
spoil 's,<Engine ,<Connector port="1" SSLEnabled="true"><SSLHostConfig><Certificate certificateKeystorePassword="a\&b"/></SSLHostConfig></Connector><Engine ,'
refused 1 "$xml"
lacks "the password is not told" 'a&b' "$out$err"

# --- a DOCTYPE, which may name files and hosts
spoil '2i <!DOCTYPE Server [ <!ENTITY x SYSTEM "file:///etc/passwd"> ]>'
refused 1 "$xml"

# --- the port is that of a connector without TLS
cp -a "$tmp/server.xml.good" "$xml"
wanted=$tomcat_https tomcat_https=$tomcat_http
tomcat_configure
tomcat_https=$wanted
refused 1 "port $tomcat_http" "$xml"
tomcat_configure

# --- legacy attributes on Tomcat 10: they would keep the connector from starting
spoil "s,<Engine ,<Connector port=\"$tomcat_https\" address=\"127.0.0.1\" SSLEnabled=\"true\" keystoreFile=\"conf/old.jks\" keystorePass=\"old.secret\"/>\n<Engine ,"
run 0 engine plan
lacks "the old password is not shown" old.secret "$out$err"
contains "the plan takes the legacy form away" "keystoreFile" "$out"

# --- the connector that is wanted stands in a comment: it stays there, and a real one is added
spoil "s,port=\"8443\" protocol=\"org.apache.coyote.http11.Http11NioProtocol\",port=\"$tomcat_https\" protocol=\"org.apache.coyote.http11.Http11NioProtocol\","
[ "$(grep -c "port=\"$tomcat_https\" protocol" "$xml")" = 1 ] || fail "the sample connector was not found"
run 0 engine plan
contains "a connector would be added" "SSLEnabled=\"true\"" "$(grep '^ *+' <<<"$out")"
equal "nothing would be taken away" 0 "$(grep -cE '^ *-[^-]' <<<"$out" || true)"

# --- the base is not there
cp -a "$tmp/server.xml.good" "$xml"
tomcat_base=$tmp/product/nowhere
tomcat_configure
run 1 engine apply
contains "the path is named" "$tomcat_base/conf" "$out$err"
[ ! -e "$tomcat_base" ] || fail "the directory was made"
finish
