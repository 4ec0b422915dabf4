// SPDX-License-Identifier: MIT
/*
 * bundler_words.c: complaints of esbuild, as a compiler's. What it says is
 *
 *	X [ERROR] Could not resolve "fs"
 *
 *	    main.ts:1:15:
 *	      1 | import fs from 'fs';
 *	        ~               ~~~~
 *
 *	  more words, and where they have a place of their own it follows:
 *
 *	    main.ts:2:5:
 *	      2 | ...
 */
#include <stdio.h>
#include <string.h>

#include "cli/build/bundler.h"

struct complaint {
    const char *kind; /* "error" */
    const char *text;
    int text_size;
    const char *place; /* "main.ts:1:15", or NULL */
    int place_size;
};

static const char *next_line(const char *at)
{
    at += strcspn(at, "\n");
    return *at == '\n' ? at + 1 : at;
}

/* Is it a line with which a complaint begins? */
static bool begins(const char *line, struct complaint *c)
{
    static const struct {
        const char *mark;
        const char *kind;
    } kinds[] = {{" [ERROR] ", "error"}, {" [WARNING] ", "warning"}};
    size_t n = strcspn(line, "\n");

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const char *mark = memmem(line, n < 16 ? n : 16, kinds[i].mark, strlen(kinds[i].mark));

        if (mark == NULL || line[0] == ' ')
            continue;
        const char *text = mark + strlen(kinds[i].mark);
        *c = (struct complaint){kinds[i].kind, text, (int)strcspn(text, "\n"), NULL, 0};
        return true;
    }
    return false;
}

/* "    main.ts:1:15:" */
static bool is_place(const char *line, struct complaint *c)
{
    size_t n = strcspn(line, "\n");

    if (n < 6 || strncmp(line, "    ", 4) != 0 || line[4] == ' ' || line[n - 1] != ':')
        return false;
    c->place = line + 4;
    c->place_size = (int)n - 5;
    return true;
}

/* The line of table about "node:fs/promises", behind its tab; NULL: there is none. */
static const char *instead_of(const char *name, const char *table)
{
    if (strncmp(name, "node:", 5) == 0)
        name += 5;
    size_t n = strcspn(name, "/\"\n");
    for (; *table != '\0'; table = next_line(table))
        if (strncmp(table, name, n) == 0 && table[n] == '\t')
            return table + n + 1;
    return NULL;
}

/* "  The symbol "x" was originally declared here:", without the colon. */
static bool is_note(const char *line, struct complaint *note)
{
    size_t n = strcspn(line, "\n");

    if (n < 3 || strncmp(line, "  ", 2) != 0 || line[2] == ' ')
        return false;
    *note = (struct complaint){"note", line + 2, (int)n - 2 - (line[n - 1] == ':'), NULL, 0};
    return true;
}

/* Is there such a note of the complaint? */
static bool has_note(const struct complaint *c, const char *words)
{
    struct complaint next;

    for (const char *line = next_line(c->text); *line != '\0' && !begins(line, &next);
         line = next_line(line))
        if (memmem(line, strcspn(line, "\n"), words, strlen(words)) != NULL)
            return true;
    return false;
}

static void print(const struct complaint *c, const char *dir, const char *table)
{
    static const char unresolved[] = "Could not resolve \"";
    const char *name = c->text + sizeof(unresolved) - 1;

    if (c->place != NULL)
        (void)fprintf(stderr, "%s%s%.*s: ", strcmp(dir, ".") == 0 ? "" : dir,
                      strcmp(dir, ".") == 0 ? "" : "/", c->place_size, c->place);
    if (strncmp(c->text, unresolved, sizeof(unresolved) - 1) != 0) {
        (void)fprintf(stderr, "%s: %.*s\n", c->kind, c->text_size, c->text);
        return;
    }
    int n = (int)strcspn(name, "\"\n");
    const char *instead = instead_of(name, table);
    if (name[0] == '.' || name[0] == '/')
        (void)fprintf(stderr, "%s: there is no file %.*s\n", c->kind, n, name);
    else if (instead != NULL)
        (void)fprintf(stderr, "%s: \"%.*s\" is Node's own and not here; use %.*s\n", c->kind, n,
                      name, (int)strcspn(instead, "\n"), instead);
    else if (has_note(c, "is not exported by package"))
        (void)fprintf(stderr,
                      "%s: \"%.*s\" is none of what its package exports; its package.json says "
                      "what is\n",
                      c->kind, n, name);
    else
        (void)fprintf(stderr,
                      "%s: package \"%.*s\" is not installed; npm install, in the function's "
                      "folder, brings what package.json names\n",
                      c->kind, n, name);
}

void bundler_explain(const char *said, const char *dir, const char *table)
{
    struct complaint c = {.kind = NULL};
    struct complaint note = {.kind = NULL};
    struct complaint next;

    for (; *said != '\0'; said = next_line(said)) {
        if (begins(said, &next)) {
            if (c.kind != NULL && c.place == NULL)
                print(&c, dir, table);
            c = next;
            note.kind = NULL;
        } else if (c.kind != NULL && c.place == NULL && is_place(said, &c)) {
            print(&c, dir, table);
        } else if (c.place != NULL && is_note(said, &next)) {
            note = next;
        } else if (note.kind != NULL && is_place(said, &note)) {
            print(&note, dir, table);
        } else if (c.place != NULL && strncmp(said, "      ", 6) == 0) {
            /* The line of source, and what marks it. */
            (void)fprintf(stderr, "%.*s\n", (int)strcspn(said, "\n"), said);
        }
    }
    if (c.kind != NULL && c.place == NULL)
        print(&c, dir, table);
}
