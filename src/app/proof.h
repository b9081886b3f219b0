/* SPDX-License-Identifier: Apache-2.0 */
/** What the record of model/proof.h makes of a domain, inside of a transaction. */
#ifndef DSS_APP_PROOF_H
#define DSS_APP_PROOF_H

#include "app/app.h"
#include "store/domain.h"

/**
 * The record was asked for and holds these texts: one of them makes the domain proven, none of them makes it no
 * longer so; with audit row and event. Nothing is written when it stays what it was.
 * -EALREADY: no proof of it was asked for.
 */
int proof_judge(struct store_tx *tx, const struct actor *actor, struct domain_row *row,
		const struct str *texts, size_t count, bool *ret_is_proven,
		struct err *err) MUST_USE;

#endif
