/* SPDX-License-Identifier: Apache-2.0 */
/* Which faults are there, and does one cover this query? */
#include "fault.h"

#include "answer.h"

#include <stdio.h>
#include <string.h>

enum { UNKNOWN_TYPES = -2, TYPE_DLV = 32769 };

const struct fault_kind fault_kinds[FAULT_COUNT] = {
#define X(symbol, word, argument) { FAULT_##symbol, word, argument },
	FAULTS(X)
#undef X
};

static bool covers(const struct fault *fault, const struct query *query)
{
	if (fault->type >= 0 && fault->type != query->type)
		return false;
	if (fault->type == UNKNOWN_TYPES && (query->type < 270 || query->type == TYPE_DLV))
		return false;
	if (fault->zone && !name_is_below(query->name, fault->zone))
		return false;
	return !fault->name || name_equal(query->name, fault->name);
}

const struct fault *fault_for(const struct server *server, enum fault_number number,
			      const struct query *query)
{
	for (size_t i = 0; i < server->fault_count; i++)
		if (server->fault[i].kind->number == number && covers(&server->fault[i], query))
			return &server->fault[i];
	return NULL;
}

static const struct fault_kind *kind_find(const char *word, size_t length, const char *where)
{
	for (size_t i = 0; i < FAULT_COUNT; i++)
		if (!strncmp(fault_kinds[i].word, word, length) && !fault_kinds[i].word[length])
			return &fault_kinds[i];
	fprintf(stderr, "internet: %s: unknown fault \"%.*s\"; known are:", where, (int)length,
		word);
	for (size_t i = 0; i < FAULT_COUNT; i++)
		fprintf(stderr, " %s", fault_kinds[i].word);
	fatal("end of list");
}

static uint8_t *read_name(const char *text, const char *where)
{
	uint8_t name[NAME_BYTES];

	if (!name_from_text(text, name))
		fatal("%s: \"%s\" is no name", where, text);
	name_lower(name);
	return memcpy(pool_zalloc(NAME_BYTES), name, name_length(name));
}

/* lying="NAME TYPE DATA": the record, in wire form. */
static void read_record(struct fault *fault, const char *where)
{
	ldns_rr *rr = NULL;
	ldns_buffer *buffer = ldns_buffer_new(LDNS_MAX_PACKETLEN);
	ldns_status status = ldns_rr_new_frm_str(&rr, fault->text, 3600, NULL, NULL);

	if (status != LDNS_STATUS_OK)
		fatal("%s: \"%s\": %s", where, fault->text, ldns_get_errorstr_by_id(status));
	ldns_rr2buffer_wire(buffer, rr, LDNS_SECTION_ANSWER);
	fault->extra_length = ldns_buffer_position(buffer);
	fault->extra = memcpy(pool_zalloc(fault->extra_length), ldns_buffer_begin(buffer),
			      fault->extra_length);
	if (fault->kind->number == FAULT_LYING) { /* it is about this question only */
		fault->type = ldns_rr_get_type(rr);
		fault->name = memcpy(pool_zalloc(NAME_BYTES), ldns_rdf_data(ldns_rr_owner(rr)),
				     ldns_rdf_size(ldns_rr_owner(rr)));
		name_lower(fault->name);
	}
	ldns_buffer_free(buffer);
	ldns_rr_free(rr);
}

void fault_add(struct server *server, char **word, size_t count, const char *where)
{
	size_t length = strcspn(word[0], "=");
	const char *argument = word[0][length] ? word[0] + length + 1 : NULL;
	struct fault fault = { .kind = kind_find(word[0], length, where), .type = -1 };

	if (!argument != (fault.kind->argument == NO_ARGUMENT))
		fatal("%s: %s %s", where, fault.kind->word,
		      argument ? "takes no argument" : "needs an argument: KIND=ARGUMENT");
	if (fault.kind->argument == A_NUMBER)
		fault.number = number_parse(argument, where);
	fault.text = argument ? pool_text(argument) : NULL;
	for (size_t i = 1; i < count; i++) {
		if (!strncmp(word[i], "zone=", 5))
			fault.zone = read_name(word[i] + 5, where);
		else if (!strncmp(word[i], "name=", 5))
			fault.name = read_name(word[i] + 5, where);
		else if (!strncmp(word[i], "type=", 5))
			fault.type = strcmp(word[i] + 5, "unknown")
					     ? (int)ldns_get_rr_type_by_name(word[i] + 5)
					     : UNKNOWN_TYPES;
		else
			fatal("%s: \"%s\" is none of zone=, name=, type=", where, word[i]);
	}
	if (fault.kind->number == FAULT_LYING || fault.kind->number == FAULT_LYING_GLUE)
		read_record(&fault, where);
	/* For the whole server they are a matter of the network: no answer to anything, or no
	 * listener. */
	if (!fault.zone && !fault.name && fault.type == -1) {
		server->is_silent |= fault.kind->number == FAULT_SILENT;
		server->has_no_tcp |= fault.kind->number == FAULT_NO_TCP;
	}
	server->fault = pool_grow(server->fault, server->fault_count, sizeof(fault));
	server->fault[server->fault_count++] = fault;
}
