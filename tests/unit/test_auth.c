// SPDX-License-Identifier: MIT
// LINK: daemon/auth/auth.c daemon/auth/change.c daemon/auth/credential.c
// LINK: daemon/auth/password.c daemon/auth/throttle.c
// LINK: daemon/loop daemon/record/say.c engine/reason.c engine/prompt.c engine/base64.c
// LIBS: libsodium
// THREADS
#include "daemon/auth/auth.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/owner.h"
#include "tests/tap.h"

/* ---- credentials ------------------------------------------------------------------------ */

static void what_clients_show_is_told_apart(void)
{
    static const struct {
        const char *header;
        enum credential_kind kind;
        const char *user, *password;
    } table[] = {
        {NULL, CREDENTIAL_NONE, "", ""},
        {"Bearer ", CREDENTIAL_NONE, "", ""},
        {"Bearer", CREDENTIAL_NONE, "", ""},
        {"bearer  \t", CREDENTIAL_NONE, "", ""},
        {"Basic YWRtaW46c2VjcmV0", CREDENTIAL_BASIC, "admin", "secret"},
        {"basic   YWRtaW46c2VjcmV0 ", CREDENTIAL_BASIC, "admin", "secret"},
        {"Basic YTpiOmM=", CREDENTIAL_BASIC, "a", "b:c"},
        {"Basic OnA=", CREDENTIAL_BASIC, "", "p"},
        {"Basic YWRtaW46w6k=", CREDENTIAL_BASIC, "admin", "\xc3\xa9"},
        {"", CREDENTIAL_OTHER, "", ""},
        {"Basic", CREDENTIAL_OTHER, "", ""},
        {"Basic YWRtaW4=", CREDENTIAL_OTHER, "", ""},          /* no colon     */
        {"Basic YWRtaW46", CREDENTIAL_OTHER, "", ""},          /* no password  */
        {"Basic YWRtaW46cABx", CREDENTIAL_OTHER, "", ""},      /* a NUL in it  */
        {"Basic YWRtaW46cAo=", CREDENTIAL_OTHER, "", ""},      /* a line's end */
        {"Basic YWRtaW46c2VjcmV0!", CREDENTIAL_OTHER, "", ""}, /* no base64    */
        {"Basic YWRtaW46c2VjcmV", CREDENTIAL_OTHER, "", ""},
        {"Basic YWRtaW46c2\xaa\x94\x9c\x98V0", CREDENTIAL_OTHER, "", ""},
        {"BasicYWRtaW46c2VjcmV0", CREDENTIAL_OTHER, "", ""},
        {"Bearer abc", CREDENTIAL_OTHER, "", ""},
        {"Digest username=\"admin\"", CREDENTIAL_OTHER, "", ""},
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct credential c;

        credential_parse(&c, table[i].header);
        if (c.kind != table[i].kind)
            printf("# %s\n", table[i].header);
        CHECK(c.kind == table[i].kind);
        CHECK(strcmp(c.user, table[i].user) == 0 && strcmp(c.password, table[i].password) == 0);
    }
}

/* "Basic " and user:password; static. */
static const char *basic(const char *user, const char *password)
{
    static char header[2048];
    char plain[1024];

    (void)snprintf(plain, sizeof(plain), "%s:%s", user, password);
    (void)snprintf(header, sizeof(header), "Basic ");
    (void)sodium_bin2base64(header + 6, sizeof(header) - 6, (const unsigned char *)plain,
                            strlen(plain), sodium_base64_VARIANT_ORIGINAL);
    return header;
}

static void names_and_passwords_have_a_longest(void)
{
    char user[CREDENTIAL_USER_MAX + 2] = "";
    char password[CREDENTIAL_PASSWORD_MAX + 2] = "";
    struct credential c;

    memset(user, 'u', CREDENTIAL_USER_MAX);
    memset(password, 'p', CREDENTIAL_PASSWORD_MAX);
    credential_parse(&c, basic(user, password));
    CHECK(c.kind == CREDENTIAL_BASIC && strcmp(c.password, password) == 0);
    user[CREDENTIAL_USER_MAX] = 'u';
    credential_parse(&c, basic(user, "password"));
    CHECK(c.kind == CREDENTIAL_OTHER);
    password[CREDENTIAL_PASSWORD_MAX] = 'p';
    credential_parse(&c, basic("admin", password));
    CHECK(c.kind == CREDENTIAL_OTHER && c.password[0] == '\0');
}

