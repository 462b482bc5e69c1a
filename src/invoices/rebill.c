/*
 * rebill.c
 *		rebill_invoice(): what a voided invoice asked for is asked for again, on a
 *		new one, with the taxes, names and addresses of now.
 *
 * Each voided line becomes an extra charge, at most once (a unique index), and
 * the run makes an invoice of them.  What was given back of the lines, and was
 * taken back when they were voided, is given back again.
 */
#include "common/paycore.h"

#include "common/args.h"
#include "invoices/pay.h"

static const char rebill_lines[] =
#include "invoices/rebill_lines.inc"
;

static const char rebill_credits[] =
#include "invoices/rebill_credits.inc"
;

/* The subscription, and its invoice, locked; raises where it cannot be billed again. */
static pg_uuid_t
lock_voided(const PcApiCall *call, const pg_uuid_t *id)
{
	static PcPlan plan = PC_PLAN("ut",
								 "SELECT i.status, s.id, s.status FROM paycore.invoices i "
								 "LEFT JOIN paycore.subscriptions s ON s.id = i.subscription_id AND s.tenant_id = i.tenant_id "
								 "WHERE i.id = $1 AND i.tenant_id = $2 FOR UPDATE OF i");
	pg_uuid_t	subscription;
	bool		has_subscription;
	InvoiceStatus status;

	inv_lock_subscription_of(call, id);
	pc_api_find(call, &plan, "invoice", id);
	status = (InvoiceStatus) pc_get_state(0, 1);
	has_subscription = pc_get_uuid(0, 2, &subscription);
	if (status != INVOICE_VOID)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INTENT_STATE),
				 errmsg("invoice %s cannot be billed again", pc_uuid_text(id)),
				 errdetail("Its status is %s.", pc_state_name(&pc_invoice_lifecycle, status)),
				 errhint("Void it first.")));
	if (!has_subscription || pc_get_state(0, 3) == SUBSCRIPTION_CANCELED)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INTENT_STATE),
				 errmsg("invoice %s cannot be billed again", pc_uuid_text(id)),
				 errdetail(has_subscription ? "Its subscription has ended." : "It is of no subscription."),
				 errhint("Charge the account with paycore.add_charge().")));
	return subscription;
}

/* The number of charges that were made. */
static uint64
charge_again(const PcApiCall *call, const pg_uuid_t *id)
{
	static PcPlan lines = PC_PLAN("ut", rebill_lines);
	static PcPlan credits = PC_PLAN("ut", rebill_credits);
	Datum		values[2] = {UUIDPGetDatum(id), CStringGetTextDatum(call->tenant)};
	uint64		charged = pc_api_write_by_index(&lines, values);

	if (charged > 0)
		pc_api_write_by_index(&credits, values);
	return charged;
}

/* rebill_invoice(id) */
PG_FUNCTION_INFO_V1(paycore_rebill_invoice);
PGDLLEXPORT Datum
paycore_rebill_invoice(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN_ROW("ut",
									 "SELECT %s FROM paycore.invoices WHERE tenant_id = $2 AND id IN (SELECT e.invoice_id FROM paycore.extra_charges e "
									 "JOIN paycore.invoice_lines l ON l.id = e.rebills_line_id AND l.tenant_id = e.tenant_id "
									 "WHERE l.invoice_id = $1 AND l.tenant_id = $2 AND e.removed_at IS NULL)", PC_INVOICES);
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	PcApiCall	call;
	pg_uuid_t	subscription;
	Datum		values[2];
	Datum		row = (Datum) 0;
	bool		made;

	pc_api_begin(&call);
	subscription = lock_voided(&call, &id);
	if (charge_again(&call, &id) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INTENT_STATE),
				 errmsg("there is nothing of invoice %s to bill again", pc_uuid_text(&id)),
				 errdetail("It was billed again before, or what it was for has ended, or was given back, since."),
				 errhint("If that invoice is void too, bill that one again.")));
	inv_bill_now(&call, &subscription);
	values[0] = UUIDPGetDatum(&id);
	values[1] = CStringGetTextDatum(call.tenant);
	made = pc_execute(&plan, values, NULL, false, 1) > 0;
	if (made)
		row = pc_row_datum(0, PC_INVOICES);
	pc_api_end(&call);
	if (!made)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(row);
}
