/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Facts in text, one a line, as vectors write them (fact_parse reads them):
 *
 *	dns     NAME TYPE [OPTION…] [DATA [|] DATA …] [| SECTION …]
 *	dns_at  SERVER NAME TYPE [FLAG…] [OPTION…] [DATA …] [| SECTION …]
 *	axfr    SERVER ZONE [OPTION…] [records=N] [RECORD | RECORD …]
 *	http    URL [SERVER] [FLAG…] STATUS [OPTION…]
 *	rdap    NAME [nameserver] [REGISTRATION]
 *	whois   NAME [server=HOST] [REGISTRATION]
 *	tool    DEFINITION SUBJECT [EXTERNAL]
 *	api     DEFINITION SUBJECT [EXTERNAL]
 *	external tools|apis [DEFINITION SUBJECT-KIND [active] [checks=ID,ID] [lacks="TEXT"]] …
 *	KIND    ARGUMENTS [FLAG…] !FAILURE [OPTION=VALUE…] [detail to the line's end]
 *
 * DATA is what a zone file has behind the type; several records may follow each other. "|" ends data
 * of open length (TXT, SVCB, base64, type bitmaps, hexadecimal) and may stand between any two. No
 * DATA is NODATA. Type ANY takes "TYPE DATA". Rdata that breaks its format is written \# LENGTH HEX.
 * Strings of TXT longer than 255 octets are cut. FAILURE is a word of FAILURES (facts/fact.h), or
 * an rcode: "!nxdomain" is an answer with that rcode, to which DATA and SECTION may follow.
 *
 *	dns   example.com MX 10 a.example.com. 20 b.example.com.
 *	dns   a.example.com AAAA
 *	dns   nx.example.com A !nxdomain
 *	dns   b.example.com A !timeout
 *	dns   example.com A !bogus ede=7 the signature has expired
 *	dns   example.com TXT secure ttl=300 "v=spf1 -all" | "other"
 *	dns   www.example.com A cname=host.example.net. 192.0.2.1
 *	dns_at 192.0.2.53 example.com SOA no-aa
 *	dns_at 192.0.2.1 example.com NS do | authority example.com NS ns1.example.com.
 *		| ns2.example.com. | additional ns1.example.com. 300 A 192.0.2.53     (one line)
 *	dns_at 192.0.2.53 example.com A tcp rcode=REFUSED
 *	dns_at 192.0.2.53 example.com SOA edns1
 *	axfr  192.0.2.53 example.com rcode=REFUSED
 *	axfr  192.0.2.53 example.com records=120
 *
 * FLAGs of dns_at, how it is asked: rd ad cd do no-edns cookie nsid edns1 edns-opt edns-flag edns512
 * opcode15 chaos tcp no-tcp.
 *
 * SECTION is chain, answer, other, authority or additional, followed by RECORDs separated by "|"; a
 * RECORD is NAME [TTL] [CLASS] TYPE DATA. After the first RECORD of a section NAME, TTL and TYPE may
 * be left out, when DATA cannot be mistaken for them: "| DATA" repeats those of the one before.
 *
 * OPTIONs (a name that looks like one is written with its trailing dot, a text in quotes):
 *	ttl=N		of all records that do not say their own; 3600
 *	cname=NAME	a link of the chain; may be repeated; DATA then belongs to the last NAME
 *	rcode=WORD	also for "dns"; NOERROR
 *	secure		AD
 *	aa, no-aa	dns_at: set, unless the rcode is neither NOERROR nor NXDOMAIN, or the answer
 *			is a referral (no DATA, authority without SOA but with NS); dns: not set
 *	tc		TC: truncated
 *	was-tc		over UDP it had come truncated
 *	ra, no-ra	dns: set; dns_at: not set
 *	ede=CODE	extended error; ede-text="…" its text
 *	size=N		octets of the message; otherwise as its records need, owner names compressed
 *	udp, over-tcp	how it came; otherwise as asked
 *	no-question	the question is not echoed; no-case: not in our letter case
 *	no-opt		no EDNS in the answer; otherwise it is there when the query has it, with
 *			edns-version=0, edns-size=1232, edns-flags=N (0x8000 when asked with do)
 *	opt		EDNS although the query has none
 *	cookie=HEX, nsid="…"	server cookie, name server identifier
 *	echoes-option	the EDNS option that we made up came back
 *	other-source	the same answer came from another address, too
 *	from=ADDRESS	who answered; dns_at and axfr: the server
 *
 * http: FLAGs are body and brief. OPTIONs: type=MEDIA/TYPE location=URL header="Name: value" (repeated)
 * body="TEXT" (\n, \r, \t, \\ and \q for a quote) bytes=N (of a body not kept) cut
 * tls=FAULT[,FAULT] (facts/http.h) not-after=TIME from=ADDRESS
 *
 * REGISTRATION: free (there is none), signed, unsigned, and OPTIONs: object handle holder registrar
 * registrar-id abuse-email abuse-phone referral =TEXT; created changed expires =TIME; status ns ds redacted
 * =TEXT, repeated
 *
 * EXTERNAL: version=TEXT, cut, row NAME=VALUE NAME="VALUE" … for each row, and for each finding
 * finding CHECK SEVERITY [subject="TEXT"] [text="TEXT"]; texts as the body of http.
 *
 * A server asked edns1 or opcode15 answers BADVERS or NOTIMP unless rcode= or DATA says otherwise.
 */
#ifndef DSS_FACTS_TEXT_H
#define DSS_FACTS_TEXT_H

#include "facts/fact.h"

/** What is left of a line, and who to tell. */
struct fact_text {
	struct arena *arena;
	struct str rest;
	struct err *err;
};

/** The next word without taking it: up to a blank; empty at the end. */
struct str fact_word_peek(const struct fact_text *text);
/** Take the next word; what names it in the error when the line ends. */
int fact_word_take(struct fact_text *text, const char *what, struct str *ret) MUST_USE;
/** Take WORD when it is next. */
bool fact_word_skip(struct fact_text *text, struct str word);
/** Take the value of "name=value" or name="value with blanks" when it is next: 1, 0, or an error. */
int fact_option_take(struct fact_text *text, struct str name, struct str *ret) MUST_USE;
/** \n, \r, \t, \\ and \q for a quote, which is how a text stands on a vector's line. */
struct str fact_text_unescape(struct arena *a, struct str text);
int fact_address_take(struct fact_text *text, struct address *ret) MUST_USE;
int fact_name_take(struct fact_text *text, struct str *ret) MUST_USE;

/**
 * Readers of one kind. question fills fact->question behind its kind; answer reads all that is left
 * of the line (a failure's detail follows it when failure is set) and fills fact->answer.
 */
struct fact_text_kind {
	uint8_t kind; /**< enum kind */
	int (*question)(struct fact_text *text, struct fact *fact);
	int (*answer)(struct fact_text *text, struct fact *fact);
};

int dns_question_read(struct fact_text *text, struct fact *fact) MUST_USE;
int dns_at_question_read(struct fact_text *text, struct fact *fact) MUST_USE;
int dns_answer_read_text(struct fact_text *text, struct fact *fact) MUST_USE;
int axfr_question_read(struct fact_text *text, struct fact *fact) MUST_USE;
int axfr_answer_read(struct fact_text *text, struct fact *fact) MUST_USE;
int http_question_read(struct fact_text *text, struct fact *fact) MUST_USE;
int http_answer_read(struct fact_text *text, struct fact *fact) MUST_USE;
int rdap_question_read(struct fact_text *text, struct fact *fact) MUST_USE;
int whois_question_read(struct fact_text *text, struct fact *fact) MUST_USE;
int tool_question_read(struct fact_text *text, struct fact *fact) MUST_USE;
int api_question_read(struct fact_text *text, struct fact *fact) MUST_USE;
int external_question_read(struct fact_text *text, struct fact *fact) MUST_USE;
int external_answer_read(struct fact_text *text, struct fact *fact) MUST_USE;
int external_list_read(struct fact_text *text, struct fact *fact) MUST_USE;
int registration_read(struct fact_text *text, struct fact *fact) MUST_USE;

#endif
