/*
 * feed.c
 *		Lists of gateway accounts: when they are read, and how far they have been.
 */
#include "common/paycore.h"

#include "common/args.h"
#include "common/json.h"
#include "common/key_lock.h"
#include "common/secrets.h"
#include "common/settings.h"
#include "common/unix_time.h"
#include "miscadmin.h"
#include "outbox/feed.h"
#include "outbox/outbox.h"

/* The gateway dates what it lists by its own clock. */
#define FEE_MARGIN_SECONDS 3600

static PcPlan account_plan = PC_PLAN("t",
	"SELECT name, tenant_id, id, created_at FROM paycore.gateway_accounts"
	" WHERE name = $1 AND gateway = 'stripe' ORDER BY created_at, id LIMIT 1");

static PcPlan due_plan = PC_PLAN("t4",
	"SELECT DISTINCT ON (a.name) a.name, a.tenant_id, a.id, a.created_at FROM paycore.gateway_accounts a"
	" LEFT JOIN paycore.gateway_feeds f ON f.gateway_account = a.name AND f.tenant_id = a.tenant_id AND f.feed = $1"
	" WHERE a.gateway = 'stripe' AND a.status = 'active' AND (f.id IS NULL"
	" OR greatest(f.started_at, f.finished_at) <= pg_catalog.now() - $2 * interval '1 second')"
	" ORDER BY a.name, a.created_at");

/* Gives the time from which it is to be read. */
static PcPlan start_plan = PC_PLAN("tttzz4",
	"INSERT INTO paycore.gateway_feeds AS f (tenant_id, gateway_account, feed, parts, reading_from, reading_to, started_at)"
	" VALUES ($1, $2, $3, 1, COALESCE($4, $5) - CASE WHEN $4 IS NULL THEN $6 ELSE 0 END * interval '1 second',"
	" pg_catalog.now(), pg_catalog.now())"
	" ON CONFLICT (gateway_account, feed, tenant_id) DO UPDATE SET reading_from ="
	"  COALESCE($4, COALESCE(f.read_to, $5) - $6 * interval '1 second'),"
	" reading_to = pg_catalog.now(), started_at = pg_catalog.now(), finished_at = NULL, error_message = NULL,"
	" parts = 1, pages = 0, objects = 0, updated_at = pg_catalog.now()"
	" RETURNING reading_from");

/* read_to: up to there nothing is missing, from the account's first day on. */
static PcPlan note_plan = PC_PLAN("ttt4bt",
	"UPDATE paycore.gateway_feeds SET pages = pages + CASE WHEN $6 IS NULL THEN 1 ELSE 0 END, objects = objects + $4,"
	" parts = parts - CASE WHEN $5 THEN 1 ELSE 0 END, finished_at = CASE WHEN $5 AND parts <= 1 THEN pg_catalog.now() END,"
	" read_to = CASE WHEN $5 AND parts <= 1 AND COALESCE($6, error_message) IS NULL AND reading_from <= COALESCE(read_to,"
	"  (SELECT a.created_at FROM paycore.gateway_accounts a WHERE a.name = $2 AND a.tenant_id = $1))"
	"  THEN greatest(read_to, reading_to) ELSE read_to END,"
	" error_message = COALESCE($6, error_message), updated_at = pg_catalog.now()"
	" WHERE tenant_id = $1 AND gateway_account = $2 AND feed = $3"
	" RETURNING finished_at IS NOT NULL AND error_message IS NULL, reading_from");

static PcPlan split_plan = PC_PLAN("ttt4",
	"UPDATE paycore.gateway_feeds SET parts = parts + 1, updated_at = pg_catalog.now()"
	" WHERE tenant_id = $1 AND gateway_account = $2 AND feed = $3 AND parts < $4");

static PcPlan shorten_plan = PC_PLAN("utj",
	"UPDATE paycore.outbox SET params = params || $3 WHERE id = $1 AND tenant_id = $2");

static void
read_account(uint64 r, PcFeedAccount *account)
{
	account->name = pc_get_cstring(r, 1);
	account->tenant = pc_get_cstring(r, 2);
	account->id = pc_get_id(r, 3);
	account->created_at = pc_get_time(r, 4);
}

bool
pc_feed_account(const char *name, PcFeedAccount *account)
{
	PcArgs		a = {0};

	pc_arg_text(&a, name);
	if (pc_execute_args(&account_plan, &a, false) == 0)
		return false;
	read_account(0, account);
	return true;
}

/* Of what was created from since to before, in unix seconds; before = 0: to now. */
static void
enqueue(const PcFeedAccount *account, const char *feed, GwOperation op, int64 since, int64 before)
{
	PcRequest	request = {0};
	PcJsonBuilder params;

	pc_json_begin(&params);
	pc_json_add_int64(&params, "created_gte", since);
	if (before > 0)
		pc_json_add_int64(&params, "created_lt", before);
	pc_json_add_text(&params, "feed", feed);
	request.params = pc_json_end(&params);
	request.op = op;
	request.tenant = account->tenant;
	request.gateway_account = account->name;
	request.object_type = "gateway_account";
	request.object_id = account->id;
	request.lane = account->id;
	(void) pc_outbox_enqueue(&request);
}

