# server.xml belongs to the operator: what is moved, commented, indented anew or given other line ends between two runs
# stays so, and the engine finds its connector again. What the engine must change it changes alone.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/products/tomcat.sh"
tomcat_requires
tomcat_create
xml=$tomcat_base/conf/server.xml
tomcat_start
tomcat_configure
run 0 engine apply
served=$(served)
[ -n "$served" ] || fail "nothing is served"

# edit WHAT PYTHON: changes `text` (bytes) of server.xml; then nothing is to do, and server.xml stays as it was edited.
edit()
{
	python3 -c "
import re, sys
text = open(sys.argv[1], 'rb').read()
before = text
start = text.rindex(b'<Connector', 0, text.index(b'.p12')) # not one of those in comments
end = text.index(b'</Connector>', start) + len(b'</Connector>')
def ours(old, new):
    return text[:start] + text[start:end].replace(old, new, 1) + text[end:]
$2
assert text != before, 'the edit changed nothing'
open(sys.argv[1], 'wb').write(text)" "$xml" || fail "the edit '$1' does not apply"
	local before
	before=$(tree_state "$tomcat_base")
	run 0 engine verify
	run 0 engine apply
	equal "$1: nothing was to do" "$before" "$(tree_state "$tomcat_base")"
}

edit "comments around and inside" '
text = ours(b"SSLEnabled=", b"\n\n          SSLEnabled=")
text = text.replace(b"<Certificate certificateKeystoreFile=\"/", b"<!-- ours: do not touch & keep -->\n<Certificate certificateKeystoreFile=\"/", 1)
at = text.rindex(b"<Engine name")
text = text[:at] + b"<!-- <Connector port=\"1\" SSLEnabled=\"true\"/> -->\n    " + text[at:]'
edit "tabs and no indentation" '
text = re.sub(rb"(?m)^        +", b"\t", text)
text = re.sub(rb"(?m)^    ", b"", text)'
edit "single quotes and other attributes" '
text = ours(b"scheme=\"https\"", b"maxThreads=\x2777\x27 scheme=\x27https\x27")'
edit "moved behind the samples in comments" '
element = text[start:end]
text = text[:start] + text[end:]
text = text.replace(b"<!-- An Engine", element + b"\n\n<!-- An Engine", 1)'
edit "CRLF line ends" '
text = text.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")'

# --- Tomcat takes all that, and a renewal touches none of it
"$tomcat_ctl" restart
wait_for 60 tomcat_answers
equal "Tomcat serves from the edited file" "$served" "$(served)"
before=$(sha256sum "$xml")
run 0 engine apply --force-renew
equal "server.xml stays as it was edited" "$before" "$(sha256sum "$xml")"
[ "$(served)" != "$served" ] || fail "the renewed certificate is not served"
served=$(served)

# --- a spoilt value: seen, and mended with everything around it as it was
cp "$xml" "$tmp/edited.xml"
sed -i 's/\(certificateKeystoreType=.\)PKCS12/\1JKS/' "$xml"
sed -i 's/ secure="true"/ secure="false"/' "$xml"
run 4 engine verify
run 0 engine apply
equal "only that value came back" "" "$(diff <(sed 's/JKS/PKCS12/' "$xml") "$tmp/edited.xml")"
grep -q $'\r$' "$xml" || fail "the line ends were changed"
run 0 engine verify

# --- the connector is gone: it comes back, in the line ends of the file
python3 -c '
import re, sys
text = open(sys.argv[1], "rb").read()
start = text.rindex(b"<Connector", 0, text.index(b"maxThreads=\x2777"))
end = text.index(b"</Connector>", start) + len(b"</Connector>")
text = text[:start] + text[end:]
open(sys.argv[1], "wb").write(text)' "$xml"
cp "$xml" "$tmp/without.xml"
run 4 engine verify
run 0 engine apply
run 0 engine verify
equal "nothing else changed" "" "$(diff "$tmp/without.xml" "$xml" | grep '^<' || true)"
equal "no line ends without a carriage return" 0 "$(grep -vc $'\r$' "$xml" || true)"
finish
