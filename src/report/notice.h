/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A notice: one message to one channel about events, and how it is written for each kind of channel. Pure:
 * a notice in, bytes out; who sends them is another's affair (children/sender.h). Texts of a notice are
 * foreign bytes (names, contents of records, error texts); each form has one encoder for them, so that
 * nothing of them is markup, a header, a mention, a link or a control where it arrives.
 *
 * A notice has events in the order in which they happened. The forms bound themselves: what does not fit
 * is counted in words of ours ("and 312 more"), with the notice's link.
 */
#ifndef DSS_REPORT_NOTICE_H
#define DSS_REPORT_NOTICE_H

#include "base/desc.h"
#include "model/check.h"

enum {
	NOTICE_EVENTS = 1000,     /**< of one notice; who makes it counts the rest in `omitted` */
	NOTICE_TEXT_BYTES = 2048, /**< of any one text of an event: the rest is cut */
	NOTICE_NO_SEVERITY = -1
};

enum notice_kind {
	NOTICE_EVENT,    /**< one event, at once */
	NOTICE_DIGEST,   /**< those of a window of time */
	NOTICE_TEST,     /**< `dss notify test` */
	NOTICE_HEARTBEAT /**< all is quiet, and we are there */
};

struct notice_event {
	struct str id;            /**< "evt_…" */
	int64_t sequence;         /**< 0: none */
	struct str type;          /**< "finding.opened" */
	int64_t at_us;            /**< UTC */
	struct str domain;        /**< A-label form; empty: none */
	int8_t severity;          /**< enum severity, or NOTICE_NO_SEVERITY */
	struct str check;         /**< its id; empty: none */
	struct str subject;       /**< what the finding is about; empty: the domain */
	struct str text;          /**< one line: what happened */
	struct str before, after; /**< of a change; empty: not known */
	struct str fix;           /**< what to do; empty: not known. Ours, may have several lines */
	struct str link;          /**< where to see it; empty: nowhere */
	struct str data;  /**< JSON object of the event, written by base/json.h; empty: none */
	struct str trace; /**< W3C traceparent; empty: none */
};

struct notice {
	struct str id; /**< of the message, the same in each attempt: "dlv_…" */
	uint8_t kind;  /**< enum notice_kind */
	int64_t at_us; /**< when it was made */
	struct str workspace, channel, rule; /**< names; empty: not said */
	int64_t from_us, until_us;           /**< of a digest: its window */
	struct str link;                     /**< where all of it can be seen; empty: nowhere */
	const struct notice_event *events;
	size_t event_count;
	size_t omitted; /**< further events that are not in `events` */
};

/** "example.com: 3 of 5 events are high: …": one line without markup, for a subject; 200 octets at most,
 * printable UTF-8. */
struct str notice_title(struct arena *a, const struct notice *notice);
/** The worst severity of its events, or NOTICE_NO_SEVERITY. */
int notice_worst(const struct notice *notice);

/**
 * JSON as webhooks and scripts get it (media type application/json):
 *
 *	{"type":"finding.opened","timestamp":"2026-11-22T12:00:00Z","data":{"id":"dlv_…","title":"…",
 *	 "channel":"ops","severity":"high","omitted":0,"events":[{"id":"evt_…","type":"finding.opened",
 *	 "time":"…","domain":"example.com","severity":"high","check":"mail.spf.present","text":"…", …}]}}
 *
 * type is the event's own, or "digest", "test", "heartbeat"; the shape of data is the same for all.
 */
void notice_json(struct buf *out, const struct notice *notice);

/**
 * The same by a template of the channel's owner, in the words of Mustache: {{title}}, {{severity}},
 * {{count}}, {{link}}, {{channel}}, {{kind}}, {{id}}, {{time}}, and {{#events}} … {{/events}} around
 * {{domain}}, {{type}}, {{severity}}, {{check}}, {{subject}}, {{text}}, {{before}}, {{after}}, {{fix}},
 * {{link}}, {{id}}, {{time}}; {{#name}} … {{/name}} is written when the value is not empty, {{^name}} …
 * {{/name}} when it is; {{^last}},{{/last}} separates. Values are encoded for the media type: in JSON as
 * the inside of a string, in a form as octets of a value, in HTML as text, otherwise as one line of plain
 * text. No way around it: {{{…}}} and {{&…}} are errors, as are unknown names.
 *
 * 0; ERR_SYNTAX, ERR_LIMIT: err says at which octet of the template.
 */
int notice_template(struct buf *out, const struct notice *notice, struct str template,
		    struct str media_type, struct err *err) MUST_USE;
/** Would notice_template take it, and is what comes out JSON where JSON is said? */
int notice_template_check(struct arena *a, struct str template, struct str media_type,
			  struct err *err) MUST_USE;

/** Slack's incoming webhook (Block Kit): at most 50 blocks, grouped by domain. Its text is plain. */
void notice_slack(struct buf *out, const struct notice *notice);

/** Who a mail is from and to. */
struct notice_mail {
	struct str from;      /**< addr-spec: "dss@example.com" */
	struct str from_name; /**< shown; UTF-8; empty: "DSS" */
	const struct str *to; /**< addr-specs */
	size_t to_count;
	struct str host; /**< ours, for Message-ID and List-Id: "dss.example.com" */
};

/**
 * A mail with all its header lines (RFC 5322, RFC 2046): text and HTML of the same, grouped by domain,
 * severity and fix. Lines end in CR LF and have 998 octets at most; nothing foreign stands in a header but
 * encoded (RFC 2047). Message-ID is made of notice->id, so that a repeat is known as one.
 *
 * 0; ERR_SYNTAX: an address or the host is none (formats/mail/address.h), err names it.
 */
int notice_mail(struct buf *out, const struct notice *notice, const struct notice_mail *mail,
		struct err *err) MUST_USE;
/** CloudEvents 1.0 in binary mode, on AMQP 0-9-1: headers "cloudEvents:…". */
struct notice_cloud_event {
	struct str key; /**< routing key: "finding.opened.high", "scan.completed.none" */
	struct {
		const char *name;
		struct str value;
	} headers[12];
	size_t header_count;
	struct str body; /**< JSON, application/json */
};
void notice_cloud_event(struct arena *a, const struct notice *notice,
			const struct notice_event *event, struct notice_cloud_event *ret);

#endif
