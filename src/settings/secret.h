/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Secrets stand in files, never in flags, variables or the configuration: a setting of type SECRET
 * names the file. Where none is named, a credential of that name counts (systemd's LoadCredential=):
 * "client.token" in $CREDENTIALS_DIRECTORY for the key client.token_file.
 *
 * What shows settings shows the file's name: the secret itself is in no struct settings, and a struct
 * secret is looked at only where it is used.
 */
#ifndef DSS_SETTINGS_SECRET_H
#define DSS_SETTINGS_SECRET_H

#include "settings/setting.h"

enum { SECRET_BYTES_MAX = 4096 };

struct secret {
	struct str bytes; /**< without the file's last line break; never empty */
};

/**
 * 0; -ENOENT: none is named and no credential is there (err says how to name one); ERR_LIMIT,
 * ERR_SYNTAX: too large, empty, or with NUL bytes; -errno of the file.
 */
int secret_read(struct arena *a, const struct settings *settings, enum setting setting,
		struct secret *ret, struct err *err) MUST_USE;
/** The same of a file. */
int secret_read_file(struct arena *a, const char *path, struct secret *ret,
		     struct err *err) MUST_USE;
/** The same of a file whose text may have several lines: a key with its name and more. */
int secret_read_text(struct arena *a, const char *path, struct secret *ret,
		     struct err *err) MUST_USE;
/**
 * From now on no core file holds this process's memory, and no other process of its user reads it. Whoever reads a
 * secret by the calls above has done it already; roles, which get secrets from the store too, begin with it.
 */
void secret_hide(void);
/** Overwrites it. */
void secret_forget(struct secret *secret);

#endif
