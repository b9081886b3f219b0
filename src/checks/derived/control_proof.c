/* SPDX-License-Identifier: Apache-2.0 */
/* What does the record say by which its owner proves control? No check reads it: it is wanted as a fact. */
#include "checks/derived.h"
#include "model/proof.h"

const void *derived_control_proof(struct judge *j)
{
	struct str name = dns_name_child(j->arena, STR_LIT(PROOF_LABEL), j->domain);

	return name.len ? try_dns(j, name, DNS_TXT) : NULL;
}
