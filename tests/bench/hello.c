// SPDX-License-Identifier: MIT
/* hello: the least program. Linked statically, so that nothing is loaded for it. */
#include <unistd.h>

int main(void)
{
    return write(STDOUT_FILENO, "no", 2) == 2 ? 0 : 1;
}
