# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# apt.sh: Debian's archive, through an apt configuration of our own: its lists, its
# cache and its architecture lie in a folder, and the system's stay as they are.
# Needs no root. Source it:
#
#   apt_begin FOLDER ARCH     makes FOLDER anew; source lists belong into FOLDER/sources
#   apt_run PROGRAM ARGS...   runs apt-get or apt-cache with it
#   apt_said                  what apt complained of first, a line
#   tries CMD...              runs CMD until it succeeds, three times at most

apt_begin() {
    apt=$1
    rm -rf "$apt"
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/sources"
    : >"$apt/status"
    cat >"$apt/conf" <<EOF
Dir::Etc { sourcelist "/dev/null"; sourceparts "$apt/sources"; };
Dir::State "$apt";
Dir::State { lists "$apt/lists"; status "$apt/status"; };
Dir::Cache "$apt/cache";
Dir::Log "$apt";
APT::Architecture "$2";
APT::Architectures "$2";
APT::Sandbox::User "$(id -un)";
APT::Install-Recommends "false";
APT::Get::List-Cleanup "false";
Acquire::Languages "none";
Acquire::http::Timeout "20";
Acquire::Retries "1";
Debug::NoLocking "true";
EOF
}
apt_run() {
    apt_program=$1
    shift
    "$apt_program" -qq -c "$apt/conf" "$@" 2>>"$apt/log" </dev/null
}
apt_said() {
    grep -m 1 '^[EW]:' "$apt/log" || echo "no network?"
}

# A mirror that is being updated, or a proxy that is busy, is better a moment later.
tries() {
    for tries_pause in 5 20; do
        "$@" && return
        sleep $tries_pause
    done
    "$@"
}
