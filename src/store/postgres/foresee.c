/* SPDX-License-Identifier: Apache-2.0 */
/* How are questions asked before their answers are needed? */
#include "store/postgres/parts.h"

enum { KEY_BYTES = 256, WAITING_MOST = 8192 };

struct foreseen {
	unsigned statement;
	size_t key_len;
	PGresult *answer;  /* NULL: not here yet, or never */
	bool is_on_way;    /* the queue names it */
	bool is_forgotten; /* nobody is to be told */
	struct foreseen *next;
	char key[];
};

/* ---- a question's values as octets ---- */

struct key {
	char octets[KEY_BYTES];
	size_t len;
	bool is_too_long;
	uint64_t hash;
};

static void key_put(struct key *key, const void *octets, size_t len)
{
	if (len > sizeof key->octets - key->len) {
		key->is_too_long = true;
		return;
	}
	if (len)
		memcpy(key->octets + key->len, octets, len);
	key->len += len;
}

static struct key key_of(unsigned statement, const struct sql_value *values, size_t count)
{
	struct key key = { .hash = 14695981039346656037u ^ statement };

	for (size_t i = 0; i < count; i++) {
		char type = (char)values[i].type;

		key_put(&key, &type, sizeof type);
		if (values[i].type == SQL_TYPE_INT) {
			key_put(&key, &values[i].number, sizeof values[i].number);
		} else if (values[i].type == SQL_TYPE_ID) {
			key_put(&key, values[i].id.octets, sizeof values[i].id.octets);
		} else if (values[i].type != SQL_TYPE_NULL) {
			key_put(&key, &values[i].octets.len, sizeof values[i].octets.len);
			key_put(&key, values[i].octets.data, values[i].octets.len);
		}
	}
	for (size_t i = 0; i < key.len; i++) /* FNV-1a */
		key.hash = (key.hash ^ (unsigned char)key.octets[i]) * 1099511628211u;
	return key;
}

static struct foreseen **list_of(struct postgres_connection *own, const struct key *key)
{
	return &own->foreseen[(key->hash ^ key->hash >> 32) % POSTGRES_FORESEEN];
}

static struct foreseen *find(struct postgres_connection *own, unsigned statement,
			     const struct key *key)
{
	if (!own->foreseen_count || key->is_too_long)
		return NULL;
	for (struct foreseen *f = *list_of(own, key); f; f = f->next)
		if (!f->is_forgotten && f->statement == statement && f->key_len == key->len &&
		    memcmp(f->key, key->octets, key->len) == 0)
			return f;
	return NULL;
}

/* ---- asking and finding ---- */

int postgres_foresee(struct store_connection *c, unsigned statement, const struct sql_value *values,
		     size_t count, struct err *err)
{
	struct postgres_connection *own = postgres_of(c);
	struct foreseen *foreseen, **list;
	struct key key;

	TRY(postgres_check_values(own, statement, count, err));
	key = key_of(statement, values, count);
	if (key.is_too_long || own->foreseen_count >= WAITING_MOST || find(own, statement, &key))
		return 0;
	TRY(pipe_room(own, err));
	TRY(postgres_prepare(own, statement, values, count, err));
	TRY(pipe_run(own, statement, values, count, QUEUED_FORESEEN, err));
	foreseen = memory_alloc(sizeof *foreseen + key.len);
	*foreseen =
		(struct foreseen){ .statement = statement, .key_len = key.len, .is_on_way = true };
	memcpy(foreseen->key, key.octets, key.len);
	list = list_of(own, &key);
	foreseen->next = *list;
	*list = foreseen;
	own->foreseen_count++;
	own->queue[own->queued - 1].foreseen = foreseen;
	return 0;
}

int foreseen_find(struct postgres_connection *own, unsigned statement,
		  const struct sql_value *values, size_t count, PGresult **ret, struct err *err)
{
	struct foreseen *foreseen;
	struct key key;

	if (!own->foreseen_count)
		return 0;
	key = key_of(statement, values, count);
	foreseen = find(own, statement, &key);
	if (foreseen && foreseen->is_on_way)
		TRY(pipe_settle(own, NULL, err));
	if (!foreseen || !foreseen->answer)
		return 0;
	*ret = foreseen->answer;
	return 1;
}

void postgres_forget(struct store_connection *c, unsigned statement, const struct sql_value *values,
		     size_t count)
{
	struct postgres_connection *own = postgres_of(c);
	struct key key = key_of(statement, values, count);
	struct foreseen *foreseen = find(own, statement, &key);

	if (foreseen)
		foreseen->is_forgotten = true;
}

/* ---- what becomes of them ---- */

void foreseen_answer(struct foreseen *foreseen, PGresult *answer)
{
	foreseen->answer = answer;
	foreseen->is_on_way = false;
}

void foreseen_lose(struct postgres_connection *own)
{
	for (size_t i = 0; own->foreseen_count && i < POSTGRES_FORESEEN; i++)
		for (struct foreseen *f = own->foreseen[i]; f; f = f->next)
			f->is_on_way = false;
}

/* Those that the queue names stay until their answers have come. */
void foreseen_end(struct postgres_connection *own)
{
	for (size_t i = 0; own->foreseen_count && i < POSTGRES_FORESEEN; i++)
		for (struct foreseen **at = &own->foreseen[i]; *at;) {
			struct foreseen *f = *at;

			f->is_forgotten = true;
			if (f->is_on_way) {
				at = &f->next;
				continue;
			}
			*at = f->next;
			PQclear(f->answer);
			memory_free(f);
			own->foreseen_count--;
		}
}
