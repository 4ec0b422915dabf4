// SPDX-License-Identifier: MIT
/* text.c: texts of values, for all; see js.h. */
#include <string.h>

#include "runtime/javascript/js.h"

const char *js_text_of(JSValueConst v, bool *is_whole)
{
    size_t size;
    const char *text = JS_ToCStringLen(js.ctx, &size, v);

    *is_whole = text != NULL && strlen(text) == size;
    return text;
}

bool js_is_syntax_error(JSValueConst error)
{
    JSValue v = JS_GetPropertyStr(js.ctx, error, "name");
    const char *name = JS_IsString(v) ? JS_ToCString(js.ctx, v) : NULL;
    bool is_one = name != NULL && strcmp(name, "SyntaxError") == 0;

    /* Of a getter, or of memory: then it is none that we know of. */
    if (name == NULL)
        JS_FreeValue(js.ctx, JS_GetException(js.ctx));
    JS_FreeCString(js.ctx, name);
    JS_FreeValue(js.ctx, v);
    return is_one;
}
