// SPDX-License-Identifier: MIT
/* locale: the locale is C, and no other exists. */
#include <ctype.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "../check.h"

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    CHECK(response, strcmp(setlocale(LC_ALL, NULL), "C") == 0);
    CHECK(response, MB_CUR_MAX == 1);
    CHECK(response, toupper('i') == 'I');
    CHECK(response, !isalpha(0xe9));
    CHECK(response, localeconv()->decimal_point[0] == '.');
    CHECK(response, strcoll("a", "B") > 0);
    CHECK(response, wcslen(L"wide") == 4);
    return finish(response);
}
