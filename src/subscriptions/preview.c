/*
 * preview.c
 *		preview_change() and preview_change_lines(): a change is done, billed, and
 *		undone.
 */
#include "common/paycore.h"

#include "common/args.h"
#include "common/guarded.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "subscriptions/change.h"

/* Periods that pass until a scheduled change has its invoice. */
#define MAX_STEPS 1000

typedef struct Preview
{
	const PcApiCall *call;
	ChangeRequest request;
	FunctionCallInfo lines;		/* who wants them, or NULL for the invoice */
	Datum		invoice;		/* 0: there would be none */
} Preview;

/* Where the subscription stands after a step. */
typedef struct Progress
{
	bool		done;			/* the change, or there is none */
	bool		billed;			/* an invoice came after that serial */
	pg_uuid_t	invoice;
	bool		goes_on;
	TimestampTz next_bill_at;
} Progress;

static int64
last_serial(const PcApiCall *call, const pg_uuid_t *subscription)
{
	static PcPlan plan = PC_PLAN("ut",
								 "SELECT coalesce(max(i.serial), 0) FROM paycore.invoices i WHERE i.subscription_id = $1 AND i.tenant_id = $2");
	Datum		values[2] = {UUIDPGetDatum(subscription), CStringGetTextDatum(call->tenant)};

	pc_execute(&plan, values, NULL, false, 1);
	return pc_get_int64(0, 1);
}

static Progress
look(const PcApiCall *call, const pg_uuid_t *subscription, const pg_uuid_t *change, int64 after)
{
	static PcPlan plan = PC_PLAN("utu8",
								 "SELECT s.next_bill_at, s.next_bill_at IS NOT NULL, s.parked_reason, c.id IS NULL OR c.done_at IS NOT NULL, (SELECT i.id FROM paycore.invoices i "
								 "WHERE i.subscription_id = s.id AND i.tenant_id = s.tenant_id AND i.serial > $4 ORDER BY i.serial LIMIT 1) "
								 "FROM paycore.subscriptions s "
								 "LEFT JOIN paycore.subscription_changes c ON c.id = $3 AND c.tenant_id = s.tenant_id "
								 "WHERE s.id = $1 AND s.tenant_id = $2");
	Datum		values[4] = {UUIDPGetDatum(subscription), CStringGetTextDatum(call->tenant), UUIDPGetDatum(change), Int64GetDatum(after)};
	Progress	p = {0};
	char	   *reason;

	pc_execute(&plan, values, NULL, false, 1);
	p.next_bill_at = pc_get_time(0, 1);
	p.goes_on = pc_get_bool(0, 2);
	reason = pc_get_cstring(0, 3);
	p.done = pc_get_bool(0, 4);
	p.billed = pc_get_uuid(0, 5, &p.invoice);
	if (reason != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INTENT_STATE),
				 errmsg("subscription %s cannot be billed", pc_uuid_text(subscription)),
				 errdetail("%s", reason),
				 errhint("Mend the cause and call paycore.retry_billing().")));
	return p;
}

static void
give(Preview *preview, const pg_uuid_t *invoice)
{
	static PcPlan of_invoice = PC_PLAN_ROW("ut", "SELECT %s FROM paycore.invoices WHERE id = $1 AND tenant_id = $2", PC_INVOICES);
	static PcPlan of_lines = PC_PLAN_ROW("ut",
										 "SELECT %s FROM paycore.invoice_lines WHERE invoice_id = $1 AND tenant_id = $2 ORDER BY place",
										 PC_INVOICE_LINES);
	Datum		values[2] = {UUIDPGetDatum(invoice), CStringGetTextDatum(preview->call->tenant)};

	if (preview->lines != NULL)
		pc_api_give(preview->lines, pc_execute(&of_lines, values, NULL, false, 0));
	else
	{
		pc_execute(&of_invoice, values, NULL, false, 1);
		preview->invoice = pc_row_datum(0, PC_INVOICES);
	}
}

/* The serial after which the invoice comes.  Without items nothing changes, and what is owed by now is looked for, too. */
static int64
begin(const PcApiCall *call, const ChangeRequest *request, const pg_uuid_t *change)
{
	bool		as_it_is = request->items != NULL && JB_ROOT_IS_ARRAY(request->items) && JB_ROOT_COUNT(request->items) == 0;
	Subscription s;
	int64		serial;

	if (as_it_is)
	{
		sub_lock(call, &request->subscription, &s);
		return last_serial(call, &request->subscription);
	}
	sub_lock_billed(call, &request->subscription, &s);
	serial = last_serial(call, &request->subscription);
	sub_change(call, change, request);
	return serial;
}

/* Until the first invoice after the change, or until none comes. */
static void
try(void *arg)
{
	Preview    *preview = (Preview *) arg;
	const PcApiCall *call = preview->call;
	const pg_uuid_t *subscription = &preview->request.subscription;
	pg_uuid_t	change;
	int64		serial;
	Progress	p;
	InvDone		done;

	pc_uuid_v7(&change);
	serial = begin(call, &preview->request, &change);
	p = look(call, subscription, &change, serial);
	for (int i = 0; i < MAX_STEPS && p.goes_on && !(p.done && p.billed); i++)
	{
		if (!p.done)
			serial = last_serial(call, subscription);
		inv_bill_batch(call, p.next_bill_at, 1, subscription, NULL, &done);
		p = look(call, subscription, &change, serial);
		CHECK_FOR_INTERRUPTS();
	}
	if (p.done && p.billed)
		give(preview, &p.invoice);
}

static Datum
preview_of(FunctionCallInfo fcinfo, FunctionCallInfo lines)
{
	PcApiCall	call;
	Preview		preview = {.call = &call, .lines = lines};

	preview.request.subscription = pc_getarg_uuid(fcinfo, 0, "id");
	preview.request.items = pc_getarg_json(fcinfo, 1);
	sub_change_read(fcinfo, 2, &preview.request);
	pc_api_begin(&call);
	pc_run_undone(try, &preview);
	pc_api_end(&call);
	return preview.invoice;
}

/* preview_change(id, items, effective, proration, prorate_by) */
PG_FUNCTION_INFO_V1(paycore_preview_change);
PGDLLEXPORT Datum
paycore_preview_change(PG_FUNCTION_ARGS)
{
	Datum		invoice = preview_of(fcinfo, NULL);

	if (invoice == (Datum) 0)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(invoice);
}

/* preview_change_lines(id, items, effective, proration, prorate_by) */
PG_FUNCTION_INFO_V1(paycore_preview_change_lines);
PGDLLEXPORT Datum
paycore_preview_change_lines(PG_FUNCTION_ARGS)
{
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	(void) preview_of(fcinfo, fcinfo);
	return (Datum) 0;
}
