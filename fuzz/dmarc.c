/* SPDX-License-Identifier: Apache-2.0 */
/* Do mail policy records of strangers read without a crash, with problems inside their text? */
#include "formats/caa.h"
#include "formats/mail/bimi.h"
#include "formats/mail/dmarc.h"
#include "formats/mail/mta_sts.h"
#include "formats/mail/tls_rpt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_dmarc(struct arena *a, struct str text)
{
	struct dmarc_record record;

	dmarc_read(a, text, &record);
	for (size_t i = 0; i < record.problem_count; i++)
		if (record.problems[i].offset > text.len || !record.problems[i].text.len)
			abort();
	if (record.p && record.is_defaulted && record.is_ignored)
		abort();
	if (record.rua_valid > record.rua_count || record.ruf_valid > record.ruf_count)
		abort();
}

static void check_caa(struct arena *a, struct str text)
{
	struct dns_rr rr = { .type = DNS_CAA };
	struct caa_property property;
	struct err err;

	if (!str_split(&text, ' ', &rr.caa.tag))
		return;
	rr.caa.value = text;
	if (caa_read(a, &rr, &property, &err) == 0 && property.param_count > CAA_PARAMS)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	struct str text = str_bytes(data, size);
	struct tls_rpt_record tls_rpt;
	struct mta_sts_record mta_sts;
	struct bimi_record bimi;
	struct err err;

	check_dmarc(&a, text);
	check_caa(&a, text);
	if (tls_rpt_parse(&a, text, &tls_rpt, &err) == 0 && !tls_rpt.rua_valid)
		abort();
	if (mta_sts_parse(&a, text, &mta_sts, &err) == 0 && !mta_sts.id.len)
		abort();
	if (bimi_parse(&a, text, &bimi, &err) == 0 && bimi.is_declined && bimi.logo.len)
		abort();
	arena_release(&a);
	return 0;
}
