# Packages for the release of Debian or Ubuntu that this is. Sourced by installer/package.

# write_package FOLDER PACKAGE DEPENDS: the package of what is in FOLDER; more lines of its description are read.
write_package() {
    local folder=$1 package=$2 depends=$3 file
    mkdir -p "$folder/DEBIAN"
    {
        echo "Package: $package"
        echo "Version: $deb_version"
        echo "Architecture: $deb_arch"
        echo "Maintainer: $maintainer"
        echo "Installed-Size: $(du -k -s --apparent-size "$folder" | cut -f 1)"
        echo "Section: science"
        echo "Priority: optional"
        echo "Depends: $depends"
        cat
    } >"$folder/DEBIAN/control"
    (cd "$folder" && find . -type f ! -path './DEBIAN/*' -printf '%P\0' | sort -z | xargs -0 md5sum) >"$folder/DEBIAN/md5sums"
    find "$folder" -type d -exec chmod 755 {} +
    file="$dist/${package}_${deb_version}_$deb_arch.deb"
    dpkg-deb --root-owner-group -Zxz -z"${XZ_LEVEL:-6}" --build "$folder" "$file" >/dev/null
    say "written: $file ($(du -h --apparent-size "$file" | cut -f 1))"
}

# libraries FILE...: the packages that programs and libraries need, as a control file names them.
libraries() {
    mkdir -p "$work/debian"
    printf 'Source: moescope\n\nPackage: moescope\nArchitecture: any\n' >"$work/debian/control" # asked for by the tool
    (cd "$work" && dpkg-shlibdeps -O "$@" 2>"$work/shlibdeps.log" | sed -n 's/^shlibs:Depends=//p') || {
        cat "$work/shlibdeps.log" >&2
        fail "could not determine the packages that the programs need"
    }
}

pack_deb() {
    local release doc needed
    # Each release has its own libraries, and an upgrade from one to the next takes the package of the next.
    release=$(. /etc/os-release && echo "$ID$VERSION_ID")
    deb_version="$version-1~$release"
    deb_arch=$(dpkg --print-architecture)
    maintainer=$(git -C "$root" log -1 --format="${DEBFULLNAME:-%an} <${DEBEMAIL:-%ae}>" 2>/dev/null ||
        echo "${DEBFULLNAME:-} <${DEBEMAIL:-}>")
    [[ $maintainer = *?" <"?*"@"* ]] || fail "the maintainer of the packages is unknown; set DEBFULLNAME and DEBEMAIL."
    say "packing for $release"

    stage "$work/moescope" /usr program
    doc="$work/moescope/usr/share/doc/moescope"
    # With the license of the font that the window carries.
    cat "$doc/LICENSE" "$doc/NOTICES.md" /usr/share/doc/fonts-lmodern/copyright >"$doc/copyright"
    rm "$doc/LICENSE" "$doc/NOTICES.md"
    printf 'moescope (%s) unstable; urgency=medium\n\n  * Moescope %s; what is new is in changelog.gz.\n\n -- %s  %s\n' \
        "$deb_version" "$version" "$maintainer" "$(date -R -u -d "@$SOURCE_DATE_EPOCH")" >"$doc/changelog.Debian"
    cp "$root/CHANGELOG.md" "$doc/changelog"
    gzip -9n "$doc"/changelog* "$work"/moescope/usr/share/man/man1/*
    # Where Debian's zsh looks.
    mv "$work/moescope/usr/share/zsh/site-functions" "$work/moescope/usr/share/zsh/vendor-completions"
    needed=$(libraries "$work"/moescope/usr/bin/*)
    write_package "$work/moescope" moescope "$needed" <<'TEXT'
Recommends: ca-certificates, qt6-wayland, qt6-translations-l10n, fonts-inter, fonts-jetbrains-mono, fonts-droid-fallback, libvulkan1
Suggests: moescope-cuda
Description: chat with mixture-of-experts models and see their routing
 Moescope runs DeepSeek mixture-of-experts models (GGUF) on this machine and
 shows, per token, which experts do the work: their gates, the runners-up, the
 balance of the experts, and what an answer becomes with other ones. Every chat
 is kept in a searchable history. moescope-cli does the same in a terminal.
 .
 A small demo model comes along. Nothing is sent anywhere unless asked for.
TEXT

    [[ " ${components[*]} " = *" cuda "* ]] || return 0
    stage "$work/moescope-cuda" /usr cuda
    mkdir -p "$work/moescope-cuda/usr/share/doc"
    ln -s moescope "$work/moescope-cuda/usr/share/doc/moescope-cuda"
    needed=$(libraries "$work"/moescope-cuda/usr/lib/moescope/*.so)
    write_package "$work/moescope-cuda" moescope-cuda "moescope (= $deb_version), $needed" <<'TEXT'
Enhances: moescope
Description: chat with mixture-of-experts models: NVIDIA GPUs
 Lets moescope compute on NVIDIA GPUs of compute capability 7.5 or later. The
 driver has to be installed; the CUDA toolkit does not.
TEXT
}
