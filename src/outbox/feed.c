/*
 * feed.c
 *		Lists of gateway accounts: when they are read, and how far they have been.
 */
#include "common/paycore.h"

#include "common/args.h"
#include "common/hashfn.h"
#include "common/json.h"
#include "common/secrets.h"
#include "common/settings.h"
#include "common/unix_time.h"
#include "miscadmin.h"
#include "outbox/feed.h"
#include "outbox/outbox.h"
#include "storage/lock.h"

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
	"INSERT INTO paycore.gateway_feeds AS f (tenant_id, gateway_account, feed, reading_from, reading_to, started_at)"
	" VALUES ($1, $2, $3, COALESCE($4, $5) - CASE WHEN $4 IS NULL THEN $6 ELSE 0 END * interval '1 second',"
	" pg_catalog.now(), pg_catalog.now())"
	" ON CONFLICT (gateway_account, feed, tenant_id) DO UPDATE SET reading_from ="
	"  COALESCE($4, COALESCE(f.read_to, $5) - $6 * interval '1 second'),"
	" reading_to = pg_catalog.now(), started_at = pg_catalog.now(), finished_at = NULL, error_message = NULL,"
	" pages = 0, objects = 0, updated_at = pg_catalog.now()"
	" RETURNING reading_from");

/* read_to: up to there nothing is missing, from the account's first day on. */
static PcPlan note_plan = PC_PLAN("ttt4bt",
	"UPDATE paycore.gateway_feeds SET pages = pages + CASE WHEN $6 IS NULL THEN 1 ELSE 0 END, objects = objects + $4,"
	" finished_at = CASE WHEN $5 THEN pg_catalog.now() END,"
	" read_to = CASE WHEN $5 AND $6 IS NULL AND reading_from <= COALESCE(read_to,"
	"  (SELECT a.created_at FROM paycore.gateway_accounts a WHERE a.name = $2 AND a.tenant_id = $1))"
	"  THEN greatest(read_to, reading_to) ELSE read_to END,"
	" error_message = $6, updated_at = pg_catalog.now()"
	" WHERE tenant_id = $1 AND gateway_account = $2 AND feed = $3");

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

static void
enqueue(const PcFeedAccount *account, const char *feed, GwOperation op, TimestampTz since)
{
	PcRequest	request = {0};
	PcJsonBuilder params;

	pc_json_begin(&params);
	pc_json_add_int64(&params, "created_gte", Max(pc_unix_seconds(since), 0));
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
	LOCKTAG		tag;

	SET_LOCKTAG_OBJECT(tag, MyDatabaseId, pc_table_oid(PC_GATEWAY_FEEDS, false), hash_bytes(account->id.data, UUID_LEN), 0);
	return LockAcquire(&tag, ExclusiveLock, false, !wait) != LOCKACQUIRE_NOT_AVAIL;
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
	enqueue(account, feed, op, pc_get_time(0, 1));
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
		enqueue(&account, NULL, GW_BALANCE_LIST, since - FEE_MARGIN_SECONDS * USECS_PER_SEC);
	return true;
}

void
pc_feed_note(const char *tenant, const char *gateway_account, const char *feed, int n, bool over, const char *error)
{
	PcArgs		a = {0};

	pc_arg_text(&a, tenant);
	pc_arg_text(&a, gateway_account);
	pc_arg_text(&a, feed);
	pc_arg(&a, Int32GetDatum(n), false);
	pc_arg_bool(&a, over);
	pc_arg_text(&a, error);
	(void) pc_execute_args(&note_plan, &a, false);
}
