/*
 * uuid.c
 *		UUIDs of version 7 (RFC 9562): 48 bits of milliseconds, 12 bits below
 *		them, 62 random bits; and of version 8, made of a text.
 */
#include "types/uuid.h"

#include <time.h>

#include "common/hashfn.h"
#include "datatype/timestamp.h"
#include "utils/timestamp.h"

#define TICKS_A_SECOND	((uint64) 1000 << 12)

#define UNIX_TO_POSTGRES_USECS \
	((POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY)

/*
 * The time in 1/4096 milliseconds.  Where the clock stands still or steps
 * back, we count on from the last value.
 */
static uint64
next_tick(void)
{
	static uint64 last = 0;
	struct timespec now;
	uint64		tick;

	clock_gettime(CLOCK_REALTIME, &now);
	tick = ((uint64) now.tv_sec * 1000 + now.tv_nsec / 1000000) << 12;
	tick |= (uint64) (now.tv_nsec % 1000000) * 4096 / 1000000;
	last = Max(tick, last + 1);
	return last;
}

/* Random bytes are got for many keys at a time: asking costs more than using. */
static void
random_bytes(unsigned char *out)
{
	static unsigned char pool[64][8];
	static int	left = 0;

	if (left == 0)
	{
		if (!pg_strong_random(pool, sizeof(pool)))
			ereport(ERROR,
					errcode(ERRCODE_INTERNAL_ERROR),
					errmsg("could not generate random values"));
		left = lengthof(pool);
	}
	memcpy(out, pool[--left], 8);
}

static void
make(uint64 tick, pg_uuid_t *out)
{
	uint64		ms = tick >> 12;

	random_bytes(&out->data[8]);
	for (int i = 0; i < 6; i++)
		out->data[i] = (unsigned char) (ms >> (40 - 8 * i));
	out->data[6] = 0x70 | ((tick >> 8) & 0x0f);
	out->data[7] = tick & 0xff;
	out->data[8] = 0x80 | (out->data[8] & 0x3f);
}

void
pc_uuid_v7(pg_uuid_t *out)
{
	make(next_tick(), out);
}

/* The last tick of that second, of the seconds that were asked for last; 0 where it is none of them. */
static uint64 *
last_of_second(uint64 tick)
{
	static uint64 last[16] = {0};
	static int	oldest = 0;
	uint64	   *forgotten;

	for (int i = 0; i < lengthof(last); i++)
	{
		if (last[i] / TICKS_A_SECOND == tick / TICKS_A_SECOND)
			return &last[i];
	}
	forgotten = &last[oldest];
	oldest = (oldest + 1) % lengthof(last);
	*forgotten = 0;
	return forgotten;
}

/* Gateways count in seconds: what came after another of the same second stays after it, though older things come between. */
void
pc_uuid_v7_at(TimestampTz at, pg_uuid_t *out)
{
	int64		usecs;
	uint64		tick;
	uint64	   *last;

	if (at <= 0 || at >= GetCurrentTimestamp())
	{
		pc_uuid_v7(out);
		return;
	}
	usecs = at + UNIX_TO_POSTGRES_USECS;
	tick = (uint64) usecs / 1000 << 12 | (uint64) (usecs % 1000) * 4096 / 1000;
	last = last_of_second(tick);
	*last = tick = Max(tick, *last + 1);
	make(tick, out);
}

pg_uuid_t
pc_uuid_of_text(const char *text)
{
	pg_uuid_t	id;

	for (int half = 0; half < 2; half++)
	{
		uint64		hash = hash_bytes_extended((const unsigned char *) text, (int) strlen(text), half + 1);

		memcpy(id.data + half * sizeof(hash), &hash, sizeof(hash));
	}
	id.data[6] = (id.data[6] & 0x0f) | 0x80;
	id.data[8] = (id.data[8] & 0x3f) | 0x80;
	return id;
}

PG_FUNCTION_INFO_V1(paycore_uuid_v7);
PGDLLEXPORT Datum
paycore_uuid_v7(PG_FUNCTION_ARGS)
{
	pg_uuid_t  *uuid = palloc(sizeof(pg_uuid_t));

	pc_uuid_v7(uuid);
	PG_RETURN_UUID_P(uuid);
}

/* (at) */
PG_FUNCTION_INFO_V1(paycore_uuid_v7_at);
PGDLLEXPORT Datum
paycore_uuid_v7_at(PG_FUNCTION_ARGS)
{
	pg_uuid_t  *uuid = palloc(sizeof(pg_uuid_t));

	pc_uuid_v7_at(PG_ARGISNULL(0) ? 0 : PG_GETARG_TIMESTAMPTZ(0), uuid);
	PG_RETURN_UUID_P(uuid);
}

PG_FUNCTION_INFO_V1(paycore_uuid_v7_time);
PGDLLEXPORT Datum
paycore_uuid_v7_time(PG_FUNCTION_ARGS)
{
	pg_uuid_t  *uuid = PG_GETARG_UUID_P(0);
	uint64		ms = 0;

	if (uuid->data[6] >> 4 != 7 || uuid->data[8] >> 6 != 2)
		PG_RETURN_NULL();
	for (int i = 0; i < 6; i++)
		ms = ms << 8 | uuid->data[i];
	PG_RETURN_TIMESTAMPTZ((TimestampTz) (ms * 1000) - UNIX_TO_POSTGRES_USECS);
}
