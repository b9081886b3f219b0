/* SPDX-License-Identifier: Apache-2.0 */
/** Frames as an honest scanner sends them, to be spoilt in one place each. */
#ifndef DSS_TESTS_UNIT_CHILDREN_FRAMES_OF_H
#define DSS_TESTS_UNIT_CHILDREN_FRAMES_OF_H

#include "children/inbox.h"

/** The body by its descriptor, in the arena. */
struct frame frame_of(struct arena *a, enum scanner_frame type, const void *body);

/** Every check of today passes, but `failed` of them fail for `subjects` subjects each, and the rest from
 * `unknown_from` on is unknown after a time-out. */
struct judgement judgement_of(struct arena *a, size_t failed, size_t subjects, size_t unknown_from);

#endif
