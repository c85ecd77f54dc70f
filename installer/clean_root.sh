# Roots of other releases, for packages and their tests. Sourced after common.sh.

# make_root SUITE FOLDER: a minimal system, if there is none yet, from the archive MIRROR or else debootstrap's own.
make_root() {
    local suite=$1 folder=$2 script=sid components=main
    case "$suite" in
        bookworm | trixie) ;;
        # All of Ubuntu's releases are made as this one; Qt and most of the rest are in universe.
        *) script=gutsy components=main,universe ;;
    esac
    [ -d "$folder" ] && return
    say "making a clean root ($suite)"
    rm -rf "$folder.part"
    debootstrap --variant=minbase --include=ca-certificates --components="$components" "$suite" "$folder.part" "${MIRROR:-}" "$script" \
        >"$folder.log" 2>&1 || {
        tail -n 20 "$folder.log" >&2
        fail "debootstrap failed; is there a network connection?"
    }
    cp -L /etc/resolv.conf "$folder.part/etc/resolv.conf"
    printf '#!/bin/sh\nexit 101\n' >"$folder.part/usr/sbin/policy-rc.d" # no package may start a service
    chmod +x "$folder.part/usr/sbin/policy-rc.d"
    mv "$folder.part" "$folder"
}

# in_root FOLDER COMMAND...: what it mounts is gone when the command ends.
in_root() {
    unshare --mount --propagation private bash -c '
        folder=$1 && shift
        mount -t proc proc "$folder/proc"
        for shared in /dev /dev/pts /dev/shm; do mount --bind "$shared" "$folder$shared"; done
        exec chroot "$folder" "$@"' - "$@"
}
