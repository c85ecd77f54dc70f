# Roots of other releases, for packages and their tests. Sourced after common.sh.

# make_root SUITE FOLDER: a minimal system, if there is none yet.
make_root() {
    local suite=$1 folder=$2 mirror=http://deb.debian.org/debian
    case "$suite" in
        bookworm | trixie) ;;
        *) mirror=http://archive.ubuntu.com/ubuntu ;;
    esac
    [ -f "$folder/etc/debian_version" ] && return
    say "making a clean root ($suite)"
    mkdir -p "$folder"
    debootstrap --variant=minbase --include=ca-certificates "$suite" "$folder" "${MIRROR:-$mirror}" >"$folder.log" 2>&1 || {
        tail -n 20 "$folder.log" >&2
        rm -rf "$folder"
        fail "debootstrap failed; is there a network connection?"
    }
    if [ "$mirror" = http://archive.ubuntu.com/ubuntu ]; then # Qt and most of the rest are there
        echo "deb ${MIRROR:-$mirror} $suite main universe" >"$folder/etc/apt/sources.list"
    fi
    cp -L /etc/resolv.conf "$folder/etc/resolv.conf"
    printf '#!/bin/sh\nexit 101\n' >"$folder/usr/sbin/policy-rc.d" # no package may start a service
    chmod +x "$folder/usr/sbin/policy-rc.d"
}

# in_root FOLDER COMMAND...: what it mounts is gone when the command ends.
in_root() {
    unshare --mount --propagation private bash -c '
        folder=$1 && shift
        mount -t proc proc "$folder/proc"
        for shared in /dev /dev/pts /dev/shm; do mount --bind "$shared" "$folder$shared"; done
        exec chroot "$folder" "$@"' - "$@"
}
