#!/bin/bash
# The bash completion offers every command and every option of the program, and nothing else.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
requires "$certengine" awk

configure <<'END'
issuers: { house: { kind = "local"; }; };
certificates: {
  shop: { issuer = "house"; names = [ "shop.example.com" ]; };
  mail: { issuer = "house"; names = [ "mail.example.com" ]; };
};
END
# The program as it would be found in PATH.
mkdir "$tmp/bin"
printf '#!/bin/sh\nexec "%s" --root "%s" "$@"\n' "$certengine" "$root" >"$tmp/bin/certengine"
chmod +x "$tmp/bin/certengine"
PATH=$tmp/bin:$PATH
# shellcheck source=scripts/completion/certengine
. "$TOP_SRCDIR/scripts/completion/certengine"

# offered WORD...: what is offered for the last word.
offered()
{
	COMP_WORDS=(certengine "$@")
	COMP_CWORD=$#
	_certengine
	printf '%s\n' "${COMPREPLY[@]}" | sort | tr '\n' ' '
}

"$certengine" help --machine >"$tmp/machine"
equal "every command" "$(awk -F'\t' '$1 == "command" { print $2 }' "$tmp/machine" | sort | tr '\n' ' ')" "$(offered '')"
for command in $(awk -F'\t' '$1 == "command" { print $2 }' "$tmp/machine"); do
	wanted=$(awk -F'\t' -v command="$command" '$1 == "option" && ($2 == "*" || $2 == command) { print $3 }' "$tmp/machine" |
		sort | tr '\n' ' ')
	equal "every option of $command" "$wanted" "$(offered "$command" --)"
done
equal "a command that was begun" "rollback " "$(offered roll)"
equal "certificates" "mail shop " "$(offered apply '')"
equal "certificates behind options" "shop " "$(offered -q apply --force-renew s)"
equal "what plugin takes" "info list " "$(offered plugin '')"
contains "plugins" "sample" "$(offered plugin info s)"
equal "no guess for seconds" " " "$(offered apply --lock-wait '')"
touch "$tmp/a.conf"
equal "files for --config" "$tmp/a.conf " "$(offered -c "$tmp/a.c")"
finish
