/* SPDX-License-Identifier: Apache-2.0 */
/* Can a definition be what it says? */
#include "model/definition.h"

#define WORDS(...)                                                                                 \
	(const struct str[])                                                                       \
	{                                                                                          \
		__VA_ARGS__, STR_NONE                                                              \
	}

static bool is_among(struct str word, const struct str *words)
{
	while (words->data && !str_eq(word, *words))
		words++;
	return words->data != NULL;
}

/* {word}s of a template, and its brackets. */
static int template_check(const char *what, struct str text, const struct str *words,
			  const struct definition *d, struct err *err)
{
	bool is_open = false;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];
		struct str word;
		ptrdiff_t end;

		if (i + 1 < text.len && text.data[i + 1] == c &&
		    str_find_char(STR_LIT("{}[]"), c) >= 0) {
			i++;
			continue;
		}
		if (c == '[' || c == ']') {
			if (words && (c == '[') == is_open)
				return err_set(err, ERR_SYNTAX, "%s: [ and ] do not match", what);
			is_open = c == '[';
		}
		if (c == '}')
			return err_set(err, ERR_SYNTAX, "%s: } without {; one that is meant is }}",
				       what);
		if (c != '{')
			continue;
		end = str_find_char(str_from(text, i), '}');
		if (end < 0)
			return err_set(err, ERR_SYNTAX, "%s: { is not closed", what);
		word = str_first(str_from(text, i + 1), (size_t)end - 1);
		if (words && !is_among(word, words))
			return err_set(err, ERR_SYNTAX, "%s: no {%.*s} is known here", what,
				       STR(str_first(word, 40)));
		for (size_t k = 0; !words && k <= d->extract.field_count; k++) {
			if (k == d->extract.field_count && !str_eq(word, STR_LIT("subject")))
				return err_set(err, ERR_SYNTAX, "%s: there is no field {%.*s}",
					       what, STR(str_first(word, 40)));
			if (k < d->extract.field_count && str_eq(word, d->extract.fields[k].name))
				break;
		}
		i += (size_t)end;
	}
	return words && is_open ? err_set(err, ERR_SYNTAX, "%s: [ is not closed", what) : 0;
}

static bool is_token(struct str name)
{
	for (size_t i = 0; i < name.len; i++)
		if (!char_is_alpha(name.data[i]) && !char_is_digit(name.data[i]) &&
		    str_find_char(STR_LIT("-_."), name.data[i]) < 0)
			return false;
	return name.len > 0 && name.len <= 64 && name.data[0] != '-' && name.data[0] != '.';
}

/* The host stands in the template itself: nothing that a stranger chose may name it. */
static int url_check(const struct definition *d, const struct str *words, struct err *err)
{
	ptrdiff_t slash = str_find(d->url, STR_LIT("://"));
	struct str host;

	if (!str_starts(d->url, STR_LIT("https://")) && !str_starts(d->url, STR_LIT("http://")))
		return err_set(err, ERR_SYNTAX, "url: begins with https:// or http://");
	host = str_from(d->url, (size_t)slash + 3);
	slash = str_find_char(host, '/');
	host = slash < 0 ? host : str_first(host, (size_t)slash);
	for (size_t i = 0; i < host.len; i++)
		if (!char_is_alpha(host.data[i]) && !char_is_digit(host.data[i]) &&
		    str_find_char(STR_LIT("-.:"), host.data[i]) < 0)
			return err_set(err, ERR_SYNTAX,
				       "url: its host is a plain name, without words");
	if (slash < 0 || !host.len)
		return err_set(err, ERR_SYNTAX, "url: a path follows the host, if only \"/\"");
	return template_check("url", d->url, words, d, err);
}

static int paging_check(const struct definition *d, struct err *err)
{
	static const char *const words[] = { "", "{page}", "{offset}", "{next}" };
	struct str word = str_of(words[d->pages.by <= PAGING_NEXT ? d->pages.by : 0]);

	if (d->pages.by > PAGING_NEXT || d->pages.most > 100)
		return err_set(err, ERR_LIMIT, "paging: at most 100 pages");
	if (d->pages.by == PAGING_OFFSET && !d->pages.size)
		return err_set(err, ERR_SYNTAX, "paging: by offset needs the size of a page");
	if (d->pages.by == PAGING_NEXT && !d->extract.next.len)
		return err_set(err, ERR_SYNTAX, "paging: by next needs extract.next");
	if (word.len && str_find(d->url, word) < 0 && str_find(d->body, word) < 0)
		return err_set(err, ERR_SYNTAX, "paging: %.*s stands neither in url nor in body",
			       STR(word));
	return 0;
}

static int status_check(const struct definition *d, struct err *err)
{
	for (size_t i = 0; i < d->status_count; i++)
		if (d->statuses[i].status < 200 || d->statuses[i].status > 599 ||
		    !is_among(d->statuses[i].means,
			      WORDS(STR_LIT("empty"), STR_LIT("key"), STR_LIT("quota"))))
			return err_set(err, ERR_SYNTAX,
				       "status: 200 to 599 means empty, key or quota");
	return 0;
}

