/*
 * finalize.c
 *		finalize_invoice(), preview_invoice(), preview_invoice_lines() and
 *		discard_invoice().
 *
 * A draft becomes final by the statement that bills subscriptions, which is
 * given its lines in place of theirs.
 */
#include "common/paycore.h"

#include "common/args.h"
#include "common/guarded.h"
#include "common/settings.h"
#include "drafts/drafts.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/datum.h"
#include "utils/fmgrprotos.h"

static const char finalize_draft[] =
#include "drafts/draft_lines.inc"
#include "invoices/bill_amounts.inc"
#include "invoices/bill_number.inc"
#include "drafts/draft_final.inc"
#include "invoices/bill_write.inc"
#include "drafts/draft_done.inc"
;

/* What holds for the draft alone is over with it. */
static void
end_discounts(const PcApiCall *call, const Draft *draft, TimestampTz now)
{
	static PcPlan plan = PC_PLAN("utz",
								 "UPDATE paycore.discounts SET ends_at = greatest(starts_at, $3) WHERE invoice_id = $1 AND tenant_id = $2 AND ends_at IS NULL");
	Datum		values[3] = {UUIDPGetDatum(&draft->id), CStringGetTextDatum(call->tenant), TimestampTzGetDatum(now)};

	pc_api_write(&plan, values, NULL, NULL);
}

/* What waits for the account's next bill, but for that of a subscription which has bills to come; locked as a run locks it. */
static Datum
waiting_charges(const PcApiCall *call, const Draft *draft)
{
	static PcPlan plan = PC_PLAN("utc",
								 "SELECT coalesce(array_agg(w.id), '{}') FROM (SELECT e.id FROM paycore.extra_charges e "
								 "WHERE e.billing_account_id = $1 AND e.tenant_id = $2 AND e.invoice_id IS NULL AND e.removed_at IS NULL AND e.draft_id IS NULL "
								 "AND paycore.currency(e.amount) OPERATOR(paycore.=) $3 AND (e.subscription_id IS NULL OR EXISTS (SELECT FROM paycore.subscriptions s "
								 "WHERE s.id = e.subscription_id AND s.tenant_id = $2 AND s.status::text = 'canceled')) ORDER BY e.id FOR UPDATE OF e) w");
	Datum		values[3] = {UUIDPGetDatum(&draft->account), CStringGetTextDatum(call->tenant), PcCurrencyGetDatum(draft->currency)};
	bool		isnull;

	pc_execute(&plan, values, NULL, false, 1);
	return datumCopy(pc_get(0, 1, &isnull), false, -1);
}

static Datum
lines_of(const PcApiCall *call, const Draft *draft, bool with_charges)
{
	Datum		ids = draft_line_ids(call, draft);

	if (with_charges)
		ids = DirectFunctionCall2(array_cat, ids, waiting_charges(call, draft));
	if (ARR_NDIM(DatumGetArrayTypeP(ids)) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INTENT_STATE),
				 errmsg("invoice %s cannot be finalized", pc_uuid_text(&draft->id)),
				 errdetail("It has no lines."),
				 errhint("Add some with paycore.add_invoice_line(), or discard it with paycore.discard_invoice().")));
	return ids;
}

static void
finalize(const PcApiCall *call, const pg_uuid_t *id, bool with_charges)
{
	static PcPlan plan = {.args = "tzUTtu", .sql = finalize_draft, .row_of = PC_NO_ROW, .replanned = true};
	TimestampTz now = pc_billing_now(call);
	Draft		draft;
	Datum		lines;
	PcArgs		a = {0};

	draft_lock(call, id, "finalized", &draft);
	draft_check_account(call, &draft);
	lines = lines_of(call, &draft, with_charges);
	inv_open_series(call, "invoice", "INV-");
	pc_arg_text(&a, call->tenant);
	pc_arg(&a, TimestampTzGetDatum(now), false);
	pc_arg(&a, lines, false);
	pc_arg(&a, inv_charging_accounts(call), false);
	pc_arg_text(&a, pc_current_actor());
	pc_arg_uuid(&a, id);
	pc_args_end(&a, &plan);
	/* What is applied of the balance is said with the number, not after it. */
	PC_WRITE_AS(.source = PC_SOURCE_API, .through_api = true, .counters = true);
	{
		pc_execute(&plan, a.values, a.nulls, false, 0);
	}
	PC_WRITE_END;
	if (pc_get_int64(0, 1) == 0)
		pc_row_vetoed(PC_INVOICES);
	end_discounts(call, &draft, now);
}

