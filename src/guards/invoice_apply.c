/*
 * invoice_apply.c
 *		paycore.apply_to_invoice(): what the intent of an invoice brought is
 *		applied to it, in the transaction that learns of it, by whatever way;
 *		and taken back when the payment bounces.
 *
 * What is not due any more (the invoice is void, or was paid otherwise) goes
 * to the account's balance: the money is there, and nobody's but the payer's.
 */
#include "common/paycore.h"

#include "catalog/pg_type.h"
#include "guards/invoice_payment.h"
#include "guards/owner.h"
#include "types/lifecycle.h"
#include "types/money_args.h"
#include "utils/rel.h"

PG_FUNCTION_INFO_V1(paycore_apply_to_invoice);

#define BILLING_NOW "coalesce((SELECT c.shows FROM paycore.test_clocks c WHERE c.tenant_id = $2), pg_catalog.now())"

static PcPlan find_paid = PC_PLAN("utu",
	"SELECT p.gross, CASE WHEN i.status::text IN ('open', 'uncollectible') THEN i.amount_due ELSE paycore.money_cents(0, i.currency) END,"
	" i.billing_account_id, " BILLING_NOW
	" FROM paycore.payments p, paycore.invoices i WHERE p.id = $1 AND p.tenant_id = $2 AND p.status::text = 'succeeded'"
	" AND i.id = $3 AND i.tenant_id = $2"
	" AND NOT EXISTS (SELECT FROM paycore.invoice_payments a WHERE a.payment_id = $1 AND a.tenant_id = $2) FOR NO KEY UPDATE OF i");

/* What was applied to an invoice that became void later is on the balance now. */
static PcPlan find_bounced = PC_PLAN("ut",
	"SELECT CASE WHEN i.status::text = 'void' THEN paycore.money_cents(0, i.currency) ELSE a.amount END,"
	" CASE WHEN i.status::text = 'void' AND paycore.cents(a.amount) <> 0 THEN a.amount OPERATOR(paycore.+) a.surplus ELSE a.surplus END, a.invoice_id, i.billing_account_id, " BILLING_NOW
	" FROM paycore.invoice_payments a JOIN paycore.invoices i ON i.id = a.invoice_id AND i.tenant_id = a.tenant_id"
	" WHERE a.payment_id = $1 AND a.tenant_id = $2 AND a.kind = 'payment' FOR NO KEY UPDATE OF i");

/* The intent has succeeded, and its payment is known. */
static bool
find_application(PcApplication *it)
{
	PcArgs		a = {0};
	PcMoney		gross,
				due;

	pc_arg_uuid(&a, &it->payment);
	pc_arg_text(&a, it->tenant);
	pc_arg_uuid(&a, &it->invoice);
	if (pc_execute_args(&find_paid, &a, false) == 0)
		return false;
	gross = pc_get_money(0, 1);
	due = pc_get_money(0, 2);
	it->kind = "payment";
	/* A charge in another currency is the account's, whatever it was meant for. */
	it->amount = pc_money_currency(gross) != pc_money_currency(due) ? pc_money_make(pc_money_currency(due), 0)
		: pc_money_amount(gross) < pc_money_amount(due) ? gross : due;
	it->surplus = pc_money_currency(gross) != pc_money_currency(due) ? gross
		: pc_money_make(pc_money_currency(due), pc_money_amount(gross) - pc_money_amount(it->amount));
	it->to_balance = it->surplus;
	it->reason = "paid more than was due";
	it->account = pc_get_id(0, 3);
	it->applied_at = pc_get_time(0, 4);
	return true;
}

static bool
find_bounce(PcApplication *it)
{
	PcArgs		a = {0};

	pc_arg_uuid(&a, &it->payment);
	pc_arg_text(&a, it->tenant);
	if (pc_execute_args(&find_bounced, &a, false) == 0)
		return false;
	it->kind = "bounce";
	it->amount = pc_money_negate(pc_get_money(0, 1));
	it->surplus = pc_money_negate(pc_get_money(0, 2));
	it->to_balance = it->surplus;
	it->reason = "a payment bounced";
	it->invoice = pc_get_id(0, 3);
	it->account = pc_get_id(0, 4);
	it->applied_at = pc_get_time(0, 5);
	return true;
}

static pg_uuid_t
id_in(TriggerData *trigger, const char *column)
{
	return *DatumGetUUIDP(pc_guard_value(trigger, pc_guard_new_row(trigger), column, UUIDOID));
}

/* Not in the trigger's condition, which a server reads anew for every statement. */
static bool
has_paid(TriggerData *trigger)
{
	HeapTuple	row = pc_guard_new_row(trigger);
	Datum		status = pc_guard_value(trigger, row, "status", pc_type_oid(PC_TYPE_INTENT_STATUS));
	bool		unknown;

	(void) pc_guard_value_if_any(trigger, row, "payment_id", UUIDOID, &unknown);
	return DatumGetPcState(status) == INTENT_SUCCEEDED && !unknown;
}

/* AFTER UPDATE, row, on payment_intents (of an invoice) and payments (one that did not last). */
PGDLLEXPORT Datum
paycore_apply_to_invoice(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = pc_guard_begin(fcinfo, "apply_to_invoice", GUARD_AFTER_ROW, 0);
	bool		intent = RelationGetRelid(trigger->tg_relation) == pc_table_oid(PC_PAYMENT_INTENTS, false);
	PcWriter	writer = pc_writer_for_trigger();
	PcApplication it = {0};
	PcIdentity	caller;

	if (!intent && RelationGetRelid(trigger->tg_relation) != pc_table_oid(PC_PAYMENTS, false))
		ereport(ERROR,
				(errcode(ERRCODE_PC_TRIGGER_USE),
				 errmsg("apply_to_invoice() is for paycore's payment intents and payments"),
				 errtable(trigger->tg_relation)));
	if (intent && !has_paid(trigger))
		return PointerGetDatum(NULL);
	it.tenant = TextDatumGetCString(pc_guard_value(trigger, pc_guard_new_row(trigger), "tenant_id", TEXTOID));
	it.has_payment = true;
	it.payment = id_in(trigger, intent ? "payment_id" : "id");
	if (intent)
		it.invoice = id_in(trigger, "invoice_id");

	pc_guard_enter(trigger, &caller);
	PC_WRITE_AS(.source = writer.source, .through_api = true, .observed = writer.observed)
	{
		if (intent ? find_application(&it) : find_bounce(&it))
			pc_invoice_apply(&it);
	}
	PC_WRITE_END;
	pc_guard_leave(&caller);
	return PointerGetDatum(NULL);
}
