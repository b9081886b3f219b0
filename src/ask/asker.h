/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What the gate and the askers share. An asker takes an entry, asks, and ends it once: with an answer in
 * entry->arena, or with a failure. It confirms a failure of the asked party itself (entry_confirm).
 */
#ifndef DSS_ASK_ASKER_H
#define DSS_ASK_ASKER_H

#include "ask/gate.h"

/** What is needed of a question until it has ended, and then goes: most entries are answers that scans
 * hold, or the cache. */
struct asking {
	struct entry *entry;
	struct entry *next_queued; /* waiting for room */
	bool is_queued;
	/* The asker's: */
	bool is_confirming;
	uint8_t step;
	struct timer timer;
	void (*again)(struct entry *entry); /* what the timer is for, if a server asked to wait */
	int64_t began_us;       /* of the asking, without its waits for room and pacing */
	int64_t paced_until_us; /* pacing holds the question until then */
	void *task;             /* under way; the asker's cancel ends it */
	struct str told;        /* what said most of why there was no answer, in first */
	struct arena first;     /* why the first answer was none, while a second is awaited */
};

struct entry {
	struct gate *gate;
	struct asking *asking; /* NULL: it has ended */
	struct fact fact;      /* question views key */
	struct str key;        /* behind the entry */
	uint64_t hash;
	struct arena arena; /* the answer */
	struct gate_waiter *waiters;
	uint32_t holders; /* waiters, waiting or holding */
	bool is_done;
	bool is_kept;                         /* some scan may ask for it again */
	int64_t ended_us, expires_us;         /* monotonic */
	struct entry *hash_next, **hash_link; /**< link is NULL: no table knows it */
	struct entry *older, *newer;          /* unheld entries by age */
};

struct asker {
	uint8_t kind;
	/** Start, or start again. -EAGAIN: no room now; the gate tries again later. */
	int (*start)(struct entry *entry);
	/** End entry->asking->task, which is not NULL, without a callback; NULL: it has none. */
	void (*cancel)(struct entry *entry);
	/** It costs others much, and is ended when no scan waits for it any more. */
	bool ends_when_left;
};

extern const struct asker ask_dns_asker, ask_dns_at_asker, ask_axfr_asker, ask_http_asker,
	ask_rdap_asker, ask_whois_asker, ask_tool_asker, ask_api_asker, ask_external_asker;

struct dns_client *gate_dns_client(const struct gate *gate);
/** Made when first asked for; NULL: there is none, since nothing was prepared (gate_settings.trust). */
struct http_client *gate_http_client(struct gate *gate);
/** Servers that asked us to wait, and how often web hosts were asked. */
struct holds *gate_holds(struct gate *gate);
/** Requests that are under way to web hosts. */
struct slots *gate_slots(struct gate *gate);
const struct gate_settings *gate_settings_of(const struct gate *gate);
struct dns_client *entry_dns_client(const struct entry *entry);
const struct gate_settings *entry_settings(const struct entry *entry);
/** The question has ended with this failure (FAILURE_NONE: entry->fact.answer is set). entry->asking is
 * gone then, and the entry may be. */
void entry_end(struct entry *entry, enum failure failure);
/**
 * A failure of theirs: ask again when confirm_us have passed since the first asking; the second failure
 * ends it. What came with the first one is forgotten by then.
 */
void entry_confirm(struct entry *entry, enum failure failure);
/** Ours end it at once, theirs are confirmed. */
void entry_fail(struct entry *entry, enum failure failure);
enum failure ask_failure(enum dns_failure failure);
/** Tell the waiting scans that pacing holds the question for so long. */
void entry_paced(struct entry *entry, int64_t wait_us);

#endif
