/* SPDX-License-Identifier: Apache-2.0 */
/* How do a zone's text lines become names and records ready to be sent? */
#include "world.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEFAULT_TTL = 3600 };

static size_t slot_of(const uint8_t *name, size_t slots)
{
	return (size_t)bytes_hash(name, name_length(name), 1) & (slots - 1);
}

struct node *zone_node(const struct zone *zone, const uint8_t *lower_name)
{
	if (!zone->node_slots)
		return NULL;
	for (size_t at = slot_of(lower_name, zone->node_slots); zone->node[at];
	     at = (at + 1) & (zone->node_slots - 1))
		if (name_equal(zone->node[at]->name, lower_name))
			return zone->node[at];
	return NULL;
}

static void node_insert(struct node **table, size_t slots, struct node *node)
{
	size_t at = slot_of(node->name, slots);

	while (table[at])
		at = (at + 1) & (slots - 1);
	table[at] = node;
}

struct node *zone_node_make(struct zone *zone, const uint8_t *name)
{
	uint8_t lower[NAME_BYTES];
	size_t length = name_length(name);
	struct node *node;

	memcpy(lower, name, length);
	name_lower(lower);
	node = zone_node(zone, lower);
	if (node)
		return node;
	if ((zone->node_count + 1) * 2 > zone->node_slots) {
		size_t slots = zone->node_slots ? zone->node_slots * 2 : 16;
		struct node **table = pool_zalloc(slots * sizeof(*table));

		for (size_t i = 0; i < zone->node_slots; i++)
			if (zone->node[i])
				node_insert(table, slots, zone->node[i]);
		free(zone->node);
		zone->node = table;
		zone->node_slots = slots;
	}
	node = pool_zalloc(sizeof(*node));
	node->length = length;
	node->name = memcpy(pool_zalloc(length), lower, length);
	node->owner = memcpy(pool_zalloc(length), name, length);
	node_insert(zone->node, zone->node_slots, node);
	zone->node_count++;
	return node;
}

struct rrset *node_set(const struct node *node, uint16_t type)
{
	for (struct rrset *set = node->sets; set; set = set->next)
		if (set->type == type)
			return set;
	return NULL;
}

static struct rr rr_copy(uint32_t ttl, const void *data, size_t length)
{
	return (struct rr){ .ttl = ttl,
			    .length = (uint16_t)length,
			    .data = memcpy(pool_zalloc(length), data, length) };
}

void zone_add(struct zone *zone, const uint8_t *owner, uint16_t type, uint32_t ttl,
	      const void *data, size_t length)
{
	struct node *node = zone_node_make(zone, owner);
	struct rrset *set = node_set(node, type), **end = &node->sets;

	if (!set) {
		while (*end)
			end = &(*end)->next;
		*end = set = pool_zalloc(sizeof(*set));
		set->type = type;
	}
	for (size_t i = 0; i < set->count; i++) /* a record is in an RRset once */
		if (set->rr[i].length == length && !memcmp(set->rr[i].data, data, length))
			return;
	set->rr = pool_grow(set->rr, set->count, sizeof(*set->rr));
	set->rr[set->count++] = rr_copy(ttl, data, length);
}

void rrset_add_sig(struct rrset *set, uint32_t ttl, const void *data, size_t length)
{
	set->sig = pool_grow(set->sig, set->sig_count, sizeof(*set->sig));
	set->sig[set->sig_count++] = rr_copy(ttl, data, length);
}

void zone_remove(struct zone *zone, const uint8_t *owner, int type)
{
	uint8_t lower[NAME_BYTES];
	struct node *node;

	memcpy(lower, owner, name_length(owner));
	name_lower(lower);
	node = zone_node(zone, lower);
	for (struct rrset **at = node ? &node->sets : NULL; at && *at;)
		if (type < 0 || (*at)->type == type)
			*at = (*at)->next;
		else
			at = &(*at)->next;
}

void zone_add_rr(struct zone *zone, const ldns_rr *rr)
{
	ldns_buffer *buffer = ldns_buffer_new(LDNS_MAX_PACKETLEN);
	const uint8_t *owner = ldns_rdf_data(ldns_rr_owner(rr));
	size_t at = ldns_rdf_size(ldns_rr_owner(rr)) + 10;

	if (!buffer || ldns_rr2buffer_wire(buffer, rr, LDNS_SECTION_ANSWER) != LDNS_STATUS_OK)
		fatal("%s: a record cannot be written as wire", zone->name);
	zone_add(zone, owner, (uint16_t)ldns_rr_get_type(rr), ldns_rr_ttl(rr),
		 ldns_buffer_at(buffer, at), ldns_buffer_position(buffer) - at);
	ldns_buffer_free(buffer);
}

