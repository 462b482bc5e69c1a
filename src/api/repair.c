/*
 * repair.c
 *		verify(), and repair_counters(): counters that a data-only restore put
 *		off, recounted.
 */
#include "common/paycore.h"

#include "api/api.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"

#define VERIFY_COLUMNS 6

PG_FUNCTION_INFO_V1(paycore_verify);
PGDLLEXPORT Datum
paycore_verify(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN("",
								 "SELECT v.severity, v.rule, v.object_type, v.object_id, v.tenant_id, v.detail "
								 "FROM paycore.find_violations() v");
	ReturnSetInfo *set = (ReturnSetInfo *) fcinfo->resultinfo;
	PcApiCall	call;
	uint64		n;

	InitMaterializedSRF(fcinfo, 0);
	pc_api_begin(&call);
	n = pc_execute(&plan, NULL, NULL, true, 0);
	for (uint64 r = 0; r < n; r++)
	{
		Datum		values[VERIFY_COLUMNS];
		bool		nulls[VERIFY_COLUMNS];

		for (int i = 0; i < VERIFY_COLUMNS; i++)
			values[i] = pc_get(r, i + 1, &nulls[i]);
		tuplestore_putvalues(set->setResult, set->setDesc, values, nulls);
	}
	pc_api_end(&call);
	return (Datum) 0;
}

void
pc_check_owner(const char *what)
{
	Oid			owner = pc_owner(false);

	if (!has_privs_of_role(GetUserId(), owner))
		ereport(ERROR,
				(errcode(ERRCODE_PC_NOT_OWNER),
				 errmsg("only the owner of paycore's tables may %s", what),
				 errhint("SET ROLE %s first.", quote_identifier(GetUserNameFromId(owner, false)))));
}

#define RECOUNT(table, column) \
	"UPDATE paycore." table " t SET times_redeemed = s.n FROM (SELECT c.id, c.tenant_id, count(d.id)::integer AS n " \
	"FROM paycore." table " c LEFT JOIN paycore.discounts d ON d." column " = c.id AND d.tenant_id = c.tenant_id " \
	"GROUP BY c.id, c.tenant_id) s WHERE s.id = t.id AND s.tenant_id = t.tenant_id AND t.times_redeemed <> s.n"

