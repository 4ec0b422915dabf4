// SPDX-License-Identifier: MIT
/* cmd_login.c: login, logout and password: what the daemon is asked with. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "cli/net/api.h"
#include "cli/options.h"
#include "engine/prompt.h"

/* What leaves this machine can be read by those between. */
static void warn_of_plain(const char *gateway)
{
    if (strncmp(gateway, "https://", 8) != 0 && strstr(gateway, "127.") == NULL &&
        strstr(gateway, "localhost") == NULL && strstr(gateway, "[::1]") == NULL)
        cli_note("%s: nothing is encrypted on the way there; a proxy with TLS would help", gateway);
}

/* ---- login ----------------------------------------------------------------------------- */

/* Try them; OPTS_GO when the daemon takes them. */
static int try(const char *gateway, const struct credentials *c)
{
    const struct http_request q = {
        .gateway = gateway, .method = "GET", .path = "/system/functions", .as = c};
    struct http_response p;
    struct uf_err err;
    int r = http_do(&q, &p, &err);

    if (r < 0)
        return api_unreachable(r, &err);
    if (p.status == 401)
        r = cli_fail(CLI_FAILED, "%s: wrong user or password", http_gateway(gateway));
    else
        r = p.status == 200 ? OPTS_GO : api_refused(&p);
    http_response_fini(&p);
    return r;
}

static int run_login(const struct command *self, int argc, char **argv)
{
    struct credentials c = {.user = CREDENTIALS_USER};
    const char *user = CREDENTIALS_USER;
    const char *gateway = NULL;
    const struct opt opts[] = {
        {'u', "username", "NAME", "another user than admin", OPT_TEXT, &user},
        OPT_GATEWAY(&gateway),
        OPT_END,
    };
    struct operands operands;
    struct uf_err err;
    int r = opts_parse(self, opts, argc, argv, &operands);

    if (r != OPTS_GO)
        return r;
    if (*user == '\0' || strlen(user) > CREDENTIALS_USER_MAX || strchr(user, ':') != NULL)
        return opts_usage(self, "--username: \"%s\" is not valid; 1 to %d bytes without :", user,
                          CREDENTIALS_USER_MAX);
    memcpy(c.user, user, strlen(user) + 1);
    warn_of_plain(http_gateway(gateway));
    r = prompt_hidden("password", c.password, sizeof(c.password), &err) < 0
            ? cli_report(CLI_FAILED, &err)
            : try(gateway, &c);
    if (r == OPTS_GO && credentials_keep(http_gateway(gateway), &c, &err) < 0)
        r = cli_report(CLI_FAILED, &err);
    credentials_wipe(&c);
    if (r != OPTS_GO)
        return r;
    printf("%s: logged in\n", http_gateway(gateway));
    return CLI_OK;
}

const struct command cmd_login = {
    .name = "login",
    .operands = "",
    .summary = "Keep the password of a daemon for other commands",
    .details = "The password is asked for, or read from standard input. When the daemon takes it,\n"
               "it is kept in ~/.config/unifaas/credentials, which only you can read.\n"
               "$UNIFAAS_PASSWORD (and $UNIFAAS_USER) go before what is kept.\n",
    .examples = "  unifaas login\n"
                "  unifaas login --gateway https://board.example < password.txt\n",
    .exits = CLI_BIT(OK) | CLI_BIT(FAILED) | CLI_BIT(USAGE) | CLI_BIT(UNREACHABLE),
    .run = run_login,
};

/* ---- logout ---------------------------------------------------------------------------- */

static int run_logout(const struct command *self, int argc, char **argv)
{
    const char *gateway = NULL;
    const struct opt opts[] = {OPT_GATEWAY(&gateway), OPT_END};
    struct operands operands;
    struct uf_err err;
    int r = opts_parse(self, opts, argc, argv, &operands);

    if (r != OPTS_GO)
        return r;
    if (credentials_keep(http_gateway(gateway), NULL, &err) < 0)
        return cli_report(CLI_FAILED, &err);
    return CLI_OK;
}

const struct command cmd_logout = {
    .name = "logout",
    .operands = "",
    .summary = "Forget the password that login kept",
    .examples = "  unifaas logout\n",
    .exits = CLI_BIT(OK) | CLI_BIT(FAILED) | CLI_BIT(USAGE),
    .run = run_logout,
};

/* ---- password -------------------------------------------------------------------------- */

static int ask_for_new(char out[static CREDENTIALS_MAX + 1])
{
    char again[CREDENTIALS_MAX + 1] = "";
    struct uf_err err;
    int r = prompt_hidden("new password", out, CREDENTIALS_MAX + 1, &err);
    bool is_same = true;

    if (r == 0 && isatty(STDIN_FILENO) != 0) {
        r = prompt_hidden("once more", again, sizeof(again), &err);
        is_same = strcmp(out, again) == 0;
        explicit_bzero(again, sizeof(again));
    }
    if (r < 0)
        return cli_report(CLI_FAILED, &err);
    return is_same ? OPTS_GO : cli_fail(CLI_USAGE, "the two are not the same; nothing has changed");
}

static int change(const char *gateway, const char *password)
{
    json_t *doc = json_pack("{s:s}", "password", password);
    struct http_response p;

    if (doc == NULL)
        return cli_fail(CLI_USAGE, "the password is not UTF-8 text");
    int r = api_send(gateway, "PUT", "/system/password", doc, &p);
    json_decref(doc);
    if (r != OPTS_GO)
        return r;
    r = p.status == 200 ? OPTS_GO : api_refused(&p);
    http_response_fini(&p);
    return r;
}

/* What login kept is the old one now. */
static int keep(const char *gateway, const char *password)
{
    struct credentials c;
    struct uf_err err;
    int r = credentials_find(http_gateway(gateway), &c, &err);
    const char *given = getenv("UNIFAAS_PASSWORD"); /* empty, it counts as not given */

    if (given != NULL && *given != '\0') {
        cli_note("$UNIFAAS_PASSWORD still has the old one");
    } else if (r > 0) {
        (void)snprintf(c.password, sizeof(c.password), "%s", password);
        r = credentials_keep(http_gateway(gateway), &c, &err);
    }
    credentials_wipe(&c);
    return r < 0 ? cli_report(CLI_FAILED, &err) : CLI_OK;
}

static int run_password(const struct command *self, int argc, char **argv)
{
    char password[CREDENTIALS_MAX + 1] = "";
    const char *gateway = NULL;
    const struct opt opts[] = {OPT_GATEWAY(&gateway), OPT_END};
    struct operands operands;
    int r = opts_parse(self, opts, argc, argv, &operands);

    if (r != OPTS_GO)
        return r;
    r = ask_for_new(password);
    if (r == OPTS_GO)
        r = change(gateway, password);
    if (r == OPTS_GO)
        r = keep(gateway, password);
    explicit_bzero(password, sizeof(password));
    return r;
}

const struct command cmd_password = {
    .name = "password",
    .operands = "",
    .summary = "Change the daemon's password",
    .details = "The new one is asked for, or read from standard input. Who has lost the old one\n"
               "sets another where the daemon runs: unifaasd --set-password.\n",
    .examples = "  unifaas password\n"
                "  head -c 15 /dev/urandom | base64 | tee new | unifaas password\n",
    .exits = CLI_BIT(OK) | CLI_BIT(FAILED) | CLI_BIT(USAGE) | CLI_BIT(UNREACHABLE),
    .run = run_password,
};