/* ---- the throttle ----------------------------------------------------------------------- */

static void so_many_at_once_and_then_one_a_period(void)
{
    struct throttle t = {.period_ns = 100, .burst = 3};

    for (int i = 0; i < 3; i++)
        CHECK(throttle_take(&t, 1000));
    CHECK(!throttle_take(&t, 1000));
    CHECK(!throttle_take(&t, 1099));
    CHECK(throttle_take(&t, 1100));
    CHECK(!throttle_take(&t, 1100));
    /* Long silence earns no more than the burst. */
    for (int i = 0; i < 3; i++)
        CHECK(throttle_take(&t, 1000000));
    CHECK(!throttle_take(&t, 1000000));
}

static void what_did_not_count_is_given_back(void)
{
    struct throttle t = {.period_ns = 100, .burst = 1};

    CHECK(throttle_take(&t, 5));
    CHECK(!throttle_take(&t, 5));
    throttle_give_back(&t);
    CHECK(throttle_take(&t, 5));
}

/* ---- the password's file ------------------------------------------------------------------- */

static char folder[] = "/tmp/unifaas-test-auth.XXXXXX";
static int dir = -1;
static struct uf_err err;

static void put(const char *text)
{
    int fd = openat(dir, "password", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    (void)close(fd);
}

static void a_hash_is_kept_for_the_owner_alone(void)
{
    char hash[PASSWORD_HASH];
    char again[PASSWORD_HASH];
    struct password_stamp stamp;
    struct stat st;

    CHECK(password_read(dir, again, &stamp, &err) == -ENOENT);
    CHECK(password_hash("correct horse", hash) == 0);
    CHECK(strstr(hash, "correct") == NULL);
    CHECK(password_write(dir, hash, &err) == 0);
    CHECK(fstatat(dir, "password", &st, 0) == 0 && (st.st_mode & 0777) == 0600);
    CHECK(password_read(dir, again, &stamp, &err) == 0 && strcmp(hash, again) == 0);
    CHECK(password_matches(again, "correct horse") && !password_matches(again, "correct hors"));
    CHECK(!password_is_replaced(dir, &stamp));
    CHECK(password_write(dir, hash, &err) == 0);
    CHECK(password_is_replaced(dir, &stamp));
}

static void what_is_no_hash_is_refused_with_the_way_out(void)
{
    static const char *const bad[] = {"", "secret\n", "\n$argon2id$v=19$m=8,t=1,p=1$"};
    char hash[PASSWORD_HASH];
    char large[2048];
    struct password_stamp stamp;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        put(bad[i]);
        CHECK(password_read(dir, hash, &stamp, &err) == -EINVAL);
        CHECK(strstr(err.msg, "unifaasd --set-password") != NULL);
    }
    /* Looks like one, and matches nothing. */
    put("$argon2id$");
    CHECK(password_read(dir, hash, &stamp, &err) == 0 && !password_matches(hash, ""));
    memset(large, 'x', sizeof(large));
    large[sizeof(large) - 1] = '\0';
    put(large);
    CHECK(password_read(dir, hash, &stamp, &err) < 0);
    CHECK(unlinkat(dir, "password", 0) == 0);
}

static void a_password_is_made_of_letters_that_are_not_taken_for_others(void)
{
    char a[PASSWORD_TEXT];
    char b[PASSWORD_TEXT];

    password_make(a);
    password_make(b);
    CHECK(strlen(a) == 23 && strcmp(a, b) != 0);
    CHECK(strspn(a, "abcdefghjkmnpqrstuvwxyz123456789-") == 23);
    CHECK(a[5] == '-' && a[11] == '-' && a[17] == '-');
}

