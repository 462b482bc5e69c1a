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
#include "invoices/invoices.h"

/* The invoice, and its subscription, locked; raises where it cannot be billed again. */
static pg_uuid_t
lock_voided(const PcApiCall *call, const pg_uuid_t *id)
{
	static PcPlan plan = PC_PLAN("ut",
								 "SELECT i.status, s.id, s.status::text FROM paycore.invoices i "
								 "LEFT JOIN paycore.subscriptions s ON s.id = i.subscription_id AND s.tenant_id = i.tenant_id "
								 "WHERE i.id = $1 AND i.tenant_id = $2 FOR UPDATE OF i");
	static PcPlan lock = PC_PLAN("ut", "SELECT status FROM paycore.subscriptions WHERE id = $1 AND tenant_id = $2 FOR UPDATE");
	Datum		values[2] = {UUIDPGetDatum(id), CStringGetTextDatum(call->tenant)};
	pg_uuid_t	subscription;
	bool		has_subscription;
	InvoiceStatus status;

	if (pc_execute(&plan, values, NULL, false, 1) == 0)
		pc_not_found("invoice", id);
	status = (InvoiceStatus) pc_get_state(0, 1);
	has_subscription = pc_get_uuid(0, 2, &subscription);
	if (status != INVOICE_VOID)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INTENT_STATE),
				 errmsg("invoice %s cannot be billed again", pc_uuid_text(id)),
				 errdetail("Its status is %s.", pc_state_name(&pc_invoice_lifecycle, status)),
				 errhint("Void it first.")));
	values[0] = UUIDPGetDatum(&subscription);
	if (!has_subscription || pc_execute(&lock, values, NULL, false, 1) == 0 || pc_get_state(0, 1) == SUBSCRIPTION_CANCELED)
		ereport(ERROR,
				(errcode(ERRCODE_PC_INTENT_STATE),
				 errmsg("invoice %s cannot be billed again", pc_uuid_text(id)),
				 errdetail(has_subscription ? "Its subscription has ended." : "It is of no subscription."),
				 errhint("Charge the account with paycore.add_charge().")));
	return subscription;
}

