#!/bin/bash
# The plugin in certengine-plugin(7) is complete: it compiles with the public header alone, needs nothing else, is loaded,
# and does what the page says.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
run_plugin=$TOP_BUILDDIR/tests/plugins/run-plugin
requires "$run_plugin" nm

awk '/^#include <certengine/ { on = 1 } on && /^\.Ed/ { exit } on' "$TOP_SRCDIR/docs/certengine-plugin.7" |
	sed 's/\\e/\\/g; s/^\\&//' >"$tmp/pemfiles.c"
mkdir "$tmp/include" "$tmp/plugins"
mkdir "$tmp/include/certengine"
cp "$TOP_SRCDIR/core/include/certengine/plugin.h" "$tmp/include/certengine"

# CC may be several words.
# shellcheck disable=SC2086
run 0 ${CC:-cc} -std=c99 -pedantic -Wall -Wextra -Werror -I"$tmp/include" -fPIC -shared -fvisibility=hidden \
	-Wl,-z,defs -Wl,-z,now -o "$tmp/plugins/pemfiles.so" "$tmp/pemfiles.c"
equal "the one symbol it exports" "certengine_plugin" \
	"$(nm -D --defined-only "$tmp/plugins/pemfiles.so" | awk '{ print $3 }')"
chmod 0644 "$tmp/plugins/pemfiles.so"

run 0 "$run_plugin" "$tmp/plugins" pemfiles info
contains "it is loaded" "pemfiles" "$out"
mkdir "$tmp/product"
run 0 "$run_plugin" "$tmp/plugins" pemfiles stage,reload certificate="$tmp/product/cert.pem" key="$tmp/product/key.pem" \
	reload="/bin/true now" port=8443
contains "it stages the certificate" "$tmp/product/cert.pem" "$out"
contains "it stages the key" "$tmp/product/key.pem" "$out"
contains "it names its endpoint" "8443" "$out"
[ -z "$(ls "$tmp/product")" ] || fail "staging wrote something"
ok "staging wrote nothing"
run 1 "$run_plugin" "$tmp/plugins" pemfiles stage,reload certificate="$tmp/product/cert.pem" key="$tmp/product/key.pem" \
	reload=/bin/false
contains "a command that fails is told" "'/bin/false' ended with 1" "$out"
run 1 "$run_plugin" "$tmp/plugins" pemfiles stage certificate=/x key=/y reload=true
contains "a relation between options is checked" "must begin with an absolute path" "$out"

# The larger sample under another name, outside the sources, as the page says.
sed 's/"files"/"mine"/' "$TOP_SRCDIR/plugins/files/files.c" >"$tmp/mine.c"
# shellcheck disable=SC2086
run 0 ${CC:-cc} -I"$tmp/include" -I"$TOP_SRCDIR/plugins" -fPIC -shared -fvisibility=hidden -Wl,-z,defs -Wl,-z,now \
	-o "$tmp/plugins/mine.so" "$tmp/mine.c" "$TOP_SRCDIR"/plugins/common/*.c
chmod 0644 "$tmp/plugins/mine.so"
run 0 "$run_plugin" "$tmp/plugins" mine info
contains "a copy of the plugin files is loaded" "mine" "$out"
finish
