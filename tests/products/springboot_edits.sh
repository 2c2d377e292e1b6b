# Configurations as one meets them: keys in any spelling are changed where they count, what Spring Boot would not read or
# what goes before the file is refused with its line, and nothing changes. No application runs here.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/products/springboot.sh"
requires keytool openssl "$certengine"
app=$tmp/product/app
mkdir -p "$app"
verify='off = "nothing runs"'
restart=/bin/true

# file NAME TEXT: a file of the application, and no other but what is named by a slash.
file()
{
	printf '%s' "$2" >"$app/$1"
}
anew()
{
	rm -rf "$app"
	mkdir -p "$app/config"
	app_config=$app/$1
	file "$1" "$2"
}

# applied SETTINGS: it works, and a second run has nothing to do. refused WORDS SETTINGS: it says so, no file changes.
applied()
{
	target "${1:-}"
	run 0 engine apply
	run 0 engine plan --exit-code
}
refused()
{
	local before
	target "${2:-}"
	before=$(tree_state)
	run 1 engine plan
	run 1 engine apply
	contains "it says why" "$1" "$out$err"
	equal "no file changed" "$before" "$(tree_state)"
}

# --- any spelling, escapes and continuations, CRLF, the last document that is active
anew application.properties $'server.ssl.keyStore=old.p12\r\nSERVER.SSL.KEY_STORE_PASSWORD = one\\\r\n   two\r\n#---\r\nspring.config.activate.on-profile=a,prod\r\nserver.ssl.key-store=${where:/nowhere}/s\\u00e9.p12\r\n'
applied "profiles = [ \"prod\" ]; placeholders = [ \"where=$app\" ]; alias = \"web\";"
[ -e "$app/sé.p12" ] || fail "the keystore that counts was not written"
cp "$app/sé.p12" "$tmp/copy.p12" # the C locale has no such name for Java
run 0 keytool -list -keystore "$tmp/copy.p12" -storepass onetwo -alias web
equal "only what was missing is there" $'server.ssl.keyStore=old.p12\r\nSERVER.SSL.KEY_STORE_PASSWORD = one\\\r\n   two\r\n#---\r\nspring.config.activate.on-profile=a,prod\r\nserver.ssl.key-store=${where:/nowhere}/s\\u00e9.p12\r\nserver.ssl.key-store-type=PKCS12\r\nserver.ssl.key-alias=web\r' "$(cat "$app_config")"

# --- a password behind a placeholder, JKS, and a key password that must be the same
anew application.yml "server:
  ssl:
    key-store: $app/s.jks   # mine
    key-store-password: \${STORE_PASSWORD}
    key-password: \"another\"
"
applied 'password = "geheim99";'
run 0 keytool -list -keystore "$app/s.jks" -storepass geheim99
equal "the placeholder stays" 1 "$(grep -c 'key-store-password: ${STORE_PASSWORD}$' "$app_config")"
contains "the key's password is the store's" 'key-password: "geheim99"' "$(cat "$app_config")"
equal "it is a JKS" feedfeed "$(head -c 4 "$app/s.jks" | od -An -tx1 | tr -d ' \n')"

# --- a relative path counts from where it is said
anew application.properties "server.ssl.certificate=file:./tls/a.crt
server.ssl.certificate-private-key=tls/a.key
"
mkdir "$app/tls"
refused "set 'directory'"
applied "directory = \"$app\";"
equal "the key fits" "$(openssl pkey -in "$app/tls/a.key" -pubout)" "$(openssl x509 -in "$app/tls/a.crt" -noout -pubkey)"

