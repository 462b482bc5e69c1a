/*
 * credit_refunds.c
 *		The refunds of a credit note.
 *
 * A payment gives back what it may still refund, and no more than what it paid
 * of the invoice: the rest of it is on the account's balance.
 */
#include "common/paycore.h"

#include "api/refunds.h"
#include "invoices/credit_notes.h"
#include "types/money_args.h"

typedef struct Share
{
	pg_uuid_t	payment;
	int64		most;
} Share;

void
inv_lock_payments(const PcApiCall *call, const pg_uuid_t *invoice)
{
	static PcPlan plan = PC_PLAN("ut",
								 "SELECT FROM paycore.payments p WHERE p.tenant_id = $2 AND p.id IN (SELECT a.payment_id "
								 "FROM paycore.invoice_payments a WHERE a.invoice_id = $1 AND a.tenant_id = $2 AND a.kind = 'payment') "
								 "ORDER BY p.id FOR NO KEY UPDATE OF p");
	Datum		values[2] = {UUIDPGetDatum(invoice), CStringGetTextDatum(call->tenant)};

	pc_execute(&plan, values, NULL, false, 0);
}

/* Those of which the gateway takes a refund now, the largest first. */
static uint64
find_shares(const PcApiCall *call, const pg_uuid_t *invoice, Share **shares)
{
	static PcPlan plan = PC_PLAN("ut",
								 "SELECT p.id, m.most FROM paycore.invoice_payments a "
								 "JOIN paycore.payments p ON p.id = a.payment_id AND p.tenant_id = a.tenant_id "
								 "AND p.status OPERATOR(paycore.=) 'succeeded'::paycore.payment_status "
								 "AND paycore.currency(p.gross) OPERATOR(paycore.=) paycore.currency(a.amount) "
								 "CROSS JOIN LATERAL (SELECT least(paycore.cents(p.gross) - paycore.cents(p.refund_reserved) - paycore.cents(p.refunded) "
								 "- paycore.cents(p.dispute_held), paycore.cents(a.amount) - (SELECT coalesce(sum(paycore.cents(r.amount)), 0) "
								 "FROM paycore.refunds r WHERE r.payment_id = p.id AND r.tenant_id = p.tenant_id AND r.credit_note_id IS NOT NULL "
								 "AND r.status::text NOT IN ('failed', 'canceled')))::bigint AS most) m "
								 "WHERE a.invoice_id = $1 AND a.tenant_id = $2 AND a.kind = 'payment' AND m.most > 0 "
								 "AND NOT (paycore.cents(p.dispute_held) > 0 AND EXISTS (SELECT FROM paycore.disputes d "
								 "WHERE d.payment_id = p.id AND d.tenant_id = p.tenant_id AND " PC_DISPUTE_BARS_REFUND ")) "
								 "ORDER BY m.most DESC, p.id DESC");
	Datum		values[2] = {UUIDPGetDatum(invoice), CStringGetTextDatum(call->tenant)};
	uint64		found = pc_execute(&plan, values, NULL, false, 0);

	*shares = palloc_array(Share, Max(found, 1));
	for (uint64 i = 0; i < found; i++)
	{
		(*shares)[i].payment = pc_get_id(i, 1);
		(*shares)[i].most = pc_get_int64(i, 2);
	}
	return found;
}

static void
check_enough(PcMoney wanted, const Share *shares, uint64 n)
{
	int64		most = 0;
	char		text[2][PC_MONEY_TEXT_LEN];

	for (uint64 i = 0; i < n; i++)
		most += shares[i].most;
	if (most < pc_money_amount(wanted))
		ereport(ERROR,
				(errcode(ERRCODE_PC_OVER_REFUND),
				 errmsg("the payments of the invoice cannot give back %s", pc_money_to_text(wanted, text[0])),
				 errdetail("%s of them can be refunded.", pc_money_to_text(pc_money_make(pc_money_currency(wanted), most), text[1])),
				 errhint("Give refund_amount, and the rest as credit_amount or out_of_band_amount.")));
}

void
inv_refund_credit_note(const PcApiCall *call, const CreditNote *note, PcMoney wanted)
{
	Share	   *shares;
	uint64		n = find_shares(call, &note->invoice, &shares);
	int64		left = pc_money_amount(wanted);

	check_enough(wanted, shares, n);
	for (uint64 i = 0; left > 0; i++)
	{
		PcNewRefund refund = {
			.payment_id = shares[i].payment,
			.amount = pc_money_make(pc_money_currency(wanted), Min(left, shares[i].most)),
			.reason = note->reason,
			.requested_by = pc_json_string(note->details, "requested_by"),
			.requires_approval = pc_json_bool(note->details, "requires_approval", false),
			.credit_note = &note->id
		};

		pc_uuid_v7(&refund.id);
		(void) pc_refund_create(call, &refund);
		left -= pc_money_amount(refund.amount);
	}
}
