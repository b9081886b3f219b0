/* SPDX-License-Identifier: Apache-2.0 */
/* Are logos, certificates and mail policies of any octets read without harm, whole or in DER? */
#include "formats/certificate.h"
#include "formats/mail/mta_sts.h"
#include "formats/mail/svg_logo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_bytes(data, size);
	struct mta_sts_policy policy;
	struct certificate *chain, one;
	struct arena a = { 0 };
	struct err err = { 0 };
	size_t count;

	(void)!svg_logo_check(text, &err);
	if (certificates_read_pem(&a, text, &chain, &count, &err) == 0 && !count)
		abort();
	(void)!certificate_read(&a, text, &one);
	if (mta_sts_policy_parse(&a, text, &policy, &err) == 0 && policy.mode != MTA_STS_NONE &&
	    !policy.mx_count)
		abort();
	arena_release(&a);
	return 0;
}
