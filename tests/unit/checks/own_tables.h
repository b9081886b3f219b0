/* SPDX-License-Identifier: Apache-2.0 */
/** Families and derived facts of the engine's test, in place of the real ones. */
#ifndef DSS_TESTS_OWN_TABLES_H
#define DSS_TESTS_OWN_TABLES_H

#define DERIVED_FACTS(X)                                                                           \
	X(partial) /* a value, although a read met a gap */                                        \
	X(lenient) /* the same, but it can do without */                                           \
	X(absent)  /* no value, because of a gap */                                                \
	X(silent)  /* no value, and no gap noted */                                                \
	X(cycle_a) /* waits for cycle_b */                                                         \
	X(cycle_b) /* waits for cycle_a */                                                         \
	X(ladder)  /* waits for the ladder of a longer name, without end */

#define FAMILIES(X)                                                                                \
	X(own_verdicts)                                                                            \
	X(own_about)                                                                               \
	X(own_rests)                                                                               \
	X(own_derived)                                                                             \
	X(own_silent)                                                                              \
	X(own_cycle)                                                                               \
	X(own_ladder)                                                                              \
	X(own_budget)                                                                              \
	X(own_subjects)

#endif
