#!/bin/sh
# SPDX-License-Identifier: MIT
# The command line without a daemon: help, exit statuses, new, build, run.
# shellcheck source=tests/e2e/lib.sh disable=SC2016,SC2013
. "$(dirname "$0")/lib.sh"
uf=$BIN/unifaas
cd "$TMP" || exit 1

err() { cat "$TMP/err"; }
out() { cat "$TMP/out"; }
# What the sources of functions begin with.
head='#include <unifaas.h>
#include <stdio.h>
#include <stdlib.h>
int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;'
# write_function NAME BODY: a folder with that handler
write_function() {
    mkdir -p "$1" && printf '%s\n%s\n}\n' "$head" "$2" >"$1/main.c"
}

# What the manual says about a command.
section() {
    sed -n "/^\.Ss unifaas $1\$/,/^\.S[sh] /p" "$ROOT/docs/man/unifaas.1"
}

# ---- help ---------------------------------------------------------------------------
commands='new build run deploy dev invoke list logs invocations invocation describe remove kv queue dead secret namespace login logout password doctor version help'
exits "help ends with 0" 0 "$uf" help
listed=$(sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' "$TMP/out" | tr '\n' ' ')
is "help lists every command" "$listed" "$commands "
for c in $commands; do
    exits "$c --help ends with 0" 0 "$uf" "$c" --help
    like "$c --help shows its usage" "$(out)" "^Usage: unifaas $c "
    like "$c --help has an example" "$(out)" "^  (cat |printf )?.*unifaas $c"
    like "$c --help explains its exit status" "$(out)" "^  0  done"
    for option in $(sed -n 's/^  \(-., \|    \)\(--[a-z]*\).*/\2/p' "$TMP/out"); do
        like "the manual has $c $option" "$(section "$c")" "^\.It .*Fl -${option#--}( |\$)"
    done
    exits "an unknown option of $c is a usage error" 2 "$uf" "$c" --no-such-option
done
exits "no command at all is a usage error, with the list" 2 "$uf"
like "... and prints the list" "$(out)" '^Commands:'
exits "an unknown command is a usage error" 2 "$uf" frobnicate
like "... and is named" "$(err)" 'no command "frobnicate"'
exits "--version works" 0 "$uf" --version
like "... and names the version" "$(out)" '^unifaas [0-9]+\.[0-9]+'
exits "a missing operand is a usage error" 2 "$uf" run
exits "an operand too many is a usage error" 2 "$uf" version 1
exits "an option without its value is a usage error" 2 "$uf" run . -d
exits "a flag with a value is a usage error" 2 "$uf" build --verbose=yes
exits "a count that is none is a usage error" 2 "$uf" run . --repeat 0
like "... and says what is valid" "$(err)" 'whole number from 1'
exits "an unknown architecture is a usage error" 2 "$uf" build --arch sparc
like "... and names those that there are" "$(err)" 'x86_64, aarch64'

# ---- new ------------------------------------------------------------------------------
exits "new makes a folder" 0 "$uf" new hello
is "... with these files" "$(cd hello && echo .gitignore *)" ".gitignore README.md function.yaml main.c"
unlike "... in which every word is filled in" "$(cat hello/* hello/.gitignore)" 'NAME|LANG|FILE'
mkdir all && cp hello/main.c all && sed -e 1d -e 's/^# //' hello/function.yaml >all/function.yaml
exits "... and whose comments are a manifest" 0 "$uf" build all
mkdir none && echo 'x: 1' >none/function.yaml
exits "an unknown key tells all that there are" 6 "$uf" build none
for key in $(err | sed -n 's/.*valid keys: //p' | tr -d ,); do
    # A sequence is nothing to begin with, and only scripts have parameters.
    [ "$key" = functions ] || [ "$key" = params ] || like "... $key is in what new wrote" "$(cat hello/function.yaml)" "\b$key\b"
done
exits "new refuses a folder that exists" 1 "$uf" new hello
like "... and says so" "$(err)" 'exists already'
for bad in Hello hello_1 -x x- 'a b' ../..; do
    exits "new refuses the name '$bad'" 2 "$uf" new -- "$bad"
done
exits "new refuses a language that it doesn't know" 2 "$uf" new other --lang cobol
like "... and names those that it knows" "$(err)" 'c, c\+\+'
t "... and made no folder" test ! -e other

# ---- build ------------------------------------------------------------------------------
exits "what new wrote builds as it is" 0 "$uf" build hello
like "build says how large the image is" "$(out)" '^hello/hello.img: [0-9.]+ KiB, for '
like "... where the bytes went" "$(out)" 'code .* constants .* data .* symbols'
like "... which functions are the biggest" "$(out)" 'biggest functions: .*printf'
like "... and what memory is left" "$(out)" 'memory 8Mi: .* stack 256.0 KiB, heap'
is "... and compiles without a warning" "$(err)" ""
cp hello/hello.img first.img
exits "building again" 0 "$uf" build hello -o again.img
t "... gives the same bytes" cmp first.img again.img
mkdir elsewhere && cp -r hello elsewhere/
exits "building elsewhere" 0 "$uf" build "$TMP/elsewhere/hello" -g -o one.img
exits "... and from inside the folder" 0 sh -c "cd hello && '$uf' build -g -o ../two.img"
t "... gives the same bytes, line numbers included" cmp one.img two.img
is "an image has no sections" "$(readelf -h first.img | sed -n 's/.*Number of section headers: *//p')" 0
unlike "... and no segment that can be written and executed" "$(readelf -lW first.img)" 'RWE'
exits "build -v shows what it runs" 0 "$uf" build -v hello
like "... the compiler and its flags" "$(err)" '@.*/cflags .*-c hello/main.c'

write_function calls 'if (fork() == 0)
        return socket(1, 2, 3);
    return uf_respond_text(response, getenv("HOME"));'
sed -i '2i #include <unistd.h>\n#include <sys/socket.h>' calls/main.c
exits "a call that a unikernel cannot serve ends the build" 5 "$uf" build calls
like "... is named with file, line and a way out" "$(err)" \
    '^calls/main.c:9: error: fork\(\) is not available in a unikernel; use instead: uf_queue_push'
like "... like each of them" "$(err)" '^calls/main.c:10: error: socket\(\) is not available'
unlike "... and getenv() is not among them" "$(err)" 'getenv'
t "... and no image is left" test ! -e calls/calls.img

mkdir own && printf '%s\nreturn fork() + uf_respond_text(response, "mine");\n}\n' \
    "int fork(void);
$head" >own/main.c
echo 'int fork(void); int fork(void) { return 0; }' >own/fork.c
exits "a function of its own by such a name is no such call" 0 "$uf" build own
is "... and is the one that is called" "$("$uf" run own 2>/dev/null)" mine

write_function undefined 'return mystery();'
sed -i '1i int mystery(void);' undefined/main.c
exits "an undefined function ends the build" 5 "$uf" build undefined
like "... and is named with file and line" "$(err)" \
    '^undefined/main.c:8: error: nothing defines mystery'
mkdir nohandle && echo 'int x;' >nohandle/main.c
exits "a function without handle() does not build" 5 "$uf" build nohandle
like "... and is told what to write" "$(err)" 'int handle\(const struct uf_event \*event'
printf '%s\nreturn uf_respond_text(response, "");\n}\n' "$head" |
    sed 's/^int handle/__attribute__((used)) static int handle/; /^#include <unifaas/d' |
    sed '1i struct uf_event; struct uf_response; int uf_respond_text(struct uf_response *, const char *);' >nohandle/main.c
exits "a static handle() does not build" 5 "$uf" build nohandle
like "... and is told why" "$(err)" 'handle\(\) is static'
write_function syntax 'return 0'
exits "a syntax error ends the build" 5 "$uf" build syntax
like "... in the compiler's own words" "$(err)" "^syntax/main.c:[0-9]+:[0-9]+: error: expected"
mkdir undeclared
printf '#include <unifaas.h>\nint handle(const struct uf_event *e, struct uf_response *r)\n{\n    return undeclared(e, r);\n}\n' \
    >undeclared/main.c
exits "so is a call of what nothing declares, whatever the compiler's version" 5 "$uf" build undeclared
like "... in its words" "$(err)" "^undeclared/main.c:4:[0-9]+: error: implicit declaration of function"
mkdir empty
exits "a folder without sources does not build" 5 "$uf" build empty
exits "a folder that isn't there is not found" 4 "$uf" build nowhere
write_function big 'static char room[9 << 20]; room[event != 0] = 1; return room[0];'
exits "a function larger than its memory does not build" 5 "$uf" build big
like "... and is told how much it needs" "$(err)" 'needs .*Ki of memory, and `memory`'
t "... and no image is left" test ! -e big/big.img
exits "a missing SDK is named" 5 env UNIFAAS_SDK="$TMP/nowhere" "$uf" build hello
like "... with its place" "$(err)" "the SDK is not at $TMP/nowhere"
exits "a missing compiler is named" 5 env CC=no-such-cc "$uf" build hello
like "... with its package" "$(err)" 'no no-such-cc; install the package gcc'
mkdir odd @odd
printf '%s\nreturn uf_respond_printf(response, "%%s|%%s", at(), __FILE__);\n}\n' "const char *at(void);
$head" >odd/-main.c
echo 'const char *at(void); const char *at(void) { return __FILE__; }' >odd/@at.c
echo 'name: odd' | tee odd/function.yaml >@odd/function.yaml
cp odd/*.c @odd/
exits "sources may have names that would be options" 0 sh -c "cd odd && '$uf' build -g -o ../one.img"
exits "... and so may their folder" 0 "$uf" build @odd -g -o two.img
exits "... or not" 0 "$uf" build odd -g -o three.img
t "... it is all the same" sh -c 'cmp one.img two.img && cmp one.img three.img'
is "... and they are known by their names" "$("$uf" run one.img 2>/dev/null)" '@at.c|-main.c'
t "builds leave nothing in the folder for temporary files" \
    sh -c "mkdir tmp && TMPDIR=$TMP/tmp '$uf' build hello && rmdir tmp"
cat >waiting-cc <<'SH'
#!/bin/sh
case " $* " in *" -c "*) : >started && sleep 0.5 ;; esac
exec gcc "$@"
SH
chmod +x waiting-cc
# What comes of a build that gets a signal: its status, and what it leaves there.
interrupt() { # SIGNAL WAY
    mkdir tmp
    rm -f started stopped.img
    TMPDIR=$TMP/tmp CC=$TMP/waiting-cc env "--$2-signal=$1" "$uf" build hello -o stopped.img 2>err >out &
    eventually 10 test -e started
    kill -s "$1" $!
    wait $! 2>/dev/null
    echo "$? $(ls tmp)"
    rm -r tmp
}
is "... nor do those that Ctrl-C ends" "$(interrupt INT default)" "130 "
is "... or SIGTERM" "$(interrupt TERM default)" "143 "
t "... which makes no image" test ! -e stopped.img
is "a signal that is ignored is not taken" "$(interrupt HUP ignore)" "0 "
t "... and the image is made" test -e stopped.img

# ---- manifests -----------------------------------------------------------------------------
write_function manifest 'return uf_respond_text(response, getenv("GREETING"));'
refuse() { # SENTENCE YAML ERE
    printf '%b' "$2" >manifest/function.yaml
    exits "$1" 6 "$uf" build manifest
    like "... with file, line and what is valid" "$(err)" "^unifaas: manifest/function.yaml:$3"
}
refuse "an unknown key is refused" 'name: a\nmemroy: 8Mi\n' '2: unknown key "memroy"; valid keys: name, lang, memory'
refuse "a bad size is refused" 'memory: 8MB\n' '1: memory: "8MB" is not valid; it must be a size like 8Mi'
refuse "a bad time is refused" 'timeout: 3\n' '1: timeout: "3" is not valid; it must be a time like 3s'
refuse "a bad word is refused" '\n\nisolation: strong\n' '3: isolation: .* one of: auto, kvm, process'
refuse "a bad count is refused" 'max_instances: many\n' '1: max_instances: .* whole number from 1 to 1000'
refuse "an unknown limit is refused" 'limits:\n  disk: 1Gi\n' '2: unknown key "disk" in limits; valid keys: cpu_time'
refuse "an unknown trigger is refused" 'triggers:\n  - cron\n' '2: triggers: there is no trigger "cron"; available: http'
refuse "a bad variable is refused" 'env:\n  A-B: 1\n' '2: env: "A-B" is not a variable'
refuse "a key given twice is refused" 'name: a\nname: b\n' '2: name is given twice, first on line 1'
refuse "what is not YAML is refused" 'name: [a\n' '[12]: not YAML'
refuse "a bad name is refused" 'name: Big\n' '1: name: "Big" is not valid'
mkdir chain && printf 'lang: sequence\nfunctions: [a, b]\n' >chain/function.yaml
exits "a sequence is not built" 5 "$uf" build chain
like "... for it has no image" "$(err)" 'chain is a sequence, which has no image; unifaas deploy chain is all'
exits "... nor run here" 1 "$uf" run chain
like "... for it needs a daemon" "$(err)" 'chain is a sequence, which needs a daemon: unifaas deploy chain'
echo 'int x;' >chain/main.c
exits "a sequence with code is refused" 6 "$uf" build chain
like "... with the way out" "$(err)" 'a sequence has no code; remove main.c, or `lang: sequence`'
printf 'env:\n  GREETING: from the manifest\n' >manifest/function.yaml
is "env of the manifest reaches getenv()" "$("$uf" run manifest 2>/dev/null)" "from the manifest"
is "-e goes before the manifest" "$("$uf" run manifest -e GREETING=mine 2>/dev/null)" mine
mkdir Upper && cp hello/main.c Upper/
exits "a folder whose name is no function's needs a name in the manifest" 6 "$uf" build Upper
echo 'name: lower' >Upper/function.yaml
exits "... and builds with it" 0 "$uf" build Upper
t "... into an image by that name" test -f Upper/lower.img

# ---- run -----------------------------------------------------------------------------------
cat >echo.c <<'C'
#include <unifaas.h>
#include <stdio.h>
#include <string.h>
static int events;
int handle(const struct uf_event *e, struct uf_response *r)
{
    const char *h = uf_event_header(e, "x-device");
    events++;
    printf("logged\n");
    uf_respond_header(r, "X-Events", events == 1 ? "one" : "more");
    if (strcmp(uf_event_path(e), "/teapot") == 0)
        uf_respond_status(r, 418);
    return uf_respond_printf(r, "%s|%s|%s|%s|%s|%u", uf_event_method(e), uf_event_path(e),
                             uf_event_query(e), h ? h : "-", uf_event_body(e), (unsigned)events);
}
C
mkdir echo && mv echo.c echo/main.c
exits "run builds a folder that has no image yet" 0 "$uf" run echo
like "... and says so" "$(err)" 'note: built echo/echo.img'
is "... and GET / with nothing is what the function sees" "$(out)" 'GET|/||-||1'
exits "run again" 0 "$uf" run echo
unlike "... builds nothing" "$(err)" 'built'
like "... and the log goes to stderr" "$(err)" '^logged$'
touch echo/main.c
exits "run after a save that changed nothing" 0 "$uf" run echo
unlike "... builds nothing, either" "$(err)" 'built'
rebuilt() { # SENTENCE
    exits "run after $1" "${2:-0}" "$uf" run echo
    like "... builds again" "$(err)" "${3:-note: built}"
}
echo '/* */' >>echo/main.c
rebuilt "a change"
echo 'int more;' >echo/more.c
rebuilt "a source was added"
rm echo/more.c
rebuilt "one was removed"
sed 's/events++/events += 2/' echo/main.c >changed.c
touch -d '1 hour ago' changed.c
mv echo/main.c kept.c && mv changed.c echo/main.c
rebuilt "an older file took the place of one"
mv kept.c echo/main.c
mkdir echo/in && echo '#define ONE 1' >echo/in/one.h && sed -i '1i #include "in/one.h"' echo/main.c
rebuilt "a header in a folder came"
echo '#define ONE 2' >echo/in/one.h
rebuilt "it changed"
rm -r echo/in
rebuilt "it is gone" 5 'in/one.h: No such file'
sed -i 1d echo/main.c
rebuilt "nobody asks for it any more"
mkdir common && echo '#define ONE 1' >common/one.h && echo '#define TWO 1' >'echo/a $ table.words'
sed -i '1i #include "../common/one.h"\n#include "a $ table.words"' echo/main.c
rebuilt "files of any name and place are asked for"
exits "run with those" 0 "$uf" run echo
unlike "... builds nothing" "$(err)" 'built'
echo '#define ONE 2' >common/one.h
rebuilt "one outside of the folder changed"
echo '#define TWO 2' >'echo/a $ table.words'
rebuilt "one that is called like no source did"
mkdir board && cp -r echo board/
exits "a copy runs where there is neither an SDK nor what lies outside" 0 \
    env UNIFAAS_SDK="$TMP/nowhere" "$uf" run board/echo
echo '#define TWO 3' >'board/echo/a $ table.words'
exits "... unless it was changed there" 5 env UNIFAAS_SDK="$TMP/nowhere" "$uf" run board/echo
rm 'echo/a $ table.words'
rebuilt "it is gone" 5 'a \$ table.words: No such file'
sed -i 1,2d echo/main.c
rebuilt "both are not asked for any more"
echo '#define ONE 3' >common/one.h
exits "run after a change of what was asked for once" 0 "$uf" run echo
unlike "... builds nothing" "$(err)" 'built'
cat >slow-cc <<'SH'
#!/bin/sh
# A compiler, and what somebody saves as soon as it has read it.
gcc "$@" && case " $* " in *" -c "*) echo '#define ONE 5' >common/one.h ;; esac
SH
chmod +x slow-cc
sed -i '1i #include "../common/one.h"' echo/main.c
exits "what is saved while an image is built" 0 env CC="$TMP/slow-cc" "$uf" run echo
rebuilt "that"
sed -i 1d echo/main.c
rebuilt "all that"
echo 'timeout: 2s' >echo/function.yaml
rebuilt "a manifest came"
rm echo/function.yaml
rebuilt "it was removed"
exits "a folder with its image runs where there is no SDK" 0 env UNIFAAS_SDK="$TMP/nowhere" "$uf" run echo
cp echo/echo.img good.img
sed -i 's/events++/events += 2/' echo/main.c
rebuilt "another change"
mv good.img echo/echo.img
rebuilt "an older image took its place"
sed -i 's/events += 2/events++/' echo/main.c
rebuilt "that change was taken back"
rm echo/.echo.built
exits "also one that came without its hidden file" 0 env UNIFAAS_SDK="$TMP/nowhere" "$uf" run echo
rebuilt "that file is gone, where there is one"
is "-d is the body and makes it POST" "$("$uf" run echo -d 'a b' 2>/dev/null)" 'POST|/||-|a b|1'
is "-m, -p, -q and -H arrive" \
    "$("$uf" run echo -m PUT -p /a/b -q 'x=1&y=%20' -H 'X-Device:  7' 2>/dev/null)" 'PUT|/a/b|x=1&y=%20|7||1'