static ldns_rr *rr_parse(const struct zone *zone, const char *text, ldns_rdf **previous,
			 uint32_t ttl, const char *where)
{
	ldns_rdf *origin = ldns_dname_new_frm_str(zone->name);
	ldns_rr *rr = NULL;
	ldns_status status = ldns_rr_new_frm_str(&rr, text, ttl, origin, previous);

	ldns_rdf_deep_free(origin);
	if (status != LDNS_STATUS_OK)
		fatal("%s: \"%s\": %s", where, text, ldns_get_errorstr_by_id(status));
	return rr;
}

void zone_add_text(struct zone *zone, const char *rr_text, const char *where)
{
	ldns_rr *rr = rr_parse(zone, rr_text, NULL, DEFAULT_TTL, where);

	zone_add_rr(zone, rr);
	ldns_rr_free(rr);
}

static void owner_read(const struct zone *zone, const char *word, uint8_t ret[NAME_BYTES])
{
	const char *name = word;

	if (!strcmp(word, "@"))
		name = zone->name;
	else if (word[strlen(word) - 1] != '.')
		name = pool_format("%s.%s", word, strcmp(zone->name, ".") ? zone->name : "");
	if (!name_from_text(name, ret))
		fatal("%s: \"%s\" is no name", zone->where, name);
}

/* "- OWNER [TYPE]": what the template has there does not exist in this zone. */
static void remove_records(struct zone *zone, char *line)
{
	size_t count;
	char **word = words_split(line, &count);
	uint8_t owner[NAME_BYTES];

	if (count < 1 || count > 2)
		fatal("%s: - OWNER [TYPE]", zone->where);
	owner_read(zone, word[0], owner);
	zone_remove(zone, owner, count == 2 ? (int)ldns_get_rr_type_by_name(word[1]) : -1);
	free(word);
}

static void replace_record(struct zone *zone, const char *text)
{
	ldns_rr *rr = rr_parse(zone, text, NULL, DEFAULT_TTL, zone->where);

	zone_remove(zone, ldns_rdf_data(ldns_rr_owner(rr)), (int)ldns_rr_get_type(rr));
	zone_add_rr(zone, rr);
	ldns_rr_free(rr);
}

/* "raw OWNER TYPE HEX": octets that no record reader would accept. */
static void add_raw(struct zone *zone, char *line)
{
	size_t count, length = 0;
	char **word = words_split(line, &count);
	uint8_t owner[NAME_BYTES], data[4096];

	if (count != 3)
		fatal("%s: raw OWNER TYPE HEX", zone->where);
	owner_read(zone, word[0], owner);
	for (const char *hex = word[2]; hex[0] && hex[1] && length < sizeof(data); hex += 2) {
		char digits[3] = { hex[0], hex[1], '\0' };

		data[length++] = (uint8_t)strtoul(digits, NULL, 16);
	}
	zone_add(zone, owner, (uint16_t)ldns_get_rr_type_by_name(word[1]), DEFAULT_TTL, data,
		 length);
	free(word);
}

static void inline_line(const struct world *world, struct zone *zone, const char *line,
			const char *domain)
{
	char *text = macro_expand(world, line, domain, -1);

	if (*text == '-' && isspace((unsigned char)text[1])) {
		remove_records(zone, text + 1);
	} else if (*text == '=' && isspace((unsigned char)text[1])) {
		replace_record(zone, text + 2);
	} else if (!strncmp(text, "raw ", 4)) {
		add_raw(zone, text + 4);
	} else if (!strncmp(text, "repeat ", 7)) {
		char *rest;
		long count = strtol(text + 7, &rest, 10);

		if (count < 1 || count > 1000000)
			fatal("%s: repeat COUNT RECORD, 1 to 1,000,000", zone->where);
		for (long i = 1; i <= count; i++) {
			char *one = macro_expand(world, rest + 1, domain, i);

			zone_add_text(zone, one, zone->where);
			free(one);
		}
	} else if (*text != '^') { /* ^ goes to the parent: delegation.c */
		zone_add_text(zone, text, zone->where);
	}
	free(text);
}

