/*
 * refunds_change.c
 *		approve_refund() and cancel_refund().
 */
#include "common/paycore.h"

#include "api/refund_row.h"
#include "common/settings.h"

static void
check_approval(const PcRefundRow *refund, const char *approver)
{
	if (refund->status != REFUND_REQUESTED)
		ereport(ERROR,
				(errcode(ERRCODE_PC_APPROVAL),
				 errmsg("refund %s awaits no approval", pc_uuid_text(&refund->id)),
				 errdetail("Its status is %s.", pc_state_name(&pc_refund_lifecycle, refund->status))));
	if (refund->requested_by != NULL && strcmp(refund->requested_by, approver) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PC_APPROVAL),
				 errmsg("refund %s cannot be approved by whoever asked for it", pc_uuid_text(&refund->id)),
				 errdetail("\"%s\" requested it.", approver),
				 errhint("Let somebody else approve.")));
}

/* approve_refund(id, approved_by) */
PG_FUNCTION_INFO_V1(paycore_approve_refund);
PGDLLEXPORT Datum
paycore_approve_refund(PG_FUNCTION_ARGS)
{
	static PcPlan plan = PC_PLAN_ROW("utt",
									 "UPDATE paycore.refunds SET status = 'pending'::paycore.refund_status, approved_by = $3, "
									 "approved_at = now(), submitted_at = now() WHERE id = $1 AND tenant_id = $2 "
									 "RETURNING %s", PC_REFUNDS);
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	char	   *approver = pc_getarg_text(fcinfo, 1);
	PcApiCall	call;
	PcRefundRow refund;
	PcGatewayAccount gateway;
	Datum		values[3];
	Datum		row;

	pc_check_length(approver, "approved_by", 255);
	if (approver == NULL)
		approver = pstrdup(pc_current_actor());
	pc_api_begin(&call);
	pc_refund_lock(&call, &id, &refund);
	check_approval(&refund, approver);
	values[0] = UUIDPGetDatum(&id);
	values[1] = CStringGetTextDatum(call.tenant);
	values[2] = CStringGetTextDatum(approver);
	pc_gateway_account(&call, refund.gateway_account, &gateway);
	pc_api_write(&plan, values, NULL, "approved");
	row = pc_refund_submit(&call, &refund, &gateway, pc_api_row(PC_REFUNDS, "refund", &id));
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}

static Datum
cancel_at_gateway(const PcApiCall *call, const PcRefundRow *refund)
{
	PcRequest	request = {
		.op = GW_REFUND_CANCEL,
		.tenant = call->tenant,
		.gateway_account = refund->gateway_account,
		.object_type = "refund",
		.object_id = refund->id,
		.lane = refund->lane
	};

	if (pc_outbox_unfinished(GW_REFUND_CANCEL, call->tenant, &refund->id, false, NULL, NULL))
		ereport(ERROR,
				(errcode(ERRCODE_PC_OPERATION_PENDING),
				 errmsg("refund.cancel of refund %s is still on its way", pc_uuid_text(&refund->id))));
	(void) pc_outbox_enqueue(&request);
	return pc_api_read(PC_REFUNDS, call, &refund->id);
}

static bool
withdraw_request(const PcApiCall *call, const PcRefundRow *refund)
{
	pg_uuid_t	request;

	return pc_outbox_unfinished(GW_REFUND_CREATE, call->tenant, &refund->id, false, &request, NULL) &&
		pc_outbox_withdraw(call->tenant, &request);
}

/* cancel_refund(id): one that awaits approval, was never sent, or waits for the payer's action */
PG_FUNCTION_INFO_V1(paycore_cancel_refund);
PGDLLEXPORT Datum
paycore_cancel_refund(PG_FUNCTION_ARGS)
{
	pg_uuid_t	id = pc_getarg_uuid(fcinfo, 0, "id");
	PcApiCall	call;
	PcRefundRow refund;
	Datum		row;

	pc_api_begin(&call);
	pc_refund_lock(&call, &id, &refund);
	if (refund.status == REFUND_REQUIRES_ACTION)
		row = cancel_at_gateway(&call, &refund);
	else if (refund.status == REFUND_REQUESTED ||
			 (refund.status == REFUND_PENDING && withdraw_request(&call, &refund)))
		row = pc_refund_move(&call, &id, "canceled", "canceled before it was sent");
	else
		ereport(ERROR,
				(errcode(ERRCODE_PC_INTENT_STATE),
				 errmsg("refund %s cannot be canceled", pc_uuid_text(&id)),
				 errdetail("Its status is %s%s.", pc_state_name(&pc_refund_lifecycle, refund.status),
						   refund.status == REFUND_PENDING ? ", and its request was sent" : "")));
	pc_api_end(&call);
	PG_RETURN_DATUM(row);
}
