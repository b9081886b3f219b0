/* SPDX-License-Identifier: Apache-2.0 */
/* Which domain was meant? */
#include "cli/name.h"

#include "formats/names/input.h"

enum { QUOTED = 80 };

int name_read(struct arena *a, struct str input, struct str *ret, struct str *ret_note,
	      struct err *err)
{
	struct err detail = { 0 };
	struct name_input name;
	int code = name_input_read(a, input, &name, &detail);

	if (code < 0)
		return err_set(err, code, "\"%.*s\": %s", STR(str_first(input, QUOTED)),
			       detail.text);
	*ret = name.name;
	*ret_note = name.note;
	return 0;
}
