# Configurations as one meets them: only what is meant is changed, where it stands, and nginx itself is content with the
# result; what cannot be changed safely is refused with its line, and nothing changes. No nginx runs here.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/products/nginx.sh"
nginx_requires
nginx_create
nginx_write_ctl
tls=$nginx_base/tls
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 -subj /CN=old -keyout "$tls/old.key" \
	-out "$tls/old.crt" 2>/dev/null || fail "openssl made no certificate"
base="config = \"$nginx_base/nginx.conf\"; program = \"$nginx_program\"; prefix = \"$nginx_base\";"
verify='off = "nothing runs"'
pair="ssl_certificate $tls/old.crt;
    ssl_certificate_key $tls/old.key;"

# site FILE TEXT: a configuration file of that text.
site()
{
	printf '%s' "$2" >"$nginx_base/sites/$1"
}

# anew: no sites, the old certificate.
anew()
{
	rm -f "$nginx_base"/sites/* "$nginx_base"/*.crt "$nginx_base"/*.key "$tls"/new.*
	cp "$tls/old.crt" "$tls/a.crt"
	cp "$tls/old.key" "$tls/a.key"
}

# applied SETTINGS: it works, nginx is content, and a second run has nothing to do.
applied()
{
	target nginx "$base reload_command = [ \"/bin/true\" ]; ${1:-}"
	run 0 engine apply
	run 0 "$nginx_ctl" test
	run 0 engine plan --exit-code
}

# refused WORDS [SETTINGS]: plan and apply say it, and no file changes.
refused()
{
	local before
	target nginx "$base ${2:-}"
	before=$(tree_state)
	run 1 engine plan
	run 1 engine apply
	contains "it says why" "$1" "$out$err"
	equal "no file changed" "$before" "$(tree_state)"
}

is_ours()
{
	openssl verify -CAfile "$(state_file issuers/house/ca.pem)" -untrusted "$1" "$1" >/dev/null 2>&1 ||
		fail "$1 is not the certificate that was issued"
	ok "${1##*/} is the certificate that was issued"
}

# --- the files that the configuration names are replaced, and the configuration is left alone: quotes, CRLF, comments
anew
site a.conf $'# mine\r\nserver {\r\n  listen  127.0.0.1:8443   ssl ; # TLS\r\n  server_name "shop.example.test";\r\n  ssl_certificate \'tls/a.crt\';\r\n\tssl_certificate_key tls/a.key; }'
sum=$(sha256sum "$nginx_base/sites/a.conf")
applied
is_ours "$tls/a.crt"
equal "the configuration is byte for byte as it was" "$sum" "$(sha256sum "$nginx_base/sites/a.conf")"

# --- other files: the directives are changed where they stand, here in a snippet behind a link
anew
mkdir -p "$nginx_base/snippets" "$nginx_base/available"
printf '# both\r\nssl_certificate %s; # leaf\r\n ssl_certificate_key   "%s";' "$tls/a.crt" "$tls/a.key" >"$nginx_base/snippets/tls.conf"
printf 'server {\n    listen 127.0.0.1:8443 ssl;\n    server_name www.shop.example.test;\n    include snippets/*.conf;\n}\n' \
	>"$nginx_base/available/a"
ln -s ../available/a "$nginx_base/sites/a.conf"
applied "certificate_file = \"$tls/new.crt\"; key_file = \"$tls/new.key\";"
equal "only the paths changed" "$(printf '# both\r\nssl_certificate %s; # leaf\r\n ssl_certificate_key   %s;' "$tls/new.crt" "$tls/new.key")" \
	"$(cat "$nginx_base/snippets/tls.conf")"
[ -L "$nginx_base/sites/a.conf" ] || fail "the link was replaced"
is_ours "$tls/new.crt"
cmp "$tls/a.crt" "$tls/old.crt" || fail "the old file was overwritten"

