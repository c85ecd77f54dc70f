# Shared by installer/run and installer/test: what a fresh machine needs, and the build.

set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
jobs=$(nproc 2>/dev/null || echo 2)
export DEBIAN_FRONTEND=noninteractive

say() { printf 'moescope: %s\n' "$*"; }
fail() {
    printf 'moescope: %s\n' "$*" >&2
    exit 1
}

wanted_packages() { sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$root/installer/packages.txt" | awk '{print $1}'; }

missing_packages() {
    local package
    for package in $(wanted_packages); do
        # A package may be provided by another name (g++ by a versioned one), but each of ours exists by its own.
        dpkg-query -W -f '${Status}\n' "$package" 2>/dev/null | grep -q 'ok installed' || echo "$package"
    done
}

install_packages() {
    command -v dpkg-query >/dev/null || fail "this system has no dpkg; Debian 12 and 13 and Ubuntu 24.04 are supported. \
Install what installer/packages.txt lists, then build with: cmake --preset release && cmake --build --preset release"
    local missing
    missing=$(missing_packages | tr '\n' ' ')
    if [ -z "${missing// /}" ]; then
        say "all packages are installed"
        return
    fi
    say "installing: $missing"
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || fail "installing packages needs root; run this as root or install: $missing"
        as_root=(sudo)
    fi
    # shellcheck disable=SC2086
    "${as_root[@]}" apt-get update -qq </dev/null || fail "apt-get update failed; is there a network connection?"
    # shellcheck disable=SC2086
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing \
        </dev/null >/dev/null || fail "the packages could not be installed: $missing"
}

report_cuda() {
    if command -v nvcc >/dev/null; then
        say "CUDA compiler found: $(nvcc --version | sed -n 's/.*release \([0-9.]*\),.*/\1/p')"
    else
        say "no CUDA compiler found; building for the CPU"
    fi
}

# build PRESET
build() {
    local preset=$1 folder="$root/build/$1"
    if [ ! -f "$folder/build.ninja" ]; then
        say "configuring ($preset)"
        (cd "$root" && cmake --preset "$preset" >"$root/build-$preset.log" 2>&1) || {
            cat "$root/build-$preset.log" >&2
            fail "configuring failed"
        }
        rm -f "$root/build-$preset.log"
    fi
    say "building ($preset)"
    # Again, to show why; what was built is not built again.
    cmake --build "$folder" -j "$jobs" | tail -n 1 || cmake --build "$folder" -j "$jobs" >&2 || fail "the build failed"
}
