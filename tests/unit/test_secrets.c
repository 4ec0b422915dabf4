// SPDX-License-Identifier: MIT
// LINK: daemon/secrets daemon/spaces/rows.c daemon/store daemon/loop daemon/record/say.c engine/reason.c engine/base64.c
// LIBS: sqlite3 libsodium jansson
// THREADS
#include "daemon/secrets/secrets.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/secrets/request.h"
#include "tests/store/scratch.h"

static struct secrets s;
static struct loop loop;
static struct worker worker;
static int dir = -1;

/* ---- a daemon's life ------------------------------------------------------------------- */

static void start(void)
{
    dir = open(scratch_root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CHECK(loop_init(&loop, &err) == 0);
    CHECK(secrets_open(&s, dir, &scratch, &err) == 0);
    CHECK(worker_start(&worker, &loop, &scratch, &err) == 0);
    secrets_start(&s, &worker);
}

static void stop(void)
{
    worker_stop(&worker);
    secrets_close(&s);
    loop_fini(&loop);
    (void)close(dir);
}

static void restart(void)
{
    stop();
    scratch_reopen();
    start();
}

static void run(const char *sql)
{
    CHECK(sqlite3_exec(scratch.sql, sql, NULL, NULL, NULL) == SQLITE_OK);
}

static void begin_scratch(void)
{
    scratch_begin();
    run("INSERT INTO spaces (name, details) VALUES ('s', '{}'), ('one', '{}'), ('two', '{}')");
}

static void begin(void)
{
    begin_scratch();
    start();
}

static void end(void)
{
    stop();
    scratch_end();
}

static int changed;
static char why[UF_ERR_MAX];

static void on_changed(void *ctx, int code, const char *text)
{
    (void)ctx;
    changed = code;
    (void)snprintf(why, sizeof(why), "%s", text);
    loop_stop(&loop);
}

static int change_in(const char *space, enum secret_verb verb, const char *name, const void *data,
                     size_t size)
{
    const struct secret_change c = {
        .verb = verb, .space = space, .name = name, .data = data, .size = size, .done = on_changed};
    int r = secrets_change(&s, &c, &err);

    if (r < 0)
        return r;
    loop.is_stopping = false;
    CHECK(loop_run(&loop, &err) == 0);
    return changed;
}

static int change(enum secret_verb verb, const char *name, const char *value)
{
    return change_in("s", verb, name, value, value == NULL ? 0 : strlen(value));
}

/* "" when it cannot be had; *code says why. */
static const char *get_in(const char *space, const char *name, int *code)
{
    static char text[256];
    const void *data = NULL;
    size_t size = 0;

    *code = secrets_get(&s, space, name, &data, &size);
    (void)snprintf(text, sizeof(text), "%.*s", *code == 0 ? (int)size : 0,
                   *code == 0 ? (const char *)data : "");
    secrets_forget(&s);
    return text;
}

static const char *get(const char *name)
{
    int code;
    const char *text = get_in("s", name, &code);

    return code == 0 ? text : code == -ENOENT ? "(none)" : "(locked)";
}

/* ---- values ---------------------------------------------------------------------------- */

static void a_secret_is_what_was_given_last_and_stays(void)
{
    begin();
    CHECK(change(SECRET_CREATE, "key", "one") == 0);
    CHECK(strcmp(get("key"), "one") == 0);
    CHECK(change(SECRET_CREATE, "key", "two") == -EEXIST && strstr(why, "key already") != NULL);
    CHECK(strcmp(get("key"), "one") == 0);
    CHECK(change(SECRET_UPDATE, "key", "two") == 0);
    CHECK(change(SECRET_UPDATE, "other", "x") == -ENOENT && strstr(why, "no secret other") != NULL);
    CHECK(strcmp(get("key"), "two") == 0);
    restart();
    CHECK(strcmp(get("key"), "two") == 0);
    CHECK(change(SECRET_REMOVE, "key", NULL) == 0);
    CHECK(change(SECRET_REMOVE, "key", NULL) == -ENOENT);
    CHECK(strcmp(get("key"), "(none)") == 0 && s.n == 0);
    restart();
    CHECK(strcmp(get("key"), "(none)") == 0);
    end();
}

static void any_bytes_may_be_one(void)
{
    unsigned char value[256];
    const void *data;
    size_t size;

    for (unsigned i = 0; i < sizeof(value); i++)
        value[i] = (unsigned char)(255 - i);
    begin();
    CHECK(change_in("s", SECRET_CREATE, "bytes", value, sizeof(value)) == 0);
    CHECK(secrets_get(&s, "s", "bytes", &data, &size) == 0);
    CHECK(size == sizeof(value) && memcmp(data, value, size) == 0);
    secrets_forget(&s);
    CHECK(sodium_is_zero(s.opened, sizeof(value)));
    end();
}

static int noted;

static void note(void *ctx, const char *name)
{
    const char *const *want = ctx;

    CHECK(strcmp(name, want[noted]) == 0);
    noted++;
}

static void namespaces_do_not_meet(void)
{
    static const char *const names[] = {"a", "b"};
    int code;

    begin();
    CHECK(change_in("one", SECRET_CREATE, "b", "of one", 6) == 0);
    CHECK(change_in("one", SECRET_CREATE, "a", "a", 1) == 0);
    CHECK(change_in("two", SECRET_CREATE, "b", "of two", 6) == 0);
    CHECK(strcmp(get_in("one", "b", &code), "of one") == 0);
    CHECK(strcmp(get_in("two", "b", &code), "of two") == 0);
    CHECK(secrets_has(&s, "one", "a") && !secrets_has(&s, "two", "a"));
    noted = 0;
    secrets_each(&s, "one", note, (void *)(uintptr_t)names);
    CHECK(noted == 2);
    CHECK(change_in("three", SECRET_CREATE, "b", "x", 1) == -ENOENT);
    CHECK(strstr(why, "no namespace three") != NULL);
    secrets_drop_space(&s, "one");
    CHECK(!secrets_has(&s, "one", "a") && !secrets_has(&s, "one", "b") && s.n == 1);
    CHECK(strcmp(get_in("two", "b", &code), "of two") == 0);
    end();
}

static void size_and_number_are_bounded(void)
{
    static char large[SECRET_SIZE_MAX + 1];
    const void *data;
    size_t size;

    memset(large, 'x', sizeof(large));
    begin();
    CHECK(change_in("s", SECRET_CREATE, "large", large, SECRET_SIZE_MAX) == 0);
    CHECK(secrets_get(&s, "s", "large", &data, &size) == 0 && size == SECRET_SIZE_MAX);
    CHECK(change_in("s", SECRET_CREATE, "larger", large, SECRET_SIZE_MAX + 1) == -E2BIG);
    CHECK(strstr(err.msg, "65536") != NULL);
    CHECK(change(SECRET_CREATE, "empty", "") == -EINVAL);
    for (unsigned i = 1; i < SECRETS_MAX; i++) {
        char name[16];

        (void)snprintf(name, sizeof(name), "n%u", i);
        CHECK(change(SECRET_CREATE, name, "v") == 0);
    }
    CHECK(change(SECRET_CREATE, "one-more", "v") == -EDQUOT && strstr(why, "1024") != NULL);
    CHECK(change(SECRET_UPDATE, "n1", "w") == 0);
    CHECK(change(SECRET_REMOVE, "n2", NULL) == 0 && change(SECRET_CREATE, "one-more", "v") == 0);
    end();
}

static void names_are_dns_subdomains(void)
{
    static const char *const good[] = {"a", "db-password", "a.b.c", "1", "x9-y.z"};
    static const char *const bad[] = {"",    "A",        "a/b",  "../a", "..",   "a..b",
                                      ".a",  "a.",       "-a",   "a-",   "a.-b", "a_b",
                                      "a b", "\xc3\xa9", "a\nb", "a-.b", "%"};
    char longest[SECRET_NAME_MAX + 2];

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        CHECK(secret_name_ok(good[i]));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CHECK(!secret_name_ok(bad[i]));
    memset(longest, 'a', sizeof(longest));
    longest[SECRET_NAME_MAX] = '\0';
    CHECK(secret_name_ok(longest));
    longest[SECRET_NAME_MAX] = 'a';
    longest[SECRET_NAME_MAX + 1] = '\0';
    CHECK(!secret_name_ok(longest));
    begin();
    CHECK(change(SECRET_CREATE, "../a", "v") == -EINVAL && strstr(err.msg, "../a") != NULL);
    end();
}

/* ---- on the disk ------------------------------------------------------------------------- */

static bool file_has(const char *name, const char *text)
{
    static char bytes[1 << 20];
    int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, bytes, sizeof(bytes));

    if (fd >= 0)
        (void)close(fd);
    return n > 0 && memmem(bytes, (size_t)n, text, strlen(text)) != NULL;
}

