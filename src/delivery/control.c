/*
 * control.c
 *		The outbox by hand: retry, pause, resume.
 *
 * Whoever may call these (grant_access() gives EXECUTE) acts on the plumbing
 * as its owner.
 */
#include "common/paycore.h"

#include "common/args.h"
#include "common/secrets.h"
#include "common/settings.h"
#include "common/writer.h"
#include "delivery/job.h"
#include "miscadmin.h"

/* Of the session's tenant, or where $3, of any. */
#define TENANT_ROW "o.id = $1 AND (o.tenant_id = $2 OR $3)"

/* The key protects no more, or the original of this copy may have gone on to another one. */
#define MUST_LOOK \
	"NOT " PC_OUTBOX_REPEATABLE " AND (adopted_at >= COALESCE(last_sent_at, '-infinity')" \
	" OR first_sent_at IS NOT NULL AND (error_type = 'idempotency_error'" \
	" OR first_sent_at <= pg_catalog.now() - $4 * interval '1 second'))"

static PcPlan retry_plan = PC_PLAN_ROW("utb4",
	"UPDATE paycore.outbox o SET attempts = 0, uncounted = 0, next_attempt_at = pg_catalog.now(),"
	" first_sent_at = CASE WHEN operation = 'webhook.deliver' THEN NULL ELSE first_sent_at END,"
	" status = CASE WHEN " MUST_LOOK " THEN 'resolving' ELSE 'pending' END,"
	" resolve_step = CASE WHEN " MUST_LOOK " THEN 1 ELSE 0 END"
	" WHERE " TENANT_ROW " AND status = 'dead' RETURNING %s", PC_OUTBOX);

static PcPlan status_plan = PC_PLAN("utb",
	"SELECT status FROM paycore.outbox o WHERE " TENANT_ROW);

/* What waits behind it is looked at now. */
static PcPlan discard_plan = PC_PLAN_ROW("utb",
	"WITH next AS (UPDATE paycore.outbox n SET next_attempt_at = pg_catalog.now() FROM paycore.outbox o WHERE " TENANT_ROW
	"  AND o.operation = 'webhook.deliver' AND n.lane = o.lane AND n.tenant_id = o.tenant_id AND n.seq > o.seq"
	"  AND n.status = 'pending' AND n.first_sent_at IS NULL)"
	" UPDATE paycore.outbox o SET status = 'discarded', finished_at = pg_catalog.now()"
	" WHERE " TENANT_ROW " AND o.operation = 'webhook.deliver' AND o.status IN ('pending', 'dead') RETURNING %s", PC_OUTBOX);

static PcPlan pause_plan = PC_PLAN("tt",
	"UPDATE paycore.gateway_accounts SET status = 'paused', paused_reason = $2, paused_at = pg_catalog.now() WHERE name = $1");

static PcPlan resume_plan = PC_PLAN("t",
	"UPDATE paycore.gateway_accounts SET status = 'active', paused_reason = NULL, paused_at = NULL, checked_at = NULL"
	" WHERE name = $1");

/* What waits out a backoff is wanted now. */
static PcPlan hurry_plan = PC_PLAN("t",
	"UPDATE paycore.outbox SET next_attempt_at = greatest(pg_catalog.now(), not_before)"
	" WHERE gateway_account = $1 AND status IN ('pending', 'resolving') AND next_attempt_at > pg_catalog.now()");

static PcPlan named_here_plan = PC_PLAN("t",
	"SELECT 1 FROM paycore.gateway_accounts WHERE name = $1 AND tenant_id = paycore.current_tenant()");

static void
add_row(PcArgs *args, const pg_uuid_t *id)
{
	pc_arg_uuid(args, id);
	pc_arg_text(args, pc_current_tenant());
	pc_arg_bool(args, pc_has_owner_rights());
}

static uint64
run_as_owner(PcPlan *plan, PcArgs *args)
{
	PcIdentity	saved;
	volatile uint64 n = 0;

	pc_identity_assume(&saved, pc_owner(false));
	PC_WRITE_AS(.source = PC_SOURCE_API, .through_api = true);
	{
		n = pc_execute_args(plan, args, false);
	}
	PC_WRITE_END;
	pc_identity_drop(&saved);
	return n;
}

static void
refuse_unknown(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_PC_NOT_FOUND),
			 errmsg("no such outbox row"),
			 errhint("Check the id and the setting paycore.tenant.")));
}