printf 'from a file' >body
is "-f is a file" "$("$uf" run echo -f body 2>/dev/null)" 'POST|/||-|from a file|1'
is "-f - is standard input" "$(printf piped | "$uf" run echo -f - 2>/dev/null)" 'POST|/||-|piped|1'
is "an image runs by itself" "$("$uf" run echo/echo.img 2>/dev/null)" 'GET|/||-||1'
exits "an image that isn't there is not found" 4 "$uf" run nothing.img
exits "a body that isn't there is not found" 4 "$uf" run echo -f nothing
exits "-d and -f exclude each other" 2 "$uf" run echo -d x -f body
exits "a header without a colon is a usage error" 2 "$uf" run echo -H novalue
exits "a path without a slash is a usage error" 2 "$uf" run echo -p a
exits "an unknown backend is a usage error" 2 "$uf" run echo --backend magic
exits "a bad size is a usage error" 2 "$uf" run echo --memory lots
exits "what is no image is refused" 1 "$uf" run body
like "... and says why" "$(err)" 'not an ELF file'
exits "an answer with an error status ends with 1" 1 "$uf" run echo -p /teapot -v
is "... and the answer is there" "$(out)" 'GET|/teapot||-||1'
like "... and -v shows the status" "$(err)" '^< 418'
like "... and the headers" "$(err)" '^< X-Events: one'
dd if=/dev/zero bs=1024 count=3000 2>/dev/null | tr '\0' x >large
write_function count 'return uf_respond_printf(response, "%zu", uf_event_body_size(event));'
is "a body of 3 MB arrives whole" "$("$uf" run count -f large 2>/dev/null)" 3072000

