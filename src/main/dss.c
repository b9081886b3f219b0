/* SPDX-License-Identifier: Apache-2.0 */
/* dss: what people and operators run. */
#include "cli/command.h"

int main(int argc, char **argv)
{
	return cli_main(argc, argv);
}
