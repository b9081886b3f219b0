/* SPDX-License-Identifier: Apache-2.0 */
/* What does a scenario's folder say? The format is documented in README.md. */
#include "fault.h"
#include "world.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { INCLUDE_DEPTH = 8, FOLDERS = 32 };

static const char *folders[FOLDERS]; /* where file= and like= are looked for, in order */
static size_t folder_count;

static const char *const zone_options[] = {
	"servers",       "file",    "like",         "sign",      "bits",     "zsk",
	"key",           "publish", "revoke",       "nsec3",     "opt-out",  "compact",
	"sig-from",      "sig-to",  "expired",      "future",    "bogus",    "no-rrsig",
	"no-ds",         "ds",      "cds",          "parent-ns", "no-glue",  "glue",
	"no-delegation", "no-soa",  "multi-signer", "keytrap",   "no-chain", NULL
};

const char *zone_option(const struct zone *zone, const char *name)
{
	for (size_t i = 0; i < zone->option_count; i++)
		if (!strcmp(zone->option[i].name, name))
			return zone->option[i].value;
	return NULL;
}

struct server *server_find(struct world *world, const char *name)
{
	size_t length = strlen(name);

	for (size_t i = 0; i < world->server_count; i++) /* "ns1" finds "ns1.dns-host.net" */
		if (!strncmp(world->server[i].name, name, length) &&
		    (!world->server[i].name[length] || world->server[i].name[length] == '.'))
			return &world->server[i];
	return NULL;
}

/** Splits in place at blanks; double quotes keep a word together and are taken off. */
char **words_split(char *line, size_t *ret_count)
{
	char **word = NULL, *out;
	size_t count = 0;

	for (;;) {
		bool is_quoted = false;

		while (isspace((unsigned char)*line))
			line++;
		if (!*line || *line == '#')
			break;
		word = pool_grow(word, count, sizeof(*word));
		word[count++] = out = line;
		for (; *line && (is_quoted || !isspace((unsigned char)*line)); line++) {
			if (*line == '"')
				is_quoted = !is_quoted;
			else
				*out++ = *line;
		}
		if (*line)
			line++;
		*out = '\0';
	}
	*ret_count = count;
	return word;
}

/** {domain}, {i} and what `let` has defined. An unknown {word} stays as it is. */
char *macro_expand(const struct world *world, const char *text, const char *domain, long i)
{
	const char *start = text;
	size_t size;
	char *out = NULL;
	FILE *stream = open_memstream(&out, &size);

	while (*text) {
		bool is_spf = text > start && text[-1] == '%'; /* %{i} is a macro of SPF */
		const char *end = *text == '{' && !is_spf ? strchr(text, '}') : NULL, *value = NULL;
		char number[32];

		snprintf(number, sizeof(number), "%ld", i);
		if (end) {
			size_t length = (size_t)(end - text - 1);

			if (length == 6 && !strncmp(text + 1, "domain", 6))
				value = domain;
			else if (i >= 0 && length == 1 && text[1] == 'i')
				value = number;
			for (size_t k = 0; !value && k < world->macro_count; k++)
				if (strlen(world->macro[k].name) == length &&
				    !strncmp(world->macro[k].name, text + 1, length))
					value = world->macro[k].value;
		}
		if (value) {
			fputs(value, stream);
			text = end + 1;
		} else {
			fputc(*text++, stream);
		}
	}
	fclose(stream);
	return out;
}

char *folder_file(const struct world *world, const char *name, const char *suffix)
{
	for (size_t i = 0; i < folder_count; i++) {
		char *path = pool_format("%s/%s%s", folders[i], name, suffix);

		if (access(path, R_OK) == 0)
			return path;
		free(path);
	}
	fatal("%s%s: no such file in %s or what it includes", name, suffix, world->folder);
}

static void read_server(struct world *world, char **word, size_t count, const char *where)
{
	struct server *server;

	if (count < 2)
		fatal("%s: server NAME ADDRESS…", where);
	world->server = pool_grow(world->server, world->server_count, sizeof(*world->server));
	server = &world->server[world->server_count];
	*server = (struct server){ .name = pool_text(word[1]), .number = world->server_count };
	world->server_count++;
	for (size_t i = 2; i < count; i++) {
		struct ip ip;

		if (!strncmp(word[i], "engine=", 7)) {
			server->engine = pool_text(word[i] + 7);
		} else if (!strncmp(word[i], "version=", 8)) {
			server->version = pool_text(word[i] + 8);
		} else if (!strncmp(word[i], "nsid=", 5)) {
			server->nsid = pool_text(word[i] + 5);
		} else if (!strcmp(word[i], "unlisted")) {
			server->is_unlisted = true;
		} else if (ip_parse(word[i], &ip)) {
			server->ip = pool_grow(server->ip, server->ip_count, sizeof(ip));
			server->ip[server->ip_count++] = ip;
		} else {
			fatal("%s: \"%s\" is neither an address nor engine=, version=, nsid=, "
			      "unlisted",
			      where, word[i]);
		}
	}
	if (server->engine && strcmp(server->engine, "nsd"))
		fatal("%s: engine=%s: only nsd is known", where, server->engine);
}

