// SPDX-License-Identifier: MIT
// LINK: daemon/fetch daemon/loop/loop.c daemon/loop/timers.c daemon/gateway/headers.c
// LINK: engine/allow.c engine/curl.c engine/lazy.c daemon/record/metrics.c tests/fetch
/* An authority of our own, and a server of OpenSSL's with a certificate from it. */
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/fetch/ask.h"
#include "tests/fetch/names.h"
#include "tests/fetch/server.h"
#include "tests/tap.h"

static char dir[64];
static char ca[128];
static unsigned tls_port;
static pid_t tls;

static bool run(const char *command)
{
    char line[1024];

    (void)snprintf(line, sizeof(line), "cd %s && { %s; } >log 2>&1", dir, command);
    // NOLINTNEXTLINE(cert-env33-c): words of our own
    return system(line) == 0;
}

static bool make_certificates(void)
{
    static const char *const steps[] = {
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
        "-subj /CN=authority -keyout ca.key -out ca.pem",
        "openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=x "
        "-keyout key.pem -out request.pem",
        "echo subjectAltName=DNS:localhost,DNS:good.test >names",
        "openssl x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 "
        "-extfile names -out cert.pem",
        "printf 'HTTP/1.1 200 OK\\r\\nContent-Length: 6\\r\\n\\r\\nsecret' >ok",
    };

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
        if (!run(steps[i]))
            return false;
    (void)snprintf(ca, sizeof(ca), "%s/ca.pem", dir);
    return true;
}

/* "/NAME" redirects to url. */
static bool make_redirect(const char *name, const char *url)
{
    char path[128];

    (void)snprintf(path, sizeof(path), "%s/%s", dir, name);
    FILE *f = fopen(path, "we");
    if (f == NULL)
        return false;
    (void)fprintf(f, "HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n", url);
    return fclose(f) == 0;
}

static bool start_tls(void)
{
    char command[256];
    char *argv[] = {(char[]){"sh"}, (char[]){"-c"}, command, NULL};
    posix_spawn_file_actions_t actions;
    int out[2];
    char line[128] = "";

    (void)snprintf(command, sizeof(command),
                   "cd %s && exec openssl s_server -HTTP -accept 127.0.0.1:0 -cert cert.pem "
                   "-key key.pem 2>tls.log </dev/null",
                   dir);
    if (pipe(out) < 0)
        return false;
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    (void)posix_spawn_file_actions_addclose(&actions, out[0]);
    int r = posix_spawn(&tls, "/bin/sh", &actions, NULL, argv, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)close(out[1]);
    FILE *f = fdopen(out[0], "r");
    while (r == 0 && tls_port == 0 && fgets(line, sizeof(line), f) != NULL)
        (void)sscanf(line, "ACCEPT 127.0.0.1:%u", &tls_port);
    /* What it says later has somewhere to go as long as f is open. */
    return tls_port != 0;
}

static struct ask got;

static bool get(const char *host, const char *path, enum fetch_code code)
{
    char url[256];

    (void)snprintf(url, sizeof(url), "https://%s:%u%s", host, tls_port, path);
    ask_get(&got, url);
    if (got.code != code)
        printf("# %s %u: %s\n", fetch_word(got.code), got.status, got.words);
    return got.is_done && got.code == code;
}

static void a_server_with_a_certificate_for_its_name_is_believed(void)
{
    ask_setup();
    fetcher.ca_file = ca;
    names_set("good.test", "127.0.0.1");
    CHECK(get("localhost", "/ok", FETCH_OK) && got.status == 200);
    CHECK(strcmp(got.body, "secret") == 0);
    ask_teardown();
    /* The server has time for one connection only. */
    ask_setup();
    fetcher.ca_file = ca;
    CHECK(get("good.test", "/ok", FETCH_OK));
    ask_teardown();
}

static void a_server_whose_authority_is_unknown_is_not(void)
{
    ask_setup();
    CHECK(get("localhost", "/ok", FETCH_UNREACHABLE) && strstr(got.words, "certificate") != NULL);
    ask_teardown();
}

static void nor_is_one_with_a_certificate_for_another_name(void)
{
    ask_setup();
    fetcher.ca_file = ca;
    names_set("other.test", "127.0.0.1");
    CHECK(get("other.test", "/ok", FETCH_UNREACHABLE));
    CHECK(get("127.0.0.1", "/ok", FETCH_UNREACHABLE));
    ask_teardown();
}

static void encrypted_requests_are_not_redirected_to_where_all_can_read_them(void)
{
    ask_setup();
    fetcher.ca_file = ca;
    CHECK(make_redirect("down", ask_url("localhost", "/ok")));
    CHECK(get("localhost", "/down", FETCH_DENIED) && strstr(got.words, "encrypted") != NULL);
    CHECK(server_connections() == 0);
    ask_teardown();
}

static void a_redirect_may_lead_to_encryption(void)
{
    char path[200];

    ask_setup();
    fetcher.ca_file = ca;
    (void)snprintf(path, sizeof(path), "/redirect?301&https://localhost:%u/ok", tls_port);
    ask_get(&got, ask_url("localhost", path));
    CHECK(got.code == FETCH_OK && strcmp(got.body, "secret") == 0);
    ask_teardown();
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(a_server_with_a_certificate_for_its_name_is_believed),
        TAP_CASE(a_server_whose_authority_is_unknown_is_not),
        TAP_CASE(nor_is_one_with_a_certificate_for_another_name),
        TAP_CASE(encrypted_requests_are_not_redirected_to_where_all_can_read_them),
        TAP_CASE(a_redirect_may_lead_to_encryption),
    };
    const char *tmp = getenv("TMPDIR");
    int r = 1;

    (void)signal(SIGPIPE, SIG_IGN);
    (void)snprintf(dir, sizeof(dir), "%s/unifaas-tls.XXXXXX", tmp != NULL ? tmp : "/tmp");
    if (mkdtemp(dir) == NULL)
        return 1;
    if (make_certificates() && start_tls())
        r = tap_run(cases, sizeof(cases) / sizeof(cases[0]));
    if (tls > 0) {
        (void)kill(tls, SIGKILL);
        (void)waitpid(tls, NULL, 0);
    }
    (void)run("rm -rf \"$PWD\"");
    return r;
}
