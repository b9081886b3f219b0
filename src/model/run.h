/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A run: an external tool or a keyed API is used once, for a question of a scan. The scanner, which may
 * start nothing and holds no secret, says what it wants; how that gets to who runs it and back stands in
 * children/runner_protocol.h. Nobody but the scanner reads the output.
 */
#ifndef DSS_MODEL_RUN_H
#define DSS_MODEL_RUN_H

#include "base/desc.h"

enum {
	RUN_NAME_BYTES = 64,
	RUN_VALUES = 8,
	RUN_VALUE_BYTES = 2048,
	RUN_DETAIL_BYTES = 512,
	RUN_OUTPUT_BYTES = 8 << 20
};

enum run_kind { RUN_TOOL, RUN_API, RUN_KINDS };

/** What stands for a blank of the template: "address" = "192.0.2.1". */
struct run_value {
	struct str name, value;
};

struct run_request {
	uint64_t number; /**< from 1, never used twice by one sender */
	uint8_t kind;    /**< enum run_kind */
	struct str name; /**< of the definition: "nmap" */
	struct run_value *values;
	size_t value_count;
	uint32_t timeout_ms; /**< with all waiting; 0: the definition's own */
};

/** How a run ended. Stored nowhere; the scanner makes a failure (facts/fact.h) of it. */
enum run_end {
	RUN_DONE,      /**< it ran to its end: status and output say the rest */
	RUN_MISSING,   /**< no such program, key or definition on this machine */
	RUN_DENIED,    /**< a value is not what its blank takes, or the address policy says no */
	RUN_TIMED_OUT, /**< it was ended at its deadline */
	RUN_CRASHED,   /**< a signal ended it */
	RUN_FLOODED,   /**< it wrote more than it may, and was ended */
	RUN_BUSY,      /**< too many runs wait */
	RUN_GONE,      /**< the runner ended before it did */
	RUN_BROKEN,    /**< it could not be started: no sandbox, no memory */
	/* APIs: */
	RUN_UNREACHABLE, /**< no address, no connection, no TLS; or so lately that it is left alone */
	RUN_GARBLED,     /**< what came is not HTTP */
	RUN_RATE_LIMITED, /**< the provider wants longer waits than this run has time */
	RUN_ENDS
};

struct run_result {
	uint64_t number;
	uint8_t end;        /**< enum run_end */
	int64_t status;     /**< of RUN_DONE: exit status of a tool, status code of HTTP */
	struct str detail;  /**< for people, one line; empty: nothing to add */
	struct str version; /**< what the tool says of itself; empty: unknown */
	struct str output;  /**< as it came, RUN_OUTPUT_BYTES at most */
	bool is_truncated;  /**< more came than is here */
	int64_t elapsed_us;
};

const char *run_end_word(enum run_end end);

/** Is it within its limits? Names and numbers are checked, values only in size: they are for who runs it
 * to judge. 0; ERR_SYNTAX, ERR_LIMIT, and err says what, in words of ours only. */
int run_request_check(const struct run_request *request, struct err *err) MUST_USE;
/** The same of a result. */
int run_result_check(const struct run_result *result, struct err *err) MUST_USE;

extern const struct desc run_request_desc, run_result_desc;

#endif
