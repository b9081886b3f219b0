/* SPDX-License-Identifier: Apache-2.0 */
/* How is a grade written? */
#include "model/grade.h"

const char *grade_word(enum grade grade)
{
	static const char *const words[] = { "-", "F", "E", "D", "C", "B", "A", "A+" };

	return grade <= GRADE_A_PLUS ? words[grade] : words[GRADE_NONE];
}