/* ---- judging ------------------------------------------------------------------------------ */

static struct loop loop;
static struct auth a;

struct asked {
    struct auth_ask ask;
    enum auth_verdict v;
    int answers;
};

static int pending;

static void on_answer(struct auth_ask *ask, enum auth_verdict v)
{
    struct asked *q = UF_OWNER(ask, struct asked, ask);

    q->v = v;
    q->answers++;
    if (--pending == 0)
        loop_stop(&loop);
}

static void ask(struct asked *q, const char *header)
{
    *q = (struct asked){.ask.done = on_answer};
    q->v = auth_check(&a, header, &q->ask);
    pending += q->v == AUTH_LATER;
}

static void wait_all(void)
{
    loop.is_stopping = pending == 0;
    CHECK(loop_run(&loop, &err) == 0);
}

static enum auth_verdict ask_and_wait(const char *header)
{
    struct asked q;

    ask(&q, header);
    wait_all();
    return q.v;
}

static void open_with(const char *password)
{
    char hash[PASSWORD_HASH];

    CHECK(loop_init(&loop, &err) == 0);
    CHECK(password_hash(password, hash) == 0 && password_write(dir, hash, &err) == 0);
    CHECK(auth_open(&a, dir, false, &err) == 0);
    auth_start(&a, &loop);
}

static void close_all(void)
{
    auth_close(&a);
    loop_fini(&loop);
    (void)unlinkat(dir, "password", 0);
}

static void only_the_right_password_is_let_in(void)
{
    open_with("right one");
    CHECK(ask_and_wait(NULL) == AUTH_NO);
    CHECK(ask_and_wait("Bearer ") == AUTH_NO);
    CHECK(ask_and_wait("Bearer x") == AUTH_NO);
    CHECK(ask_and_wait(basic("admin", "wrong one")) == AUTH_NO);
    CHECK(ask_and_wait(basic("root", "right one")) == AUTH_NO);
    CHECK(ask_and_wait(basic("admin", "right one")) == AUTH_YES);
    close_all();
}

static void what_is_known_costs_nothing(void)
{
    struct asked q;

    open_with("right one");
    ask(&q, basic("admin", "right one"));
    CHECK(q.v == AUTH_LATER);
    wait_all();
    /* The first time by what is in the header, then by the header. */
    for (int i = 0; i < 3; i++) {
        ask(&q, basic("admin", "right one"));
        CHECK(q.v == AUTH_YES && auth_may_be_right(&a, basic("admin", "right one")));
        CHECK(a.has_header);
    }
    CHECK(!auth_may_be_right(&a, basic("admin", "right onf")));
    CHECK(!auth_may_be_right(&a, basic("admin", "wrong one")) && !auth_may_be_right(&a, NULL));
    CHECK(ask_and_wait(basic("admin", "wrong one")) == AUTH_NO);
    ask(&q, basic("admin", "wrong one"));
    CHECK(q.v == AUTH_NO);
    /* Another name needs no work at all. */
    ask(&q, basic("root", "right one"));
    CHECK(q.v == AUTH_NO);
    close_all();
}

static void what_was_not_judged_may_be_right(void)
{
    char hash[PASSWORD_HASH];

    open_with("right one");
    CHECK(auth_may_be_right(&a, basic("admin", "right one")));
    CHECK(auth_may_be_right(&a, basic("admin", "wrong one")));
    CHECK(!auth_may_be_right(&a, basic("root", "right one")));
    CHECK(!auth_may_be_right(&a, "Bearer x") && !auth_may_be_right(&a, NULL));
    CHECK(ask_and_wait(basic("admin", "wrong one")) == AUTH_NO);
    CHECK(!auth_may_be_right(&a, basic("admin", "wrong one")));
    CHECK(auth_may_be_right(&a, basic("admin", "right one")));
    /* What was wrong may have become right. */
    CHECK(ask_and_wait(basic("admin", "right one")) == AUTH_YES);
    CHECK(password_hash("wrong one", hash) == 0 && password_write(dir, hash, &err) == 0);
    loop.now_ns += UINT64_C(2000000000);
    CHECK(auth_may_be_right(&a, basic("admin", "wrong one")));
    close_all();
}

