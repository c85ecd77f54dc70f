# Completion of moescope-cli in bash: the program knows its own words; where it knows none, names of files are offered.
_moescope_cli() {
    local IFS=$'\n'
    mapfile -t COMPREPLY < <("$1" complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f 1)
}
complete -o default -F _moescope_cli moescope-cli
