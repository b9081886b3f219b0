/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The arguments of a tool, from its definition's templates and the values of one run. Pure.
 *
 * A value never becomes more or less than what its word stands for: one argument, or the part of one. It must
 * be what the definition's subject says, in its one spelling: a host name (letters, digits, hyphens, and
 * underscores at the begin of a label; dots between) or an address as address_text() writes it. Such a value
 * begins with no hyphen and holds no blank, quote, slash or control: it cannot be an option, a path or a
 * command, whatever the tool does with it.
 */
#ifndef DSS_ROLES_RUNNER_TOOL_ARGV_H
#define DSS_ROLES_RUNNER_TOOL_ARGV_H

#include "model/definition.h"
#include "model/run.h"

struct tool_argv {
	struct str *argv;
	size_t count;
	struct address address; /**< that {address} stands for; not set: there is none */
};

/** @ca_file  what {ca_file} stands for
 * 0; ERR_SYNTAX: a value is not what it should be; err says which, in words of ours. */
int tool_argv_make(struct arena *a, const struct definition *definition,
		   const struct run_request *request, struct str ca_file, struct tool_argv *ret,
		   struct err *err) MUST_USE;

/** Is it a host name that may be an argument? */
bool tool_is_host(struct str name);

#endif
