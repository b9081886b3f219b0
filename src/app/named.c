/* SPDX-License-Identifier: Apache-2.0 */
/* What is said when what was named is not there, or is not as it was read? */
#include "app/named.h"

#include <inttypes.h>

int named_missing(const char *noun, struct str name_or_id, struct err *err)
{
	return err_set(err, -ENOENT, "there is no %s \"%.*s\"", noun,
		       STR(str_first(name_or_id, 80)));
}

int version_check(int64_t named, int64_t stored, struct str name, struct problem *problem,
		  struct err *err)
{
	if (!named || named == stored)
		return 0;
	problem->version = stored;
	return err_set(err, -ESTALE, "version %" PRId64 " of %.*s is stored, not %" PRId64, stored,
		       STR(name), named);
}