# --- the properties of Actian Integration Manager, step 2 of the vendor's instructions, in the vendor's own order; what
# springboot.md says of each step holds
mkdir -p "$app/conf/ssl"
app_config=$app/application.properties
file application.properties "# Enable SSL
security.require-ssl=true
server.port=80
im.base-url=http://im.example.test:\${server.port}
"
actian="alias = \"integration-manager\"; keystore = \"$app/conf/ssl/keystore.p12\";
	properties = [ \"server.port=443\", \"im.base-url=https://im.example.test:\${server.port}\" ];"
applied "$actian"
password=$(sed -n 's/^server.ssl.key-store-password=//p' "$app_config")
equal "the properties are the vendor's" "# Enable SSL
security.require-ssl=true
server.port=443
server.ssl.key-store=$app/conf/ssl/keystore.p12
server.ssl.key-store-password=$password
server.ssl.key-store-type=PKCS12
server.ssl.key-alias=integration-manager
im.base-url=https://im.example.test:\${server.port}" "$(cat "$app_config")"
run 0 keytool -list -keystore "$app/conf/ssl/keystore.p12" -storepass "$password" -alias integration-manager
sed -i "s,^server.ssl.key-store=.*,server.ssl.key-store=\${sharedDataPath}/conf/ssl/keystore.p12," "$app_config"
applied "$actian placeholders = [ \"sharedDataPath=$app\" ];"
contains "the placeholder stays" "=\${sharedDataPath}/conf/ssl/keystore.p12" "$(cat "$app_config")"

# --- what is refused
good="server.ssl.key-store=$app/s.p12
server.ssl.key-store-password=geheim99
"
anew application.properties "$good"server.ssl.keystore=/other
refused "line 3 of"
anew application.properties "$good"server.ssl.enabled=false
refused "server.ssl.enabled is false"
anew application.properties "$good"server.ssl.certificate=/x
refused "only one counts"
anew application.properties "$good"server.ssl.bundle=none
refused "not defined"
anew application.properties "server.ssl.key-store=classpath:s.p12"
refused "no file that can be written"
anew application.properties "server.ssl.certificate=-----BEGIN CERTIFICATE-----"
refused "the certificate itself"
anew application.properties "server.ssl.key-store=\${unknown}/s.p12"
refused "nothing says what \${unknown} is"
anew application.properties "a=\${b}
b=\${a}
server.ssl.key-store=\${a}"
refused "refer to each other"
anew application.properties "server.ssl.key-store=$app/s.p12
server.ssl.key-store-type=PKCS11"
refused "PKCS11"
anew application.properties "server.ssl.key-store=$app/s.p12
server.ssl.key-store-password=abc"
refused "6 printable"
anew application.properties "#---
spring.config.activate.on-profile=!test
$good"
refused "on a condition"
anew application.properties $'\xef\xbb\xbf'"$good"
refused "byte order mark"
anew application.yml "server: &s
  ssl:
    key-store: relative.p12
other: *s
"
refused "anchor" "keystore = \"$app/s.p12\"; directory = \"$app\";"
anew application.yml "server:
  ssl:
	key-store: x"
refused "line 3"
anew application.properties ""
refused "set 'version'" 'form = "pem";'
refused "need Spring Boot 2.7" 'form = "pem"; version = "2.6.1";'
refused "need Spring Boot 3.2" 'form = "bundle"; version = "3.1.12";'
refused "is no version" 'version = "new";'
anew application.properties "$good"
refused "not as pem" 'form = "pem"; version = "3.4.0";'
refused "lower case" 'alias = "Web";'
refused "together" "key_file = \"$app/a\";"
refused "ends in 0" 'mode = "0644";'
refused "name=value" 'placeholders = [ "x" ];'
refused "name=value" 'properties = [ "=x" ];'

# --- other files that Spring Boot reads beside it
for other in application.yml config/application.properties application-prod.properties config/application-prod.yaml; do
	anew application.properties "$good"
	case $other in
	*.properties) file "$other" "server.ssl.key-alias=x" ;;
	*) file "$other" "server: { port: 1 }" ;;
	esac
	refused "line 1 of '$app/$other'" 'profiles = [ "prod" ];'
done
anew application.properties "spring.profiles.active=prod
$good"
file application-prod.yml "server.port: 1"
refused "application-prod.yml"
anew application.properties "$good"
file application-prod.yml "server.port: 1"
applied

# --- the unit's environment and command line
if [ "$(id -u)" = 0 ]; then
	unit=certengine-test-$$.service
	unit_file=/run/systemd/system/$unit
	mkdir -p /run/systemd/system
	cleanup_fn rm -rf "$unit_file" "$unit_file.d"
	unit()
	{
		printf '[Service]\nType=simple\n%s\n' "$1" >"$unit_file"
		anew application.properties "server.ssl.key-store=s.p12
server.ssl.key-store-password=geheim99
"
	}
	with="unit = \"$unit\";"
	unit "WorkingDirectory=$app
ExecStart=/usr/bin/java -jar shop.jar --spring.profiles.active=prod"
	applied "$with"
	[ -e "$app/s.p12" ] || fail "WorkingDirectory was not used"
	file application-prod.properties "server.port=1"
	refused "application-prod.properties" "$with"
	unit 'Environment="A=b c" "SERVER_SSL_KEYSTORE=/other"'
	refused "line 3 of '$unit_file' sets SERVER_SSL_KEYSTORE" "$with"
	unit 'ExecStart=/usr/bin/java -Dserver.ssl.key-store=/x \
 -jar shop.jar'
	refused "server.ssl.key-store" "$with"
	unit 'ExecStart=/usr/bin/java -jar shop.jar --spring.config.location=/else/where/'
	refused "spring.config.location" "$with"
	unit "EnvironmentFile=-$app/env"
	file env 'SERVER_PORT="8443"'
	refused "line 1 of '$app/env'" "$with"
	applied "$with directory = \"$app\"; port = 8443;"
	unit ""
	mkdir "$unit_file.d"
	printf '[Service]\nEnvironment=SPRING_APPLICATION_JSON={}\n' >"$unit_file.d/a.conf"
	refused "$unit_file.d/a.conf" "$with"

	# --- discovery says how it would be configured
	unit "WorkingDirectory=$app
ExecStart=/usr/bin/java -jar /opt/shop.jar"
	. "$TOP_SRCDIR/tests/plugins/pluginlib.sh"
	install -m 0644 "$TOP_BUILDDIR/.libs/springboot.so" "$plugins/springboot.so"
	serve 0 springboot discover
	contains "the application is found" "config = $app/application.properties
  unit = $unit" "$out"
fi
finish
