/* SPDX-License-Identifier: Apache-2.0 */
/* Under which selectors do mail providers publish keys? */
#include "formats/mail/dkim_selectors.h"

#include "selectors_table.h"

const struct str *dkim_selectors(size_t *ret_count)
{
	*ret_count = ARRAY_COUNT(selectors);
	return selectors;
}
