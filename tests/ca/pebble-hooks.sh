# Hooks in the dialects of certengine, certbot, lego, dehydrated, uacme, and scripts of acme.sh's dnsapi. Each writes to a real
# name server that pebble asks; then hooks that fail, hang, or could be exchanged by others.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/ca/pebble.sh"
. "$TOP_SRCDIR/tests/ca/named.sh"

named_start
pebble_resolver=$named_address
pebble_start PEBBLE_AUTHZREUSE=0
chmod 755 "$tmp"
issuer="kind = \"acme\"; directory = \"$pebble_directory\"; agree_to_terms = true; ca_file = \"$pebble_ca\";"
hooks=$tmp/hooks
calls=$tmp/calls
mkdir -m 755 "$hooks"

# apply STATUS CHALLENGE NAMES
apply()
{
	local status=$1
	: >"$calls"
	rm -rf "$state/certificates"
	configure <<-END
		issuers: { ca: { $issuer challenge = { $2 resolver = "$named_address"; }; }; };
		certificates: { shop: { issuer = "ca"; names = [ $3 ]; }; };
	END
	run "$status" ce apply
}

# hook NAME: a program of standard input; $add NAME VALUE and $remove NAME VALUE write to the name server.
hook()
{
	{
		printf '#!/bin/sh\ncalls=%q\necho "$0 $*" >>"$calls"\n' "$calls"
		printf 'change() { printf "server 127.0.0.1 %s\\nupdate $1 $2. %s IN TXT \\"$3\\"\\nsend\\n" | nsupdate -k %q; }\n' \
			"${named_address#*:}" '$4' "$named_key"
		printf 'add() { change add "$1" "$2" 60; }\nremove() { change delete "$1" "$2" ""; }\n'
		cat
	} >"$hooks/$1"
	chmod 755 "$hooks/$1"
}

# Our own: everything is in the environment, and nothing of the caller's.
hook own <<'EOS'
env | sort >>"$calls"
case $1 in
add) add "$CERTENGINE_RECORD_NAME" "$CERTENGINE_RECORD_VALUE" ;;
remove) remove "$CERTENGINE_RECORD_NAME" "$CERTENGINE_RECORD_VALUE" ;;
*) exit 9 ;;
esac
EOS
export SECRET_OF_THE_CALLER=1
umask 077
printf '# a comment\nexport API_TOKEN="to ken"\nOTHER=1\n' >"$tmp/environment"
apply 0 "kind = \"dns-01\"; hook = \"$hooks/own\"; environment_file = \"$tmp/environment\";" '"own.test", "*.own.test", "second.test"'
equal "added and removed once for each name" 3,3 "$(grep -c 'own add$' "$calls"),$(grep -c 'own remove$' "$calls")"
equal "all are added before any is removed (Z5)" "add add add remove remove remove" \
	"$(sed -n 's|^.*/own \(.*\)$|\1|p' "$calls" | paste -sd' ')"
contains "the environment says for whom" "CERTENGINE_CERTIFICATE=shop" "$(cat "$calls")"
contains "what for" "CERTENGINE_RECORD_NAME=_acme-challenge.own.test" "$(cat "$calls")"
contains "that a wildcard is meant" "CERTENGINE_WILDCARD=1" "$(cat "$calls")"
contains "and what the file says" "API_TOKEN=to ken" "$(cat "$calls")"
lacks "not what the caller had" "SECRET_OF_THE_CALLER" "$(cat "$calls")"
equal "nothing stays" "" "$(named_texts _acme-challenge.own.test)"