static void the_same_credential_is_judged_once_for_all_who_show_it(void)
{
    struct asked q[20];

    open_with("right one");
    for (int i = 0; i < 20; i++)
        ask(&q[i], basic("admin", "right one"));
    CHECK(pending == 20 && a.nattempts == 1);
    wait_all();
    for (int i = 0; i < 20; i++)
        CHECK(q[i].v == AUTH_YES && q[i].answers == 1);
    close_all();
}

static void however_many_guesses_come_few_are_judged(void)
{
    struct asked q[100];
    char guess[32];
    int later = 0;
    int busy = 0;

    open_with("right one");
    CHECK(ask_and_wait(basic("admin", "right one")) == AUTH_YES);
    uint64_t at = loop.now_ns;
    for (int i = 0; i < 100; i++) {
        (void)snprintf(guess, sizeof(guess), "guess %d", i);
        ask(&q[i], basic("admin", guess));
        later += q[i].v == AUTH_LATER;
        busy += q[i].v == AUTH_BUSY;
    }
    CHECK(later == (int)AUTH_WAITING && later + busy == 100);
    /* Who is known is not concerned. */
    ask(&q[99], basic("admin", "right one"));
    CHECK(q[99].v == AUTH_YES);
    wait_all();
    for (int i = 0; i < later; i++)
        CHECK(q[i].v == AUTH_NO);
    /* The rest of the burst; time stands still. */
    loop.now_ns = at;
    later = 0;
    for (int i = 0; i < 10; i++) {
        (void)snprintf(guess, sizeof(guess), "another %d", i);
        ask(&q[i], basic("admin", guess));
        later += q[i].v == AUTH_LATER;
    }
    CHECK(later == (int)(AUTH_BURST - AUTH_WAITING));
    wait_all();
    /* And then one a second. */
    loop.now_ns = at + AUTH_PERIOD_NS;
    later = 0;
    for (int i = 0; i < 5; i++) {
        (void)snprintf(guess, sizeof(guess), "third %d", i);
        ask(&q[i], basic("admin", guess));
        later += q[i].v == AUTH_LATER;
    }
    CHECK(later == 1);
    wait_all();
    close_all();
}

static void an_end_answers_everybody_and_lets_nobody_in(void)
{
    struct asked q[3];

    open_with("right one");
    ask(&q[0], basic("admin", "right one"));
    ask(&q[1], basic("admin", "wrong one"));
    ask(&q[2], basic("admin", "wrong two"));
    auth_close(&a);
    CHECK(q[0].v == AUTH_BUSY && q[1].v == AUTH_BUSY && q[2].v == AUTH_BUSY);
    CHECK(q[0].answers == 1 && q[1].answers == 1 && q[2].answers == 1);
    close_all();
}

/* ---- changing ------------------------------------------------------------------------------- */

static int changed = 1;

static void on_changed(void *ctx, int code, const char *why)
{
    (void)ctx;
    (void)why;
    changed = code;
    if (pending == 0)
        loop_stop(&loop);
}

static void after_a_change_the_old_one_is_no_good(void)
{
    char hash[PASSWORD_HASH];
    struct password_stamp stamp;
    struct asked q;

    open_with("right one");
    CHECK(ask_and_wait(basic("admin", "right one")) == AUTH_YES);
    CHECK(ask_and_wait(basic("admin", "next password")) == AUTH_NO);
    loop.is_stopping = false;
    CHECK(auth_change(&a, "next password", on_changed, NULL, &err) == 0);
    CHECK(auth_change(&a, "third password", on_changed, NULL, &err) == -EBUSY);
    CHECK(loop_run(&loop, &err) == 0 && changed == 0);
    ask(&q, basic("admin", "next password"));
    CHECK(q.v == AUTH_YES);
    CHECK(ask_and_wait(basic("admin", "right one")) == AUTH_NO);
    CHECK(password_read(dir, hash, &stamp, &err) == 0 && password_matches(hash, "next password"));
    close_all();
}