/* Open parentheses at the end of the line, outside quotes and comments. */
static int parentheses(const char *line)
{
	bool is_quoted = false;
	int depth = 0;

	for (; *line; line++) {
		if (*line == '\\' && line[1])
			line++;
		else if (*line == '"')
			is_quoted = !is_quoted;
		else if (!is_quoted && *line == ';')
			break;
		else if (!is_quoted && (*line == '(' || *line == ')'))
			depth += *line == '(' ? 1 : -1;
	}
	return depth;
}

static void load_line(const struct world *world, struct zone *zone, char *line, uint32_t *ttl,
		      ldns_rdf **previous, const char *domain, const char *where)
{
	char *text = macro_expand(world, line, domain, -1);
	ldns_rr *rr;

	if (!strncmp(text, "$TTL", 4)) {
		*ttl = (uint32_t)number_parse(text + 4 + strspn(text + 4, " \t"), where);
	} else if (*text == '$') {
		fatal("%s: of the $ lines only $TTL is known; names are relative to the zone",
		      where);
	} else {
		rr = rr_parse(zone, text, previous, *ttl, where);
		zone_add_rr(zone, rr);
		ldns_rr_free(rr);
	}
	free(text);
}

static void load_file(const struct world *world, struct zone *zone, const char *path,
		      const char *domain)
{
	char *line = NULL, *joined = NULL, where[512];
	size_t size = 0, number = 0;
	uint32_t ttl = DEFAULT_TTL;
	ldns_rdf *previous = NULL;
	ssize_t length;
	FILE *file = fopen(path, "r");

	if (!file)
		fatal("%s: cannot be read", path);
	while ((length = getline(&line, &size, file)) >= 0) {
		const char *start;

		number++;
		while (length > 0 && isspace((unsigned char)line[length - 1]))
			line[--length] = '\0';
		start = line + strspn(line, " \t");
		if (!joined && (!*start || *start == ';'))
			continue;
		if (joined)
			joined = pool_format("%s\n%s", joined, line);
		else
			joined = pool_text(line);
		if (parentheses(joined) > 0)
			continue;
		snprintf(where, sizeof(where), "%s:%zu", path, number);
		load_line(world, zone, joined, &ttl, &previous, domain, where);
		free(joined);
		joined = NULL;
	}
	free(line);
	fclose(file);
}

void zone_load(struct world *world, struct zone *zone)
{
	const char *like = zone_option(zone, "like"), *file = zone_option(zone, "file");
	char *domain = pool_text(zone->name);

	domain[strlen(domain) - 1] = '\0';
	zone_node_make(zone, zone->apex);
	if (like)
		load_file(world, zone, folder_file(world, like, ".zone"), domain);
	if (file)
		load_file(world, zone, folder_file(world, file, ""), domain);
	for (size_t i = 0; i < zone->line_count; i++)
		inline_line(world, zone, zone->line[i], domain);
	free(domain);
}

static void mark_parents(struct zone *zone, const struct node *node)
{
	for (const uint8_t *name = node->name; !name_equal(name, zone->apex);) {
		name = name_parent(name);
		zone_node_make(zone, name);
	}
}

/* Names whose records were all removed do not exist, unless other names below need them. */
static void drop_empty(struct zone *zone)
{
	struct node **all = zone->node;
	size_t slots = zone->node_slots;

	zone->node = pool_zalloc(slots * sizeof(struct node *));
	for (size_t i = 0; i < slots; i++) {
		struct node *node = all[i];

		if (!node)
			continue;
		if (!name_is_below(node->name, zone->apex))
			fatal("%s: %s: %s is outside the zone", zone->where, zone->name,
			      name_text(node->owner));
		if (node->sets || name_equal(node->name, zone->apex))
			node_insert(zone->node, slots, node);
		else
			zone->node_count--;
	}
	for (size_t i = 0; i < slots; i++)
		if (all[i] && all[i]->sets)
			mark_parents(zone, all[i]);
	free(all);
}

/* Cuts, glue and empty non-terminals, once all records are in. */
void zone_index(struct zone *zone)
{
	drop_empty(zone);
	for (size_t i = 0; i < zone->node_slots; i++) {
		struct node *node = zone->node[i];

		if (node) {
			node->is_empty = !node->sets;
			node->is_cut = node_set(node, LDNS_RR_TYPE_NS) &&
				       !name_equal(node->name, zone->apex);
		}
	}
	for (size_t i = 0; i < zone->node_slots; i++) {
		struct node *node = zone->node[i];
		const uint8_t *name = node ? node->name : zone->apex;

		while (!name_equal(name, zone->apex)) {
			name = name_parent(name);
			if (zone_node(zone, name)->is_cut)
				node->is_occluded = true;
		}
	}
}
