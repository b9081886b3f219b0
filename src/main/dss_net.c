/* SPDX-License-Identifier: Apache-2.0 */
/* dss-net: which of the roles that speak to strangers is this process? */
#include "roles/importer/importer.h"
#include "roles/runner/keeper.h"
#include "roles/runner/runner.h"
#include "roles/scanner/scanner.h"
#include "roles/sender/sender.h"

#include <stdio.h>

static const struct {
	const char *name;
	int (*main)(void);
} roles[] = {
	{ "scanner", scanner_main }, { "runner", runner_main },     { "keeper", keeper_main },
	{ "sender", sender_main },   { "importer", importer_main },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc == 2 && i < ARRAY_COUNT(roles); i++)
		if (str_eq(str_of(argv[1]), str_of(roles[i].name)))
			return roles[i].main();
	fprintf(stderr, "dss-net is started by dss: try \"dss scan example.com\"\n");
	return 2;
}
