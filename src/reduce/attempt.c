/*
 * attempt.c
 *		payment_attempts: one row for each charge, or each error without one.
 */
#include "common/paycore.h"

#include "access/xact.h"
#include "common/insert.h"
#include "reduce/internal.h"
#include "types/uuid.h"

static PcPlan attempt_of_charge = PC_PLAN("tut",
	"SELECT FROM paycore.payment_attempts a WHERE a.psp_charge_id OPERATOR(pg_catalog.=) $3"
	" AND a.payment_intent_id OPERATOR(pg_catalog.=) $2 AND a.tenant_id OPERATOR(pg_catalog.=) $1");

static PcInsert insert_attempt = PC_INSERT_OR(PC_PAYMENT_ATTEMPTS, "tuttmtttttttjtztuz",
	"tenant_id, payment_intent_id, psp_charge_id, outcome, amount, payment_method, error_type, error_code,"
	" decline_code, advice_code, network_advice_code, network_decline_code, method_details, source, attempted_at,"
	" error_message, id, created_at", " ON CONFLICT DO NOTHING");

/* The intent is locked, so nobody else is adding the same attempt. */
bool
pc_attempt_is_known(const PcIntentRow *intent, const char *charge_id)
{
	PcArgs		a = {0};

	pc_arg_text(&a, intent->tenant);
	pc_arg_uuid(&a, &intent->id);
	pc_arg_text(&a, charge_id);
	return pc_execute_args(&attempt_of_charge, &a, false) > 0;
}

bool
pc_record_attempt(const PcIntentRow *intent, const char *charge_id, bool is_new, const char *outcome,
				  PcMoney amount, const char *method, const GwError *error,
				  const Jsonb *details, TimestampTz at, const PcSighting *s)
{
	static const GwError none = {0};
	PcArgs		a = {0};
	pg_uuid_t	id;
	volatile bool recorded = false;

	if (charge_id != NULL && !is_new && pc_attempt_is_known(intent, charge_id))
		return false;
	if (error == NULL)
		error = &none;
	pc_uuid_v7(&id);
	pc_arg_text(&a, intent->tenant);
	pc_arg_uuid(&a, &intent->id);
	pc_arg_text(&a, charge_id);
	pc_arg_text(&a, outcome);
	pc_arg_money(&a, amount);
	pc_arg_text(&a, method);
	pc_arg_text(&a, error->type);
	pc_arg_text(&a, error->code);
	pc_arg_text(&a, error->decline_code);
	pc_arg_text(&a, error->advice_code);
	pc_arg_text(&a, error->network_advice_code);
	pc_arg_text(&a, error->network_decline_code);
	pc_arg_json(&a, details);
	pc_arg_text(&a, pc_source_name(s->source));
	pc_arg_time(&a, at);
	pc_arg_text(&a, error->message);
	pc_arg_uuid(&a, &id);
	pc_arg_time(&a, GetCurrentTransactionStartTimestamp());
	PC_OBSERVE(s)
	{
		recorded = pc_insert(&insert_attempt, a.values, a.nulls) > 0;
	}
	PC_WRITE_END;
	return recorded;
}
