# An installation of FME Flow as one meets it: what cannot be done safely is refused with its reason, and nothing changes.
# "Goes wrong" are the vendor's and others' tales of what does. Nothing runs here.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/products/websocket.sh"
websocket_requires
websocket_create
mkdir "$tmp/first"
cp -a "$fme" "$tmp/first/"
target

# refused STATUS PART...: plan and apply say each PART, and no file changes; then all is good again.
refused()
{
	local status=$1 part before
	shift
	before=$(tree_state)
	run "$status" engine plan
	run "$status" engine apply
	for part; do
		contains "the message says it" "$part" "$out$err"
	done
	equal "no file changed" "$before" "$(tree_state)"
	rm -rf "$fme"
	cp -a "$tmp/first/fmeflow" "$fme"
	target
}
publisher=$fme/Server/$publisher_file subscriber=$fme/Server/$subscriber_file server=$fme/Server/$server_file
xml=$fme/localization/publishers/websocket/publisherProperties.xml

# --- goes wrong: quotes or back slashes in path or password
target "keystore = \"$fme/Server/a\\\\b.p12\";"
refused 1 "forward slashes only"
target "keystore = \"$fme/Server/a'b.p12\";"
refused 1 "no quotes"
for password in 'short' 'with\"quote' 'with\\slash' ' leading.blank' 'umlaut.ä'; do
	target "password = \"$password\";"
	refused 1 "without quotes, back slashes and blanks"
	lacks "the password is not told" "${password:0:10}" "$out$err"
done

# --- goes wrong: the Core is not restarted
restart=
target
sed -i '/restart_command/d' "$config"
refused 1 "set 'unit' or 'restart_command'"
target 'unit = "--now";'
refused 1 "no name of a systemd unit"

# --- goes wrong: only one of the three files is changed. All three must be found, each without doubt
rm "$publisher"
refused 1 "config/publishers" "publisher_file"
cp -a "$subscriber" "$subscriber.old"
refused 1 "$subscriber" "$subscriber.old" "subscriber_file"
rm "$server"
refused 1 "$server"
mkdir "$fme/Server/config/subscribers/more"
cp -a "$subscriber" "$fme/Server/config/subscribers/more/websocket.properties"
refused 1 "more/websocket.properties"

# --- a file that says a thing twice, or that Java would read in another way than people do
printf 'WEBSOCKET_ENABLE_SSL=false\nWEBSOCKET_ENABLE_SSL=true\n' >>"$server"
refused 1 WEBSOCKET_ENABLE_SSL "$server"
printf 'NOTE=goes on \\\n' >>"$publisher"
refused 1 "$publisher" "back slash at the end of a line"
sed -i 's/^WEBSOCKET_REQUEST_PORT=.*/WEBSOCKET_REQUEST_PORT=${port}/' "$server"
refused 1 "which is no port"

# --- the definitions: not there, of another kind, broken
rm "$xml"
refused 1 "$xml"
sed -i 's,"ws:,"http:,' "$xml"
refused 1 "no PROPERTY whose value begins with ws:" shared
sed -i 's,</PROPERTIES>,,' "$xml"
refused 1 "$xml"
sed -i '2i <!DOCTYPE PROPERTIES [ <!ENTITY x SYSTEM "file:///etc/passwd"> ]>' "$xml"
refused 1 "$xml"

# --- goes wrong: the XML is not made known again. The program for it must be there
rm "$fme/Clients/utilities/addSubscribers.sh"
refused 1 "Clients/utilities/addSubscribers.sh" "subscribers_command"
target 'publishers_command = [ "addPublishers.sh" ];'
refused 1 "absolute path"

# --- without a program that asks for a WebSocket nothing could be proven
target "curl = \"$fme/curl\";"
refused 1 "$fme/curl"

# --- goes wrong: one store for Tomcat and the Core
mkdir -p "$fme/Utilities/tomcat/conf"
cat >"$fme/Utilities/tomcat/conf/server.xml" <<END
<Server><Service><Connector port="443"><SSLHostConfig>
<Certificate certificateKeystoreFile="$fme/tomcat.keystore" certificateKeystorePassword="of.tomcat"/>
</SSLHostConfig></Connector></Service></Server>
END
target "keystore = \"$fme/tomcat.keystore\";"
refused 1 "is Tomcat's by" "server.xml"

# --- Java that could not read the store
mkdir -p "$fme/Utilities/jre"
for version in 1.8.0_292 11.0.11 15.0.2; do
	mkdir -p "$fme/Utilities/jre"
	echo "JAVA_VERSION=\"$version\"" >"$fme/Utilities/jre/release"
	refused 1 "Java is" "$version" "legacy"
done
for version in 1.8.0_301 11.0.12 17.0.9 21; do
	mkdir -p "$fme/Utilities/jre"
	echo "JAVA_VERSION=\"$version\"" >"$fme/Utilities/jre/release"
	run 0 engine plan
done
echo 'JAVA_VERSION="11.0.11"' >"$fme/Utilities/jre/release"
target 'profile = "legacy";'
run 0 engine plan
rm -r "$fme/Utilities"

# --- what is only reported: names of ws:// that are no protocol, files that all can read, files that confd writes
target
sed -i 's,</PROPERTIES>,<PROPERTY name="hint" value="such as ws://host"/>&,' "$xml"
chmod 644 "$server"
mkdir "$fme/Config"
touch "$fme/Config/values.yml"
run 0 engine -v plan
contains "a text for people stays" "the value names ws:// behind its beginning" "$err"
lacks "in the definitions" 'such as wss:' "$out"
contains "a password that all can read" "'$server' holds the keystore's password" "$err"
contains "a template" "confd writes FME Flow's files" "$err"

# --- files that are named instead of found
rm -rf "$fme"
cp -a "$tmp/first/fmeflow" "$fme"
mv "$publisher" "$fme/Server/p.txt"
cp -a "$subscriber" "$subscriber.old"
target "publisher_file = \"$fme/Server/p.txt\"; subscriber_file = \"$subscriber\";"
run 0 engine plan
contains "the publisher's" "+++ $fme/Server/p.txt" "$out"
contains "the subscriber's" "+++ $subscriber" "$out"
lacks "and no other" "$subscriber.old" "$out"
target "publisher_file = \"$subscriber\"; subscriber_file = \"$subscriber\";"
run 1 engine plan
contains "one file is not both" "are the same file" "$out$err"
finish
