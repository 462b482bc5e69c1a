/*
 * attempt.c
 *		payment_attempts: one row for each charge, or each error without one.
 */
#include "common/paycore.h"

#include "reduce/internal.h"

/* The intent is locked, so nobody else is adding the same attempt. */
static PcPlan insert_attempt = PC_PLAN("tuttmtttttttjtzt",
	"INSERT INTO paycore.payment_attempts (tenant_id, payment_intent_id, psp_charge_id, outcome, amount,"
	" payment_method, error_type, error_code, decline_code, advice_code, network_advice_code,"
	" network_decline_code, error_message, method_details, source, attempted_at)"
	" SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $16, $13, $14, $15"
	" WHERE $3 IS NULL OR NOT EXISTS (SELECT FROM paycore.payment_attempts a"
	"   WHERE a.psp_charge_id OPERATOR(pg_catalog.=) $3 AND a.payment_intent_id OPERATOR(pg_catalog.=) $2"
	"   AND a.tenant_id OPERATOR(pg_catalog.=) $1)");

void
pc_record_attempt(const PcIntentRow *intent, const char *charge_id, const char *outcome,
				  PcMoney amount, const char *method, const GwError *error,
				  const Jsonb *details, TimestampTz at, const PcSighting *s)
{
	static const GwError none = {0};
	PcArgs		a = {0};

	if (error == NULL)
		error = &none;
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
	PC_OBSERVE(s)
	{
		(void) pc_execute_args(&insert_attempt, &a, false);
	}
	PC_WRITE_END;
}