for backend in $(backends); do
    exits "$backend: 20 events run" 0 "$uf" run echo -b "$backend" -n 20 --stats
    is "$backend: ... each on pristine memory" "$(out)" 'GET|/||-||1'
    like "$backend: ... and --stats names the backend" "$(err)" "^backend +$backend\$"
    like "$backend: ... the snapshot" "$(err)" '^snapshot +[0-9.]+ KiB$'
    like "$backend: ... the times" "$(err)" '^run +p50 [0-9.]+ us, p99 [0-9.]+ us$'
    like "$backend: ... and the restores" "$(err)" '^restore +p50 [0-9.]+ us'
done
printf 'reuse: instance\n' >echo/function.yaml
is "reuse: instance keeps memory" "$("$uf" run echo -n 20 2>/dev/null)" 'GET|/||-||20'

# What goes wrong in a function, how run ends, and what it says.
fails() { # NAME STATUS ERE BODY
    write_function "$1" "$4"
    exits "$1: run ends with $2" "$2" "$uf" run -g "$1"
    like "$1: ... and says why" "$(err)" "$3"
}
fails crash 7 '^unifaas: crash: fault: .* null pointer' '*(volatile int *)(event ? 0 : 4096) = 1; return 0;'
like "crash: ... and where" "$(err)" '^    at handle\+0x[0-9a-f]+ \(main.c:7\)$'
fails abort 7 '^unifaas: abort: abort: ' 'abort(); return 0;'
like "abort: ... and where" "$(err)" '^    at handle\+0x[0-9a-f]+ \(main.c:7\)$'
fails exit3 7 '^unifaas: exit3: exit: .*3' 'exit(3);'
fails nonzero 1 '^unifaas: nonzero: error: .*7' 'return 7;'
fails loop 8 '^unifaas: loop: time-limit: ' 'for (;;) __asm__ volatile("");'
exits "a time limit of the command line counts" 8 "$uf" run loop --timeout 50ms
like "... and is the one that is named" "$(err)" '50 ms'
write_function badinit 'return 0;'
echo 'int init(void) { return 5; }' >>badinit/main.c
exits "an init that fails ends run" 1 "$uf" run badinit
like "... and is named" "$(err)" '^unifaas: init: error: .*5'
exits "without -g a backtrace has names only" 7 sh -c "'$uf' build crash && '$uf' run crash"
like "... of functions" "$(err)" '^    at handle\+0x[0-9a-f]+$'
cp /bin/true true.img
exits "a program of the system is no image" 1 "$uf" run true.img
exits "a missing tender is named" 1 env UNIFAAS_TENDER="$TMP/no-tender" "$uf" run echo
like "... with its place" "$(err)" 'no-tender'

