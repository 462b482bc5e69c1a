/*
 * refund_row.c
 *		A refund under an API call's locks, and its request.
 */
#include "common/paycore.h"

#include "api/refund_row.h"
#include "types/money_args.h"

static void
lock_payment_of(const PcApiCall *call, const pg_uuid_t *refund)
{
	static PcPlan plan = PC_PLAN("ut",
								 "SELECT 1 FROM paycore.payments WHERE tenant_id = $2 AND id = "
								 "(SELECT r.payment_id FROM paycore.refunds r WHERE r.id = $1 AND r.tenant_id = $2) "
								 "FOR NO KEY UPDATE");
	Datum		values[2] = {UUIDPGetDatum(refund), CStringGetTextDatum(call->tenant)};

	if (pc_execute(&plan, values, NULL, false, 1) == 0)
		pc_not_found("refund", refund);
}

void
pc_refund_lock(const PcApiCall *call, const pg_uuid_t *id, PcRefundRow *refund)
{
	static PcPlan plan = PC_PLAN("ut",
								 "SELECT payment_id, coalesce(payment_intent_id, payment_id), gateway_account, status, amount, "
								 "reason, requested_by, metadata "
								 "FROM paycore.refunds WHERE id = $1 AND tenant_id = $2 FOR NO KEY UPDATE");

	lock_payment_of(call, id);
	pc_api_find(call, &plan, "refund", id);
	refund->id = *id;
	refund->payment_id = pc_get_id(0, 1);
	refund->lane = pc_get_id(0, 2);
	refund->gateway_account = pc_get_cstring(0, 3);
	refund->status = pc_get_state(0, 4);
	refund->amount = pc_get_money(0, 5);
	refund->reason = pc_get_cstring(0, 6);
	refund->requested_by = pc_get_cstring(0, 7);
	refund->metadata = pc_get_json(0, 8);
}

Datum
pc_refund_move(const PcApiCall *call, const pg_uuid_t *id, const char *status, const char *reason)
{
	static PcPlan plan = PC_PLAN_ROW("utR",
									 "UPDATE paycore.refunds SET status = $3, "
									 "succeeded_at = CASE WHEN $3 OPERATOR(paycore.=) 'succeeded'::paycore.refund_status "
									 "THEN now() ELSE succeeded_at END, "
									 "canceled_at = CASE WHEN $3 OPERATOR(paycore.=) 'canceled'::paycore.refund_status "
									 "THEN now() ELSE canceled_at END, next_sweep_at = NULL "
									 "WHERE id = $1 AND tenant_id = $2 RETURNING %s", PC_REFUNDS);
	Datum		values[3] = {
		UUIDPGetDatum(id), CStringGetTextDatum(call->tenant),
		PcStateGetDatum(pc_state_by_name(&pc_refund_lifecycle, status))
	};

	pc_api_write(&plan, values, NULL, reason);
	return pc_api_row(PC_REFUNDS, "refund", id);
}

static Jsonb *
params_of(const PcRefundRow *refund)
{
	PcJsonBuilder b;

	pc_json_begin(&b);
	pc_json_add_int64(&b, "amount", pc_money_amount(refund->amount));
	pc_json_add_text(&b, "currency", pc_currency_by_number(pc_money_currency(refund->amount))->code);
	pc_json_add_text(&b, "reason", refund->reason);
	if (refund->metadata != NULL)
		pc_json_add_json(&b, "metadata", refund->metadata);
	return pc_json_end(&b);
}

Datum
pc_refund_submit(const PcApiCall *call, const PcRefundRow *refund, const PcGatewayAccount *gateway, Datum row)
{
	PcRequest	request = {
		.op = GW_REFUND_CREATE,
		.tenant = call->tenant,
		.gateway_account = refund->gateway_account,
		.object_type = "refund",
		.object_id = refund->id,
		.lane = refund->lane,
		.account_seen = true,
		.account_paused = gateway->paused
	};

	if (gateway->manual)
		return pc_refund_move(call, &refund->id, "succeeded", NULL);
	request.params = params_of(refund);
	(void) pc_outbox_enqueue(&request);
	return row;
}
