#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016 # awk's dollars are not the shell's
# The SDK: images are small and tight, and no call of the C library can make a
# system call unnoticed.
. "$(dirname "$0")/../e2e/lib.sh"
cd "$ROOT" || exit 1
arch=$(uname -m)
sdk=build/sdk
out=build/$arch-release
make --no-print-directory sdk functions >"$TMP/make" 2>&1 || sed 's/^/# /' "$TMP/make"

# ---- images --------------------------------------------------------------------
size_of() { strip -o "$TMP/stripped" "$1" && wc -c <"$TMP/stripped"; }
loads() { readelf -lW "$1" | awk '$1 == "LOAD"'; }

size=$(size_of "$out/functions/hello.elf")
t "the smallest function's image has at most 24 KiB (it has $size bytes)" test "$size" -le 24576
for f in hello echo fail; do
    elf=$out/functions/$f.elf
    is "$f: the segments are code, constants and data" \
        "$(loads "$elf" | awk '{ $1 = $2 = $3 = $4 = $5 = $6 = $NF = ""; gsub(/ /, ""); printf "%s ", $0 }')" "RE R RW "
    is "$f: every segment starts at a multiple of 64 KiB" \
        "$(loads "$elf" | awk '$3 !~ /0000$/')" ""
    like "$f: no dynamic section, no relocations" "$(readelf -rdW "$elf" | grep -c '^Relocation')" '^0$'
done
is "an image without stdio holds no system call instruction" \
    "$(objdump -d "$out/functions/lights.elf" | grep -cE '	(syscall|svc	)')" 0

# ---- the list of what can't work --------------------------------------------------
list=$sdk/unsupported.txt
is "the list is one symbol, a tab and a sentence a line" \
    "$(awk -F '\t' 'NF != 2 || $1 !~ /^[A-Za-z_0-9]+$/ || length($2) < 5' $list)" ""
t "the list is sorted and names nothing twice" env LC_ALL=C sort -cu -t '	' -k 1,1 $list
nm --defined-only "$sdk/$arch/lib/libunifaas.a" 2>/dev/null |
    awk 'NF == 3 && $2 ~ /[TWDBRV]/ { print $3 }' | sort -u >"$TMP/ours"
is "the list names nothing that the library OS provides" \
    "$(cut -f 1 $list | sort | comm -12 - "$TMP/ours")" ""

# Which functions of the C library can reach a system call? Every member that
# holds the instruction, and every one that refers to it, unless the library OS
# takes its place. What is left must be on the list, or here: the instruction
# wakes other threads, and there are none. (And vhangup: something must be left
# for the tests of what happens then.)
cat >"$TMP/idle" <<'END'
call_once err errx fgetc fputc getc getchar getopt getopt_long getopt_long_only mtx_lock mtx_trylock
mtx_unlock perror pthread_barrier_destroy pthread_cond_destroy pthread_mutex_destroy pthread_mutex_lock
pthread_mutex_trylock pthread_mutex_unlock pthread_once
pthread_rwlock_rdlock pthread_rwlock_unlock pthread_rwlock_wrlock putc putchar putgrent
verr verrx vwarn vwarnx warn warnx vhangup
END
libc=$sdk/$arch/musl/lib/libc.a
objdump -d "$libc" | awk '/file format/ { sub(/:.*/, ""); m = $1 } /\t(syscall|svc\t)/ { print m }' |
    sort -u >"$TMP/makes"
nm -A "$libc" 2>/dev/null | awk -F : '{ n = split($NF, w, " "); print $2, w[n - 1], w[n] }' >"$TMP/symbols"
reach() {
    awk '
        FILENAME == ARGV[1] { ours[$1]; next }
        FILENAME == ARGV[2] { bad[$1]; next }
        $2 == "U" { refs[++n] = $1 " " $3; next }
        $2 ~ /^[TWVDBR]$/ {
            if ($2 ~ /[WV]/ ? !($3 in home) : 1) home[$3] = $1
            defs[$1] = defs[$1] " " $3
        }
        END {
            do {
                more = 0
                for (i = 1; i <= n; i++) {
                    split(refs[i], r, " ")
                    if (!(r[1] in bad) && !(r[2] in ours) && (home[r[2]] in bad)) {
                        bad[r[1]]
                        more = 1
                    }
                }
            } while (more)
            for (m in bad) {
                k = split(defs[m], d, " ")
                for (j = 1; j <= k; j++) if (d[j] !~ /^_/ && !(d[j] in ours)) print d[j]
            }
        }' "$TMP/ours" "$TMP/makes" "$TMP/symbols" | sort -u
}
reach >"$TMP/reach"
like "the search finds what is known to make system calls" "$(cat "$TMP/reach")" '^socket$'
{ cut -f 1 $list && tr ' ' '\n' <"$TMP/idle"; } | sort -u >"$TMP/known"
# Variables of such members are no calls.
awk '$2 ~ /[TW]/ { print $3 }' "$TMP/symbols" | sort -u >"$TMP/functions"
is "every call that can reach a system call is on the list" \
    "$(comm -23 "$TMP/reach" "$TMP/known" | comm -12 - "$TMP/functions")" ""

# ---- the README's commands ------------------------------------------------------------
cp -R $sdk "$TMP/moved"
cat >"$TMP/f.c" <<'END'
#include <stdio.h>
#include <unifaas.h>
int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)printf("%zu\n", uf_event_body_size(event));
    return uf_respond_text(response, "moved");
}
END
compile() {
    driver=$1 flags=$2 source=$3
    (cd "$TMP" && $driver "@moved/$arch/$flags" -Wall -Wextra -Werror -I moved/include \
        -isystem "moved/$arch/musl/include" -isystem "$($driver -print-file-name=include)" -c "$source" -o f.o &&
        $driver f.o -o f.elf "@moved/$arch/ldflags" -T "moved/$arch/function.lds" \
            -Wl,--whole-archive "moved/$arch/lib/libunifaas.a" -Wl,--no-whole-archive \
            "moved/$arch/musl/lib/libc.a" -lgcc)
}
t "a copied SDK builds an image with the commands of its README" compile gcc cflags f.c
cat >"$TMP/f.cc" <<'END'
#include <unifaas.h>
struct counter {
    int n;
    counter() : n(41) {}
    virtual ~counter() {}
    virtual int next() { return ++n; }
};
static counter global;
int handle(const struct uf_event *event, struct uf_response *response)
{
    static counter local;
    counter *c = new counter;
    int n = c->next() + local.next() + global.next() + static_cast<int>(uf_event_attempt(event));
    delete c;
    return uf_respond_printf(response, "%d", n);
}
END
if command -v g++ >/dev/null; then
    t "C++ without exceptions links" compile g++ cxxflags f.cc
else
    skip "C++ without exceptions links" "cxx: no g++"
fi
cat >"$TMP/f.c" <<'END'
#include <unifaas.h>
UF_STACK_SIZE(0x1234);
int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    return uf_respond_text(response, "");
}
END
compile gcc cflags f.c >"$TMP/out" 2>"$TMP/err"
like "a stack of a size that cannot be is refused by name" "$(cat "$TMP/err")" 'UF_STACK_SIZE: give a multiple'
finish