# ---- C++ and the other architecture ----------------------------------------------------
if command -v g++ >/dev/null; then
    exits "new --lang c++ makes a C++ function" 0 "$uf" new plus --lang c++
    exits "... that builds and runs" 0 "$uf" run plus -d C++
    is "... and answers" "$(out)" 'Hello, C++!'
    sed -i 's/^lang:.*//' plus/function.yaml
    exits "C++ without lang is refused" 5 "$uf" build plus
    like "... with the way out" "$(err)" 'write `lang: c\+\+`'
else
    skip "C++ functions build and run" "g++: not installed"
fi
case $(uname -m) in x86_64) other=aarch64 ;; *) other=x86_64 ;; esac
if [ -e "$ROOT/build/sdk/$other/lib/libunifaas.a" ] && command -v $other-linux-gnu-gcc >/dev/null; then
    exits "build --arch $other builds for it" 0 "$uf" build hello --arch $other
    t "... beside our own image" test -f hello/hello.$other.img
    like "... with that machine in it" "$(readelf -h hello/hello.$other.img)" 'Machine:.*(AArch64|X86-64)'
    exits "... which does not run here" 1 "$uf" run hello/hello.$other.img
    like "... and says why" "$(err)" 'ELF machine'
else
    skip "build --arch $other" "cross: no compiler or no SDK for $other"
