#!/bin/sh
# layers.sh: checks the shape of the source, which no compiler does.
#
#   arrows    proto <- proto/run <- {ingest, enrich, sink}; those three never each other
#   purity    proto and the tagger know no socket, no clock, no log
#   owners    each foreign library is included by the files listed here and no other
#   headers   each compiles alone and has the guard its path asks for
#   sizes     files up to 800 lines, functions up to 60
#   symbols   (layers.sh BUILD) no library of ours defines a name of a foreign one: the
#             linker would silently take the one for the other
#
# CC names the compiler. Every finding is a line "FILE: what is wrong"; exit 1 if there is one.
set -eu
cd "$(dirname "$0")/.."

# Which files may include what stands before the colon (extended regular expressions).
owners='
zmq.h: proto/run/port.c
pcre2.h: enrich/pattern.c
utf8proc.h: proto/utf8.c
sodium.h: proto/id.c
sodium/.*: proto/id.c
lmdb.h: ingest/journal.c ingest/store.c
sqlite3.h: sink/store.c
expat.h: ingest/format/xml.c
jansson.h: proto/run/status.c ingest/dead_main.c sink/show.c
'

sources() { find proto ingest enrich sink -name '*.[ch]' | sort; }

# "FILE TARGET" for each include in quotes, or with -s in angle brackets
includes() {
    sources | xargs grep -HE '^ *# *include *"' | sed -E 's/^([^:]*):[^"]*"([^"]*)".*/\1 \2/'
}
system_includes() {
    sources | xargs grep -HE '^ *# *include *<' | sed -E 's/^([^:]*):[^<]*<([^>]*)>.*/\1 \2/'
}

check_arrows() {
    includes | awk '
        function part(path) {
            if (path ~ /^proto\/run\//) return "proto/run"
            return substr(path, 1, index(path, "/") - 1)
        }
        BEGIN {
            may["proto"] = " proto "
            may["proto/run"] = " proto proto/run "
            may["ingest"] = " proto proto/run ingest "
            may["enrich"] = " proto proto/run enrich "
            may["sink"] = " proto proto/run sink "
        }
        $2 !~ /\// { print $1 ": \"" $2 "\" must be named from the top folder"; next }
        !index(may[part($1)], " " part($2) " ") {
            print $1 ": " part($1) " must not include \"" $2 "\""
        }'
}

# Programs (files with a main) may do what libraries must not.
is_program() { grep -qE '^int main\(' "$1"; }

check_purity() {
    for file in $(sources); do
        case $file in
            proto/run/* | ingest/* | sink/*) continue ;;
        esac
        is_program "$file" && continue
        grep -nE '"proto/run/(log|loop|port|link|peers|control)\.h"|<(poll|sys/socket|sys/epoll|netinet/in|pthread)\.h>' \
            "$file" /dev/null | sed 's/$/  (this file is to be pure)/' || :
        grep -nwE '(time|clock_gettime|gettimeofday|getenv|socket|fork|system|popen) *\(' \
            "$file" /dev/null | grep -vE '^[^:]*:[0-9]+: *(\*|/)' |
            sed 's/$/  (no clock, environment or socket here)/' || :
    done
}

check_owners() {
    echo "$owners" | while IFS=': ' read -r header allowed; do
        [ -n "$header" ] || continue
        system_includes | awk -v header="^$header\$" -v allowed=" $allowed " '
            $2 ~ header && !index(allowed, " " $1 " ") {
                print $1 ": <" $2 "> belongs to" allowed
            }'
    done
}

check_headers() {
    flags=$(pkg-config --cflags libzmq jansson libpcre2-8 libutf8proc libsodium lmdb sqlite3 expat)
    for header in $(sources | grep '\.h$'); do
        guard=WIRETAG_$(echo "$header" | tr 'a-z/.' 'A-Z__')
        grep -q "^#ifndef $guard\$" "$header" || echo "$header: its guard is to be $guard"
        # shellcheck disable=SC2086
        ${CC:-cc} -std=c11 -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE -Wall -Wextra \
            -Wno-unused-function -Werror $flags -I. -fsyntax-only -x c "$header" 2>&1 |
            sed "s|^|$header does not compile alone: |" | head -n 5
    done
}

check_sizes() {
    # shellcheck disable=SC2016
    find proto ingest enrich sink tests -name '*.[ch]' | sort | xargs awk '
        FNR == 1 { if (lines > 800) print name ": " lines " lines, 800 at most"; name = FILENAME }
        { lines = FNR }
        /^[a-zA-Z].*[({,]$/ && !/^(struct|enum|union|typedef)[^(]*$/ && !/=/ && !begun { begun = FNR; signature = $0 }
        /^[a-zA-Z].*;$/ { begun = 0 }
        /^}/ {
            if (begun && FNR - begun + 1 > 60)
                print FILENAME ":" begun ": " FNR - begun + 1 " lines, 60 at most: " signature
            begun = 0
        }
        END { if (lines > 800) print name ": " lines " lines, 800 at most" }'
}

check_symbols() {
    mkdir -p "$1/layers"
    find "$1" -name '*.a' -exec nm -g --defined-only {} + 2>/dev/null |
        awk 'NF == 3 { print $3 }' | sort -u >"$1/layers/ours"
    for library in libzmq jansson libpcre2-8 libutf8proc libsodium lmdb sqlite3 expat; do
        folder=$(pkg-config --variable=libdir $library)
        file=$folder/lib${library#lib}.so
        nm -D --defined-only "$file" | awk 'NF == 3 { sub(/@.*/, "", $3); print $3 }' |
            sort -u | comm -12 - "$1/layers/ours" | grep -v '^_' |
            sed "s|\$| is defined here and in $library|"
    done
}

found=$(
    [ $# = 0 ] || check_symbols "$1"
    check_arrows
    check_purity
    check_owners
    check_headers
    check_sizes
)
if [ -n "$found" ]; then
    echo "$found"
    exit 1
fi
echo "$(sources | wc -l) files keep to their layers"
