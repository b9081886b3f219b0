/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Definitions of external tools and APIs (model/definition.h): those that are compiled in (data/apis, data/tools),
 * and the operator's own, one YAML file each in the folders that are named. A file of the operator's with the
 * name of a shipped definition replaces it.
 */
#ifndef DSS_SETTINGS_DEFINITIONS_H
#define DSS_SETTINGS_DEFINITIONS_H

#include "model/definition.h"
#include "settings/secret.h"

/**
 * @name  of the file, for messages
 * 0; ERR_SYNTAX, ERR_LIMIT: err says file, line, key, what is wrong, and the nearest key.
 */
int definition_read(struct arena *a, struct str name, struct str text, struct definition *ret,
		    struct err *err) MUST_USE;
/** Those that are compiled in, in the order of their names. */
int definitions_shipped(struct arena *a, struct definitions *ret, struct err *err) MUST_USE;
/** Add every *.yaml of a folder, in the order of their names; or -errno: the folder cannot be read. */
int definitions_add_folder(struct arena *a, const char *folder, struct definitions *definitions,
			   struct err *err) MUST_USE;

/** A secret that an API's definition names. */
struct external_secret {
	struct str name;
	struct secret secret;
};

/** All that settings say of external tools and APIs. */
struct external {
	struct definitions definitions; /**< lacks_secret and is_off are set */
	struct external_secret *secrets;
	size_t secret_count;
};

/**
 * The built-in definitions, those of external.definitions, without those of external.off; and the secrets that
 * they name: files of external.keys, or credentials "external.NAME" ($CREDENTIALS_DIRECTORY). A secret that is
 * not there is no error. A process that holds one is not dumped.
 */
int external_read(struct arena *a, const struct settings *settings, struct external *ret,
		  struct err *err) MUST_USE;

/**
 * Of a definition that lacks its secret, for people, in one line: what goes without it, and where the key belongs:
 * "no key for shodan, which speaks about rep.exposure: put it into /etc/dss/keys/shodan, or …".
 */
struct str external_key_text(struct arena *a, const struct settings *settings,
			     const struct definition *definition);

#endif
