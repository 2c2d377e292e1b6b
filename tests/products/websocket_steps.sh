# The table of the vendor's steps in plugins/websocket/websocket.md against what the plugin does: every row is judged here on
# one installation (a stand-in: websocket.sh says for what) and says the word that it is judged by, and nothing is judged
# that has no row.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/products/websocket.sh"
websocket_requires
table=$TOP_SRCDIR/plugins/websocket/websocket.md
awk -F' *[|] *' '/^\| 1[0-9]/ { split($2, a, " "); sub(/[:;, ].*/, "", $3); print a[1], $3 }' "$table" | sort >"$tmp/rows"
: >"$tmp/judged"

# step ID WORD: what follows judges this row.
step()
{
	echo "$1 $2" >>"$tmp/judged"
	grep -qx "$1 $2" "$tmp/rows" || fail "step $1: the table does not say '$2', but: $(grep "^$1 " "$tmp/rows" || echo nothing)"
	ok "step $1: the table says '$2'"
}

# refusal PART: plan fails and says it.
refusal()
{
	run 1 engine plan
	contains "refused" "$1" "$out$err"
}
websocket_create
server=$fme/Server/$server_file
cp -a "$fme" "$tmp/before"
websocket_start

# What is refused, before anything was done.
step 14e refuses
mkdir -p "$fme/Utilities/tomcat/conf"
echo "<Server><Connector keystoreFile=\"$fme/tomcat.keystore\"/></Server>" >"$fme/Utilities/tomcat/conf/server.xml"
target "keystore = \"$fme/tomcat.keystore\";"
refusal "is Tomcat's"
step 14f refuses
target "keystore = \"$fme/Server/'a'.p12\";"
refusal "no quotes"
target "password = \"\\\"quoted\\\"\";"
refusal "without quotes"
step 14g refuses
target "keystore = \"$fme\\\\a.p12\";"
refusal "forward slashes only"
target
for folder in publishers subscribers; do
	file=$fme/Server/config/$folder/websocket.properties
	mv "$file" "$tmp/kept"
	refusal "config/$folder"
	cp "$tmp/kept" "$file"
	cp "$tmp/kept" "$file.2"
	refusal "both have a line"
	rm "$file.2" "$file"
	cp -a "$tmp/before/Server/config/$folder/websocket.properties" "$file"
done
mv "$server" "$tmp/kept"
refusal "$server"
mv "$tmp/kept" "$server"
sed -i '/restart_command/d' "$config"
refusal "set 'unit' or 'restart_command'"

# What is done. The values that are there before are quoted, as step 14 warns of.
target
cat >>"$server" <<'END'
WEBSOCKET_KEYSTORE_FILE_PATH="C:\fme\tomcat.keystore"
WEBSOCKET_KEYSTORE_FILE_PASSWORD="password1"
END
run 0 engine apply
value()
{
	directives "${2:-$server_file}" | sed -n "s/^$1=//p"
}
step 14a does
cmp -s "$server" "$tmp/before/Server/$server_file" && fail "$server was not changed"
step 14b does
equal "TLS is enabled" true "$(value WEBSOCKET_ENABLE_SSL)"
contains "lines in comments stay" "# WEBSOCKET_ENABLE_SSL=false" "$(cat "$server")"
step 14c does
equal "the store is the target's own" "$fme/Server/shop-websocket.p12" "$(value WEBSOCKET_KEYSTORE_FILE_PATH)"
step 14d does
equal "the quoted password is replaced by a new one" 24 "$(value WEBSOCKET_KEYSTORE_FILE_PASSWORD | tr -d '\n' | tr -d -c 'A-Za-z0-9' | wc -c)"
step 15a does
equal "the subscriber's file says the same" "$(directives "$server_file")" "$(directives "$subscriber_file")"
step 15b does
equal "the publisher's file says the same" "$(directives "$server_file")" "$(directives "$publisher_file")"
step 16a does
definitions=localization/publishers/websocket/publisherProperties.xml
equal "the publisher's protocol" "$(sed '/PROPERTY/s/"ws:/"wss:/' "$tmp/before/$definitions")" "$(cat "$fme/$definitions")"
step 16b does
definitions=localization/subscribers/websocket/subscriberProperties.xml
equal "the subscriber's protocol" "$(sed '/PROPERTY/s/"ws:/"wss:/' "$tmp/before/$definitions")" "$(cat "$fme/$definitions")"
step 17a does
equal "both were made known" "1 current 1 current" "$(known publishers) $(known subscribers)"
step 17b does
equal "FME Flow was restarted" 2 "$(websocket_starts)"
step 17d reports
contains "what is stored is spoken of" "those that begin with ws:// are to be changed" "$err"
step 17c checks
equal "a WebSocket is served" 101 "$(upgrade https)"
touch "$fme/deaf"
run 1 engine apply --force-renew
contains "and nothing else passes" "instead of 101" "$out$err"

# Each row was judged.
sort "$tmp/judged" | diff "$tmp/rows" - >"$tmp/diff" || fail "rows of the table without a judge: $(cat "$tmp/diff")"
ok "$(wc -l <"$tmp/rows") rows"
finish
