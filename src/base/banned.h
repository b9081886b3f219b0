/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Calls that have a safer word here. Included by every source file through str.h; the compiler
 * refuses them.
 */
#ifndef DSS_BASE_BANNED_H
#define DSS_BASE_BANNED_H

#include <alloca.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#undef alloca
#undef strcpy
#undef strncpy
#undef strcat
#undef strncat
#undef sprintf
#undef vsprintf
#undef strtok
#undef atoi
#undef atol
#undef gets
#pragma GCC poison alloca strcpy strncpy strcat strncat sprintf vsprintf strtok atoi atol gets

#endif
