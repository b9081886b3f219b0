/* SPDX-License-Identifier: Apache-2.0 */
/* Which version of its mail transport policy does a domain announce? RFC 8461 section 3.1. */
#include "formats/mail/mta_sts.h"

#include "formats/dns/name.h"
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

	/* %s"v=STSv1": of this case, and without blanks */
	if (!str_starts(text, STR_LIT("v=STSv1")) || !tags_have_version(text, STR_LIT("STSv1")))
		return err_set(err, -ENOMSG, "does not start with v=STSv1;");
	tags_read(a, text, &tags);
	if (tags.first_problem)
		return tag_error(tags.first_problem, err);
	id = tags_find(&tags, STR_LIT("id"));
	if (!id || !str_eq(id->name, STR_LIT("id")) || id->has_blanks) /* %s"id=" */
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

static const char *const mode_words[] = { "none", "testing", "enforce" };

const char *mta_sts_mode_text(enum mta_sts_mode mode)
{
	return mode_words[mode];
}

/* What is read of a policy; a bit a field that may stand once. */
struct policy_reader {
	struct arena *a;
	struct mta_sts_policy policy;
	struct err *err;
	unsigned line;
	bool has_version, has_mode, has_max_age;
};

static int mx_add(struct policy_reader *r, struct str value)
{
	bool has_star = str_starts(value, STR_LIT("*."));
	struct str name, host = has_star ? str_from(value, 2) : value;

	if (dns_name_parse(r->a, host, &name, NULL) < 0 || !dns_name_is_hostname(name))
		return err_set(r->err, -EBADMSG, "line %u: mx \"%.*s\" is no host name", r->line,
			       STR(str_first(value, 60)));
	if (!r->policy.mx)
		r->policy.mx = arena_array(r->a, MTA_STS_MX, sizeof *r->policy.mx);
	if (r->policy.mx_count == MTA_STS_MX)
		return err_set(r->err, -EBADMSG, "line %u: more than %d lines mx", r->line,
			       MTA_STS_MX);
	r->policy.mx[r->policy.mx_count++] =
		has_star ? str_printf(r->a, "*.%.*s", STR(name)) : name;
	return 0;
}

static int mode_set(struct policy_reader *r, struct str value)
{
	bool was_there = r->has_mode;

	r->has_mode = true;
	for (unsigned i = 0; i < ARRAY_COUNT(mode_words); i++)
		if (str_eq(value, str_of(mode_words[i]))) {
			r->policy.mode = was_there ? r->policy.mode : (uint8_t)i;
			return 0;
		}
	return was_there ? 0
			 : err_set(r->err, -EBADMSG,
				   "line %u: mode \"%.*s\" is none of enforce, testing, none",
				   r->line, STR(str_first(value, 40)));
}

static int max_age_set(struct policy_reader *r, struct str value)
{
	bool was_there = r->has_max_age;
	uint64_t seconds;

	r->has_max_age = true;
	if (was_there)
		return 0;
	if (value.len > 10 || str_to_uint(value, MTA_STS_MAX_AGE_S, &seconds) < 0)
		return err_set(r->err, -EBADMSG, "line %u: max_age \"%.*s\" is not 0 to %d seconds",
			       r->line, STR(str_first(value, 40)), MTA_STS_MAX_AGE_S);
	r->policy.max_age_s = (uint32_t)seconds;
	return 0;
}

static int version_set(struct policy_reader *r, struct str value)
{
	bool was_there = r->has_version;

	r->has_version = true;
	if (!was_there && !str_eq(value, STR_LIT("STSv1")))
		return err_set(r->err, -EBADMSG, "line %u: version \"%.*s\" is not STSv1", r->line,
			       STR(str_first(value, 40)));
	return 0;
}

static bool is_field_name(struct str name)
{
	for (size_t i = 0; i < name.len; i++)
		if (!char_is_alpha(name.data[i]) && !char_is_digit(name.data[i]) &&
		    (!i || str_find_char(STR_LIT("_-."), name.data[i]) < 0))
			return false;
	return name.len && name.len <= 32;
}

static int field_read(struct policy_reader *r, struct str line)
{
	static const struct {
		struct str name;
		int (*set)(struct policy_reader *r, struct str value);
	} fields[] = { { STR_INIT("version"), version_set },
		       { STR_INIT("mode"), mode_set },
		       { STR_INIT("max_age"), max_age_set },
		       { STR_INIT("mx"), mx_add } };
	ptrdiff_t colon = str_find_char(line, ':');
	struct str name = str_first(line, colon < 0 ? 0 : (size_t)colon);

	if (!is_field_name(name))
		return err_set(r->err, -EBADMSG, "line %u: \"%.*s\" is not \"name: value\"",
			       r->line, STR(str_first(line, 60)));
	for (size_t i = 0; i < ARRAY_COUNT(fields); i++)
		if (str_eq(name, fields[i].name))
			return fields[i].set(r, str_trim(str_from(line, (size_t)colon + 1)));
	return 0; /* an extension (section 3.2) */
}

int mta_sts_policy_parse(struct arena *a, struct str text, struct mta_sts_policy *ret,
			 struct err *err)
{
	struct policy_reader r = { .a = a, .err = err };
	struct str line;

	if (text.len > MTA_STS_POLICY_BYTES)
		return err_set(err, -EBADMSG, "longer than 64 KiB");
	while (str_split(&text, '\n', &line)) {
		r.line++;
		if (line.len && line.data[line.len - 1] == '\r')
			line.len--;
		if (str_trim(line).len)
			TRY(field_read(&r, line));
	}
	if (!r.has_version)
		return err_set(err, -EBADMSG, "the line \"version: STSv1\" is missing");
	if (!r.has_mode)
		return err_set(err, -EBADMSG, "the line \"mode:\" is missing");
	if (!r.has_max_age)
		return err_set(err, -EBADMSG, "the line \"max_age:\" is missing");
	if (!r.policy.mx_count && r.policy.mode != MTA_STS_NONE)
		return err_set(err, -EBADMSG, "no line \"mx:\"");
	*ret = r.policy;
	return 0;
}

bool mta_sts_covers(const struct mta_sts_policy *policy, struct str host)
{
	for (size_t i = 0; i < policy->mx_count; i++) {
		struct str mx = policy->mx[i];

		if (str_eq(mx, host))
			return true;
		if (str_starts(mx, STR_LIT("*.")) && dns_name_label_count(host) > 1 &&
		    str_eq(dns_name_parent(host), str_from(mx, 2)))
			return true;
	}
	return false;
}
