/* SPDX-License-Identifier: Apache-2.0 */
/** Families and derived facts of the engine's test, in place of the real ones. */
#ifndef DSS_TESTS_OWN_TABLES_H
#define DSS_TESTS_OWN_TABLES_H

#define DERIVED_FACTS(X)                                                                           \
	X(cycle_a) /* waits for cycle_b */                                                         \
	X(cycle_b) /* waits for cycle_a */                                                         \
	X(control_proof)

#define FAMILIES(X)                                                                                \
	X(own_one)                                                                                 \
	X(own_two)                                                                                 \
	X(own_cycle)                                                                               \
	X(own_server)

#endif
