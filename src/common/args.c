/*
 * args.c
 *		Arguments of a kept plan, added one by one in the order of its letters.
 *
 * What looks into a plan and passes it on stays out of the header: gcc 12.2
 * makes a copy of it for one caller's static plan, and then takes that for
 * read-only (PR ipa/107769).
 */
#include "common/paycore.h"

#include "common/args.h"

void
pc_args_end(PcArgs *a, const PcPlan *plan)
{
	if (a->n != (int) strlen(plan->args))
		elog(ERROR, "paycore: %d arguments for a plan of %d", a->n, (int) strlen(plan->args));
	a->nulls[a->n] = '\0';
}

uint64
pc_execute_args(PcPlan *plan, PcArgs *a, bool read_only)
{
	pc_args_end(a, plan);
	return pc_execute(plan, a->values, a->nulls, read_only, 0);
}
