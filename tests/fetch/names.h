// SPDX-License-Identifier: MIT
/*
 * names.h: a getaddrinfo() of our own, in the place of the C library's: names have
 * the addresses that a test gives them, or none, or take as long as it wants.
 */
#ifndef TESTS_FETCH_NAMES_H
#define TESTS_FETCH_NAMES_H

/* name has these addresses, "10.0.0.1 ::1"; "": there is no such name; NULL: it takes
 * until names_release(), then there is none. "*.test" is any that ends so. Replaces
 * what it was; the strings stay. */
void names_set(const char *name, const char *addresses);
void names_release(void);
/* How many lookups there were, and how many were under way at most. */
unsigned names_asked(void);
unsigned names_most(void);

#endif
