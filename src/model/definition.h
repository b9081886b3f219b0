/* SPDX-License-Identifier: Apache-2.0 */
/**
 * An external tool or web API, as configuration describes it (docs/apis.md, docs/tools.md): what is started
 * or asked, within which limits, and what becomes of what it says. Read from YAML by `dss`
 * (settings/definitions.h), which gives it to the runner (whole, with the secret beside it) and to scanners
 * (who never learn secrets). Both read it as they read any frame.
 *
 * Templates hold {word}s: {subject}, for tools also as {domain} or {host}; {address}: an address of the host,
 * and {port}: limits.port, of a tool; {ca_file}: a file of the authorities that we trust; {key}: the secret (of an API, in headers, URL or body); {page}, {offset}
 * and {next}: paging; {agent}: our name. In a URL each value is percent-encoded as one component. A part of a
 * URL in [brackets] is left out when a word in it is empty. Braces and brackets that are meant are doubled.
 */
#ifndef DSS_MODEL_DEFINITION_H
#define DSS_MODEL_DEFINITION_H

#include "base/desc.h"
#include "formats/extract.h"

enum {
	DEFINITIONS = 256,          /**< in one configuration */
	DEFINITION_ITEMS = 64,      /**< of each of its lists */
	DEFINITION_BYTES = 64 << 10 /**< of its file */
};

enum definition_kind { DEFINITION_TOOL = 1, DEFINITION_API = 2 };
extern const char *const definition_kind_words[];

/** What it is asked about. */
enum definition_subject { DEFINITION_DOMAIN, DEFINITION_HOST, DEFINITION_ADDRESS, DEFINITION_URL };
extern const char *const definition_subject_words[];

/** Whom a tool may speak to. */
enum definition_network {
	DEFINITION_NETWORK_NONE,
	DEFINITION_NETWORK_ADDRESS, /**< the one address that {address} stands for */
	DEFINITION_NETWORK_GUARDED  /**< the resolver, and what the address policy allows */
};
extern const char *const definition_network_words[];

struct definition_header {
	struct str name, value; /**< value: a template */
};

struct definition_limits {
	uint32_t time_ms;      /**< 0: 30,000 */
	uint64_t output_bytes; /**< 0: 4 MiB; never more */
	/* tools: */
	uint64_t memory_bytes; /**< 0: 512 MiB */
	uint32_t processes;    /**< 0: 32 */
	uint8_t network;       /**< enum definition_network */
	uint32_t port;         /**< of DEFINITION_NETWORK_ADDRESS: the only one; 0: all */
	struct str *reads; /**< files and folders that it may read besides the system's programs */
	size_t read_count;
};

enum definition_paging {
	PAGING_NONE,
	PAGING_NUMBER, /**< {page}: 1, 2, … until a page has no rows */
	PAGING_OFFSET, /**< {offset}: 0, size, … until a page has fewer rows than size */
	PAGING_NEXT    /**< {next}: what extract.next found; until it finds nothing */
};
extern const char *const definition_paging_words[];

struct definition_pages {
	uint8_t by;     /**< enum definition_paging */
	uint32_t most;  /**< pages asked; 0: 10 */
	uint32_t size;  /**< rows of a full page */
	uint32_t first; /**< number of the first page */
};

/** How often a provider may be asked, by all scans of a runner together. */
struct definition_pace {
	uint32_t requests; /**< in each per_s seconds; 0: 1 a second */
	uint32_t per_s;
	uint32_t per_day; /**< 0: no such limit */
};

/** A status that is no 200: what it means. */
struct definition_status {
	uint32_t status;
	struct str
		means; /**< "empty": an answer without rows; "key": the key is refused; "quota" */
};

/** A row that meets all conditions is a finding. */
struct definition_finding {
	struct str check; /**< id, of those in checks */
	uint8_t severity; /**< enum severity */
	struct extract_condition *when;
	size_t when_count;
	struct str subject; /**< template with {field}s; empty: the question's subject */
	struct str text;    /**< template with {field}s */
};

struct definition {
	struct str name; /**< letters, digits, '-', '.' */
	uint8_t kind;    /**< enum definition_kind */
	struct str title;
	struct str source; /**< URL of the documentation that it follows, and its date */
	struct str version;
	uint8_t subject; /**< enum definition_subject */
	bool is_active;  /**< needs consent */
	bool is_off;     /**< known, not asked */
	struct str *profiles;
	size_t profile_count;
	struct str *checks; /**< ids that it speaks about */
	size_t check_count;
	uint32_t cache_s; /**< how long an answer is good; 0: not kept */
	struct definition_limits limits;
	/* tools: */
	struct str *argv; /**< templates, each one argument; [0] is the program's name or path */
	size_t argv_count;
	struct str *argv_ipv6; /**< where {address} is of IPv6; empty: the same */
	size_t argv_ipv6_count;
	struct str *version_argv; /**< how it tells its version */
	size_t version_argv_count;
	uint32_t *exits; /**< exit statuses that are no failure besides 0 */
	size_t exit_count;
	/* APIs: */
	struct str method; /**< "GET", "POST" */
	struct str url;    /**< template, https:// (http:// as the operator wishes) */
	struct str body;   /**< template, POST */
	struct definition_header *headers;
	size_t header_count;
	struct str secret; /**< name of the secret that {key} stands for; empty: needs none */
	bool is_secret_optional;
	struct definition_pages pages;
	struct definition_pace pace;
	struct definition_status *statuses;
	size_t status_count;
	/* both: */
	struct extract_rules extract;
	struct definition_finding *findings;
	size_t finding_count;
	bool lacks_secret; /**< dss found none: for scanners, who do not get it */
};

/** Several, as configuration frames carry them. */
struct definitions {
	struct definition *list;
	size_t count;
};

extern const struct desc definition_desc, definitions_desc;

/** By name, or NULL. */
const struct definition *definition_find(const struct definitions *definitions,
					 enum definition_kind kind, struct str name);
/** 0, or ERR_SYNTAX, ERR_LIMIT: what of it cannot be (names, templates, rules, bounds). */
int definition_check(const struct definition *definition, struct err *err) MUST_USE;

#endif
