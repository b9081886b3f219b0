/* SPDX-License-Identifier: Apache-2.0 */
/** Grades: what a score is worth in one letter. */
#ifndef DSS_MODEL_GRADE_H
#define DSS_MODEL_GRADE_H

/** Stored numbers; higher is better. */
enum grade { GRADE_NONE, GRADE_F, GRADE_E, GRADE_D, GRADE_C, GRADE_B, GRADE_A, GRADE_A_PLUS };

/** By number; ends with NULL. */
extern const char *const grade_words[];
/** "A+", "A", …, "F"; "-" for GRADE_NONE and what is no grade. */
const char *grade_word(enum grade grade);

#endif