# certbot --manual-auth-hook and --manual-cleanup-hook, which is told what the first one printed.
hook certbot-auth <<'EOS'
echo "all=$CERTBOT_ALL_DOMAINS remaining=$CERTBOT_REMAINING_CHALLENGES token=${CERTBOT_TOKEN-none}" >>"$calls"
add "_acme-challenge.$CERTBOT_DOMAIN" "$CERTBOT_VALIDATION" && echo "id-of-$CERTBOT_DOMAIN"
EOS
hook certbot-cleanup <<'EOS'
echo "output=$CERTBOT_AUTH_OUTPUT" >>"$calls"
remove "_acme-challenge.$CERTBOT_DOMAIN" "$CERTBOT_VALIDATION"
EOS
apply 0 "kind = \"dns-01\"; hook = \"$hooks/certbot-auth\"; cleanup_hook = \"$hooks/certbot-cleanup\"; dialect = \"certbot\";" \
	'"one.test", "two.test"'
contains "certbot's hooks are told all names and how many are left" "all=one.test,two.test remaining=1 token=none" \
	"$(sed 's/all=two.test,one.test/all=one.test,two.test/' "$calls")"
contains "the second hook is told what the first one printed" "output=id-of-one.test" "$(cat "$calls")"
equal "nothing stays of certbot's hooks" "" "$(named_texts _acme-challenge.one.test)"

# lego's provider exec, in both modes.
hook lego <<'EOS'
case $1 in present) add "${2%.}" "$3" ;; cleanup) remove "${2%.}" "$3" ;; *) exit 9 ;; esac
EOS
apply 0 "kind = \"dns-01\"; hook = \"$hooks/lego\"; dialect = \"lego\";" '"lego.test"'
contains "lego's hook gets record and value" "/lego present _acme-challenge.lego.test. " "$(cat "$calls")"
contains "and the same for its removal" "/lego cleanup _acme-challenge.lego.test. " "$(cat "$calls")"
hook lego-raw <<'EOS'
value=$(printf %s "$5" | openssl dgst -sha256 -binary | openssl base64 -A | tr '+/' '-_' | tr -d =)
[ "$2" = -- ] || exit 9
case $1 in present) add "_acme-challenge.$3" "$value" ;; cleanup) remove "_acme-challenge.$3" "$value" ;; *) exit 9 ;; esac
EOS
apply 0 "kind = \"dns-01\"; hook = \"$hooks/lego-raw\"; dialect = \"lego-raw\";" '"raw.test"'
contains "lego's raw mode gets name, token and key authorization" "/lego-raw present -- raw.test " "$(cat "$calls")"

hook dehydrated <<'EOS'
case $1 in
deploy_challenge) add "_acme-challenge.$2" "$4" ;;
clean_challenge) remove "_acme-challenge.$2" "$4" ;;
esac
EOS
apply 0 "kind = \"dns-01\"; hook = \"$hooks/dehydrated\"; dialect = \"dehydrated\";" '"deh.test"'
contains "dehydrated's hook deploys" "/dehydrated deploy_challenge deh.test " "$(cat "$calls")"
contains "and cleans" "/dehydrated clean_challenge deh.test " "$(cat "$calls")"

hook uacme <<'EOS'
[ "$2" = dns-01 ] || exit 1
case $1 in begin) add "_acme-challenge.$3" "$5" ;; done | failed) remove "_acme-challenge.$3" "$5" ;; *) exit 9 ;; esac
EOS
apply 0 "kind = \"dns-01\"; hook = \"$hooks/uacme\"; dialect = \"uacme\";" '"uac.test"'
contains "uacme's hook is told of the end" "/uacme done dns-01 uac.test " "$(cat "$calls")"

