// SPDX-License-Identifier: MIT
/* version.h: of the whole project; all programs are released together. */
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

#define UNIFAAS_VERSION "0.1.0"

#endif
