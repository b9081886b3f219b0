/* SPDX-License-Identifier: Apache-2.0 */
/* Is an SVG a logo that mail programs may show? draft-svg-tiny-ps-abrotman. */
#include "formats/mail/svg_logo.h"

enum { TAGS = 20000, ATTRIBUTES = 200 };

struct svg {
	struct str rest;
	struct err *err;
	unsigned tags, depth;
	bool has_root, has_title, is_versioned, is_profiled, has_namespace;
};

/* Elements that run, move, embed or link (section 2.2). */
static const struct str forbidden[] = {
	STR_INIT("script"),
	STR_INIT("image"),
	STR_INIT("animate"),
	STR_INIT("set"),
	STR_INIT("animateMotion"),
	STR_INIT("animateColor"),
	STR_INIT("a"),
	STR_INIT("animateTransform"),
	STR_INIT("foreignObject"),
	STR_INIT("audio"),
	STR_INIT("video"),
	STR_INIT("animation"),
	STR_INIT("discard"),
	STR_INIT("handler"),
	STR_INIT("listener"),
	STR_INIT("prefetch"),
	STR_INIT("iframe"),
	STR_INIT("embed"),
};

static bool is_name_end(char c)
{
	return char_is_space(c) || c == '>' || c == '/' || c == '=';
}

static struct str name_take(struct str *rest)
{
	size_t len = 0;
	struct str name;

	while (len < rest->len && !is_name_end(rest->data[len]))
		len++;
	name = str_first(*rest, len);
	*rest = str_from(*rest, len);
	return name;
}

static struct str local_name(struct str name)
{
	return str_from(name, (size_t)(str_find_char(name, ':') + 1));
}

static void blanks_skip(struct str *rest)
{
	while (rest->len && char_is_space(rest->data[0]))
		*rest = str_from(*rest, 1);
}

static int attribute_take(struct svg *svg, struct str *ret_name, struct str *ret_value)
{
	struct str *rest = &svg->rest, name = name_take(rest);
	ptrdiff_t end;

	blanks_skip(rest);
	if (!name.len || !rest->len || rest->data[0] != '=')
		return err_set(svg->err, -EBADMSG, "not well-formed near \"%.*s\"",
			       STR(str_first(name, 40)));
	*rest = str_from(*rest, 1);
	blanks_skip(rest);
	if (!rest->len || (rest->data[0] != '"' && rest->data[0] != '\''))
		return err_set(svg->err, -EBADMSG, "attribute %.*s has no quotes",
			       STR(str_first(name, 40)));
	end = str_find_char(str_from(*rest, 1), rest->data[0]);
	if (end < 0)
		return err_set(svg->err, -EBADMSG, "the quotes of %.*s are not closed",
			       STR(str_first(name, 40)));
	*ret_name = name;
	*ret_value = str_first(str_from(*rest, 1), (size_t)end);
	*rest = str_from(*rest, (size_t)end + 2);
	return 0;
}

static int root_attribute(struct svg *svg, struct str name, struct str value)
{
	if (str_eq(name, STR_LIT("version")))
		svg->is_versioned = str_eq(value, STR_LIT("1.2"));
	else if (str_eq(name, STR_LIT("baseProfile")))
		svg->is_profiled = str_eq(value, STR_LIT("tiny-ps"));
	else if (str_eq(name, STR_LIT("xmlns")))
		svg->has_namespace = str_eq(value, STR_LIT("http://www.w3.org/2000/svg"));
	else if (str_eq(name, STR_LIT("x")) || str_eq(name, STR_LIT("y")))
		return err_set(svg->err, -EBADMSG, "the root has %.*s=", STR(name));
	return 0;
}

static int attribute_check(struct svg *svg, bool is_root, struct str name, struct str value)
{
	struct str local = local_name(name);

	if (str_starts_nocase(local, STR_LIT("on")) && local.len > 2)
		return err_set(svg->err, -EBADMSG, "an event handler: %.*s",
			       STR(str_first(name, 40)));
	if (str_eq(local, STR_LIT("href")) && !str_starts(str_trim(value), STR_LIT("#")))
		return err_set(svg->err, -EBADMSG, "a reference to the outside: %.*s=\"%.*s\"",
			       STR(str_first(name, 40)), STR(str_first(value, 60)));
	if (str_find_nocase(value, STR_LIT("javascript:")) >= 0 ||
	    str_find_nocase(value, STR_LIT("url(http")) >= 0)
		return err_set(svg->err, -EBADMSG, "%.*s leads to the outside: \"%.*s\"",
			       STR(str_first(name, 40)), STR(str_first(value, 60)));
	return is_root ? root_attribute(svg, name, value) : 0;
}

