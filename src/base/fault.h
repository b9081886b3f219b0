/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Faults on purpose, for drills: only in builds with -Dfaults=true. A point is a place where a
 * process may be killed; a guarantee is something that a drill's control switches off, to show that
 * the drill notices. Without faults both are nothing: no branch, no text in the program.
 *
 *	FAULT_POINT("worker.before-ack");
 *	if (FAULT_IS_OFF("fencing")) …		// constant false without faults
 *
 * Which point fires says the file that $DSS_FAULT_FILE names: it holds one point's name, and the
 * process that gets there removes the file and then kills itself, so each arming kills once. "NAME
 * stop" stops it instead (SIGSTOP), until somebody lets it go on. "NAME kill ROLE": only a process
 * whose first argument is ROLE.
 * $DSS_FAULT_OFF lists guarantees that are off, separated by commas.
 */
#ifndef DSS_BASE_FAULT_H
#define DSS_BASE_FAULT_H

#include <stdbool.h>

#ifdef DSS_FAULTS
void fault_point(const char *name);
bool fault_is_off(const char *guarantee);
#define FAULT_POINT(name) fault_point(name)
#define FAULT_IS_OFF(guarantee) fault_is_off(guarantee)
#else
#define FAULT_POINT(name) ((void)0)
#define FAULT_IS_OFF(guarantee) false
#endif

#endif