static void nothing_of_a_value_is_on_the_disk(void)
{
    struct stat st;

    begin();
    CHECK(change(SECRET_CREATE, "key", "this is the value") == 0);
    CHECK(file_has("unifaas.db-wal", "key") || file_has("unifaas.db", "key"));
    CHECK(!file_has("unifaas.db-wal", "this is") && !file_has("unifaas.db", "this is"));
    CHECK(fstatat(dir, "secret.key", &st, 0) == 0 && (st.st_mode & 0777) == 0600);
    CHECK(st.st_size == 65);
    end();
}

static void the_same_value_is_never_sealed_the_same(void)
{
    begin();
    CHECK(change(SECRET_CREATE, "a", "value") == 0 && change(SECRET_CREATE, "b", "value") == 0);
    CHECK(scratch_number("SELECT count(DISTINCT sealed) FROM secrets") == 2);
    CHECK(scratch_number("SELECT length(sealed) FROM secrets LIMIT 1") == 5 + SECRET_SEAL);
    end();
}

static void a_row_that_was_changed_or_exchanged_is_not_opened(void)
{
    static const char *const tampering[] = {
        "UPDATE secrets SET sealed = (SELECT sealed FROM secrets WHERE name = 'b') WHERE name = 'a'",
        "UPDATE secrets SET space = 't' WHERE name = 'a'",
        "UPDATE secrets SET name = 'c' WHERE name = 'a'",
        "UPDATE secrets SET sealed = zeroblob(45) WHERE name = 'a'",
        "UPDATE secrets SET sealed = zeroblob(0) WHERE name = 'a'",
        "UPDATE secrets SET sealed = zeroblob(100000) WHERE name = 'a'",
        "UPDATE secrets SET sealed = substr(sealed, 1, 44) WHERE name = 'a'",
    };

    for (size_t i = 0; i < sizeof(tampering) / sizeof(tampering[0]); i++) {
        int code;

        begin();
        CHECK(change(SECRET_CREATE, "a", "value") == 0 && change(SECRET_CREATE, "b", "other") == 0);
        stop();
        run(tampering[i]);
        start();
        CHECK(strcmp(get_in(i == 1 ? "t" : "s", i == 2 ? "c" : "a", &code), "") == 0);
        CHECK(code == -EKEYREJECTED);
        CHECK(strcmp(get("b"), "other") == 0);
        end();
    }
}