static int api_check(const struct definition *d, struct err *err)
{
	const struct str *words = WORDS(STR_LIT("subject"), STR_LIT("key"), STR_LIT("page"),
					STR_LIT("offset"), STR_LIT("next"), STR_LIT("agent"));
	bool has_key =
		str_find(d->url, STR_LIT("{key}")) >= 0 || str_find(d->body, STR_LIT("{key}")) >= 0;

	if (!is_among(d->method, WORDS(STR_LIT("GET"), STR_LIT("POST"))))
		return err_set(err, ERR_SYNTAX, "method: GET or POST");
	if (d->argv_count)
		return err_set(err, ERR_SYNTAX, "argv: an API has none");
	TRY(url_check(d, words, err));
	TRY(template_check("body", d->body, words, d, err));
	for (size_t i = 0; i < d->header_count; i++) {
		if (!is_token(d->headers[i].name))
			return err_set(err, ERR_SYNTAX, "headers: \"%.*s\" is no name",
				       STR(str_first(d->headers[i].name, 40)));
		TRY(template_check("headers", d->headers[i].value, words, d, err));
		has_key = has_key || str_find(d->headers[i].value, STR_LIT("{key}")) >= 0;
	}
	if (has_key != (d->secret.len > 0))
		return err_set(err, ERR_SYNTAX,
			       has_key ? "secret: which is {key}?" : "secret: {key} is nowhere");
	TRY(status_check(d, err));
	return paging_check(d, err);
}

static int tool_limits_check(const struct definition *d, struct err *err)
{
	const struct definition_limits *limits = &d->limits;

	if (limits->network > DEFINITION_NETWORK_GUARDED || limits->port > 65535)
		return err_set(err, ERR_SYNTAX, "limits.network: none, address or guarded");
	if (limits->network == DEFINITION_NETWORK_ADDRESS && d->subject == DEFINITION_DOMAIN)
		return err_set(err, ERR_SYNTAX,
			       "limits.network: a domain has no address; hosts and addresses have");
	if (limits->processes > 1024 || limits->memory_bytes > UINT64_C(1) << 40)
		return err_set(err, ERR_LIMIT, "limits: at most 1,024 processes, 1 TiB of memory");
	for (size_t i = 0; i < limits->read_count; i++)
		if (!str_starts(limits->reads[i], STR_LIT("/")))
			return err_set(err, ERR_SYNTAX, "limits.reads: absolute paths");
	return 0;
}

static int tool_check(const struct definition *d, struct err *err)
{
	const struct str *words = WORDS(STR_LIT("subject"), STR_LIT("domain"), STR_LIT("host"),
					STR_LIT("address"), STR_LIT("port"), STR_LIT("ca_file"));

	if (!d->argv_count || !d->argv[0].len)
		return err_set(err, ERR_SYNTAX, "argv: what is started?");
	if (d->argv_count > DEFINITION_ITEMS || d->version_argv_count > DEFINITION_ITEMS ||
	    d->argv_ipv6_count > DEFINITION_ITEMS)
		return err_set(err, ERR_LIMIT, "argv: at most %d arguments", DEFINITION_ITEMS);
	for (size_t i = 0; i < d->argv_count; i++)
		TRY(template_check("argv", d->argv[i], i ? words : WORDS(STR_NONE), d, err));
	for (size_t i = 0; i < d->argv_ipv6_count; i++)
		TRY(template_check("argv_ipv6", d->argv_ipv6[i], i ? words : WORDS(STR_NONE), d,
				   err));
	for (size_t i = 0; i < d->version_argv_count; i++)
		TRY(template_check("version_argv", d->version_argv[i], WORDS(STR_NONE), d, err));
	if (d->subject == DEFINITION_URL)
		return err_set(err, ERR_SYNTAX, "subject: of a tool a domain, host or address");
	if (d->url.len || d->secret.len)
		return err_set(err, ERR_SYNTAX, "url, secret: a tool has none");
	return tool_limits_check(d, err);
}

static int findings_check(const struct definition *d, struct err *err)
{
	for (size_t i = 0; i < d->finding_count; i++) {
		const struct definition_finding *f = &d->findings[i];
		bool is_known = false;

		for (size_t k = 0; k < d->check_count; k++)
			is_known = is_known || str_eq(d->checks[k], f->check);
		if (!is_known)
			return err_set(err, ERR_SYNTAX,
				       "findings: \"%.*s\" does not stand in checks",
				       STR(str_first(f->check, 60)));
		TRY(template_check("findings.subject", f->subject, NULL, d, err));
		TRY(template_check("findings.text", f->text, NULL, d, err));
		for (size_t k = 0; k < f->when_count; k++) {
			struct extract_rules rules = d->extract;

			rules.where = &f->when[k];
			rules.where_count = 1;
			TRY(extract_check(&rules, err));
		}
	}
	return 0;
}

int definition_check(const struct definition *d, struct err *err)
{
	if (!is_token(d->name))
		return err_set(err, ERR_SYNTAX,
			       "name: letters, digits, '-' and '.', up to 64: \"%.*s\"",
			       STR(str_first(d->name, 64)));
	if (d->limits.output_bytes > EXTRACT_BYTES || d->limits.time_ms > 3600000)
		return err_set(err, ERR_LIMIT, "limits: at most 4 MiB of output, an hour of time");
	TRY(extract_check(&d->extract, err));
	TRY(findings_check(d, err));
	if (d->kind == DEFINITION_API)
		return api_check(d, err);
	if (d->kind == DEFINITION_TOOL)
		return tool_check(d, err);
	return err_set(err, ERR_SYNTAX, "kind: tool or api");
}
