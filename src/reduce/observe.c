/*
 * observe.c
 *		How rows of every kind are written as observations of the gateway, and
 *		how the place of a picture among the others is noted.
 */
#include "common/paycore.h"

#include "reduce/internal.h"

void
pc_observe(PcPlan *plan, PcArgs *a, const PcSighting *s)
{
	PC_OBSERVE(s)
	{
		(void) pc_execute_args(plan, a, false);
	}
	PC_WRITE_END;
}

static void
touch(PcPlan *plan, const char *tenant, const pg_uuid_t *id, TimestampTz time, bool doubt, const PcSighting *s)
{
	PcArgs		a = {0};

	pc_arg_uuid(&a, id);
	pc_arg_text(&a, tenant);
	pc_arg_time(&a, time);
	pc_arg_bool(&a, doubt);
	pc_observe(plan, &a, s);
}

PcReduced
pc_note_order(PcOrder order, PcPlan *plan, const char *tenant, const pg_uuid_t *id, const PcKnown *known,
			  const PcSighting *s)
{
	switch (order)
	{
		case PC_ORDER_SAME:
			break;
		case PC_ORDER_TOUCH:
			touch(plan, tenant, id, pc_seen_second(s), false, s);
			break;
		case PC_ORDER_APPLY:
			return PC_REDUCED_APPLIED;
		case PC_ORDER_MERGE:
			return PC_REDUCED_STALE;
		case PC_ORDER_DOUBT:
			if (!known->doubt)
				touch(plan, tenant, id, known->time, true, s);
			return PC_REDUCED_DOUBT;
	}
	return PC_REDUCED_UNCHANGED;
}