static bool
is_reading(const PcFeedAccount *account, GwOperation op)
{
	return pc_outbox_unfinished(op, account->tenant, &account->id, false, NULL, NULL);
}

static bool
lock(const PcFeedAccount *account, bool wait)
{
	return pc_lock_key(PC_GATEWAY_FEEDS, account->id.data, UUID_LEN, wait);
}

void
pc_feed_lock(const PcFeedAccount *account)
{
	(void) lock(account, true);
}

/* Of an account that is locked. */
static bool
start(const PcFeedAccount *account, const char *feed, GwOperation op, const TimestampTz *since, int overlap)
{
	PcArgs		a = {0};

	if (is_reading(account, op))
		return false;
	pc_arg_text(&a, account->tenant);
	pc_arg_text(&a, account->name);
	pc_arg_text(&a, feed);
	pc_arg(&a, TimestampTzGetDatum(since != NULL ? *since : 0), since == NULL);
	pc_arg_time(&a, account->created_at);
	pc_arg(&a, Int32GetDatum(overlap), false);
	if (pc_execute_args(&start_plan, &a, false) == 0)
		pc_row_vetoed(PC_GATEWAY_FEEDS);
	enqueue(account, feed, op, Max(pc_unix_seconds(pc_get_time(0, 1)), 0), 0);
	return true;
}

bool
pc_feed_start(const PcFeedAccount *account, const char *feed, GwOperation op, const TimestampTz *since, int overlap)
{
	pc_feed_lock(account);
	return start(account, feed, op, since, overlap);
}

void
pc_feed_check_since(TimestampTz since)
{
	if (TIMESTAMP_IS_NOEND(since))
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("nothing can be read since infinity"),
				 errhint("Give a time of the past.")));
}

static bool
has_key(const char *name)
{
	const char *why;
	const PcSecrets *secrets = pc_secrets_try(name, &why);

	return secrets != NULL && secrets->api_key != NULL;
}

static void
start_due(const char *feed, GwOperation op, int interval, int overlap)
{
	PcArgs		a = {0};
	uint64		n;
	PcFeedAccount *accounts;

	if (interval == 0)
		return;
	pc_arg_text(&a, feed);
	pc_arg(&a, Int32GetDatum(interval), false);
	n = pc_execute_args(&due_plan, &a, false);
	accounts = palloc(sizeof(PcFeedAccount) * Max(n, 1));
	for (uint64 i = 0; i < n; i++)
		read_account(i, &accounts[i]);
	/* Where somebody is just beginning to read, the others do not wait for it. */
	for (uint64 i = 0; i < n; i++)
		if (has_key(accounts[i].name) && lock(&accounts[i], false))
			(void) start(&accounts[i], feed, op, NULL, overlap);
}

void
pc_feeds_start_due(void)
{
	start_due(PC_FEED_EVENTS, GW_EVENT_LIST, pc_event_interval, pc_event_overlap);
	start_due(PC_FEED_BALANCE, GW_BALANCE_LIST, pc_balance_interval, pc_balance_overlap);
}

bool
pc_feed_seek_fees(const char *gateway_account, TimestampTz since)
{
	PcFeedAccount account;

	if (!pc_feed_account(gateway_account, &account))
		return false;
	if (!is_reading(&account, GW_BALANCE_LIST))
		enqueue(&account, NULL, GW_BALANCE_LIST, Max(pc_unix_seconds(since) - FEE_MARGIN_SECONDS, 0), 0);
	return true;
}

bool
pc_feed_note(const char *tenant, const char *gateway_account, const char *feed, int n, bool over, const char *error,
			 TimestampTz *since)
{
	PcArgs		a = {0};

	pc_arg_text(&a, tenant);
	pc_arg_text(&a, gateway_account);
	pc_arg_text(&a, feed);
	pc_arg(&a, Int32GetDatum(n), false);
	pc_arg_bool(&a, over);
	pc_arg_text(&a, error);
	if (pc_execute_args(&note_plan, &a, false) == 0)
		return false;
	*since = pc_get_time(0, 2);
	return pc_get_bool(0, 1);
}

static bool
has_room(const PcFeedReading *reading)
{
	PcArgs		a = {0};

	pc_arg_text(&a, reading->tenant);
	pc_arg_text(&a, reading->gateway_account);
	pc_arg_text(&a, reading->feed);
	pc_arg(&a, Int32GetDatum(pc_backfill_parts), false);
	return pc_execute_args(&split_plan, &a, false) > 0;
}

/* From now on it lists what was created since then. */
static void
shorten(const PcFeedReading *reading, int64 since)
{
	PcArgs		a = {0};
	PcJsonBuilder params;

	pc_json_begin(&params);
	pc_json_add_int64(&params, "created_gte", since);
	pc_arg_uuid(&a, &reading->id);
	pc_arg_text(&a, reading->tenant);
	pc_arg_json(&a, pc_json_end(&params));
	(void) pc_execute_args(&shorten_plan, &a, false);
}

void
pc_feed_split(const PcFeedReading *reading)
{
	PcFeedAccount account;
	int64		middle = reading->since + (reading->before - reading->since + 1) / 2;

	if (reading->before <= reading->since || !pc_feed_account(reading->gateway_account, &account) || !has_room(reading))
		return;
	shorten(reading, middle);
	enqueue(&account, reading->feed, reading->op, reading->since, middle);
}
