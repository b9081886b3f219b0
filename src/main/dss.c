/* SPDX-License-Identifier: Apache-2.0 */
/* dss: what people and operators run. */
#include "base/arena.h"
#include "cli/command.h"

#include <jansson.h> /* its json_object is not ours: base/json.h is not included here */

int main(int argc, char **argv)
{
	/* Out of memory is no broken document: it ends the process, as everywhere. */
	json_set_alloc_funcs(memory_alloc, memory_free);
	return cli_main(argc, argv);
}