static int element_open(struct svg *svg)
{
	struct str name = name_take(&svg->rest), attribute = STR_NONE, value = STR_NONE;
	bool is_root = !svg->has_root;

	if (is_root && !str_eq(local_name(name), STR_LIT("svg")))
		return err_set(svg->err, -EBADMSG, "the root is <%.*s>, not <svg>",
			       STR(str_first(name, 40)));
	svg->has_root = true;
	for (size_t i = 0; i < ARRAY_COUNT(forbidden); i++)
		if (str_eq(local_name(name), forbidden[i]))
			return err_set(svg->err, -EBADMSG, "<%.*s> is not allowed",
				       STR(str_first(name, 40)));
	svg->has_title |= svg->depth == 1 && str_eq(local_name(name), STR_LIT("title"));
	for (unsigned i = 0;; i++) {
		blanks_skip(&svg->rest);
		if (!svg->rest.len || i == ATTRIBUTES)
			return err_set(svg->err, -EBADMSG, "a tag is not closed");
		if (svg->rest.data[0] == '>' || svg->rest.data[0] == '/')
			break;
		TRY(attribute_take(svg, &attribute, &value));
		TRY(attribute_check(svg, is_root, attribute, value));
	}
	svg->depth += svg->rest.data[0] == '>';
	return 0;
}

/* Behind "<": comments and processing instructions are passed over, a document type is not. */
static int tag_take(struct svg *svg)
{
	static const struct {
		struct str open, close;
	} passed[] = { { STR_INIT("!--"), STR_INIT("-->") },
		       { STR_INIT("?"), STR_INIT("?>") },
		       { STR_INIT("![CDATA["), STR_INIT("]]>") } };
	ptrdiff_t end;

	if (++svg->tags > TAGS)
		return err_set(svg->err, -EBADMSG, "more than %d tags", TAGS);
	for (size_t i = 0; i < ARRAY_COUNT(passed); i++) {
		if (!str_starts(svg->rest, passed[i].open))
			continue;
		end = str_find(svg->rest, passed[i].close);
		if (end < 0)
			return err_set(svg->err, -EBADMSG, "<%.*s is not closed",
				       STR(passed[i].open));
		svg->rest = str_from(svg->rest, (size_t)end + passed[i].close.len);
		return 0;
	}
	if (str_starts(svg->rest, STR_LIT("!")))
		return err_set(svg->err, -EBADMSG, "a document type or entity: not allowed");
	if (str_starts(svg->rest, STR_LIT("/"))) {
		if (!svg->depth)
			return err_set(svg->err, -EBADMSG, "a closing tag too many");
		svg->depth--;
	} else {
		TRY(element_open(svg));
	}
	end = str_find_char(svg->rest, '>');
	if (end < 0)
		return err_set(svg->err, -EBADMSG, "a tag is not closed");
	svg->rest = str_from(svg->rest, (size_t)end + 1);
	return 0;
}

int svg_logo_check(struct str text, struct err *err)
{
	struct svg svg = { .rest = text, .err = err };
	ptrdiff_t start;

	if (text.len > SVG_LOGO_BYTES)
		return err_set(err, -EBADMSG, "larger than 32 KiB");
	while ((start = str_find_char(svg.rest, '<')) >= 0) {
		svg.rest = str_from(svg.rest, (size_t)start + 1);
		TRY(tag_take(&svg));
	}
	if (!svg.has_root || svg.depth)
		return err_set(err, -EBADMSG, svg.has_root ? "<svg> is not closed" : "no SVG");
	if (!svg.has_namespace)
		return err_set(err, -EBADMSG, "xmlns is not http://www.w3.org/2000/svg");
	if (!svg.is_versioned || !svg.is_profiled)
		return err_set(err, -EBADMSG, "%s is missing on the root",
			       svg.is_versioned ? "baseProfile=\"tiny-ps\"" : "version=\"1.2\"");
	return svg.has_title ? 0 : err_set(err, -EBADMSG, "<title> is missing");
}
