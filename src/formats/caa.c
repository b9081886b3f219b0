/* SPDX-License-Identifier: Apache-2.0 */
/* Whom does a CAA record allow to issue, and does it parse? RFC 8659 section 4. */
#include "formats/caa.h"

#include "formats/mail/uri.h"

enum { FLAG_CRITICAL = 0x80 };

static const struct {
	struct str name;
	uint8_t tag;
	enum { VALUE_ANY, VALUE_ISSUE, VALUE_URL, VALUE_EMAIL } value;
} tags[] = {
	{ STR_INIT("issue"), CAA_ISSUE, VALUE_ISSUE },
	{ STR_INIT("issuewild"), CAA_ISSUEWILD, VALUE_ISSUE },
	{ STR_INIT("issuemail"), CAA_ISSUEMAIL, VALUE_ISSUE },
	{ STR_INIT("issuevmc"), CAA_ISSUEVMC, VALUE_ISSUE },
	{ STR_INIT("iodef"), CAA_IODEF, VALUE_URL },
	{ STR_INIT("contactemail"), CAA_CONTACTEMAIL, VALUE_EMAIL },
	{ STR_INIT("contactphone"), CAA_CONTACTPHONE, VALUE_ANY },
};

static bool is_alnum(char c)
{
	return char_is_alpha(c) || char_is_digit(c);
}

/* label = (ALPHA / DIGIT) *( *("-") (ALPHA / DIGIT)), section 4.2; also a parameter's tag. */
static bool is_label(struct str s)
{
	if (!s.len || !is_alnum(s.data[0]) || !is_alnum(s.data[s.len - 1]))
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!is_alnum(s.data[i]) && s.data[i] != '-')
			return false;
	return true;
}

static bool is_issuer(struct str domain)
{
	struct str rest = domain, label;

	if (!domain.len)
		return true;
	while (str_split(&rest, '.', &label))
		if (!is_label(label))
			return false;
	return true;
}

/* value = *(%x21-3A / %x3C-7E) */
static bool is_param_value(struct str value)
{
	for (size_t i = 0; i < value.len; i++)
		if (value.data[i] <= ' ' || value.data[i] > 0x7e)
			return false;
	return true;
}

static int param_read(struct str text, struct str value, struct caa_param *ret, struct err *err)
{
	struct str trimmed = str_trim(text);
	ptrdiff_t equals = str_find_char(trimmed, '=');
	size_t at = (size_t)(trimmed.data - value.data) + 1;

	if (equals < 0)
		return err_set(err, -EBADMSG, "\"%.*s\" at offset %zu: a parameter is name=value",
			       STR(str_first(trimmed, 60)), at);
	ret->name = str_trim(str_first(trimmed, (size_t)equals));
	ret->value = str_trim(str_from(trimmed, (size_t)equals + 1));
	if (!is_label(ret->name))
		return err_set(err, -EBADMSG, "\"%.*s\" at offset %zu: not a parameter name",
			       STR(str_first(ret->name, 60)), at);
	if (!is_param_value(ret->value))
		return err_set(err, -EBADMSG,
			       "\"%.*s\" at offset %zu: a blank or control in its value",
			       STR(str_first(ret->name, 60)), at);
	return 0;
}

/* Section 4.2: issue-value = *WSP [issuer-domain-name *WSP] [";" *WSP [parameters *WSP]] */
static int issue_read(struct arena *a, struct str value, struct caa_property *property,
		      struct err *err)
{
	struct caa_param *params = arena_array(a, CAA_PARAMS, sizeof *params);
	struct str rest = value, part;

	property->params = params;
	if (!str_split(&rest, ';', &part))
		return 0;
	part = str_trim(part);
	if (!is_issuer(part))
		return err_set(err, -EBADMSG, "\"%.*s\" is not a CA's domain name",
			       STR(str_first(part, 80)));
	property->issuer = str_lower(a, part);
	while (str_split(&rest, ';', &part)) {
		struct caa_param *param = &params[property->param_count];

		if (!str_trim(part).len && !rest.data)
			break;
		if (property->param_count == CAA_PARAMS)
			return err_set(err, -EBADMSG, "more than %d parameters", CAA_PARAMS);
		TRY(param_read(part, value, param, err));
		property->param_count++;
		if (str_eq_nocase(param->name, STR_LIT("accounturi")))
			property->account_uri = param->value;
		else if (str_eq_nocase(param->name, STR_LIT("validationmethods")))
			property->validation_methods = param->value;
	}
	return 0;
}

/* Section 4.4: mailto, http or https. */
static int url_read(struct arena *a, struct str value, struct caa_property *property,
		    struct err *err)
{
	struct mail_uri uri;

	property->contact = value;
	mail_uri_read(a, value, false, &uri);
	property->contact_domain = uri.domain;
	if (str_starts_nocase(value, STR_LIT("http://")))
		return 0;
	if (uri.problem.len)
		return err_set(err, -EBADMSG, "\"%.*s\": %.*s", STR(str_first(value, 80)),
			       STR(uri.problem));
	return 0;
}

static int email_read(struct arena *a, struct str value, struct caa_property *property,
		      struct err *err)
{
	return url_read(a, str_printf(a, "mailto:%.*s", STR(value)), property, err);
}

static int value_read(struct arena *a, size_t row, struct str value, struct caa_property *property,
		      struct err *err)
{
	switch (tags[row].value) {
	case VALUE_ISSUE:
		return issue_read(a, value, property, err);
	case VALUE_URL:
		return url_read(a, value, property, err);
	case VALUE_EMAIL:
		TRY(email_read(a, value, property, err));
		break;
	case VALUE_ANY:
		break;
	}
	property->contact = value;
	return 0;
}

/* Section 4.1: one or more letters and digits. */
static int tag_check(struct str tag, struct err *err)
{
	for (size_t i = 0; i < tag.len; i++)
		if (!is_alnum(tag.data[i]))
			return err_set(err, -EBADMSG,
				       "tag \"%.*s\": letters and digits only (offset %zu)",
				       STR(str_first(tag, 60)), i + 1);
	return tag.len ? 0 : err_set(err, -EBADMSG, "the tag is empty");
}

/* Of a record that did not parse: is it the tag? */
static int explain_malformed(struct str rdata, struct err *err)
{
	size_t len = rdata.len < 2 ? 0 : (unsigned char)rdata.data[1];

	if (rdata.len >= 2 + len && rdata.len >= 2)
		TRY(tag_check(str_first(str_from(rdata, 2), len), err));
	return err_set(err, -EBADMSG, "the record data does not follow the CAA format");
}

int caa_read(struct arena *a, const struct dns_rr *rr, struct caa_property *ret, struct err *err)
{
	struct caa_property property = { .tag_text = rr->caa.tag };

	if (rr->is_malformed)
		return explain_malformed(rr->rdata, err);
	TRY(tag_check(rr->caa.tag, err));
	property.is_critical = rr->caa.flags & FLAG_CRITICAL;
	property.has_reserved_flags = rr->caa.flags & (uint8_t)~FLAG_CRITICAL;
	for (size_t i = 0; i < ARRAY_COUNT(tags); i++) {
		if (!str_eq_nocase(rr->caa.tag, tags[i].name))
			continue;
		property.tag = tags[i].tag;
		TRY(value_read(a, i, rr->caa.value, &property, err));
	}
	*ret = property;
	return 0;
}
