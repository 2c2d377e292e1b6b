# A WebSocket server of FME Flow (a stand-in: websocket.sh says for what) that speaks plain text gets its first certificate,
# keeps it untouched while nothing is to do, and gets the next one by a restart. The numbers are those of the acceptance
# facts of the product; the letters those that all products share.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/products/websocket.sh"
websocket_requires
requires keytool
websocket_create
cp -a "$fme" "$tmp/before"
websocket_start
target

# --- plan tells and does nothing
before=$(tree_state)
run 0 engine plan
contains "plan shows the directive" "+WEBSOCKET_ENABLE_SSL=true" "$out"
contains "and the protocol" 'value="wss://shop.example.test' "$out"
contains "but no password" "WEBSOCKET_KEYSTORE_FILE_PASSWORD=********" "$out"
contains "and what it takes" "publishers and subscribers made known again" "$out"
contains "10 URLs that are stored elsewhere are spoken of" "those that begin with ws:// are to be changed" "$out$err"
equal "plan changed no file" "$before" "$(tree_state)"

# --- the first installation
run 0 engine apply
first=$(served)
[ -n "$first" ] || fail "nothing is served on port $fme_port"
equal "2 a WebSocket is served over TLS" 101 "$(upgrade https)"
equal "3 and none in plain text" "" "$(upgrade http)"
equal "9 it was restarted once" 2 "$(websocket_starts)"
for file in "$server_file" "$publisher_file" "$subscriber_file"; do
	equal "4 each directive is there once in $file" "WEBSOCKET_ENABLE_SSL WEBSOCKET_KEYSTORE_FILE_PASSWORD WEBSOCKET_KEYSTORE_FILE_PATH" \
		"$(directives "$file" | cut -d= -f1 | xargs)"
	lacks "4 without quotes" '"' "$(directives "$file")"
	lacks "4 without back slashes" '\' "$(directives "$file")"
	equal "5 they say the same in $file" "$(directives "$server_file")" "$(directives "$file")"
	equal "no line of $file was removed or changed" 0 "$(diff "$tmp/before/Server/$file" "$fme/Server/$file" | grep -c '^<' || true)"
	equal "$file keeps owner and mode" "$(stat -c '%a %u:%g' "$tmp/before/Server/$file")" "$(stat -c '%a %u:%g' "$fme/Server/$file")"
done
equal "line ends are those of the file" 0 "$(grep -vc $'\r$' "$fme/Server/$publisher_file" || true)"

# 6: Java opens the store with the password: one entry, the certificate that is served
store=$(directives "$server_file" | sed -n 's/^WEBSOCKET_KEYSTORE_FILE_PATH=//p')
password=$(directives "$server_file" | sed -n 's/^WEBSOCKET_KEYSTORE_FILE_PASSWORD=//p')
listing=$(keytool -list -v -storetype PKCS12 -keystore "$store" -storepass "$password" 2>&1)
equal "6 one entry, a private key" 1 "$(grep -c PrivateKeyEntry <<<"$listing")"
contains "6, (b) with the certificate that is served" "$first" "$(tr -d : <<<"$listing" | tr A-F a-f)"
equal "6 the store is closed to others" "$(stat -c '640 %u:%g' "$fme/Server/$server_file")" "$(stat -c '%a %u:%g' "$store")"
lacks "the password is not in the output" "$password" "$out$err"

# 7, 8
for kind in publishers subscribers; do
	xml=localization/$kind/websocket/${kind%s}Properties.xml
	equal "7 only the protocol changed in $kind" "$(sed '/PROPERTY/s/"ws:/"wss:/' "$tmp/before/$xml")" "$(cat "$fme/$xml")"
	equal "8 $kind were made known, once" "1 current" "$(known "$kind")"
done

# --- (d) a second apply: not a byte, not a restart
before=$(tree_state)
run 0 engine apply
run 0 engine plan --exit-code
run 0 engine verify
run 0 engine -q apply
equal "quiet is silent" "" "$out$err"
equal "(d) a second apply changes no file, not even its time" "$before" "$(tree_state)"
equal "(d) nor does it restart" "2, 1 current" "$(websocket_starts), $(known publishers)"

# --- renewal: the keystore alone, and a restart
sums=$(cd "$fme" && sha256sum "Server/$server_file" "Server/$publisher_file" localization/*/*/*.xml)
run 0 engine apply --force-renew
second=$(served)
[ -n "$second" ] && [ "$second" != "$first" ] || fail "the renewed certificate is not served"
ok "the renewed certificate is served"
equal "it was restarted" 3 "$(websocket_starts)"
equal "nothing but the store changed" "$sums" "$(cd "$fme" && sha256sum "Server/$server_file" "Server/$publisher_file" localization/*/*/*.xml)"
equal "8 definitions that did not change are not made known again" "1 current 1 current" "$(known publishers) $(known subscribers)"
run 0 engine rollback shop 1
equal "the first certificate is served again" "$first" "$(served)"
run 0 engine rollback shop 2
equal "and the second once more" "$second" "$(served)"

# --- drift is seen and mended, each part of it alone
good=$(tree_bytes)
# drift WHAT FILE SED-SCRIPT
drift()
{
	local sum
	sum=$(sha256sum <"$fme/$2")
	sed -i "$3" "$fme/$2"
	[ "$sum" != "$(sha256sum <"$fme/$2")" ] || fail "'$3' changes nothing"
	run 4 engine verify
	contains "verify names the target" events "$out$err"
	run 0 engine apply
	equal "$1 is mended" "$good" "$(tree_bytes)"
	equal "and a WebSocket is served" 101 "$(upgrade https)"
}
drift "TLS switched off" "Server/$server_file" 's/^WEBSOCKET_ENABLE_SSL=.*/WEBSOCKET_ENABLE_SSL=false/'
drift "a path in quotes" "Server/$server_file" 's/^\(WEBSOCKET_KEYSTORE_FILE_PATH=\)\(.*\)/\1"\2"/'
drift "the publisher's password" "Server/$publisher_file" 's/^\(WEBSOCKET_KEYSTORE_FILE_PASSWORD\)=[^\r]*/\1=of.long.ago/'
drift "the subscriber's path" "Server/$subscriber_file" 's/^\(WEBSOCKET_KEYSTORE_FILE_PATH\)=[^\r]*/\1=C:\\store/'
drift "the protocol of subscribers" localization/subscribers/websocket/subscriberProperties.xml '/PROPERTY/s/"wss:/"ws:/'
equal "8 and only they were made known again" "1 current 2 current" "$(known publishers) $(known subscribers)"
openssl rand 300 >"$store"
run 4 engine verify
run 0 engine apply
equal "the keystore is whole again" "$second" "$(served)"
finish