fi

# ---- doctor ---------------------------------------------------------------------------------
"$uf" doctor >"$TMP/out" 2>"$TMP/err"
status=$?
like "doctor reports line by line" "$(out)" '^(ok|less|FAIL) +kernel '
like "doctor looks at kvm" "$(out)" '^(ok|less|FAIL) +kvm '
case $status in
0) like "doctor ends with 0: UniFaaS runs here" "$(out)" '^UniFaaS runs here' ;;
1) like "doctor ends with 1: UniFaaS cannot run here" "$(out)" '^UniFaaS cannot run here' ;;
*) is "doctor ends with 0 or 1" "$status" "0 or 1" ;;
esac

# ---- without a daemon -------------------------------------------------------------------------
nobody=http://127.0.0.1:9
for c in 'list' 'describe hello' 'logs hello' 'invoke hello' 'remove hello' 'deploy hello' \
    'secret list' 'namespace list'; do
    # shellcheck disable=SC2086
    exits "$c ends with 3 when nobody answers" 3 "$uf" $c --gateway $nobody
    like "... and says where it asked and what to do" "$(err)" "$nobody: nobody answers there; is unifaasd running"
done
exits "an address that is none is a usage error" 2 "$uf" list --gateway 'ftp://x'
exits "a name that no function has is a usage error" 2 "$uf" describe No_Name
finish
