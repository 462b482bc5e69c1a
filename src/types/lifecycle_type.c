/*
 * lifecycle_type.c
 *		The SQL types of the lifecycles: one byte by value, the number of the
 *		state in its table.
 */
#include "types/lifecycle.h"

#include "common/hashfn.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/syscache.h"

#define PG_GETARG_PC_STATE(n)	DatumGetPcState(PG_GETARG_DATUM(n))

/* All names of a lifecycle, for hints. */
static char *
list_states(const PcLifecycle *lifecycle)
{
	StringInfoData list;

	initStringInfo(&list);
	for (int i = 0; i < lifecycle->nstates; i++)
		appendStringInfo(&list, "%s%s", i > 0 ? ", " : "", lifecycle->states[i].name);
	return list.data;
}

static Datum
state_in(FunctionCallInfo fcinfo, const PcLifecycle *lifecycle)
{
	char	   *name = PG_GETARG_CSTRING(0);
	int			state = pc_state_by_name(lifecycle, name);

	if (state < 0)
		pc_soft_error(PC_ESCONTEXT(fcinfo), (Datum) 0,
					  errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					  errmsg("invalid %s: \"%s\"", lifecycle->type_name, name),
					  errhint("Use one of %s.", list_states(lifecycle)));
	return PcStateGetDatum(state);
}

static Datum
state_recv(FunctionCallInfo fcinfo, const PcLifecycle *lifecycle)
{
	int			state = pq_getmsgbyte((StringInfo) PG_GETARG_POINTER(0));

	if (state >= lifecycle->nstates)
		ereport(ERROR,
				errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				errmsg("invalid %s in binary input: %d", lifecycle->type_name, state));
	return PcStateGetDatum(state);
}

/* What of a type's functions depends on its table. */
#define LIFECYCLE_TYPE(type, lifecycle) \
	PG_FUNCTION_INFO_V1(paycore_##type##_in); \
	PGDLLEXPORT Datum \
	paycore_##type##_in(PG_FUNCTION_ARGS) \
	{ \
		return state_in(fcinfo, &lifecycle); \
	} \
	PG_FUNCTION_INFO_V1(paycore_##type##_out); \
	PGDLLEXPORT Datum \
	paycore_##type##_out(PG_FUNCTION_ARGS) \
	{ \
		PG_RETURN_CSTRING(pstrdup(pc_state_name(&lifecycle, PG_GETARG_PC_STATE(0)))); \
	} \
	PG_FUNCTION_INFO_V1(paycore_##type##_recv); \
	PGDLLEXPORT Datum \
	paycore_##type##_recv(PG_FUNCTION_ARGS) \
	{ \
		return state_recv(fcinfo, &lifecycle); \
	} \
	PG_FUNCTION_INFO_V1(paycore_##type##_can_transition); \
	PGDLLEXPORT Datum \
	paycore_##type##_can_transition(PG_FUNCTION_ARGS) \
	{ \
		PG_RETURN_BOOL(pc_can_transition(&lifecycle, PG_GETARG_PC_STATE(0), \
										 PG_GETARG_PC_STATE(1), false)); \
	}

LIFECYCLE_TYPE(intent_status, pc_intent_lifecycle)
LIFECYCLE_TYPE(payment_status, pc_payment_lifecycle)
LIFECYCLE_TYPE(refund_status, pc_refund_lifecycle)
LIFECYCLE_TYPE(payout_status, pc_payout_lifecycle)
LIFECYCLE_TYPE(setup_intent_status, pc_setup_lifecycle)
LIFECYCLE_TYPE(mandate_status, pc_mandate_lifecycle)
LIFECYCLE_TYPE(dispute_status, pc_dispute_lifecycle)
LIFECYCLE_TYPE(subscription_status, pc_subscription_lifecycle)
LIFECYCLE_TYPE(invoice_status, pc_invoice_lifecycle)

PG_FUNCTION_INFO_V1(paycore_state_send);
PGDLLEXPORT Datum
paycore_state_send(PG_FUNCTION_ARGS)
{
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendint8(&buf, PG_GETARG_PC_STATE(0));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

#define STATE_COMPARISON(name, op) \
	PG_FUNCTION_INFO_V1(paycore_state_##name); \
	PGDLLEXPORT Datum \
	paycore_state_##name(PG_FUNCTION_ARGS) \
	{ \
		PG_RETURN_BOOL(PG_GETARG_PC_STATE(0) op PG_GETARG_PC_STATE(1)); \
	}

STATE_COMPARISON(eq, ==)
STATE_COMPARISON(ne, !=)
STATE_COMPARISON(lt, <)
STATE_COMPARISON(le, <=)
STATE_COMPARISON(gt, >)
STATE_COMPARISON(ge, >=)

PG_FUNCTION_INFO_V1(paycore_state_cmp);
PGDLLEXPORT Datum
paycore_state_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(PG_GETARG_PC_STATE(0) - PG_GETARG_PC_STATE(1));
}

PG_FUNCTION_INFO_V1(paycore_state_hash);
PGDLLEXPORT Datum
paycore_state_hash(PG_FUNCTION_ARGS)
{
	return hash_uint32(PG_GETARG_PC_STATE(0));
}

PG_FUNCTION_INFO_V1(paycore_state_hash_extended);
PGDLLEXPORT Datum
paycore_state_hash_extended(PG_FUNCTION_ARGS)
{
	return hash_uint32_extended(PG_GETARG_PC_STATE(0), PG_GETARG_INT64(1));
}

/* Adds the steps that lead out of one state. */
static void
put_steps(ReturnSetInfo *result, const PcLifecycle *lifecycle, int from)
{
	const PcState *state = &lifecycle->states[from];

	for (int to = 0; to < lifecycle->nstates; to++)
	{
		Datum		values[3];
		bool		nulls[3] = {false};

		if (to == from || !pc_can_transition(lifecycle, from, to, true))
			continue;
		values[0] = CStringGetTextDatum(state->name);
		values[1] = CStringGetTextDatum(lifecycle->states[to].name);
		values[2] = CStringGetTextDatum(pc_can_transition(lifecycle, from, to, false) ?
										"user" : "gateway");
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
}

PG_FUNCTION_INFO_V1(paycore_transitions);
PGDLLEXPORT Datum
paycore_transitions(PG_FUNCTION_ARGS)
{
	Oid			type = PG_GETARG_OID(0);
	bool		known = SearchSysCacheExists1(TYPEOID, ObjectIdGetDatum(type));
	const PcLifecycle *lifecycle = known ? pc_lifecycle_of_type(type) : NULL;

	if (lifecycle == NULL)
		ereport(ERROR,
				errcode(ERRCODE_PC_INVALID_ARGUMENT),
				errmsg("type %s has no lifecycle", known ? format_type_be(type) : psprintf("%u", type)),
				errhint("Ask for paycore.intent_status or another of paycore's statuses."));
	InitMaterializedSRF(fcinfo, 0);
	for (int from = 0; from < lifecycle->nstates; from++)
		put_steps((ReturnSetInfo *) fcinfo->resultinfo, lifecycle, from);
	return (Datum) 0;
}