/* finalize_invoice(id, with_charges) */
PG_FUNCTION_INFO_V1(paycore_finalize_invoice);
PGDLLEXPORT Datum
paycore_finalize_invoice(PG_FUNCTION_ARGS)
{
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	PcApiCall	call;
	Datum		row;

	pc_api_begin(&call);
	finalize(&call, &id, pc_getarg_bool(fcinfo, 1, false));
	row = pc_api_read(PC_INVOICES, &call, &id);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

typedef struct Preview
{
	const PcApiCall *call;
	pg_uuid_t	id;
	bool		with_charges;
	FunctionCallInfo lines;		/* who wants them, or NULL for the invoice */
	Datum		row;
} Preview;

static void
try(void *arg)
{
	static PcPlan plan = PC_PLAN_ROW("ut", "SELECT %s FROM paycore.invoice_lines WHERE invoice_id = $1 AND tenant_id = $2 ORDER BY place", PC_INVOICE_LINES);
	Preview    *preview = (Preview *) arg;
	Datum		values[2] = {UUIDPGetDatum(&preview->id), CStringGetTextDatum(preview->call->tenant)};

	finalize(preview->call, &preview->id, preview->with_charges);
	if (preview->lines != NULL)
		pc_api_give(preview->lines, pc_execute(&plan, values, NULL, false, 0));
	else
		preview->row = pc_api_read(PC_INVOICES, preview->call, &preview->id);
}

static Datum
preview_of(FunctionCallInfo fcinfo, FunctionCallInfo lines)
{
	PcApiCall	call;
	Preview		preview = {.call = &call,.id = pc_getarg_uuid(fcinfo, 0, "id"),.with_charges = pc_getarg_bool(fcinfo, 1, false),.lines = lines};

	pc_api_begin(&call);
	pc_run_undone(try, &preview);
	pc_api_end(&call);
	return preview.row;
}

/* preview_invoice(id, with_charges) */
PG_FUNCTION_INFO_V1(paycore_preview_invoice);
PGDLLEXPORT Datum
paycore_preview_invoice(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATUM(preview_of(fcinfo, NULL));
}

/* preview_invoice_lines(id, with_charges) */
PG_FUNCTION_INFO_V1(paycore_preview_invoice_lines);
PGDLLEXPORT Datum
paycore_preview_invoice_lines(PG_FUNCTION_ARGS)
{
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	(void) preview_of(fcinfo, fcinfo);
	return (Datum) 0;
}

/* discard_invoice(id, reason) */
PG_FUNCTION_INFO_V1(paycore_discard_invoice);
PGDLLEXPORT Datum
paycore_discard_invoice(PG_FUNCTION_ARGS)
{
	static PcPlan lines = PC_PLAN("utz",
								  "UPDATE paycore.extra_charges SET removed_at = $3 WHERE draft_id = $1 AND tenant_id = $2 AND removed_at IS NULL");
	static PcPlan plan = PC_PLAN_ROW("utz",
									 "UPDATE paycore.invoices SET status = 'void', voided_at = $3 WHERE id = $1 AND tenant_id = $2 RETURNING %s", PC_INVOICES);
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	char	   *reason = pc_getarg_text(fcinfo, 1);
	Draft		draft;
	PcApiCall	call;
	Datum		values[3];
	Datum		row;

	pc_check_length(reason, "reason", 500);
	pc_api_begin(&call);
	draft_lock(&call, &id, "discarded", &draft);
	values[0] = UUIDPGetDatum(&id);
	values[1] = CStringGetTextDatum(call.tenant);
	values[2] = TimestampTzGetDatum(pc_billing_now(&call));
	pc_api_write(&lines, values, NULL, NULL);
	end_discounts(&call, &draft, DatumGetTimestampTz(values[2]));
	pc_api_write(&plan, values, NULL, reason);
	row = pc_api_row(PC_INVOICES, "invoice", &id);
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}
