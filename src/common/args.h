/*
 * args.h
 *		Arguments of a kept plan, added one by one in the order of its letters.
 */
#ifndef PAYCORE_ARGS_H
#define PAYCORE_ARGS_H

#include "common/paycore.h"
#include "common/plan.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

typedef struct PcArgs
{
	int			n;
	Datum		values[PC_PLAN_MAX_ARGS];
	char		nulls[PC_PLAN_MAX_ARGS + 1];
} PcArgs;

static inline void
pc_arg(PcArgs *a, Datum value, bool isnull)
{
	Assert(a->n < PC_PLAN_MAX_ARGS);
	a->values[a->n] = value;
	a->nulls[a->n++] = isnull ? 'n' : ' ';
}

static inline void
pc_arg_null(PcArgs *a)
{
	pc_arg(a, (Datum) 0, true);
}

/* NULL is null. */
static inline void
pc_arg_text(PcArgs *a, const char *text)
{
	pc_arg(a, text ? CStringGetTextDatum(text) : (Datum) 0, text == NULL);
}

static inline void
pc_arg_json(PcArgs *a, const Jsonb *json)
{
	pc_arg(a, PointerGetDatum(json), json == NULL);
}

static inline void
pc_arg_uuid(PcArgs *a, const pg_uuid_t *id)
{
	pc_arg(a, UUIDPGetDatum(id), id == NULL);
}

/* 0 is null. */
static inline void
pc_arg_time(PcArgs *a, TimestampTz time)
{
	pc_arg(a, TimestampTzGetDatum(time), time == 0);
}

static inline void
pc_arg_bool(PcArgs *a, bool value)
{
	pc_arg(a, BoolGetDatum(value), false);
}

static inline void
pc_arg_state(PcArgs *a, int state)
{
	pc_arg(a, UInt8GetDatum((uint8) state), false);
}

/* Checks that they are all there: then values and nulls are the plan's. */
extern void pc_args_end(PcArgs *a, const PcPlan *plan);

extern uint64 pc_execute_args(PcPlan *plan, PcArgs *a, bool read_only);

#endif							/* PAYCORE_ARGS_H */
