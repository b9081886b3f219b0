/* SPDX-License-Identifier: Apache-2.0 */
/* What does a YAML text say, and where? */
#include "formats/yaml_text.h"

#include <stdarg.h>

int yaml_fail_at(struct yaml *y, yaml_mark_t mark, int code, const char *format, ...)
{
	struct str name = y->name;
	char text[200];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (name.len > 80) /* its end tells more */
		name = str_from(name, name.len - 80);
	return err_set(y->err, code, "%.*s%sline %zu column %zu: %s", STR(name),
		       name.len ? " " : "", mark.line + 1, mark.column + 1, text);
}

int yaml_fail(struct yaml *y, const char *text)
{
	return yaml_fail_at(y, y->event.start_mark, ERR_SYNTAX, "%s", text);
}

static const yaml_char_t *anchor_of(const yaml_event_t *event)
{
	return event->type == YAML_SCALAR_EVENT           ? event->data.scalar.anchor
	       : event->type == YAML_SEQUENCE_START_EVENT ? event->data.sequence_start.anchor
	       : event->type == YAML_MAPPING_START_EVENT  ? event->data.mapping_start.anchor
							  : NULL;
}

static const yaml_char_t *tag_of(const yaml_event_t *event)
{
	return event->type == YAML_SCALAR_EVENT           ? event->data.scalar.tag
	       : event->type == YAML_SEQUENCE_START_EVENT ? event->data.sequence_start.tag
	       : event->type == YAML_MAPPING_START_EVENT  ? event->data.mapping_start.tag
							  : NULL;
}

int yaml_next(struct yaml *y)
{
	yaml_event_delete(&y->event);
	if (!yaml_parser_parse(&y->parser, &y->event)) {
		if (y->parser.error == YAML_MEMORY_ERROR)
			memory_exhausted();
		return yaml_fail_at(y, y->parser.problem_mark, ERR_SYNTAX, "this is not YAML: %s",
				    y->parser.problem ? y->parser.problem : "unreadable");
	}
	if (y->event.type == YAML_ALIAS_EVENT)
		return yaml_fail(y,
				 "aliases (*) are not read: write the value again, or in quotes");
	if (anchor_of(&y->event))
		return yaml_fail(y,
				 "anchors (&) are not read: write the value again, or in quotes");
	if (tag_of(&y->event))
		return yaml_fail(y, "tags (!) are not read");
	return 0;
}

int yaml_first(struct yaml *y)
{
	TRY(yaml_next(y)); /* the stream's start */
	TRY(yaml_next(y));
	if (y->event.type == YAML_STREAM_END_EVENT)
		return 0;
	TRY(yaml_next(y)); /* past the document's start */
	return 1;
}

int yaml_last(struct yaml *y, const char *more)
{
	TRY(yaml_next(y)); /* the document's end */
	TRY(yaml_next(y));
	return y->event.type == YAML_STREAM_END_EVENT ? 0 : yaml_fail(y, more);
}

int yaml_scalar(struct yaml *y, bool has_lines, struct str *ret)
{
	struct str text = str_bytes(y->event.data.scalar.value, y->event.data.scalar.length);

	if (text.len > YAML_VALUE_BYTES)
		return yaml_fail_at(y, y->event.start_mark, ERR_LIMIT, "more than %d bytes",
				    YAML_VALUE_BYTES);
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if ((c < 0x20 && !(has_lines && (c == '\n' || c == '\t'))) || c == 0x7f)
			return yaml_fail(y, "a control character or line break in a value");
	}
	*ret = str_copy(y->arena, text);
	return 0;
}

bool yaml_is_null(const struct yaml *y)
{
	struct str text = str_bytes(y->event.data.scalar.value, y->event.data.scalar.length);

	return y->event.type == YAML_SCALAR_EVENT &&
	       y->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	       (!text.len || str_eq(text, STR_LIT("~")) || str_eq(text, STR_LIT("null")));
}

void yaml_open(struct yaml *y, struct arena *a, struct str name, struct str text, struct err *err)
{
	memset(y, 0, sizeof *y);
	y->arena = a;
	y->name = name;
	y->err = err;
	if (!yaml_parser_initialize(&y->parser))
		memory_exhausted();
	yaml_parser_set_encoding(&y->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&y->parser, (const unsigned char *)text.data, text.len);
}

void yaml_close(struct yaml *y)
{
	yaml_event_delete(&y->event);
	yaml_parser_delete(&y->parser);
}
