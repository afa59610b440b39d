#!/bin/sh
# install.sh BUILD: installs a build below a prefix of its own, moves that elsewhere, and
# tries what a user would: versions, manuals, the example configuration, tagging a sentence.
set -eu

build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "install: $*" >&2
    exit 1
}

cmake --install "$build" --prefix "$work/first" >"$work/log" || {
    cat "$work/log"
    exit 1
}
mv "$work/first" "$work/prefix" # nothing may depend on where it was installed
prefix=$work/prefix
cd "$work"
unset WIRETAG_DATA WIRETAG_CONFIG XDG_STATE_HOME

for verb in up status health doctor dead ingest enrich sink feed tail tag read gazetteer; do
    version=$("$prefix/bin/wiretag" $verb --version) || fail "wiretag $verb does not run"
    case $version in
        wiretag*' 0.'*) ;;
        *) fail "wiretag $verb --version says '$version'" ;;
    esac
    [ -s "$prefix/share/man/man1/wiretag-$verb.1" ] || fail "wiretag-$verb has no manual"
done

if command -v mandoc >/dev/null 2>&1; then
    mandoc -Tlint -W warning "$prefix"/share/man/man1/*.1 || fail 'the manuals are not clean'
fi

# The example as it is, and with all that it only suggests switched on.
example=$prefix/share/doc/wiretag/wiretag.conf
sed -E 's/^#([a-z-]+ = )/\1/' "$example" >"$work/all.conf"
for verb in ingest enrich sink; do
    for file in "$example" "$work/all.conf"; do
        "$prefix/bin/wiretag" $verb --config "$file" --check-config >"$work/log" 2>&1 || {
            cat "$work/log"
            fail "wiretag $verb does not like $file"
        }
    done
done

for file in lib/systemd/system/wiretag-ingest.service lib/systemd/system/wiretag-sink.service \
    lib/systemd/system/wiretag-enrich@.service lib/systemd/system/wiretag.target \
    share/doc/wiretag/copyright share/doc/wiretag/NOTICE; do
    [ -s "$prefix/$file" ] || fail "$file is missing"
done

echo 'TRIPOLI, Jan 14 (WFD) - Angela Merkel met Libyan officials in Berlin on Tuesday.' |
    "$prefix/bin/wiretag" tag --published 2020-01-14 >"$work/event" || fail 'wiretag tag failed'
for tag in '"name":"Berlin"' '"geonameid":2950159' '"name":"Angela Merkel"' '"value":"2020-01-14"'; do
    grep -qF "$tag" "$work/event" || {
        cat "$work/event"
        fail "the installed tagger does not find $tag"
    }
done
echo "installed below any prefix, it works"
