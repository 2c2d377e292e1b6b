#!/bin/bash
# Ten mistakes in a configuration are ten lines in one run, each with its place and what was meant.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
requires "$certengine"

run 2 ce check
contains "a missing configuration is a configuration error" "there is no configuration" "$err"
contains "where one is to be copied from" "share/certengine/examples" "$err"

configure <<'END'
issuers: {
  house: { kind = "local"; dys = 3; };
  other: { knd = "local"; };
};
certificates: {
  shop: {
    isuer = "house";
    names = [ "a b", "a.example", "A.example" ];
    key = "rsa-1024";
    renew = 1.5;
    targets: { web: { plugin = "no-such-plugin"; host = "ssh://root:x@db"; }; };
  };
};
limit = 4294967297;
END
run 2 ce check
while IFS='|' read -r line text; do
	contains "line $line" "certengine.conf:$line: $text" "$err"
done <<'END'
2|issuer 'house' of kind 'local' does not know the option 'dys', did you mean 'days'?
3|unknown key 'knd' in issuer 'other', did you mean 'kind'?
6|certificate 'shop' needs an 'issuer'
7|unknown key 'isuer' in certificate 'shop', did you mean 'issuer'?
8|the name 'A.example' stands twice
9|unknown kind of key 'rsa-1024'
10|'renew' is the fraction of the lifetime
11|no password belongs into a URL
14|the number 4294967297 does not fit 32 bits
14|unknown key 'limit' in the file
END
contains "an unknown plugin is found in the same run" "no-such-plugin" "$err"
equal "standard output stays empty" "" "$out"
before=$err
for command in plan apply verify; do
	run 2 ce "$command"
	equal "'$command' finds the same" "$before" "$err"
done
[ ! -e "$state" ] || fail "something was attempted: $state exists"
ok "nothing was attempted"

run 2 ce -q check
equal "quiet is complete on failure" "$before" "$err"

# What would only be met when the CA is called, or would pass for nothing.
configure <<'END'
issuers: {
  a: { kind = "acme"; directory = "https://ca.example/d"; language = " "; };
  b: { kind = "acme"; directory = "https://ca.example/d"; interface = "eth 0"; };
  c: { kind = "acme"; directory = "https://ca.example/d"; dns_servers = "-"; };
  d: { kind = "acme"; directory = "https://ca.example/d"; challenge: { kind = "dns-01"; server = "127.0.0.1";
    zone = " "; }; };
  e: { kind = "acme"; directory = "https://ca.example/d"; challenge: { kind = "dns-01";
    server = "ns.example 53"; }; };
  f: { kind = "acme"; directory = "https://ca.example/d"; challenge: { kind = "dns-01"; server = "127.0.0.1";
    alias = "-k"; }; };
  g: { kind = "acme"; directory = "https://ca.example/d";
    names_max = {}; };
  h: { kind = "acme"; directory = "https://ca.example/d";
    eab: {}; };
  i: { kind = "acme"; directory = "https://ca.example/d"; interface = "eth0.5"; language = "pt-BR, en;q=0.5"; dns_servers = "::1,192.0.2.1";
    challenge = ( { kind = "dns-01"; server = "[::1]:53"; zone = "example.com."; alias = "_a.example.com"; } ); };
};
END
run 2 ce check
while IFS='|' read -r line text; do
	contains "line $line" "certengine.conf:$line: $text" "$err"
done <<'END'
2|issuer 'a': language is not languages
3|issuer 'b': interface is not the name of a network interface
4|issuer 'c': dns_servers is not addresses of name servers
6|issuer 'd': challenge.zone must be a name in the DNS
8|issuer 'e': challenge.server must be the name or address of a name server
10|issuer 'f': challenge.alias must be a name in the DNS
12|the group 'names_max' is empty
14|the group 'eab' is empty
END
equal "and nothing else" 8 "$(grep -c certengine.conf: <<<"$err")"

configure <<'END'
issuers: { house: { kind = "local"; }; };
certificates: { shop: { issuer = "house"; names = [ "shop.example.com" ]; }; };
END
chmod 0666 "$etc/certengine.conf"
run 2 ce check
contains "a file that others may write is refused" "others may write it (mode 0666)" "$err"
chmod 0600 "$etc/certengine.conf"
run 0 ce check
contains "a good configuration is said to be good" "the configuration is good" "$out"
run 0 ce -q check
equal "quiet is silent on success" "" "$out$err"

# conf.d continues the file, and -c leaves it alone.
configure conf.d/extra.conf <<'END'
certificates: { mail: { issuer = "huose"; names = [ "mail.example.com" ]; }; };
END
run 2 ce check
contains "conf.d is read" "conf.d/extra.conf:1: there is no issuer 'huose', did you mean 'house'?" "$err"
run 0 ce check -c "$etc/certengine.conf"
cd "$etc" || exit 99
run 0 ce check -c certengine.conf
# Whoever is not root is told so, where that is the reason.
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	configure <<-'END'
	issuers: { house: { kind = "local"; }; };
	certificates: { shop: { issuer = "house"; names = [ "a.test" ]; }; };
	END
	rm -rf "$etc/conf.d"
	run 0 ce apply
	chmod 755 "$tmp" "$root"
	find "$root" -path "*/var" -prune -o -exec chmod a+rX {} +
	if setpriv --reuid=65534 --regid=65534 --clear-groups test -x "$certengine"; then
		run 1 setpriv --reuid=65534 --regid=65534 --clear-groups "$certengine" --root "$root" status
		contains "not being root is told" "must run as root" "$err"
	fi
fi
finish
