#!/bin/bash
# A plugin's file is loaded only if nobody but root (or the engine's own user) can have put it there
# (reliability.md 1.3, rule 3).
. "$TOP_SRCDIR/tests/lib/testlib.sh" || exit 99
. "$TOP_SRCDIR/tests/plugins/pluginlib.sh"

plugin sample
serve 0 sample info
contains "a file of our own is loaded" "sample 1.0 (ABI 1)" "$out"

chmod 0664 "$plugins/sample.so"
refused sample "can be written by others (mode 0664)"
chmod 0646 "$plugins/sample.so"
refused sample "can be written by others (mode 0646)"

rm "$plugins/sample.so"
plugin sample real
ln -s real.so "$plugins/sample.so"
refused sample "is a symbolic link"

rm "$plugins/sample.so"
ln "$plugins/real.so" "$plugins/sample.so"
refused sample "has 2 links"

rm "$plugins/sample.so"
mkfifo "$plugins/sample.so"
refused sample "is no regular file"
rm "$plugins/sample.so"
mkdir "$plugins/sample.so"
refused sample "is no regular file"
rmdir "$plugins/sample.so"

plugin sample
chmod 0770 "$plugins"
refused sample "directory '$plugins' on the way to the plugins can be written by others (mode 0770)"
chmod 1777 "$plugins"
refused sample "can be written by others (mode 1777)"
chmod 0700 "$plugins"

# Above the last directory the sticky bit is enough: temporary directories are so.
mkdir "$tmp/open"
chmod 1777 "$tmp/open"
mkdir -m 0700 "$tmp/open/plugins"
cp -p "$plugins/sample.so" "$tmp/open/plugins/"
plugins=$tmp/open/plugins serve 0 sample info
chmod 0777 "$tmp/open"
plugins=$tmp/open/plugins refused sample "directory '$tmp/open' on the way"

ln -s "$plugins" "$tmp/link"
plugins=$tmp/link refused sample "is no directory, or a symbolic link to one"
mkdir -p "$tmp/real/below"
cp -p "$plugins/sample.so" "$tmp/real/below/"
ln -s "$tmp/real" "$tmp/middle"
plugins=$tmp/middle/below refused sample "'$tmp/middle' on the way to the plugins is no directory, or a symbolic link"
plugins=$tmp/nowhere refused sample "there is no plugin directory '$tmp/nowhere'"
plugins=relative/path refused sample "is no absolute path"

# Names are plain: nothing of them becomes a path.
for name in ../sample sample/ Sample sample.so '' "$(printf 'x%.0s' {1..33})"; do
	refused "$name" "is no name of a plugin"
done
refused sampel "there is no plugin 'sampel' in '$plugins', did you mean 'sample'?"

if [ "$(id -u)" = 0 ]; then
	chown 12345 "$plugins/sample.so"
	refused sample "belongs to user 12345"
	chown 0 "$plugins/sample.so"
	chown 12345 "$plugins"
	refused sample "belongs to user 12345"
	chown 0 "$plugins"
fi

# A description file of libtool must not lead elsewhere, nor may the environment.
mkdir -m 0700 "$tmp/elsewhere"
mv "$plugins/sample.so" "$tmp/elsewhere/"
printf "dlname='sample.so'\nlibrary_names='sample.so'\nold_library=''\ninstalled=yes\nshouldnotlink=yes\nlibdir='%s'\n" \
	"$tmp/elsewhere" >"$plugins/sample.la"
export LTDL_LIBRARY_PATH=$tmp/elsewhere LD_LIBRARY_PATH=$tmp/elsewhere
refused sample "there is no plugin 'sample'"
unset LTDL_LIBRARY_PATH LD_LIBRARY_PATH

# The list names what could be loaded and passes over the rest.
rm "$plugins/sample.la" "$plugins/real.so"
plugin sample
plugin sample b-plugin
touch "$plugins/README" "$plugins/Upper.so" "$plugins/lib.so.1" "$plugins/.so"
serve 0 - list
equal "names in the directory" $'plugin b-plugin\nplugin sample\nlist: ok' "$out"
finish