# --- key and certificate in one file; a second server of the same name on another port
anew
cat "$tls/old.key" "$tls/old.crt" >"$tls/a.crt"
site a.conf "server { listen 8443 ssl; server_name .shop.example.test shop.example.test; ssl_certificate tls/a.crt; ssl_certificate_key tls/a.crt; }
server { listen 8444 ssl; server_name shop.example.test; $pair }"
applied
equal "the key is in the file" 1 "$(grep -c 'BEGIN PRIVATE KEY' "$tls/a.crt")"
is_ours "$tls/old.crt"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 -subj /CN=old -keyout "$tls/old.key" \
	-out "$tls/old.crt" 2>/dev/null

# --- inherited from the http block: a server of another name keeps what it had
anew
site 0.conf "ssl_certificate $tls/a.crt; ssl_certificate_key $tls/a.key;
server { listen 8443 ssl; server_name shop.example.test; }
server { listen 8443 ssl; server_name other.example.test; }
"
refused "other.example.test"
applied "certificate_file = \"$tls/new.crt\"; key_file = \"$tls/new.key\";"
contains "the server has directives of its own" "shop.example.test; ssl_certificate $tls/new.crt; ssl_certificate_key $tls/new.key; }" \
	"$(cat "$nginx_base/sites/0.conf")"
cmp "$tls/a.crt" "$tls/old.crt" || fail "the file of the others was overwritten"

# --- two kinds of key: the pair that is named
anew
cp "$tls/a.crt" "$tls/b.crt"
cp "$tls/a.key" "$tls/b.key"
site a.conf "server { listen 8443 ssl; server_name shop.example.test;
    ssl_certificate $tls/a.crt; ssl_certificate_key $tls/a.key;
    ssl_certificate $tls/b.crt; ssl_certificate_key $tls/b.key;
}
"
refused "has 2 certificates"
applied "certificate_file = \"$tls/b.crt\"; key_file = \"$tls/b.key\";"
is_ours "$tls/b.crt"
cmp "$tls/a.crt" "$tls/old.crt" || fail "the other pair was overwritten"

# --- a server for every name, the only one with TLS
anew
site a.conf "server { listen 8443 ssl default_server; server_name _; $pair }
server { listen 8080; server_name www.example.org; }
"
applied
is_ours "$tls/old.crt"
anew

# --- what is refused
site a.conf "server { listen 8443 ssl; server_name other.example.test; $pair }"
refused "has a name of the certificate"
refused "has no.such.name; set 'server_name' to a name that stands there" "server_name = \"no.such.name\";"
site a.conf "server { listen 8080; server_name shop.example.test; }"
refused "set 'port' to add TLS"
refused "line 1 of '$nginx_base/sites/a.conf': the server speaks plain http on port 8080" "port = 8080;"
site a.conf "server { listen 8080; server_name shop.example.test; }
server { listen 8081; server_name shop.example.test; }"
refused "another server of that name" "port = 8443;"
for path in '$ssl_server_name.crt' /etc/ssl/certs/ssl-cert-snakeoil.pem /etc/letsencrypt/live/a/fullchain.pem data:x; do
	site a.conf "server {
	listen 8443 ssl;
	server_name shop.example.test;
	ssl_certificate $path;
	ssl_certificate_key $tls/a.key;
}"
	refused "line 4 of '$nginx_base/sites/a.conf'"
done
site a.conf "server { listen 8443 ssl; server_name shop.example.test; ssl_certificate $tls/a.crt; }"
refused "not as many"
site a.conf "server { listen 8443 ssl; server_name shop.example.test; $pair "
refused "is not closed"
site a.conf "server { listen 8443 ssl; server_name shop.example.test; $pair location / { content_by_lua_block { x() } } }"
refused "Lua"
site a.conf "include sites/*.conf;"
refused "more than 16 deep"
site a.conf "include nowhere.conf;"
refused "nowhere.conf"
site a.conf "server { listen 8443 ssl; server_name shop.example.test; $pair }"
refused "together" "key_file = \"$tls/a.key\";"
refused "ends in 0" "mode = \"0644\";"
refused "absolute path" "reload_command = [ \"nginx\" ];"
rm "$nginx_base/nginx.conf"
refused "$nginx_base/nginx.conf"
finish
