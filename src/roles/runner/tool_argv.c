/* SPDX-License-Identifier: Apache-2.0 */
/* What is a tool started with? */
#include "roles/runner/tool_argv.h"

#include "formats/web/template.h"

enum { HOST_BYTES = 253, LABEL_BYTES = 63, PORT_BYTES = 8 };

struct values {
	struct str subject, address, port, ca_file;
	char port_text[PORT_BYTES];
};

static bool is_label(struct str label)
{
	if (!label.len || label.len > LABEL_BYTES || label.data[0] == '-' ||
	    label.data[label.len - 1] == '-')
		return false;
	for (size_t i = 0; i < label.len; i++) {
		char c = label.data[i];

		if (!char_is_alpha(c) && !char_is_digit(c) && c != '-' && !(c == '_' && !i))
			return false;
	}
	return true;
}

/* Decimal, or hexadecimal as inet_aton(3) takes it. */
static bool is_number(struct str label)
{
	bool is_hex = label.len > 1 && label.data[0] == '0' && (label.data[1] | 0x20) == 'x';

	for (size_t i = is_hex ? 2 : 0; i < label.len; i++) {
		char c = (char)(label.data[i] | 0x20);

		if (!char_is_digit(label.data[i]) && !(is_hex && c >= 'a' && c <= 'f'))
			return false;
	}
	return true;
}

/* RFC 1123 section 2.1, with the underscore of RFC 8552; what ends in a number is an address. */
bool tool_is_host(struct str name)
{
	struct str rest = name, label = STR_NONE;
	size_t labels = 0;

	if (!name.len || name.len > HOST_BYTES || name.data[name.len - 1] == '.')
		return false;
	for (; str_split(&rest, '.', &label); labels++)
		if (!is_label(label))
			return false;
	return labels > 1 && !is_number(label);
}

static struct str value_of(const struct run_request *request, const char *name)
{
	for (size_t i = 0; i < request->value_count; i++)
		if (str_eq(request->values[i].name, str_of(name)))
			return request->values[i].value;
	return STR_NONE;
}

static int address_check(struct str text, struct address *ret, struct err *err)
{
	char again[ADDRESS_TEXT_BYTES];

	if (address_parse(text, ret) < 0 || !str_eq(text, str_of(address_text(ret, again))))
		return err_set(err, ERR_SYNTAX, "the address is none");
	return 0;
}

static int values_read(const struct definition *definition, const struct run_request *request,
		       struct values *values, struct address *address, struct err *err)
{
	bool is_address = definition->subject == DEFINITION_ADDRESS;

	values->subject = value_of(request, "subject");
	values->address = is_address ? values->subject : value_of(request, "address");
	if (!is_address && !tool_is_host(values->subject))
		return err_set(err, ERR_SYNTAX, "the subject is no host name");
	if (values->address.len)
		TRY(address_check(values->address, address, err));
	else if (is_address || definition->limits.network == DEFINITION_NETWORK_ADDRESS)
		return err_set(err, ERR_SYNTAX, "an address is missing");
	snprintf(values->port_text, sizeof values->port_text, "%u",
		 (unsigned)(definition->limits.port & 0xffff));
	values->port = str_of(values->port_text);
	return 0;
}

static int argument_make(struct arena *a, struct str text, const struct values *values,
			 struct str *ret)
{
	const struct template_word words[] = {
		{ "ca_file", values->ca_file }, { "port", values->port },
		{ "address", values->address }, { "host", values->subject },
		{ "domain", values->subject },  { "subject", values->subject },
	};
	struct buf out;

	buf_init(&out, a);
	TRY(template_fill(&out, text, TEMPLATE_HEADER, words, ARRAY_COUNT(words)));
	*ret = buf_str(&out);
	return 0;
}

int tool_argv_make(struct arena *a, const struct definition *definition,
		   const struct run_request *request, struct str ca_file, struct tool_argv *ret,
		   struct err *err)
{
	struct tool_argv made = { 0 };
	struct values values = { .ca_file = ca_file };
	const struct str *templates = definition->argv;
	size_t count = definition->argv_count;

	TRY(values_read(definition, request, &values, &made.address, err));
	if (made.address.family == ADDRESS_IPV6 && definition->argv_ipv6_count) {
		templates = definition->argv_ipv6;
		count = definition->argv_ipv6_count;
	}
	made.argv = arena_array(a, count, sizeof *made.argv);
	for (; made.count < count; made.count++)
		TRY(argument_make(a, templates[made.count], &values, &made.argv[made.count]));
	*ret = made;
	return 0;
}
