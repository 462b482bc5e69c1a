/*
 * adopt.c
 *		Requests of another instance or database: this is a copy of it, or its
 *		successor.
 *
 * What the original did with them after the copy was made is not known here.
 * So 'send' looks first, each at the gateway, before anything is sent; and the
 * key and the bytes stay those that the original would have used.
 */
#include "common/paycore.h"

#include "common/args.h"
#include "common/database.h"
#include "common/secrets.h"
#include "common/settings.h"
#include "common/writer.h"
#include "miscadmin.h"
#include "outbox/outbox.h"

/* Of the tenant $3, or where $4, of any. */
#define FOREIGN \
	"(o.instance <> $1 OR o.database_oid <> $2) AND (o.tenant_id = $3 OR $4)"

#define FOREIGN_ROWS \
	"o.finished_at IS NULL AND " FOREIGN

#define OF_FOREIGN_ROW(operation, object) \
	"EXISTS (SELECT 1 FROM paycore.outbox o WHERE o.object_id = " object ".id AND o.tenant_id = " object ".tenant_id" \
	" AND o.operation = '" operation "' AND " FOREIGN_ROWS ")"

/* What may be repeated is just sent; a dead row waits for retry_outbox(), which looks first as well. */
static PcPlan send_plan = PC_PLAN("totb",
	"UPDATE paycore.outbox o SET instance = $1, database_oid = $2,"
	" origin = COALESCE(o.origin, o.instance || '/' || o.database_oid), adopted_at = pg_catalog.clock_timestamp(),"
	" lease_until = NULL, leased_by = NULL, attempts = 0, uncounted = 0, resolve_cursor = NULL,"
	" next_attempt_at = greatest(pg_catalog.now(), o.not_before),"
	" status = CASE WHEN o.status = 'dead' THEN 'dead' WHEN " PC_OUTBOX_REPEATABLE " THEN 'pending' ELSE 'resolving' END,"
	" resolve_step = CASE WHEN o.status = 'dead' THEN o.resolve_step WHEN " PC_OUTBOX_REPEATABLE " THEN 0 ELSE 1 END"
	" WHERE " FOREIGN_ROWS);

static PcPlan discard_intents_plan = PC_PLAN("totb",
	"UPDATE paycore.payment_intents i SET status = 'failed', error_type = 'paycore_error', error_code = 'discarded',"
	" error_message = 'Its request was discarded in a copy of the database.', next_sweep_at = NULL, client_secret = NULL"
	" WHERE i.psp_intent_id IS NULL AND i.status::text = 'created' AND " OF_FOREIGN_ROW("intent.create", "i"));

static PcPlan discard_setups_plan = PC_PLAN("totb",
	"UPDATE paycore.setup_intents i SET status = 'failed', error_type = 'paycore_error', error_code = 'discarded',"
	" error_message = 'Its request was discarded in a copy of the database.', next_sweep_at = NULL, client_secret = NULL"
	" WHERE i.psp_setup_intent_id IS NULL AND i.status::text = 'created' AND " OF_FOREIGN_ROW("setup.create", "i"));

static PcPlan discard_refunds_plan = PC_PLAN("totb",
	"UPDATE paycore.refunds r SET status = 'failed', failure_reason = 'discarded', failed_at = pg_catalog.now(),"
	" next_sweep_at = NULL"
	" WHERE r.psp_refund_id IS NULL AND r.status::text = 'pending' AND " OF_FOREIGN_ROW("refund.create", "r"));

static PcPlan discard_methods_plan = PC_PLAN("totb",
	"UPDATE paycore.payment_methods m SET status = 'failed', error_code = 'discarded',"
	" error_message = 'Its request was discarded in a copy of the database.'"
	" WHERE m.status = 'pending' AND " OF_FOREIGN_ROW("method.attach", "m"));

static PcPlan discard_plan = PC_PLAN("totb",
	"UPDATE paycore.outbox o SET status = 'discarded', finished_at = pg_catalog.now(), lease_until = NULL, leased_by = NULL"
	" WHERE " FOREIGN_ROWS);

static PcPlan send_endpoints_plan = PC_PLAN("totb",
	"UPDATE paycore.webhook_endpoints o SET instance = $1, database_oid = $2 WHERE " FOREIGN);

/* They are the original's; one that the copy wants for itself is enabled here. */
static PcPlan discard_endpoints_plan = PC_PLAN("totb",
	"UPDATE paycore.webhook_endpoints o SET instance = $1, database_oid = $2, status = 'disabled',"
	" disabled_reason = 'discarded in a copy of the database', disabled_at = pg_catalog.now()"
	" WHERE " FOREIGN);

static PcPlan send_billing_plan = PC_PLAN("totb",
	"UPDATE paycore.billing_schedules o SET instance = $1, database_oid = $2 WHERE " FOREIGN);

/* The original goes on billing its customers; a copy that is to do so as well is told with resume_billing(). */
static PcPlan discard_billing_plan = PC_PLAN("totb",
	"UPDATE paycore.billing_schedules o SET instance = $1, database_oid = $2, status = 'paused',"
	" paused_at = COALESCE(o.paused_at, pg_catalog.now()), paused_reason = 'discarded in a copy of the database'"
	" WHERE " FOREIGN);

static uint64
run(PcPlan *plan, bool all)
{
	PcArgs		args = {0};

	pc_arg_text(&args, pc_instance_name());
	pc_arg(&args, ObjectIdGetDatum(MyDatabaseId), false);
	pc_arg_text(&args, pc_current_tenant());
	pc_arg_bool(&args, all);
	return pc_execute_args(plan, &args, false);
}

/* Nothing of ours will ever ask for them: so they are over, and what they reserved is free. */
static uint64
discard(bool all)
{
	(void) run(&discard_intents_plan, all);
	(void) run(&discard_setups_plan, all);
	(void) run(&discard_refunds_plan, all);
	(void) run(&discard_methods_plan, all);
	(void) run(&discard_endpoints_plan, all);
	(void) run(&discard_billing_plan, all);
	return run(&discard_plan, all);
}

static uint64
send_from_here(bool all)
{
	(void) run(&send_endpoints_plan, all);
	(void) run(&send_billing_plan, all);
	return run(&send_plan, all);
}

static bool
means_send(const char *what)
{
	if (strcmp(what, "send") != 0 && strcmp(what, "discard") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INVALID_ARGUMENT),
				 errmsg("requests of a copy are either sent or discarded"),
				 errdetail("The argument is \"%s\".", what),
				 errhint("Say 'send' or 'discard'.")));
	return strcmp(what, "send") == 0;
}

PG_FUNCTION_INFO_V1(paycore_adopt_outbox);
PGDLLEXPORT Datum
paycore_adopt_outbox(PG_FUNCTION_ARGS)
{
	bool		send = means_send(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	bool		all = pc_has_owner_rights();	/* others decide for their tenant */
	volatile uint64 n = 0;
	PcIdentity	saved;

	SPI_connect();
	pc_identity_assume(&saved, pc_owner(false));
	PC_WRITE_AS(.source = PC_SOURCE_API, .through_api = true, .observed = true, .reason = "discarded");
	{
		n = send ? send_from_here(all) : discard(all);
	}
	PC_WRITE_END;
	pc_identity_drop(&saved);
	pc_wake_worker_at_commit();
	SPI_finish();
	PG_RETURN_INT64((int64) n);
}

/* The name of the running instance, as requests carry it; '' where the secrets file gives none. */
PG_FUNCTION_INFO_V1(paycore_instance);
PGDLLEXPORT Datum
paycore_instance(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(pc_instance_name()));
}