static void what_is_judged_during_a_change_is_judged_by_the_new_one(void)
{
    struct asked old;
    struct asked new;

    open_with("right one");
    loop.is_stopping = false;
    CHECK(auth_change(&a, "next password", on_changed, NULL, &err) == 0);
    ask(&old, basic("admin", "right one"));
    ask(&new, basic("admin", "next password"));
    while (pending > 0 || a.change != NULL) {
        loop.is_stopping = false;
        CHECK(loop_run(&loop, &err) == 0);
    }
    CHECK(new.v == AUTH_YES || old.v == AUTH_YES);
    CHECK(ask_and_wait(basic("admin", "next password")) == AUTH_YES);
    CHECK(ask_and_wait(basic("admin", "right one")) == AUTH_NO);
    close_all();
}

static void one_that_is_replaced_on_the_disk_counts_within_a_second(void)
{
    char hash[PASSWORD_HASH];

    open_with("right one");
    CHECK(ask_and_wait(basic("admin", "right one")) == AUTH_YES);
    CHECK(password_hash("next password", hash) == 0 && password_write(dir, hash, &err) == 0);
    loop.now_ns += UINT64_C(1000000001);
    CHECK(ask_and_wait(basic("admin", "right one")) == AUTH_NO);
    CHECK(ask_and_wait(basic("admin", "next password")) == AUTH_YES);
    close_all();
}

static void a_bad_new_password_is_refused(void)
{
    char large[CREDENTIAL_PASSWORD_MAX + 2] = "";

    memset(large, 'x', CREDENTIAL_PASSWORD_MAX + 1);
    open_with("right one");
    CHECK(auth_change(&a, "", on_changed, NULL, &err) == -EINVAL);
    CHECK(auth_change(&a, "seven77", on_changed, NULL, &err) == -EINVAL);
    CHECK(strstr(err.msg, "8 to 256 bytes") != NULL);
    CHECK(auth_change(&a, "with\na line", on_changed, NULL, &err) == -EINVAL);
    CHECK(auth_change(&a, large, on_changed, NULL, &err) == -EINVAL);
    close_all();
}

/* ---- where it comes from ------------------------------------------------------------------- */

static void put_file(const char *name, const char *text)
{
    int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    (void)close(fd);
}

static void files_of_the_operator_go_first_and_are_his_to_change(void)
{
    struct asked q;

    put_file("basic-auth-password", "given\n");
    put_file("basic-auth-user", "operator\n");
    CHECK(setenv("secret_mount_path", folder, 1) == 0);
    open_with("right one");
    ask(&q, basic("operator", "given"));
    CHECK(q.v == AUTH_YES);
    ask(&q, basic("admin", "right one"));
    CHECK(q.v == AUTH_NO);
    ask(&q, basic("operator", "right one"));
    CHECK(q.v == AUTH_NO);
    CHECK(auth_change(&a, "next password", on_changed, NULL, &err) == -EPERM);
    CHECK(strstr(err.msg, "basic-auth-password") != NULL);
    close_all();
    CHECK(unlinkat(dir, "basic-auth-user", 0) == 0);
    open_with("right one");
    ask(&q, basic("admin", "given"));
    CHECK(q.v == AUTH_YES);
    close_all();
    CHECK(unlinkat(dir, "basic-auth-password", 0) == 0);
    CHECK(auth_open(&a, dir, false, &err) == -ENOENT);
    CHECK(strstr(err.msg, "basic-auth-password: No such file") != NULL);
    put_file("basic-auth-password", "\n");
    CHECK(auth_open(&a, dir, false, &err) == -EINVAL);
    CHECK(unlinkat(dir, "basic-auth-password", 0) == 0);
    CHECK(unsetenv("secret_mount_path") == 0);
}

