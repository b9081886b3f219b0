/* SPDX-License-Identifier: Apache-2.0 */
/* Which mark does a domain want shown beside its mail? BIMI draft, section 4.2. */
#include "formats/mail/bimi.h"

#include "formats/mail/tags.h"
#include "formats/mail/uri.h"

static int url_check(struct arena *a, const struct tag *tag, struct err *err)
{
	struct mail_uri uri;

	if (!tag->value.len)
		return 0;
	mail_uri_read(a, tag->value, false, &uri);
	if (uri.scheme != MAIL_URI_HTTPS)
		return err_set(err, -EBADMSG, "%.*s= at offset %zu: not an https URL",
			       STR(tag->name), tag->offset + 1);
	if (uri.problem.len)
		return err_set(err, -EBADMSG, "%.*s= at offset %zu: %.*s", STR(tag->name),
			       tag->offset + 1, STR(uri.problem));
	return 0;
}

int bimi_parse(struct arena *a, struct str text, struct bimi_record *ret, struct err *err)
{
	struct bimi_record record = { .text = text, .preference = STR_LIT("brand") };
	const struct tag *logo, *evidence, *preference;
	struct tag_list tags;

	if (!tags_have_version(text, STR_LIT("BIMI1")))
		return err_set(err, -ENOMSG, "does not start with v=BIMI1");
	tags_read(a, text, &tags);
	if (tags.first_problem)
		return tag_error(tags.first_problem, err);
	logo = tags_find(&tags, STR_LIT("l"));
	evidence = tags_find(&tags, STR_LIT("a"));
	preference = tags_find(&tags, STR_LIT("avp"));
	if (!logo)
		return err_set(err, -EBADMSG, "l= is missing");
	TRY(url_check(a, logo, err));
	record.logo = logo->value;
	if (evidence) {
		TRY(url_check(a, evidence, err));
		record.evidence = evidence->value;
		record.has_evidence_tag = true;
	}
	if (preference) {
		if (!str_eq_nocase(preference->value, STR_LIT("brand")) &&
		    !str_eq_nocase(preference->value, STR_LIT("personal")))
			return err_set(err, -EBADMSG, "avp= at offset %zu: not brand or personal",
				       preference->offset + 1);
		record.preference = preference->value;
	}
	record.is_declined = !record.logo.len && !record.evidence.len;
	*ret = record;
	return 0;
}

int bimi_select(struct arena *a, const struct dns_answer *txt, struct bimi_record *ret,
		struct err *err)
{
	struct str text;

	TRY(tags_select(txt, "BIMI1", &text, err));
	return bimi_parse(a, text, ret, err);
}
