/* SPDX-License-Identifier: Apache-2.0 */
/* Which values does an XML document hold? Its elements as JSON values (extract.h). */
#include "formats/extract_parts.h"

#include <expat.h>

struct reading {
	XML_Parser parser;
	struct arena *a;
	struct json_value *root;
	struct json_value *open[EXTRACT_DEPTH];
	struct json_value *last[EXTRACT_DEPTH];
	struct buf text[EXTRACT_DEPTH]; /* of the open elements */
	unsigned depth;
	size_t values;
	const char *why; /* it was stopped */
};

static struct json_value *child_add(struct reading *r, unsigned depth, struct str name,
				    enum json_type type, struct str text)
{
	struct json_value *value = ARENA_NEW(r->a, struct json_value);

	value->name = str_copy(r->a, name);
	value->type = (uint8_t)type;
	value->text = text;
	r->values++;
	if (!depth)
		return value;
	if (r->last[depth - 1])
		r->last[depth - 1]->next = value;
	else
		r->open[depth - 1]->first = value;
	r->last[depth - 1] = value;
	r->open[depth - 1]->count++;
	return value;
}

static void stop(struct reading *r, const char *why)
{
	if (!r->why)
		r->why = why;
	XML_StopParser(r->parser, XML_FALSE);
}

static void XMLCALL on_start(void *data, const XML_Char *name, const XML_Char **attributes)
{
	struct reading *r = data;
	struct json_value *element;

	if (r->why)
		return;
	if (r->depth == EXTRACT_DEPTH || r->values > EXTRACT_VALUES) {
		stop(r, r->depth == EXTRACT_DEPTH ? "deeper than 64"
						  : "with more than 200,000 values");
		return;
	}
	element = child_add(r, r->depth, str_of(name), JSON_OBJECT, STR_NONE);
	if (!r->depth) { /* the document is an object with one member */
		r->root->first = element;
		r->root->count = 1;
	}
	r->open[r->depth] = element;
	r->last[r->depth] = NULL;
	buf_init(&r->text[r->depth], r->a);
	r->depth++;
	for (size_t i = 0; attributes[i] && r->values <= EXTRACT_VALUES; i += 2) {
		struct str key = str_printf(r->a, "@%s", attributes[i]);

		child_add(r, r->depth, key, JSON_STRING, str_copy(r->a, str_of(attributes[i + 1])));
	}
}

static void XMLCALL on_end(void *data, const XML_Char *name)
{
	struct reading *r = data;
	struct str inside;

	if (r->why || !r->depth)
		return;
	inside = str_trim(buf_str(&r->text[r->depth - 1]));
	if (inside.len)
		child_add(r, r->depth, STR_LIT("#text"), JSON_STRING, inside);
	r->depth--;
}

static void XMLCALL on_text(void *data, const XML_Char *text, int len)
{
	struct reading *r = data;

	if (!r->why && r->depth && r->text[r->depth - 1].len < EXTRACT_VALUE_BYTES)
		buf_put(&r->text[r->depth - 1], text, (size_t)len);
}

/* Entities of the document's own are how a small one grows. */
static void XMLCALL on_entity(void *data, const XML_Char *name, int is_parameter,
			      const XML_Char *value, int len, const XML_Char *base,
			      const XML_Char *system, const XML_Char *public,
			      const XML_Char *notation)
{
	stop(data, "with entities of its own");
}

int extract_xml_read(struct arena *a, struct str bytes, const struct json_value **ret,
		     struct err *err)
{
	struct reading *r = ARENA_NEW(a, struct reading);
	enum XML_Status status;
	int code = 0;

	r->a = a;
	r->root = ARENA_NEW(a, struct json_value);
	r->root->type = JSON_OBJECT;
	r->parser = XML_ParserCreate(NULL);
	if (!r->parser)
		memory_exhausted();
	XML_SetUserData(r->parser, r);
	XML_SetElementHandler(r->parser, on_start, on_end);
	XML_SetCharacterDataHandler(r->parser, on_text);
	XML_SetEntityDeclHandler(r->parser, on_entity);
	status = XML_Parse(r->parser, bytes.data, (int)bytes.len, XML_TRUE);
	if (r->why)
		code = err_set(err, ERR_LIMIT, "XML %s", r->why);
	else if (status != XML_STATUS_OK)
		code = err_set(err, ERR_SYNTAX, "XML, line %lu: %s",
			       (unsigned long)XML_GetCurrentLineNumber(r->parser),
			       XML_ErrorString(XML_GetErrorCode(r->parser)));
	XML_ParserFree(r->parser);
	if (code == 0)
		*ret = r->root;
	return code;
}