PG_FUNCTION_INFO_V1(paycore_repair_counters);
PGDLLEXPORT Datum
paycore_repair_counters(PG_FUNCTION_ARGS)
{
	/* The payments are locked first: a refund that is under way is in the sums or waits for them. */
	static PcPlan lock = PC_PLAN("", "LOCK TABLE paycore.payments, paycore.refunds, paycore.disputes IN SHARE ROW EXCLUSIVE MODE");
	static PcPlan plan = PC_PLAN("",
								 "UPDATE paycore.payments p SET refund_reserved = s.reserved, refunded = s.refunded, "
								 "dispute_held = s.held, over_returned = v.over "
								 "FROM (SELECT q.id, q.tenant_id, coalesce(q.gross, q.authorized) AS captured, "
								 "paycore.money_cents(coalesce(sum(paycore.cents(r.amount)) FILTER (WHERE r.status::text IN "
								 "('requested', 'pending', 'requires_action')), 0)::bigint, paycore.currency(q.authorized)) AS reserved, "
								 "paycore.money_cents(coalesce(sum(paycore.cents(r.amount)) FILTER (WHERE r.status::text = "
								 "'succeeded'), 0)::bigint, paycore.currency(q.authorized)) AS refunded, "
								 "paycore.money_cents(coalesce((SELECT sum(paycore.cents(d.held)) FROM paycore.disputes d "
								 "WHERE d.payment_id = q.id AND d.tenant_id = q.tenant_id), 0)::bigint, "
								 "paycore.currency(q.authorized)) AS held "
								 "FROM paycore.payments q LEFT JOIN paycore.refunds r "
								 "ON r.payment_id = q.id AND r.tenant_id = q.tenant_id AND r.kind <> 'auth_release' "
								 "GROUP BY q.id, q.tenant_id, q.authorized, q.gross) s "
								 "CROSS JOIN LATERAL (SELECT paycore.cents(s.reserved) + paycore.cents(s.refunded) "
								 "+ paycore.cents(s.held) > paycore.cents(s.captured) AS over) v "
								 "WHERE s.id = p.id AND s.tenant_id = p.tenant_id "
								 "AND (p.refund_reserved OPERATOR(paycore.<>) s.reserved "
								 "OR p.refunded OPERATOR(paycore.<>) s.refunded "
								 "OR p.dispute_held OPERATOR(paycore.<>) s.held "
								 "OR p.over_returned <> v.over)");
	static PcPlan lock_discounts = PC_PLAN("", "LOCK TABLE paycore.coupons, paycore.promotion_codes, paycore.discounts IN SHARE ROW EXCLUSIVE MODE");
	static PcPlan coupons = PC_PLAN("", RECOUNT("coupons", "coupon_id"));
	static PcPlan promotion_codes = PC_PLAN("", RECOUNT("promotion_codes", "promotion_code_id"));
	static PcPlan lock_credit_notes = PC_PLAN("", "LOCK TABLE paycore.invoices, paycore.credit_notes IN SHARE ROW EXCLUSIVE MODE");
	static PcPlan credited = PC_PLAN("",
									 "UPDATE paycore.invoices i SET total_credited = s.total, amount_credited = s.to_due, amount_due = s.due, "
									 "status = CASE WHEN i.status::text NOT IN ('open', 'paid') THEN i.status::text "
									 "WHEN paycore.cents(s.due) = 0 THEN 'paid' ELSE 'open' END::paycore.invoice_status, "
									 "paid_at = CASE WHEN paycore.cents(s.due) = 0 AND i.status::text IN ('open', 'paid') THEN coalesce(i.paid_at, now()) END "
									 "FROM (SELECT c.*, j.amount_due OPERATOR(paycore.+) j.amount_credited OPERATOR(paycore.-) c.to_due AS due "
									 "FROM paycore.invoices j JOIN (SELECT k.id, k.tenant_id, "
									 "paycore.money_cents(coalesce(sum(paycore.cents(n.total)), 0)::bigint, k.currency) AS total, "
									 "paycore.money_cents(coalesce(sum(paycore.cents(n.to_due)), 0)::bigint, k.currency) AS to_due "
									 "FROM paycore.invoices k LEFT JOIN paycore.credit_notes n ON n.invoice_id = k.id AND n.tenant_id = k.tenant_id "
									 "AND n.status = 'issued' GROUP BY k.id, k.tenant_id, k.currency) c ON c.id = j.id AND c.tenant_id = j.tenant_id) s "
									 "WHERE s.id = i.id AND s.tenant_id = i.tenant_id "
									 "AND (i.total_credited OPERATOR(paycore.<>) s.total OR i.amount_credited OPERATOR(paycore.<>) s.to_due)");
	static PcPlan refund_failed = PC_PLAN("",
										  "UPDATE paycore.credit_notes n SET refund_failed = s.failed "
										  "FROM (SELECT k.id, k.tenant_id, paycore.money_cents(coalesce(sum(paycore.cents(r.amount)), 0)::bigint, k.currency) AS failed "
										  "FROM paycore.credit_notes k LEFT JOIN paycore.refunds r ON r.credit_note_id = k.id AND r.tenant_id = k.tenant_id "
										  "AND r.status::text IN ('failed', 'canceled') WHERE k.status = 'issued' GROUP BY k.id, k.tenant_id, k.currency) s "
										  "WHERE s.id = n.id AND s.tenant_id = n.tenant_id AND n.refund_failed OPERATOR(paycore.<>) s.failed");
	PcApiCall	call;
	volatile uint64 repaired;

	pc_check_owner("repair counters");
	pc_api_begin(&call);
	PC_WRITE_AS(.source = PC_SOURCE_SQL, .through_api = true, .observed = true, .counters = true, .reason = "repair_counters");
	{
		pc_execute(&lock, NULL, NULL, false, 0);
		repaired = pc_execute(&plan, NULL, NULL, false, 0);
		pc_execute(&lock_discounts, NULL, NULL, false, 0);
		repaired += pc_execute(&coupons, NULL, NULL, false, 0);
		repaired += pc_execute(&promotion_codes, NULL, NULL, false, 0);
		pc_execute(&lock_credit_notes, NULL, NULL, false, 0);
		repaired += pc_execute(&credited, NULL, NULL, false, 0);
		repaired += pc_execute(&refund_failed, NULL, NULL, false, 0);
	}
	PC_WRITE_END;
	pc_api_end(&call);
	PG_RETURN_INT64((int64) repaired);
}
