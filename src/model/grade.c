/* SPDX-License-Identifier: Apache-2.0 */
/* How is a grade written? */
#include "model/grade.h"

#include <stddef.h>

const char *const grade_words[] = { "-", "F", "E", "D", "C", "B", "A", "A+", NULL };

const char *grade_word(enum grade grade)
{
	return grade <= GRADE_A_PLUS ? grade_words[grade] : grade_words[GRADE_NONE];
}
