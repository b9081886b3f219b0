/* SPDX-License-Identifier: Apache-2.0 */
/** Is the zone that holds a name signed? By the word of its parent (DS) or of any of its servers (DNSKEY). */
#ifndef DSS_CHECKS_DERIVED_DNSSEC_H
#define DSS_CHECKS_DERIVED_DNSSEC_H

#include "checks/derived/dnskeys.h"
#include "checks/derived/zone.h"

struct dnssec {
	struct str apex, parent;
	bool is_missing; /**< the name does not exist, or is the root: nothing here applies */
	/** A DS record or a zone key was seen. False only when DS and all servers are known: a gap that could
	 * hide a key gives no value. Gaps behind a true are not the reader's: what it judges, it reads. */
	bool is_signed;
};

#endif
