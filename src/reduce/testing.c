/*
 * testing.c
 *		SQL doors to reduce (test builds).
 */
#include "reduce/internal.h"

#ifdef PAYCORE_FAULT_POINTS

#include "common/database.h"
#include "gateway/stripe.h"

PG_FUNCTION_INFO_V1(paycore_test_reduce);
PG_FUNCTION_INFO_V1(paycore_test_order);
PG_FUNCTION_INFO_V1(paycore_test_database_mark);

extern PGDLLEXPORT Datum paycore_test_reduce(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum paycore_test_order(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum paycore_test_database_mark(PG_FUNCTION_ARGS);

static void
read_sighting(const Jsonb *json, PcSighting *s)
{
	char	   *source = pc_json_text(json, "source");
	char	   *id = pc_json_text(json, "object_id");
	char	   *op = pc_json_text(json, "op");
	int64		seen = 0;

	memset(s, 0, sizeof(*s));
	s->gateway_account = pc_json_text(json, "gateway_account");
	if (s->gateway_account == NULL)
		s->gateway_account = "default";
	s->source = source != NULL && strcmp(source, "webhook") == 0 ? PC_SOURCE_WEBHOOK :
		source != NULL && strcmp(source, "poll") == 0 ? PC_SOURCE_POLL : PC_SOURCE_RESPONSE;
	(void) pc_json_int64(json, "seen_at", &seen);
	s->seen_at = pc_from_unix(seen);
	s->replayed = pc_json_bool(json, "replayed", false);
	s->is_creation = pc_json_bool(json, "is_creation", false);
	s->only_hint = pc_json_bool(json, "only_hint", false);
	s->parent_sought = pc_json_bool(json, "parent_sought", false);
	s->previous = pc_json_object(json, "previous");
	s->event_type = pc_json_text(json, "event_type");
	s->request_key = pc_json_text(json, "request_key");
	s->tenant = pc_json_text(json, "tenant");
	s->object_type = pc_json_text(json, "object_type");
	if (id != NULL)
		s->object_id = *DatumGetUUIDP(DirectFunctionCall1(uuid_in, CStringGetDatum(id)));
	s->op = op != NULL ? gw_operation_by_name(op) : GW_INTENT_RETRIEVE;
}

/* paycore_test_reduce(object jsonb, sighting jsonb) RETURNS text: a Stripe object as if seen just so. */
PGDLLEXPORT Datum
paycore_test_reduce(PG_FUNCTION_ARGS)
{
	GwObject	object;
	PcSighting	sighting;
	PcIdentity	saved;
	PcReduced	result;

	gw_read_object(PG_GETARG_JSONB_P(0), &object);
	read_sighting(PG_GETARG_JSONB_P(1), &sighting);
	pc_identity_assume(&saved, pc_owner(false));
	SPI_connect();
	result = pc_reduce(&object, &sighting);
	SPI_finish();
	pc_identity_drop(&saved);
	PG_RETURN_TEXT_P(cstring_to_text(pc_reduced_name(result)));
}

static int
int_arg(const Jsonb *json, const char *key)
{
	int64		value = 0;

	(void) pc_json_int64(json, key, &value);
	return (int) value;
}

/* paycore_test_order(pictures jsonb) RETURNS text: the pure rule. */
PGDLLEXPORT Datum
paycore_test_order(PG_FUNCTION_ARGS)
{
	static const char *const names[] = {
		[PC_ORDER_SAME] = "same", [PC_ORDER_TOUCH] = "touch", [PC_ORDER_APPLY] = "apply",
		[PC_ORDER_MERGE] = "merge", [PC_ORDER_DOUBT] = "doubt"
	};
	Jsonb	   *json = PG_GETARG_JSONB_P(0);
	char	   *kind = pc_json_text(json, "kind");
	char	   *from = pc_json_text(json, "from");
	char	   *to = pc_json_text(json, "to");
	PcPictures	p = {0};

	p.known = pc_json_bool(json, "known", true);
	p.known_time = int_arg(json, "known_time") * USECS_PER_SEC;
	p.seen_time = int_arg(json, "seen_time") * USECS_PER_SEC;
	p.same_digest = pc_json_bool(json, "same_digest", false);
	p.doubt = pc_json_bool(json, "doubt", false);
	p.known_final = pc_json_bool(json, "known_final", false);
	p.seen_final = pc_json_bool(json, "seen_final", false);
	p.is_creation = pc_json_bool(json, "is_creation", false);
	p.growth = int_arg(json, "growth");
	p.previous_matches = pc_json_bool(json, "previous_matches", false);
	if (kind != NULL && strcmp(kind, "intent") == 0)
		p.step = pc_intent_step(pc_state_by_name(&pc_intent_lifecycle, from), pc_state_by_name(&pc_intent_lifecycle, to));
	else if (kind != NULL && strcmp(kind, "refund") == 0)
		p.step = pc_refund_step(pc_state_by_name(&pc_refund_lifecycle, from), pc_state_by_name(&pc_refund_lifecycle, to));
	else if (kind != NULL && strcmp(kind, "dispute") == 0)
		p.step = pc_dispute_step(pc_state_by_name(&pc_dispute_lifecycle, from), pc_state_by_name(&pc_dispute_lifecycle, to));
	else if (kind != NULL)
		p.step = pc_payment_step(pc_state_by_name(&pc_payment_lifecycle, from), pc_state_by_name(&pc_payment_lifecycle, to));
	PG_RETURN_TEXT_P(cstring_to_text(names[pc_order(&p)]));
}

PGDLLEXPORT Datum
paycore_test_database_mark(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(pc_database_mark()));
}

#endif							/* PAYCORE_FAULT_POINTS */