static void the_service_managers_credentials_go_before_those(void)
{
    struct asked q;

    put_file("basic-auth-password", "from systemd");
    CHECK(setenv("CREDENTIALS_DIRECTORY", folder, 1) == 0);
    CHECK(setenv("secret_mount_path", "/nowhere", 1) == 0);
    open_with("right one");
    ask(&q, basic("admin", "from systemd"));
    CHECK(q.v == AUTH_YES);
    close_all();
    CHECK(unlinkat(dir, "basic-auth-password", 0) == 0);
    CHECK(unsetenv("secret_mount_path") == 0);
    /* Credentials for something else are none of ours. */
    open_with("right one");
    CHECK(ask_and_wait(basic("admin", "right one")) == AUTH_YES);
    close_all();
    CHECK(unsetenv("CREDENTIALS_DIRECTORY") == 0);
}

static void the_first_start_makes_one_and_says_it_once(void)
{
    char said[512] = "";
    int p[2];

    CHECK(pipe(p) == 0);
    int saved = dup(STDERR_FILENO);
    CHECK(dup2(p[1], STDERR_FILENO) >= 0);
    CHECK(auth_open(&a, dir, false, &err) == 0);
    CHECK(auth_open(&a, dir, false, &err) == 0);
    CHECK(dup2(saved, STDERR_FILENO) >= 0);
    (void)close(p[1]);
    ssize_t n = read(p[0], said, sizeof(said) - 1);
    CHECK(n > 0 && strchr(said, '\n') == said + n - 1);
    char *password = strstr(said, "admin is ");
    CHECK(password != NULL);
    password[9 + 23] = '\0';
    CHECK(password_matches(a.hash, password + 9));
    (void)close(p[0]);
    (void)close(saved);
    CHECK(unlinkat(dir, "password", 0) == 0);
}

static void without_a_password_everybody_is_let_in(void)
{
    struct asked q;

    CHECK(loop_init(&loop, &err) == 0);
    CHECK(auth_open(&a, dir, true, &err) == 0);
    auth_start(&a, &loop);
    ask(&q, NULL);
    CHECK(q.v == AUTH_YES);
    CHECK(auth_change(&a, "next password", on_changed, NULL, &err) == -EPERM);
    CHECK(faccessat(dir, "password", F_OK, 0) < 0);
    close_all();
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(what_clients_show_is_told_apart),
        TAP_CASE(names_and_passwords_have_a_longest),
        TAP_CASE(so_many_at_once_and_then_one_a_period),
        TAP_CASE(what_did_not_count_is_given_back),
        TAP_CASE(a_hash_is_kept_for_the_owner_alone),
        TAP_CASE(what_is_no_hash_is_refused_with_the_way_out),
        TAP_CASE(a_password_is_made_of_letters_that_are_not_taken_for_others),
        TAP_CASE(only_the_right_password_is_let_in),
        TAP_CASE(what_is_known_costs_nothing),
        TAP_CASE(what_was_not_judged_may_be_right),
        TAP_CASE(the_same_credential_is_judged_once_for_all_who_show_it),
        TAP_CASE(however_many_guesses_come_few_are_judged),
        TAP_CASE(an_end_answers_everybody_and_lets_nobody_in),
        TAP_CASE(after_a_change_the_old_one_is_no_good),
        TAP_CASE(what_is_judged_during_a_change_is_judged_by_the_new_one),
        TAP_CASE(one_that_is_replaced_on_the_disk_counts_within_a_second),
        TAP_CASE(a_bad_new_password_is_refused),
        TAP_CASE(files_of_the_operator_go_first_and_are_his_to_change),
        TAP_CASE(the_service_managers_credentials_go_before_those),
        TAP_CASE(the_first_start_makes_one_and_says_it_once),
        TAP_CASE(without_a_password_everybody_is_let_in),
    };

    if (sodium_init() < 0 || mkdtemp(folder) == NULL)
        return 1;
    dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int r = tap_run(cases, sizeof(cases) / sizeof(cases[0]));
    (void)close(dir);
    (void)rmdir(folder);
    return r;
}