/* ---- the key ------------------------------------------------------------------------------- */

static void put_file(const char *name, const char *bytes, size_t size)
{
    int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    CHECK(fd >= 0 && write(fd, bytes, size) == (ssize_t)size);
    (void)close(fd);
}

static void a_key_that_is_lost_is_not_replaced_and_nothing_is_lost_with_it(void)
{
    begin();
    CHECK(change(SECRET_CREATE, "a", "value") == 0);
    CHECK(renameat(dir, "secret.key", dir, "away") == 0);
    restart();
    CHECK(strstr(s.problem, "secret.key is missing") != NULL && strstr(s.problem, "1 secrets"));
    CHECK(faccessat(dir, "secret.key", F_OK, 0) < 0);
    CHECK(strcmp(get("a"), "(locked)") == 0 && secrets_has(&s, "s", "a") && s.nlocked == 1);
    CHECK(change(SECRET_CREATE, "b", "value") == -EKEYREJECTED);
    CHECK(strstr(err.msg, "put it back") != NULL);
    CHECK(renameat(dir, "away", dir, "secret.key") == 0);
    restart();
    CHECK(s.problem[0] == '\0' && strcmp(get("a"), "value") == 0);
    end();
}

static void without_the_lost_key_they_can_be_removed_and_then_there_is_a_new_one(void)
{
    begin();
    CHECK(change(SECRET_CREATE, "a", "value") == 0);
    CHECK(unlinkat(dir, "secret.key", 0) == 0);
    restart();
    CHECK(change(SECRET_REMOVE, "a", NULL) == 0 && s.nlocked == 0);
    restart();
    CHECK(s.problem[0] == '\0' && change(SECRET_CREATE, "a", "again") == 0);
    CHECK(strcmp(get("a"), "again") == 0);
    end();
}

