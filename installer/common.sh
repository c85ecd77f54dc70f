# Shared by the commands of this folder: the packages that a fresh machine needs, and the build.

set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
jobs=$(nproc 2>/dev/null || echo 2)

say() { printf 'moescope: %s\n' "$*"; }
fail() {
    printf 'moescope: %s\n' "$*" >&2
    exit 1
}

# duration SECONDS, in words.
duration() {
    if [ "$1" -lt 50 ]; then echo "$((($1 + 9) / 10 * 10)) seconds"; elif [ "$1" -lt 90 ]; then echo "1 minute"; else
        echo "$((($1 + 30) / 60)) minutes"
    fi
}

# show_progress WHAT: reads lines "DONE ALL", where DONE may be a sum, and shows the latest with the time left: in one line that changes on a
# terminal, in a new line every few seconds elsewhere.
show_progress() {
    local what=$1 percent=0 part held='' text drawn='' left begin=$SECONDS shown=-1 terminal=''
    [ -t 1 ] && terminal=yes
    while :; do
        if IFS= read -r -t 1 part; then
            part=$held$part held=''
            [[ $part =~ ^([0-9+*]+)\ ([1-9][0-9]*)$ ]] || continue
            percent=$((100 * (BASH_REMATCH[1]) / BASH_REMATCH[2]))
        elif [ $? -gt 128 ]; then # a second without news, or with a part of a line
            held+=$part
        else
            break
        fi
        [ -z "$terminal" ] && [ $((SECONDS - begin)) -lt $((shown + 5)) ] && continue
        [ "$shown" -eq $((SECONDS - begin)) ] && continue
        shown=$((SECONDS - begin))
        text="$what: $percent %"
        if [ "$shown" -ge 5 ] && [ "$percent" -ge 10 ]; then
            left=$((shown * (100 - percent) / percent))
            text+=", about $(duration "$left") left"
        fi
        if [ -z "$terminal" ]; then say "$text"; elif [ "$text" != "$drawn" ]; then
            printf '\r\033[Kmoescope: %s' "$text"
            drawn=$text
        fi
    done
    [ -n "$terminal" ] && printf '\r\033[K'
    return 0
}

# wanted_packages HEADING...: those of installer/packages.txt.
wanted_packages() {
    awk -v headings=" $* " '/^\[/ { wanted = index(headings, " " substr($1, 2, length($1) - 2) " ") }
        !/^(#|\[|$)/ && wanted { print $1 }' "$root/installer/packages.txt"
}

# A package may be provided by another name (g++ by a versioned one), but each of ours exists by its own.
missing_packages() {
    local wanted
    wanted=$(wanted_packages "$@")
    # shellcheck disable=SC2086
    grep -vxFf <(dpkg-query -W -f '${Package} ${Status}\n' $wanted 2>/dev/null | sed -n 's/ install ok installed$//p') \
        <<<"$wanted" || true
}

# install_packages HEADING...
install_packages() {
    command -v dpkg-query >/dev/null || fail "this system has no dpkg; Debian 12 and 13 and Ubuntu 24.04 are supported. \
Install what installer/packages.txt lists, then build with: cmake --preset release && cmake --build --preset release"
    local missing
    missing=$(missing_packages "$@" | tr '\n' ' ')
    if [ -z "${missing// /}" ]; then
        say "all packages are installed"
        return
    fi
    say "installing: $missing"
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || fail "installing packages needs root; run this as root or install: $missing"
        as_root=(sudo)
        sudo -v || fail "installing packages needs root; install: $missing" # asks here, before anything is drawn over it
    fi
    local log
    log=$(mktemp)
    say "updating the list of packages"
    "${as_root[@]}" apt-get update -qq </dev/null >"$log" 2>&1 || {
        cat "$log" >&2
        fail "apt-get update failed; is there a network connection?"
    }
    # apt tells among other lines how far it is: dlstatus or pmstatus, a package, per cent, words.
    # shellcheck disable=SC2086
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        -o APT::Status-Fd=1 $missing </dev/null 2>&1 | tee "$log" |
        sed -nu -e 's/^dlstatus:[^:]*:\([0-9]*\).*/\1 300/p' -e 's/^pmstatus:[^:]*:\([0-9]*\).*/100+2*\1 300/p' |
        show_progress "installing packages" || {
        grep -vE '^(dl|pm)status:' "$log" >&2
        fail "the packages could not be installed: $missing"
    }
    rm -f "$log"
}

# The path of an nvcc that can build the plug-in for GPUs; nothing if there is none.
find_nvcc() {
    local nvcc release
    nvcc=$(command -v nvcc || echo /usr/local/cuda/bin/nvcc)
    release=$("$nvcc" --version 2>/dev/null | sed -n 's/.*release \([0-9]*\).*/\1/p')
    [ "${release:-0}" -ge 12 ] && echo "$nvcc" || true
}

# configure PRESET NAME=VALUE...: what CMake has to be told; nothing happens where it knows already.
configure() {
    local preset=$1 folder="$root/build/$1" setting known=yes
    shift
    [ -f "$folder/build.ninja" ] || known=
    for setting; do
        grep -qsx "${setting%%=*}:[A-Z]*=${setting#*=}" "$folder/CMakeCache.txt" || known=
    done
    [ -n "$known" ] && return
    say "configuring ($preset)"
    mkdir -p "$folder"
    (cd "$root" && cmake --preset "$preset" "${@/#/-D}" >"$folder/configure.log" 2>&1) || {
        cat "$folder/configure.log" >&2
        fail "configuring failed"
    }
}

# build PRESET TARGET...: everything if no target is named.
build() {
    local preset=$1 folder="$root/build/$1" targets=()
    shift
    [ $# -gt 0 ] && targets=(--target "$@")
    say "building ($preset)"
    # Steps done, and in all; other lines are for the log.
    NINJA_STATUS='%f/%t ' cmake --build "$folder" -j "$jobs" "${targets[@]}" 2>&1 </dev/null | tee "$folder/build.log" |
        sed -nu 's|^\([0-9]*\)/\([0-9]*\) .*|\1 \2|p' | show_progress "building" || {
        sed -n '/^FAILED:/,$p' "$folder/build.log" | grep -vE '^[0-9]+/[0-9]+ ' >&2
        fail "the build failed; the full output is in ${folder#"$root"/}/build.log"
    }
}