static void read_host(struct world *world, char **word, size_t count, const char *where)
{
	struct host *host;

	if (count < 2)
		fatal("%s: host NAME ADDRESS… [ptr=NAME] [no-ptr] [silent]", where);
	world->host = pool_grow(world->host, world->host_count, sizeof(*world->host));
	host = &world->host[world->host_count++];
	*host = (struct host){ .name = pool_text(word[1]), .has_ptr = true };
	host->ptr = host->name;
	for (size_t i = 2; i < count; i++) {
		struct ip ip;

		if (!strcmp(word[i], "no-ptr")) {
			host->has_ptr = false;
		} else if (!strcmp(word[i], "silent")) {
			host->is_silent = true;
		} else if (!strncmp(word[i], "ptr=", 4)) {
			host->ptr = pool_text(word[i] + 4);
		} else if (ip_parse(word[i], &ip)) {
			host->ip = pool_grow(host->ip, host->ip_count, sizeof(ip));
			host->ip[host->ip_count++] = ip;
		} else {
			fatal("%s: \"%s\" is neither an address nor ptr=NAME, no-ptr, silent",
			      where, word[i]);
		}
	}
}

/* Servers of web.py are hosts too; a decoy has no names: it stands where nobody may connect. */
static void read_web(struct world *world, const char *line, char **word, size_t count,
		     const char *folder, const char *where)
{
	size_t kept = 0;

	if (count < 3)
		fatal("%s: %s NAME and more words", where, word[0]);
	world->web = pool_grow(world->web, world->web_count, sizeof(*world->web));
	world->web[world->web_count++] = pool_format("%s\t%s", folder, line);
	if (!strcmp(word[0], "page") || !strcmp(word[0], "answer"))
		return;
	for (size_t i = 0; i < count; i++)
		if (!strchr(word[i], '=') || !strncmp(word[i], "ptr=", 4))
			word[kept++] = word[i];
	read_host(world, word, kept, where);
	world->host[world->host_count - 1].has_ptr &= strcmp(word[0], "decoy") != 0;
	world->host[world->host_count - 1].is_unlisted = !strcmp(word[0], "decoy");
}

static void check_option(const char *name, const char *where)
{
	for (size_t i = 0; zone_options[i]; i++)
		if (!strcmp(zone_options[i], name))
			return;
	fprintf(stderr, "internet: %s: unknown zone option \"%s\"; known are:", where, name);
	for (size_t i = 0; zone_options[i]; i++)
		fprintf(stderr, " %s", zone_options[i]);
	fatal("end of list");
}

static void read_servers(struct world *world, struct zone *zone, const char *list)
{
	char *copy = pool_text(list), *save = NULL;

	for (char *name = strtok_r(copy, ",", &save); name; name = strtok_r(NULL, ",", &save)) {
		struct server *server = server_find(world, name);

		if (!server)
			fatal("%s: no server \"%s\" is declared above", zone->where, name);
		zone->server = pool_grow(zone->server, zone->server_count, sizeof(server));
		/* An index for now: the array of servers still moves. */
		zone->server[zone->server_count++] = (struct server *)server->number;
	}
	free(copy);
}

static struct zone *read_zone(struct world *world, char **word, size_t count, const char *where)
{
	struct zone *zone = pool_zalloc(sizeof(*zone));
	uint8_t apex[NAME_BYTES];

	if (count < 2 || !name_from_text(word[1], apex))
		fatal("%s: zone NAME servers=A,B [OPTION…]", where);
	name_lower(apex);
	zone->where = pool_text(where);
	zone->apex_length = name_length(apex);
	zone->apex = memcpy(pool_zalloc(zone->apex_length), apex, zone->apex_length);
	zone->name = name_text(zone->apex);
	for (size_t i = 2; i < count; i++) {
		char *value = strchr(word[i], '=');
		struct option *option;

		if (value)
			*value++ = '\0';
		check_option(word[i], where);
		zone->option = pool_grow(zone->option, zone->option_count, sizeof(*option));
		option = &zone->option[zone->option_count++];
		option->name = pool_text(word[i]);
		option->value = pool_text(value ? value : "");
		if (!strcmp(option->name, "servers"))
			read_servers(world, zone, option->value);
	}
	world->zone = pool_grow(world->zone, world->zone_count, sizeof(zone));
	world->zone[world->zone_count++] = zone;
	return zone;
}

