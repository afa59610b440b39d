#!/bin/sh
# chroot.sh: a newcomer's first minutes. Clones this repository into a bare Debian 12
# (debootstrap --variant=minbase), types ./dev run --once there and shows how it ended.
#
#   tests/chroot.sh [COMMAND...]   another command than ./dev run --once
#
# Root only; takes a few minutes. WIRETAG_ROOTFS: a tar file of such a root, to save
# debootstrap the work; WIRETAG_CHROOT: where to put it (a temporary folder, removed after).
set -eu
cd "$(dirname "$0")/.."

[ "$(id -u)" = 0 ] || {
    echo "chroot.sh: only root may chroot" >&2
    exit 1
}
root=${WIRETAG_CHROOT:-$(mktemp -d)}

finish() {
    status=$?
    trap - EXIT INT TERM
    umount "$root/proc" 2>/dev/null || :
    [ -n "${WIRETAG_CHROOT:-}" ] || rm -rf --one-file-system "$root"
    exit $status
}
trap finish EXIT
trap 'exit 130' INT TERM

if [ -n "${WIRETAG_ROOTFS:-}" ]; then
    tar -C "$root" -xf "$WIRETAG_ROOTFS"
else
    echo "debootstrap into $root"
    debootstrap --variant=minbase bookworm "$root" >"$root.log" 2>&1
    rm -f "$root.log"
fi
# What a container or a network set-up would have put there.
cp /etc/resolv.conf "$root/etc/resolv.conf"
cp /etc/hosts "$root/etc/hosts"
git clone -q --no-hardlinks . "$root/root/wiretag"
mount -t proc proc "$root/proc"

[ $# -gt 0 ] || set -- ./dev run --once
echo "in the chroot: $*"
began=$(date +%s)
status=0
# shellcheck disable=SC2016
chroot "$root" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C \
    sh -c 'cd /root/wiretag && "$@"' sh "$@" || status=$?
echo "exit $status after $(($(date +%s) - began)) s"
exit $status
