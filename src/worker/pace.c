/*
 * pace.c
 *		Token buckets and counts of requests in flight, in the worker's memory;
 *		what the gateway told to wait is shared with its assistant.
 */
#include "common/paycore.h"

#include <math.h>

#include "common/hashfn.h"
#include "common/settings.h"
#include "common/shmem.h"
#include "miscadmin.h"
#include "outbox/feed.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "worker/pace.h"

#define LIVE_RATE			100
#define TEST_RATE			25
#define ENDPOINT_RATE		25
#define BURST_SECONDS		0.1
#define NAME_LENGTH			160
#define ENOUGH				1000000

/* One for the account as a whole, and one for each of its operations. */
typedef struct Bucket
{
	char		name[NAME_LENGTH];	/* hash key */
	double		rate;			/* a second; 0 = unlimited */
	double		tokens;
	TimestampTz filled_at;
	TimestampTz held_until;
	int			in_flight;
	int			pages_in_hand;
} Bucket;

static HTAB *buckets = NULL;
static int	mine = 0;
static int	sharers = 1;

void
pc_pace_share(int place, int of)
{
	mine = place;
	sharers = of;
}

int
pc_pace_part(int whole)
{
	return (whole + sharers - 1 - mine) / sharers;
}

static Bucket *
bucket_of(const char *account, const char *operation)
{
	char		name[NAME_LENGTH] = {0};
	Bucket	   *bucket;
	bool		found;

	if (buckets == NULL)
	{
		HASHCTL		control = {.keysize = NAME_LENGTH, .entrysize = sizeof(Bucket), .hcxt = TopMemoryContext};

		buckets = hash_create("paycore buckets", 64, &control, HASH_ELEM | HASH_STRINGS | HASH_CONTEXT);
	}
	snprintf(name, sizeof(name), "%s %.100s", operation, account);
	bucket = hash_search(buckets, name, HASH_ENTER, &found);
	if (!found)
	{
		memset((char *) bucket + NAME_LENGTH, 0, sizeof(Bucket) - NAME_LENGTH);
		bucket->filled_at = GetCurrentTimestamp();
		bucket->tokens = 1;
	}
	return bucket;
}

static uint64
name_hash(const Bucket *b)
{
	return hash_bytes_extended((const unsigned char *) b->name, strlen(b->name), 0);
}

/* The other process may have been told to wait. */
static void
hear_hold(Bucket *operation)
{
	operation->held_until = Max(operation->held_until, pc_shmem_held_until(MyDatabaseId, name_hash(operation)));
}

/* At least one token, so that slow rates send at all. */
static double
burst(const Bucket *b)
{
	return Max(1, b->rate * BURST_SECONDS);
}

static void
refill(Bucket *b, int rate)
{
	TimestampTz now = GetCurrentTimestamp();

	b->rate = (double) rate / sharers;
	b->tokens = Min(burst(b), b->tokens + b->rate * (now - b->filled_at) / (double) USECS_PER_SEC);
	b->filled_at = now;
}

static int
tokens_of(Bucket *b, int rate)
{
	if (GetCurrentTimestamp() < b->held_until)
		return 0;
	if (rate == 0)
		return ENOUGH;
	refill(b, rate);
	return (int) Max(floor(b->tokens), 0);
}

static int
account_rate(const PcDueKey *key)
{
	if (key->rate_limit > 0 || !key->networked)
		return key->rate_limit;
	return key->livemode ? LIVE_RATE : TEST_RATE;
}

/* Whoever lifts the account's limit by hand means its endpoints too. */
static int
endpoint_rate(const PcDueKey *key)
{
	if (key->endpoint_rate_limit > 0 || !key->networked)
		return key->endpoint_rate_limit;
	return Max(ENDPOINT_RATE, key->rate_limit);
}

/* A quarter of the room is kept for the other accounts, should this one hang. */
static int
flight_cap(const PcDueKey *key)
{
	return pc_pace_part(key->max_in_flight > 0 ? key->max_in_flight : Max(1, pc_max_in_flight * 3 / 4));
}

/* However many endpoints hang, most of the room is for payments. */
static int
room_for_pushes(const PcDueKey *key)
{
	if (key->op != GW_WEBHOOK_DELIVER)
		return ENOUGH;
	return pc_pace_part(Max(1, pc_max_in_flight / 4)) - bucket_of("", key->operation)->in_flight;
}

/* A page takes long to record: those of a backfill are not all one process's. */
static int
room_for_pages(const PcDueKey *key, const Bucket *operation)
{
	return pc_backfill_reads(key->op) ? pc_pace_part(pc_backfill_parts) - operation->pages_in_hand : ENOUGH;
}

int
pc_pace_allowance(const PcDueKey *key)
{
	Bucket	   *account = bucket_of(key->gateway_account, "");
	Bucket	   *operation = bucket_of(key->gateway_account, key->operation);
	int			allowed;

	hear_hold(operation);
	allowed = Min(tokens_of(account, account_rate(key)), tokens_of(operation, endpoint_rate(key)));
	allowed = Min(allowed, Min(flight_cap(key) - account->in_flight, room_for_pushes(key)));
	return Max(0, Min(allowed, room_for_pages(key, operation)));
}

static long
wait_of(const Bucket *b)
{
	TimestampTz now = GetCurrentTimestamp();

	if (now < b->held_until)
		return (long) ((b->held_until - now) / 1000) + 1;
	if (b->rate == 0 || b->tokens >= 1)
		return 0;
	return (long) ceil((1 - b->tokens) * 1000 / b->rate);
}

long
pc_pace_wait_ms(const PcDueKey *key)
{
	return Max(wait_of(bucket_of(key->gateway_account, "")),
			   wait_of(bucket_of(key->gateway_account, key->operation)));
}

void
pc_pace_started(const PcJob *job)
{
	Bucket	   *account = bucket_of(job->gateway_account, "");
	Bucket	   *operation = bucket_of(job->gateway_account, gw_operation_name(job->wire_op));

	account->tokens -= 1;
	operation->tokens -= 1;
	account->in_flight++;
	if (job->wire_op == GW_WEBHOOK_DELIVER)
		bucket_of("", gw_operation_name(job->wire_op))->in_flight++;
}

void
pc_pace_ended(const PcJob *job)
{
	bucket_of(job->gateway_account, "")->in_flight--;
	if (job->wire_op == GW_WEBHOOK_DELIVER)
		bucket_of("", gw_operation_name(job->wire_op))->in_flight--;
}

void
pc_pace_taken(const PcJob *job)
{
	if (pc_page_of_backfill(job))
		bucket_of(job->gateway_account, gw_operation_name(job->op))->pages_in_hand++;
}

void
pc_pace_recorded(const PcJob *job)
{
	if (pc_page_of_backfill(job))
		bucket_of(job->gateway_account, gw_operation_name(job->op))->pages_in_hand--;
}

void
pc_pace_hold(const PcJob *job, int64 ms)
{
	Bucket	   *operation = bucket_of(job->gateway_account, gw_operation_name(job->wire_op));

	operation->held_until = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), ms);
	pc_shmem_hold(MyDatabaseId, name_hash(operation), operation->held_until);
}