static void read_fault(struct world *world, char **word, size_t count, const char *where)
{
	char *save = NULL;

	if (count < 3)
		fatal("%s: fault SERVER[,SERVER] KIND[=ARGUMENT] [zone=Z] [name=N] [type=T]",
		      where);
	for (char *name = strtok_r(word[1], ",", &save); name; name = strtok_r(NULL, ",", &save)) {
		struct server *server = server_find(world, name);

		if (!server)
			fatal("%s: no server \"%s\" is declared above", where, name);
		fault_add(server, word + 2, count - 2, where);
	}
}

static void read_let(struct world *world, char *line, const char *where)
{
	struct option *macro;
	char *name = line + 3, *value;

	while (isspace((unsigned char)*name))
		name++;
	value = name + strcspn(name, " \t");
	if (!*name || !*value)
		fatal("%s: let NAME TEXT", where);
	*value++ = '\0';
	world->macro = pool_grow(world->macro, world->macro_count, sizeof(*macro));
	macro = &world->macro[world->macro_count++];
	macro->name = pool_text(name);
	macro->value = macro_expand(world, value + strspn(value, " \t"), "{domain}", -1);
}

static void read_folder(struct world *world, const char *folder, unsigned depth);

static void read_directive(struct world *world, char *line, const char *folder, unsigned depth,
			   const char *where, struct zone **zone)
{
	char *copy = macro_expand(world, line, "{domain}", -1);
	size_t count;
	char **word = words_split(pool_text(copy), &count);

	*zone = NULL;
	if (!strcmp(word[0], "include") && count == 2)
		read_folder(world, pool_format("%s/%s", folder, word[1]), depth + 1);
	else if (!strcmp(word[0], "let"))
		read_let(world, line, where);
	else if (!strcmp(word[0], "server"))
		read_server(world, word, count, where);
	else if (!strcmp(word[0], "host"))
		read_host(world, word, count, where);
	else if (!strcmp(word[0], "zone"))
		*zone = read_zone(world, word, count, where);
	else if (!strcmp(word[0], "fault"))
		read_fault(world, word, count, where);
	else if (strstr(" http https rdap whois decoy page answer ", pool_format(" %s ", word[0])))
		read_web(world, copy, word, count, folder, where);
	else if (strstr(" smtp tls ct ", pool_format(" %s ", word[0])))
		fatal("%s: \"%s\" servers are not there yet; known are: include let server host "
		      "zone fault http https rdap whois decoy page answer",
		      where, word[0]);
	else
		fatal("%s: unknown directive \"%s\"; known are: include let server host zone "
		      "fault http https rdap whois decoy page answer (and reserved: smtp tls ct)",
		      where, word[0]);
	free(word);
}

static void read_folder(struct world *world, const char *folder, unsigned depth)
{
	char *path = pool_format("%s/internet", folder), *line = NULL;
	struct zone *zone = NULL;
	size_t size = 0, number = 0;
	ssize_t length;
	FILE *file = fopen(path, "r");

	if (!file)
		fatal("%s: cannot be read: a scenario is a folder with a file \"internet\"", path);
	if (depth > INCLUDE_DEPTH || folder_count == FOLDERS)
		fatal("%s: too many includes", path);
	folders[folder_count++] = folder;
	while ((length = getline(&line, &size, file)) >= 0) {
		char *where = pool_format("%s:%zu", path, ++number), *text = line;

		while (length > 0 && isspace((unsigned char)line[length - 1]))
			line[--length] = '\0';
		while (isspace((unsigned char)*text))
			text++;
		if (!*text || *text == '#') {
			free(where);
			continue;
		}
		if (text == line) {
			read_directive(world, line, folder, depth, where, &zone);
		} else if (zone) {
			zone->line = pool_grow(zone->line, zone->line_count, sizeof(char *));
			zone->line[zone->line_count++] = pool_text(text);
		} else {
			fatal("%s: an indented line belongs below a zone", where);
		}
	}
	free(line);
	fclose(file);
}

void scenario_read(struct world *world)
{
	read_folder(world, world->folder, 0);
}

void scenario_bind(struct world *world)
{
	for (size_t i = 0; i < world->zone_count; i++)
		for (size_t k = 0; k < world->zone[i]->server_count; k++)
			world->zone[i]->server[k] =
				&world->server[(size_t)world->zone[i]->server[k]];
}
