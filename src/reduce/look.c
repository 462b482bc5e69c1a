/*
 * look.c
 *		Asking the gateway how an object stands now.
 */
#include "common/paycore.h"

#include "outbox/outbox.h"
#include "reduce/internal.h"
#include "types/uuid.h"

void
pc_look(GwOperation op, const char *type, const char *tenant, const pg_uuid_t *id,
		const pg_uuid_t *lane, const PcSighting *s, int64 delay_ms)
{
	PcRequest	request = {0};

	request.op = op;
	request.tenant = tenant;
	request.gateway_account = s->gateway_account;
	request.object_type = type;
	request.object_id = *id;
	request.lane = *lane;
	request.delay_ms = delay_ms;
	(void) pc_outbox_enqueue_look(&request);
}

void
pc_look_at_intent(const PcIntentRow *row, const PcSighting *s, int64 delay_ms)
{
	pc_look(GW_INTENT_RETRIEVE, "payment_intent", row->tenant, &row->id, &row->id, s, delay_ms);
}

void
pc_look_at_payment(const PcPaymentRow *row, const PcSighting *s, int64 delay_ms)
{
	pc_look(GW_CHARGE_RETRIEVE, "payment", row->tenant, &row->id,
			row->has_intent ? &row->intent : &row->id, s, delay_ms);
}

/* One id for one object of one gateway account, so that looks at it coalesce. */
static pg_uuid_t
pc_look_id(const char *psp_id, const char *gateway_account)
{
	return pc_uuid_of_text(psprintf("%s %s", gateway_account, psp_id));
}

static const char *
object_type_of(GwOperation op)
{
	switch (op)
	{
		case GW_INTENT_RETRIEVE:
		case GW_INTENT_CANCEL:
			return "payment_intent";
		case GW_REFUND_RETRIEVE:
			return "refund";
		case GW_SETUP_RETRIEVE:
			return "setup_intent";
		case GW_MANDATE_RETRIEVE:
			return "mandate";
		case GW_METHOD_RETRIEVE:
			return "payment_method";
		case GW_CUSTOMER_RETRIEVE:
			return "billing_account";
		case GW_PAYOUT_RETRIEVE:
			return "payout";
		case GW_DISPUTE_RETRIEVE:
			return "dispute";
		case GW_WARNING_RETRIEVE:
			return "early_fraud_warning";
		case GW_REVIEW_RETRIEVE:
			return "review";
		default:
			return "payment";
	}
}

void
pc_look_at_unknown(GwOperation op, const char *psp_id, const PcSighting *s)
{
	pc_look_at_unknown_later(op, psp_id, s, 0);
}

void
pc_look_at_unknown_later(GwOperation op, const char *psp_id, const PcSighting *s, int64 delay_ms)
{
	PcRequest	request = {0};
	PcJsonBuilder params;

	pc_json_begin(&params);
	pc_json_add_text(&params, "psp_id", psp_id);
	request.params = pc_json_end(&params);
	request.op = op;
	request.tenant = pc_home_tenant(s);
	request.gateway_account = s->gateway_account;
	request.object_type = object_type_of(op);
	request.object_id = pc_look_id(psp_id, s->gateway_account);
	request.lane = request.object_id;
	request.delay_ms = delay_ms;
	(void) pc_outbox_enqueue_look(&request);
}
