/*
 * charge.c
 *		An invoice is charged by a run: the payer is not there, and what goes
 *		wrong stops nobody else.
 */
#include "common/paycore.h"

#include "common/args.h"
#include "common/guarded.h"
#include "invoices/collect.h"
#include "invoices/pay.h"

typedef struct Turn
{
	const PcApiCall *call;
	const pg_uuid_t *invoice;
	TimestampTz now;
	Payable		payable;
	pg_uuid_t	collection;
	bool		again;			/* it is a step of dunning */
} Turn;

/* Locks the collection, after the intent and the invoice; false where it is not due any more, or there is news of it. */
static bool
lock_collection(Turn *turn)
{
	static PcPlan plan = PC_PLAN("utz",
								 "SELECT c.id, c.status = 'retrying' FROM paycore.collections c WHERE c.invoice_id = $1 AND c.tenant_id = $2 AND c.next_action_at <= $3 "
								 "AND c.status IN ('collecting', 'retrying') AND NOT c.stirred FOR NO KEY UPDATE");
	Datum		values[3] = {UUIDPGetDatum(turn->invoice), CStringGetTextDatum(turn->call->tenant), TimestampTzGetDatum(turn->now)};

	if (pc_execute(&plan, values, NULL, false, 1) == 0)
		return false;
	turn->collection = pc_get_id(0, 1);
	turn->again = pc_get_bool(0, 2);
	return true;
}

/* Nothing more is done until something is heard; why: what is wrong, or NULL. */
static void
wait_for_news(const Turn *turn, const char *why)
{
	static PcPlan plan = PC_PLAN("utt",
								 "UPDATE paycore.collections SET next_action_at = NULL, stirred = $3 IS NOT NULL, note = $3 WHERE id = $1 AND tenant_id = $2");
	PcArgs		a = {0};

	pc_arg_uuid(&a, &turn->collection);
	pc_arg_text(&a, turn->call->tenant);
	pc_arg_text(&a, why);
	pc_api_write_args(&plan, &a, NULL);
}

/*
 * Card networks count what is tried again after a decline: Visa allows 15
 * within 30 days, Mastercard 10 within 24 hours.  When the next may be tried; 0: now.
 */
static TimestampTz
not_before(const Turn *turn, const PayMethod *method)
{
	static PcPlan plan = PC_PLAN("ttzt",
								 "SELECT l.span + (SELECT s.happened_at FROM paycore.dunning_steps s WHERE s.fingerprint = $2 AND s.tenant_id = $1 "
								 "AND s.kind = 'declined' AND s.happened_at > $3 - l.span ORDER BY s.happened_at DESC OFFSET l.most - 1 LIMIT 1) "
								 "FROM (VALUES ('visa', 15, interval '30 days'), ('mastercard', 10, interval '24 hours')) l (brand, most, span) "
								 "WHERE l.brand = $4");
	PcArgs		a = {0};

	if (method->fingerprint == NULL || method->brand == NULL)
		return 0;
	pc_arg_text(&a, turn->call->tenant);
	pc_arg_text(&a, method->fingerprint);
	pc_arg(&a, TimestampTzGetDatum(turn->now), false);
	pc_arg_text(&a, method->brand);
	return pc_execute_args(&plan, &a, false) > 0 ? pc_get_time(0, 1) : 0;
}

static void
note(const Turn *turn, const char *kind, const PayMethod *method, const char *reason, TimestampTz next)
{
	static PcPlan plan = PC_PLAN("tuuttttzz",
								 "INSERT INTO paycore.dunning_steps (tenant_id, collection_id, invoice_id, kind, brand, fingerprint, note, happened_at, "
								 "next_action_at) VALUES ($1, $2, $3, $4, $5, $6, left($7, 1000), $8, $9)");
	PcArgs		a = {0};

	pc_arg_text(&a, turn->call->tenant);
	pc_arg_uuid(&a, &turn->collection);
	pc_arg_uuid(&a, turn->invoice);
	pc_arg_text(&a, kind);
	pc_arg_text(&a, method != NULL ? method->brand : NULL);
	pc_arg_text(&a, method != NULL ? method->fingerprint : NULL);
	pc_arg_text(&a, reason);
	pc_arg(&a, TimestampTzGetDatum(turn->now), false);
	pc_arg_time(&a, next);
	pc_api_write_args(&plan, &a, NULL);
}