# acme.sh: the same calls that the real one makes of a script of its dnsapi; functions and saved credentials come from it.
mkdir -p -m 755 "$tmp/acme.sh/dnsapi"
cat >"$tmp/acme.sh/acme.sh" <<'EOS'
#!/usr/bin/env sh
_info() { printf '%s\n' "$*"; }
_err() { printf '%s\n' "$*" >&2; }
_initpath() { ACCOUNT_CONF_PATH="$LE_CONFIG_HOME/account.conf"; . "$ACCOUNT_CONF_PATH"; }
showhelp() { echo "Usage: acme.sh"; }
main() { [ -z "$1" ] && showhelp && return; exit 9; }
main "$@"
EOS
chmod 755 "$tmp/acme.sh/acme.sh"
echo "SAVED_ZONE_KEY='$named_key'" >"$tmp/acme.sh/account.conf"
cat >"$tmp/acme.sh/dnsapi/dns_bed.sh" <<EOS
dns_bed_add() { _info "adding \$1"; printf 'server 127.0.0.1 ${named_address#*:}\nupdate add %s. 60 IN TXT "%s"\nsend\n' "\$1" "\$2" | nsupdate -k "\$SAVED_ZONE_KEY"; }
dns_bed_rm() { _info "removing \$1"; printf 'server 127.0.0.1 ${named_address#*:}\nupdate delete %s. IN TXT "%s"\nsend\n' "\$1" "\$2" | nsupdate -k "\$SAVED_ZONE_KEY"; }
dns_sad_add() { _err "no credentials for \$1"; return 1; }
dns_sad_rm() { return 0; }
EOS
cp "$tmp/acme.sh/dnsapi/dns_bed.sh" "$tmp/acme.sh/dnsapi/dns_sad.sh"
apply 0 "kind = \"dns-01\"; dnsapi = \"dns_bed\"; acme_sh = \"$tmp/acme.sh\";" '"sh.test", "*.sh.test"'
ok "a script of acme.sh's dnsapi writes to the DNS"
equal "and removes what it wrote" "" "$(named_texts _acme-challenge.sh.test)"
apply 1 "kind = \"dns-01\"; dnsapi = \"dns_sad\"; acme_sh = \"$tmp/acme.sh\";" '"sh.test"'
contains "what it complains of is told" \
	"issuer 'ca': 'dns_sad' could not add the dns-01 response for 'sh.test' (status 1): no credentials for _acme-challenge.sh.test" "$out"
apply 1 "kind = \"dns-01\"; dnsapi = \"dns_bed\"; acme_sh = \"$tmp/no-acme.sh\";" '"sh.test"'
contains "an acme.sh that is not there is told" "'$tmp/no-acme.sh'" "$out"

# A hook that fails: whose, for which name, what it said. What it may have done all the same is removed.
hook bad <<'EOS'
[ "$1" = remove ] || { echo "the provider is down" >&2; exit 3; }
EOS
apply 1 "kind = \"dns-01\"; hook = \"$hooks/bad\";" '"bad.test"'
contains "a hook that fails is told in one sentence" \
	"shop: failed at challenge: issuer 'ca': '$hooks/bad' could not add the dns-01 response for 'bad.test' (status 3): the provider is down" "$out"
contains "its removal is tried all the same (Z13)" "bad remove" "$(cat "$calls")"

# A hook that hangs, with a child of its own: killed together.
hook hanging <<'EOS'
[ "$1" = add ] || exit 0
sleep 600 &
echo $! >"$calls.child"
sleep 600
EOS
began=$SECONDS
apply 1 "kind = \"dns-01\"; hook = \"$hooks/hanging\"; timeout = 1;" '"slow.test"'
contains "a hook that hangs is one clear error" \
	"shop: failed at challenge: issuer 'ca': '$hooks/hanging' was to add the dns-01 response for 'slow.test' and did not end within 1 s: it was killed" "$out"
[ $((SECONDS - began)) -lt 20 ] || fail "it was waited for too long"
gone()
{
	! kill -0 "$(cat "$calls.child")"
}
wait_for 10 gone
ok "with what it had started"

# A hook that others may write is not run.
hook open <<'EOS'
EOS
chmod 777 "$hooks/open"
apply 1 "kind = \"dns-01\"; hook = \"$hooks/open\";" '"open.test"'
contains "a hook that others may write is refused" "$hooks/open" "$out"
equal "and not run" "" "$(cat "$calls")"
chmod 644 "$tmp/environment"
apply 1 "kind = \"dns-01\"; hook = \"$hooks/own\"; environment_file = \"$tmp/environment\";" '"open.test"'
contains "secrets that others may read are refused" "can be read by others" "$out"
finish
