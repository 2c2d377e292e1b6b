# Two certificates for one nginx, whose servers stand in one file: both are put in, in one transaction with one reload.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/products/nginx.sh"
nginx_requires
nginx_create
cat >"$nginx_base/sites/two.conf" <<CONF
server { listen 127.0.0.1:$nginx_http; server_name a.example.test; }
server { listen 127.0.0.1:$nginx_http; server_name b.example.test; }
CONF
nginx_start
config=$tmp/certengine.conf
target="plugin = \"nginx\"; config = \"$nginx_base/nginx.conf\"; program = \"$nginx_program\"; prefix = \"$nginx_base\";
	port = $nginx_https; verify: { deadline = 10; };"
cat >"$config" <<CONF
issuers: { house: { kind = "local"; }; };
certificates: {
  a: { issuer = "house"; names = [ "a.example.test" ]; key = "ec-p256"; targets: { web: { $target }; }; };
  b: { issuer = "house"; names = [ "b.example.test" ]; key = "ec-p256"; targets: { web: { $target }; }; };
};
CONF

reloads()
{
	grep -c 'signal 1 (SIGHUP)' "$nginx_base/error.log" || true
}

run 0 engine apply
equal "one reload" 1 "$(reloads)"
for name in a b; do
	equal "$name has its own certificate" "$(fingerprint "$nginx_base/$name.crt")" \
		"$(served "$nginx_https" "$name.example.test")"
done
run 0 engine verify
run 0 engine plan --exit-code
run 0 engine apply --force-renew
equal "one more for both" 2 "$(reloads)"
run 0 engine verify
run 0 engine apply --force-renew a
equal "one for a alone" 3 "$(reloads)"
equal "which b does not mind" "$(fingerprint "$nginx_base/b.crt")" "$(served "$nginx_https" b.example.test)"
finish