/* A discount that still holds comes off again by itself; what others took off stays off. */
static uint64
charge_again(const PcApiCall *call, const pg_uuid_t *id)
{
	static PcPlan lines = PC_PLAN("ut",
								  "INSERT INTO paycore.extra_charges (tenant_id, billing_account_id, subscription_id, subscription_item_id, product_id, price_id, kind, "
								  "description, quantity, unit_price, amount, period, tax_inclusive, credits_line_id, rebills_line_id) "
								  "SELECT l.tenant_id, i.billing_account_id, i.subscription_id, l.subscription_item_id, l.product_id, l.price_id, 'rebilled', "
								  "l.description, l.quantity, l.unit_price, n.amount, n.period, coalesce(p.tax_inclusive, e.tax_inclusive, (SELECT bool_and(q.tax_inclusive) FROM paycore.invoice_lines x "
								  "JOIN paycore.prices q ON q.id = x.price_id AND q.tenant_id = x.tenant_id "
								  "WHERE x.invoice_id = i.id AND x.tenant_id = i.tenant_id AND x.kind IN ('recurring', 'usage')), false), e.credits_line_id, l.id "
								  "FROM paycore.invoices i "
								  "JOIN paycore.invoice_lines l ON l.invoice_id = i.id AND l.tenant_id = i.tenant_id "
								  "LEFT JOIN paycore.extra_charges e ON e.id = l.extra_charge_id AND e.tenant_id = l.tenant_id "
								  "LEFT JOIN paycore.prices p ON p.id = l.price_id AND p.tenant_id = l.tenant_id "
								  "LEFT JOIN LATERAL (SELECT paycore.sum(x.amount) AS amount FROM paycore.invoice_line_discounts x "
								  "JOIN paycore.discounts t ON t.id = x.discount_id AND t.tenant_id = x.tenant_id AND t.ends_at IS NOT NULL "
								  "WHERE x.invoice_line_id = l.id AND x.tenant_id = l.tenant_id) d ON true "
								  /* Of an item that has ended since, only what came before; and of what was given back anew since, nothing. */
								  "LEFT JOIN LATERAL (SELECT min(lower(k.period)) AS at FROM paycore.extra_charges k LEFT JOIN paycore.invoices v ON v.id = k.invoice_id AND v.tenant_id = k.tenant_id "
								  "WHERE k.credits_line_id = e.credits_line_id AND k.tenant_id = e.tenant_id AND k.id <> e.id AND k.removed_at IS NULL AND k.kind = 'proration' "
								  "AND upper(k.period) > lower(l.period) AND v.status::text IS DISTINCT FROM 'void') k ON e.credits_line_id IS NOT NULL "
								  "LEFT JOIN LATERAL (SELECT t.ends_at AS at FROM paycore.subscription_items t WHERE t.id = l.subscription_item_id AND t.tenant_id = l.tenant_id "
								  "AND t.ends_at >= i.voided_at AND l.kind IN ('recurring', 'extra') AND NOT EXISTS (SELECT FROM paycore.extra_charges g "
								  "WHERE g.credits_line_id = l.id AND g.tenant_id = l.tenant_id)) t ON e.credits_line_id IS NULL "
								  "CROSS JOIN LATERAL (SELECT greatest(lower(l.period), least(upper(l.period), coalesce(k.at, t.at, upper(l.period)))) AS until, "
								  "l.amount OPERATOR(paycore.-) coalesce(d.amount, paycore.money_cents(0, i.currency)) AS amount) u "
								  "CROSS JOIN LATERAL (SELECT CASE WHEN u.until IS NULL OR u.until = upper(l.period) THEN l.period ELSE tstzrange(lower(l.period), u.until) END AS period, "
								  "CASE WHEN u.until IS NULL OR u.until = upper(l.period) THEN u.amount WHEN u.until = lower(l.period) THEN paycore.money_cents(0, i.currency) "
								  "ELSE paycore.prorate(u.amount, l.period, tstzrange(lower(l.period), u.until)) END AS amount) n "
								  "WHERE i.id = $1 AND i.tenant_id = $2 AND paycore.cents(l.amount) <> 0 AND (u.until IS NULL OR u.until > lower(l.period)) "
								  "ORDER BY l.place "
								  "ON CONFLICT (rebills_line_id, tenant_id) WHERE rebills_line_id IS NOT NULL AND removed_at IS NULL DO NOTHING");
	static PcPlan credits = PC_PLAN("ut",
									"INSERT INTO paycore.extra_charges (tenant_id, billing_account_id, subscription_id, subscription_item_id, product_id, price_id, kind, "
									"description, quantity, unit_price, amount, period, tax_inclusive, credits_line_id) "
									"SELECT e.tenant_id, e.billing_account_id, e.subscription_id, e.subscription_item_id, e.product_id, e.price_id, e.kind, "
									"e.description, e.quantity, e.unit_price, e.amount, e.period, e.tax_inclusive, e.credits_line_id "
									"FROM paycore.invoices i "
									"JOIN paycore.invoice_lines l ON l.invoice_id = i.id AND l.tenant_id = i.tenant_id "
									"JOIN paycore.extra_charges e ON e.credits_line_id = l.id AND e.tenant_id = l.tenant_id AND e.removed_at = i.voided_at "
									"WHERE i.id = $1 AND i.tenant_id = $2 ORDER BY e.id");
	Datum		values[2] = {UUIDPGetDatum(id), CStringGetTextDatum(call->tenant)};
	uint64		charged = pc_api_write(&lines, values, NULL, NULL);

	if (charged > 0)
		pc_api_write(&credits, values, NULL, NULL);
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
