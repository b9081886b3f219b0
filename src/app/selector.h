/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Which domains are meant? What schedules and batches keep, and people type:
 *
 *	all
 *	tag:corp
 *	owner:it@example.com		owner:"Jane Doe"
 *	name:*.example.com		each star is any run of characters; U-labels are taken as
 *					A-labels, if no star is in them
 *	tag:corp name:*.example		several conditions: all must hold, each kind once
 */
#ifndef DSS_APP_SELECTOR_H
#define DSS_APP_SELECTOR_H

#include "store/domain.h"

enum { SELECTOR_BYTES = 512 };

/** Into the filter's tag, owner and name_glob (views of text, or in the arena); the rest of it stays.
 * 0; ERR_LIMIT; ERR_SYNTAX: err names the column and what is allowed. */
int selector_read(struct arena *a, struct str text, struct domain_filter *filter,
		  struct err *err) MUST_USE;

#endif