static void
put_off(const Turn *turn, const PayMethod *method, TimestampTz until)
{
	static PcPlan plan = PC_PLAN("utz", "UPDATE paycore.collections SET next_action_at = $3 WHERE id = $1 AND tenant_id = $2");
	Datum		values[3] = {UUIDPGetDatum(&turn->collection), CStringGetTextDatum(turn->call->tenant), TimestampTzGetDatum(until)};

	pc_api_write(&plan, values, NULL, NULL);
	note(turn, "capped", method, NULL, until);
}

static void
mark_charged(const Turn *turn, const PayMethod *method, const pg_uuid_t *intent)
{
	static PcPlan plan = PC_PLAN("utzuttt",
								 "UPDATE paycore.collections SET attempts = attempts + 1, step = step + (status = 'retrying')::integer, "
								 "payment_intent_id = $4, method = $5, brand = $6, fingerprint = $7, last_attempt_at = $3, next_action_at = NULL, note = NULL "
								 "WHERE id = $1 AND tenant_id = $2");
	PcArgs		a = {0};

	pc_arg_uuid(&a, &turn->collection);
	pc_arg_text(&a, turn->call->tenant);
	pc_arg(&a, TimestampTzGetDatum(turn->now), false);
	pc_arg_uuid(&a, intent);
	pc_arg_text(&a, method->looks);
	pc_arg_text(&a, method->brand);
	pc_arg_text(&a, method->fingerprint);
	pc_api_write_args(&plan, &a, NULL);
	if (turn->again)
		note(turn, "charged", method, NULL, 0);
}

static void
charge_now(Turn *turn, const PayMethod *method)
{
	Charge		how = {.given_method = method->given, .confirm = true, .off_session = true};

	pc_uuid_v7(&how.id);
	(void) inv_charge(turn->call, &turn->payable, &how);
	mark_charged(turn, method, &how.id);
}

static void
take_turn(void *arg)
{
	Turn	   *turn = (Turn *) arg;
	PayMethod	method;
	TimestampTz until;

	inv_lock_payable(turn->call, turn->invoice, &turn->payable);
	if (!lock_collection(turn))
		return;
	if (turn->payable.status != INVOICE_OPEN)
	{
		wait_for_news(turn, "over");
		return;
	}
	/* The payer may be at it: what becomes of that is heard. */
	if (inv_in_flight(turn->call, &turn->payable) ||
		(turn->payable.has_intent && turn->payable.intent.status == INTENT_REQUIRES_ACTION))
	{
		wait_for_news(turn, turn->payable.intent.status == INTENT_REQUIRES_ACTION ? "requires_action" : NULL);
		return;
	}
	inv_find_method(turn->call, &turn->payable, &method);
	if (method.given == NULL)
	{
		wait_for_news(turn, "no_payment_method");
		return;
	}
	until = not_before(turn, &method);
	if (until > turn->now)
		put_off(turn, &method, until);
	else
		charge_now(turn, &method);
}

static void
park(Turn *turn, const ErrorData *error)
{
	static PcPlan plan = PC_PLAN("utt",
								 "UPDATE paycore.collections SET status = 'parked', next_action_at = NULL, note = left($3, 1000) "
								 "WHERE invoice_id = $1 AND tenant_id = $2 RETURNING id");
	const char *reason = inv_reason_of(error);
	Datum		values[3] = {UUIDPGetDatum(turn->invoice), CStringGetTextDatum(turn->call->tenant), CStringGetTextDatum(reason)};

	pc_api_write(&plan, values, NULL, NULL);
	turn->collection = pc_get_id(0, 1);
	note(turn, "parked", NULL, reason, 0);
}

void
inv_collect_one(const PcApiCall *call, const pg_uuid_t *invoice, TimestampTz now)
{
	Turn		turn = {.call = call, .invoice = invoice, .now = now};
	ErrorData  *error = pc_run_guarded(take_turn, &turn);

	if (error != NULL && inv_is_transient(error))
		ReThrowError(error);
	if (error != NULL)
		park(&turn, error);
}
