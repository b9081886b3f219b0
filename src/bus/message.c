/* SPDX-License-Identifier: Apache-2.0 */
/* What does a message on the bus say? */
#include "bus/message.h"

#include <jansson.h> /* whose names are those of base/json.h: never both */

enum { VERSION = 1, TRACE_BYTES = 55 /* of version 00 of W3C Trace Context, section 3.2.2 */ };

/* Ours, or a stranger's who called us: nothing that would need an escape goes on. */
static bool is_trace(struct str trace)
{
	for (size_t i = 0; i < trace.len; i++)
		if (!char_is_digit(trace.data[i]) && !char_is_alpha(trace.data[i]) &&
		    trace.data[i] != '-')
			return false;
	return trace.len > 0 && trace.len <= TRACE_BYTES;
}

void scan_message_write(struct buf *out, const struct scan_message *message)
{
	char id[ID_TEXT_BYTES];

	buf_printf(out, "{\"v\":%d,\"scan\":\"%s\"", VERSION, id_format(id, "scn", message->scan));
	if (is_trace(message->trace))
		buf_printf(out, ",\"traceparent\":\"%.*s\"", STR(message->trace));
	buf_put_char(out, '}');
}

static struct str text_of(const json_t *object, const char *key)
{
	const json_t *member = json_object_get(object, key);

	return json_is_string(member)
		       ? str_bytes(json_string_value(member), json_string_length(member))
		       : STR_NONE;
}

static int read_object(struct arena *a, const json_t *object, struct scan_message *ret,
		       struct err *err)
{
	const json_t *version = json_object_get(object, "v");
	struct str trace = text_of(object, "traceparent");
	struct scan_message message = { 0 };

	if (!json_is_integer(version))
		return err_set(err, ERR_SYNTAX, "a message without a version \"v\"");
	if (json_integer_value(version) != VERSION)
		return err_set(err, ERR_VERSION, "a message of version %lld; this reads %d",
			       (long long)json_integer_value(version), VERSION);
	TRY(id_parse(text_of(object, "scan"), "scn", &message.scan, err));
	if (is_trace(trace))
		message.trace = str_copy(a, trace);
	*ret = message;
	return 0;
}

int scan_message_read(struct arena *a, struct str body, struct scan_message *ret, struct err *err)
{
	json_error_t error;
	json_t *root = json_loadb(body.data, body.len, JSON_REJECT_DUPLICATES, &error);
	int code;

	if (!json_is_object(root))
		code = err_set(err, ERR_SYNTAX, "a message that is no JSON object: %s",
			       root ? "another value" : error.text);
	else
		code = read_object(a, root, ret, err);
	json_decref(root);
	return code;
}
