#!/bin/bash
# A plugin built against the frozen first header still loads and works.
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/plugins/pluginlib.sh"

install -m 0644 "$TOP_BUILDDIR/tests/abi/.libs/old_plugin.so" "$plugins/old-plugin.so"
serve 0 old-plugin stage,reload,verify file="$tmp/key.pem"
equal "what it does" "write $tmp/key.pem 0600 material
reload by old (the old plugin's product)
endpoint localhost 8443 -
stage: ok
reload: ok
verify: unchanged" "$out"
finish
