# An archive that runs wherever it is unpacked. Sourced by installer/package.

# What a program must share with the machine's own graphics drivers, or cannot take along: the C and C++ libraries (a driver
# may be newer than ours), OpenGL, and what X11 and Wayland have in one process only once.
not_bundled='^(ld-linux.*|lib(c|m|dl|rt|pthread|resolv|mvec|stdc\+\+|gcc_s|z|expat))\.so
^lib(GL|EGL|GLX|GLdispatch|drm|gbm|glapi|vulkan)\.so
^lib(X11|X11-xcb|xcb|xcb-dri2|xcb-dri3|xcb-present|xcb-glx|Xau|Xdmcp|wayland-.*)\.so'

# needed FILE...: the paths of the libraries that they are loaded with, and that are bundled.
needed() {
    ldd "$@" | sed -n 's/.* => \(\/.*\) (0x.*/\1/p' | sort -u | while read -r path; do
        grep -qE "$not_bundled" <<<"${path##*/}" || echo "$path"
    done
}

# package_of PATH: which has installed it. Packages name their files by /usr/lib, ldd may name them by /lib.
package_of() {
    { dpkg -S "$(realpath "$1")" || dpkg -S "${1#/usr}" || dpkg -S "/usr$1"; } 2>/dev/null | head -n 1 | cut -d : -f 1
}

# bundle_notices FOLDER PACKAGE...: the notice of each, the licenses' texts that notices name, and which sources they are of.
bundle_notices() {
    local folder=$1 package
    shift
    mkdir -p "$folder/common-licenses"
    for package; do
        cp -L "/usr/share/doc/$package/copyright" "$folder/$package"
        dpkg-query -W -f '${binary:Package} ${Version} of the source ${source:Package} ${source:Version}\n' "$package"
    done >"$folder/SOURCES"
    for text in $(grep -rhoE '/usr/share/common-licenses/[A-Za-z0-9.-]*[A-Za-z0-9]' "$folder" | sort -u); do
        [ ! -f "$text" ] || cp -L "$text" "$folder/common-licenses/"
    done
}

pack_portable() {
    local name arch folder plugins file packages=() fonts=()
    arch=$(uname -m)
    name="moescope-$version-linux-$arch"
    folder="$work/portable/$name"
    say "packing the portable archive"
    stage "$folder" / "${components[@]}"

    # Qt's plug-ins for both kinds of display, for input methods and for pictures.
    plugins=$(qmake6 -query QT_INSTALL_PLUGINS)
    mkdir -p "$folder/lib/plugins"
    (cd "$plugins" && cp -r --parents platforms/libq{xcb,wayland-egl,wayland-generic,offscreen}.so xcbglintegrations \
        wayland-shell-integration wayland-decoration-client wayland-graphics-integration-client platforminputcontexts \
        imageformats/libq{svg,jpeg}.so iconengines "$folder/lib/plugins")
    printf '[Paths]\nPrefix = ..\nPlugins = lib/plugins\nTranslations = share/moescope/translations\n' >"$folder/bin/qt.conf"
    mkdir -p "$folder/share/moescope/translations"
    cp "$(qmake6 -query QT_INSTALL_TRANSLATIONS)"/qtbase_{en,zh_CN}.qm "$folder/share/moescope/translations"

    # Their libraries, and how each finds them.
    local programs=("$folder"/bin/moescope*) found=()
    mapfile -t found < <(find "$folder/lib" -name '*.so')
    mapfile -t libraries < <(needed "${programs[@]}" "${found[@]}")
    cp -L "${libraries[@]}" "$folder/lib"
    chmod 644 "$folder"/lib/*.so*
    strip --strip-unneeded "$folder"/lib/*.so*
    patchelf --set-rpath '$ORIGIN/../lib' "${programs[@]}"
    for file in "$folder"/lib/*.so*; do patchelf --set-rpath '$ORIGIN' "$file"; done
    for file in "${found[@]}"; do
        patchelf --set-rpath "\$ORIGIN/$(realpath --relative-to "$(dirname "$file")" "$folder/lib")" "$file"
    done

    # The letters of the window, which a program that nobody has installed cannot ask for.
    mkdir -p "$folder/share/moescope/fonts"
    mapfile -t fonts < <(dpkg -L fonts-inter fonts-jetbrains-mono fonts-droid-fallback |
        grep -E '/(Inter|JetBrainsMono)-(Regular|Italic|Medium|SemiBold|Bold)\.(otf|ttf)$|/DroidSansFallbackFull\.ttf$')
    [ ${#fonts[@]} -eq 11 ] || fail "the fonts of the window are not where they should be: ${fonts[*]}"
    cp -L "${fonts[@]}" "$folder/share/moescope/fonts"

    mapfile -t packages < <(for file in "${libraries[@]}" "${fonts[@]}" "$plugins"/{platforms/libq{xcb,wayland-egl}.so,imageformats/libqsvg.so}; do
        package_of "$file"
    done | sort -u)
    bundle_notices "$folder/share/doc/moescope/libraries" "${packages[@]}" fonts-lmodern # which is in the window
    cp "$root/installer/portable-README" "$folder/README"
    ln -s bin/moescope "$folder/moescope"
    ln -s bin/moescope-cli "$folder/moescope-cli"

    file="$dist/$name.tar.xz"
    tar -C "$folder/.." --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" -c "$name" |
        xz -T 0 -"${XZ_LEVEL:-6}" >"$file"
    say "written: $file ($(du -h --apparent-size "$file" | cut -f 1)); it needs glibc $(newest_glibc "$folder") or later"
}

# newest_glibc FOLDER: the newest version of the C library whose symbols anything in it asks for.
newest_glibc() {
    find "$1" -type f \( -name '*.so*' -o -path '*/bin/moescope*' \) -exec objdump -T {} + 2>/dev/null |
        grep -oE 'GLIBC_[0-9.]+' | sed 's/.*_//' | sort -uV | tail -n 1
}