static void
refuse_state(const pg_uuid_t *id, const char *problem, const char *hint)
{
	PcArgs		args = {0};

	add_row(&args, id);
	if (run_as_owner(&status_plan, &args) == 0)
		refuse_unknown();
	ereport(ERROR,
			(errcode(ERRCODE_PC_OUTBOX_STATE),
			 errmsg("%s", problem),
			 errdetail("Its status is %s.", pc_get_cstring(0, 1)),
			 errhint("%s", hint)));
}

/* The row as plan leaves it; where plan changes none, its status is the problem. */
static Datum
changed_row(PcPlan *plan, PcArgs *args, const pg_uuid_t *id, const char *problem, const char *hint)
{
	if (run_as_owner(plan, args) == 0)
		refuse_state(id, problem, hint);
	pc_wake_worker_at_commit();
	return pc_row_datum(0, PC_OUTBOX);
}

PG_FUNCTION_INFO_V1(paycore_retry_outbox);
PGDLLEXPORT Datum
paycore_retry_outbox(PG_FUNCTION_ARGS)
{
	pg_uuid_t  *id = PG_GETARG_UUID_P(0);
	PcArgs		args = {0};
	Datum		row;

	SPI_connect();
	add_row(&args, id);
	pc_arg(&args, Int32GetDatum(pc_resend_horizon), false);
	row = changed_row(&retry_plan, &args, id, "the outbox row is not dead",
					  "Only a dead row needs a retry; the others are on their way or at their end.");
	SPI_finish();
	PG_RETURN_DATUM(row);
}

PG_FUNCTION_INFO_V1(paycore_discard_delivery);
PGDLLEXPORT Datum
paycore_discard_delivery(PG_FUNCTION_ARGS)
{
	pg_uuid_t  *id = PG_GETARG_UUID_P(0);
	PcArgs		args = {0};
	Datum		row;

	SPI_connect();
	add_row(&args, id);
	row = changed_row(&discard_plan, &args, id, "the outbox row is no delivery that waits",
					  "Only deliveries to webhook endpoints that are pending or dead can be discarded.");
	SPI_finish();
	PG_RETURN_DATUM(row);
}

static void
refuse_account(const char *name)
{
	ereport(ERROR,
			(errcode(ERRCODE_PC_UNKNOWN_GATEWAY),
			 errmsg("no gateway account is named \"%s\"", name),
			 errhint("See paycore.gateway_accounts.")));
}

/* A gateway account's name may be shared by tenants, and so is its pause; but one of them must be the caller's. */
void
pc_check_own_account(const char *name)
{
	PcArgs		args = {0};

	pc_arg_text(&args, name);
	if (!pc_has_owner_rights() && run_as_owner(&named_here_plan, &args) == 0)
		refuse_account(name);
}

PG_FUNCTION_INFO_V1(paycore_pause_gateway);
PGDLLEXPORT Datum
paycore_pause_gateway(PG_FUNCTION_ARGS)
{
	char	   *name;
	PcArgs		args = {0};
	uint64		n;

	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("the gateway account's name is missing")));
	name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	SPI_connect();
	pc_arg_text(&args, name);
	pc_arg_text(&args, PG_ARGISNULL(1) ? "paused by hand" : text_to_cstring(PG_GETARG_TEXT_PP(1)));
	pc_check_own_account(name);
	n = run_as_owner(&pause_plan, &args);
	if (n == 0)
		refuse_account(name);
	SPI_finish();
	PG_RETURN_INT32((int32) n);
}

/* The key may be another one now: nothing is sent before that is known. */
static void
ask_whose_key(const char *name)
{
	PcIdentity	saved;

	pc_identity_assume(&saved, pc_owner(false));
	pc_accounts_ask(false, name);
	pc_identity_drop(&saved);
}

PG_FUNCTION_INFO_V1(paycore_resume_gateway);
PGDLLEXPORT Datum
paycore_resume_gateway(PG_FUNCTION_ARGS)
{
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	PcArgs		args = {0};
	PcArgs		hurry = {0};
	uint64		n;

	SPI_connect();
	pc_arg_text(&args, name);
	pc_check_own_account(name);
	n = run_as_owner(&resume_plan, &args);
	if (n == 0)
		refuse_account(name);
	pc_arg_text(&hurry, name);
	(void) run_as_owner(&hurry_plan, &hurry);
	ask_whose_key(name);
	pc_wake_worker_at_commit();
	SPI_finish();
	PG_RETURN_INT32((int32) n);
}