static void another_key_opens_only_what_is_given_anew(void)
{
    static const char other[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    begin();
    CHECK(change(SECRET_CREATE, "a", "value") == 0 && change(SECRET_CREATE, "b", "value") == 0);
    put_file("secret.key", other, sizeof(other) - 1);
    restart();
    CHECK(strstr(s.problem, "2 of 2 secrets") != NULL && s.nlocked == 2);
    CHECK(strcmp(get("a"), "(locked)") == 0);
    CHECK(change(SECRET_UPDATE, "a", "again") == 0 && change(SECRET_CREATE, "c", "new") == 0);
    CHECK(strcmp(get("a"), "again") == 0 && strcmp(get("c"), "new") == 0);
    CHECK(strcmp(get("b"), "(locked)") == 0 && s.nlocked == 1);
    end();
}

static void what_is_no_key_is_said_and_left_alone(void)
{
    begin();
    CHECK(change(SECRET_CREATE, "a", "value") == 0);
    put_file("secret.key", "what is this\n", 13);
    restart();
    CHECK(strstr(s.problem, "STATE/secret.key holds no key") != NULL);
    CHECK(strcmp(get("a"), "(locked)") == 0);
    CHECK(change(SECRET_CREATE, "b", "value") == -EKEYREJECTED);
    CHECK(file_has("secret.key", "what is this"));
    end();
}

static void the_service_manager_may_give_the_key(void)
{
    unsigned char raw[SECRET_KEY_SIZE];

    memset(raw, 7, sizeof(raw));
    begin_scratch();
    dir = open(scratch_root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    put_file("unifaas-secret-key", (const char *)raw, sizeof(raw));
    (void)close(dir);
    CHECK(setenv("CREDENTIALS_DIRECTORY", scratch_root, 1) == 0);
    start();
    CHECK(change(SECRET_CREATE, "a", "value") == 0);
    CHECK(faccessat(dir, "secret.key", F_OK, 0) < 0);
    restart();
    CHECK(strcmp(get("a"), "value") == 0);
    CHECK(unsetenv("CREDENTIALS_DIRECTORY") == 0);
    restart();
    CHECK(strcmp(get("a"), "(locked)") == 0);
    end();
}

/* ---- requests ------------------------------------------------------------------------------ */

static struct secret_request q;

static int parse(const char *text)
{
    secret_request_fini(&q);
    memset(&err, 0, sizeof(err));
    return secret_request_parse(&q, text, strlen(text), &err);
}

static bool value_is(const char *value)
{
    return q.size == strlen(value) && memcmp(q.value, value, q.size) == 0;
}

static void a_request_is_read_as_clients_send_it(void)
{
    CHECK(parse("{\"name\":\"a\",\"value\":\"v\"}") == 0);
    CHECK(strcmp(q.name, "a") == 0 && q.space[0] == '\0' && value_is("v"));
    CHECK(parse("{\"name\":\"a\",\"namespace\":\"n\",\"value\":\"\\u00e9\"}") == 0);
    CHECK(strcmp(q.space, "n") == 0 && value_is("\xc3\xa9"));
    CHECK(parse("{\"name\":\"a\",\"value\":\"x\",\"rawValue\":\"cmF3/w==\"}") == 0);
    CHECK(value_is("raw\xff"));
    CHECK(parse("{\"name\":\"a\",\"value\":\"x\",\"rawValue\":\"\"}") == 0 && value_is("x"));
    CHECK(parse("{\"name\":\"a\",\"value\":\"x\",\"rawValue\":null}") == 0 && value_is("x"));
    CHECK(parse("{\"name\":\"a\",\"namespace\":\"\"}") == 0 && q.value == NULL);
    secret_request_fini(&q);
}

static void what_is_no_request_is_refused_without_a_word_of_the_value(void)
{
    static const struct {
        const char *text, *says;
    } table[] = {
        {"", "no JSON object"},
        {"[]", "no JSON object"},
        {"{\"name\":\"a\",\"value\":\"sesame}", "line 1"},
        {"{\"name\":\"a\",\"value\":sesame}", "line 1"},
        {"{\"value\":\"sesame\"}", "name: is missing"},
        {"{\"name\":\"\",\"value\":\"sesame\"}", "name: is missing"},
        {"{\"name\":7,\"value\":\"sesame\"}", "name: must be a string"},
        {"{\"name\":\"a\",\"value\":[\"sesame\"]}", "value: must be a string"},
        {"{\"name\":\"a\",\"rawValue\":\"sesame!!\"}", "rawValue: must be base64"},
        {"{\"name\":\"a\",\"rawValue\":7}", "rawValue: must be a string"},
        {"{\"name\":\"a\",\"namespace\":{},\"value\":\"sesame\"}", "namespace: must be"},
        {"{\"name\":\"a\",\"name\":\"b\",\"value\":\"sesame\"}", "line 1"},
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        CHECK(parse(table[i].text) == -EINVAL);
        CHECK(strstr(err.msg, table[i].says) != NULL && strstr(err.msg, "sesame") == NULL);
        CHECK(q.value == NULL);
    }
}

static void a_value_that_is_too_large_is_refused(void)
{
    static char text[2 * SECRET_SIZE_MAX];
    size_t n = (size_t)snprintf(text, sizeof(text), "{\"name\":\"a\",\"value\":\"");

    memset(text + n, 'x', SECRET_SIZE_MAX + 1);
    memcpy(text + n + SECRET_SIZE_MAX, "\"}", 3);
    CHECK(parse(text) == 0 && q.size == SECRET_SIZE_MAX);
    memcpy(text + n + SECRET_SIZE_MAX, "x\"}", 4);
    CHECK(parse(text) == -E2BIG && strstr(err.msg, "65536") != NULL);
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(a_secret_is_what_was_given_last_and_stays),
        TAP_CASE(any_bytes_may_be_one),
        TAP_CASE(namespaces_do_not_meet),
        TAP_CASE(size_and_number_are_bounded),
        TAP_CASE(names_are_dns_subdomains),
        TAP_CASE(nothing_of_a_value_is_on_the_disk),
        TAP_CASE(the_same_value_is_never_sealed_the_same),
        TAP_CASE(a_row_that_was_changed_or_exchanged_is_not_opened),
        TAP_CASE(a_key_that_is_lost_is_not_replaced_and_nothing_is_lost_with_it),
        TAP_CASE(without_the_lost_key_they_can_be_removed_and_then_there_is_a_new_one),
        TAP_CASE(another_key_opens_only_what_is_given_anew),
        TAP_CASE(what_is_no_key_is_said_and_left_alone),
        TAP_CASE(the_service_manager_may_give_the_key),
        TAP_CASE(a_request_is_read_as_clients_send_it),
        TAP_CASE(what_is_no_request_is_refused_without_a_word_of_the_value),
        TAP_CASE(a_value_that_is_too_large_is_refused),
    };

    return sodium_init() < 0 ? 1 : tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
