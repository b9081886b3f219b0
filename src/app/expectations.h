/* SPDX-License-Identifier: Apache-2.0 */
/** What the owner of a domain expects to be seen of it. */
#ifndef DSS_APP_EXPECTATIONS_H
#define DSS_APP_EXPECTATIONS_H

#include "app/app.h"
#include "model/expectations.h"

/** Its members; end with NULL. */
extern const char *const expectation_words[];

/**
 * Checks the JSON object and brings it into one form: known members only, names in our form, in the
 * order of the table in expectations.c. An empty text or object gives an empty text: nothing is
 * expected. Errors point at "/expectations/ports/1".
 */
int expectations_read(struct arena *a, struct str json, struct str *ret,
		      struct problem *problem) MUST_USE;

/** What is stored, as checks read it. */
int expectations_load(struct arena *a, struct str json, struct expectations *ret,
		      struct err *err) MUST_USE;

#endif
