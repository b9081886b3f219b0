/* SPDX-License-Identifier: Apache-2.0 */
/* Where does a domain want reports of TLS failures? RFC 8460 section 3. */
#include "formats/mail/tls_rpt.h"

#include "formats/mail/tags.h"

int tls_rpt_parse(struct arena *a, struct str text, struct tls_rpt_record *ret, struct err *err)
{
	struct tls_rpt_record record = { .text = text };
	struct tag_list tags;
	const struct tag *rua;

	if (!tags_have_version(text, STR_LIT("TLSRPTv1")))
		return err_set(err, -ENOMSG, "does not start with v=TLSRPTv1;");
	tags_read(a, text, &tags);
	if (tags.first_problem)
		return tag_error(tags.first_problem, err);
	for (size_t i = 0; i < tags.count; i++)
		if (tags.tags[i].has_blanks)
			return err_set(err, -EBADMSG, "\"%.*s\" at offset %zu: blanks beside \"=\"",
				       STR(str_first(tags.tags[i].name, 60)),
				       tags.tags[i].offset + 1);
	rua = tags_find(&tags, STR_LIT("rua"));
	if (!rua)
		return err_set(err, -EBADMSG, "rua= is missing");
	record.rua_count = mail_uris_read(a, rua->value, false, &record.rua);
	for (size_t i = 0; i < record.rua_count; i++)
		record.rua_valid += !record.rua[i].problem.len;
	if (!record.rua_valid)
		return err_set(err, -EBADMSG, "rua=%.*s at offset %zu: %.*s",
			       STR(str_first(rua->value, 80)), rua->offset + 1,
			       STR(record.rua[0].problem));
	*ret = record;
	return 0;
}

int tls_rpt_select(struct arena *a, const struct dns_answer *txt, struct tls_rpt_record *ret,
		   struct err *err)
{
	struct str text;

	TRY(tags_select(txt, "TLSRPTv1", &text, err));
	return tls_rpt_parse(a, text, ret, err);
}
