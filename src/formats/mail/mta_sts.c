/* SPDX-License-Identifier: Apache-2.0 */
/* Which version of its mail transport policy does a domain announce? RFC 8461 section 3.1. */
#include "formats/mail/mta_sts.h"

#include "formats/mail/tags.h"

enum { ID_BYTES = 32 };

static bool is_id(struct str id)
{
	for (size_t i = 0; i < id.len; i++)
		if (!char_is_alpha(id.data[i]) && !char_is_digit(id.data[i]))
			return false;
	return id.len && id.len <= ID_BYTES;
}

int mta_sts_parse(struct arena *a, struct str text, struct mta_sts_record *ret, struct err *err)
{
	struct tag_list tags;
	const struct tag *id;

	if (!tags_have_version(text, STR_LIT("STSv1")))
		return err_set(err, -ENOMSG, "does not start with v=STSv1;");
	tags_read(a, text, &tags);
	if (tags.first_problem)
		return tag_error(tags.first_problem, err);
	id = tags_find(&tags, STR_LIT("id"));
	if (!id)
		return err_set(err, -EBADMSG, "id= is missing");
	if (!is_id(id->value))
		return err_set(err, -EBADMSG,
			       "id=%.*s at offset %zu: not 1 to 32 letters and digits",
			       STR(str_first(id->value, 60)), id->offset + 1);
	*ret = (struct mta_sts_record){ .text = text, .id = id->value };
	return 0;
}

int mta_sts_select(struct arena *a, const struct dns_answer *txt, struct mta_sts_record *ret,
		   struct err *err)
{
	struct str text;

	TRY(tags_select(txt, "STSv1", &text, err));
	return mta_sts_parse(a, text, ret, err);
}
