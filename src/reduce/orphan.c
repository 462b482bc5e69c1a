/*
 * orphan.c
 *		An intent of ours that turned up late: its row was asked for again
 *		under another key meanwhile, and belongs to that one's intent.
 */
#include "common/paycore.h"

#include "reduce/internal.h"

static PcPlan suspect = PC_PLAN("ut",
	"UPDATE paycore.payment_intents SET duplicate_suspected = true"
	" WHERE id OPERATOR(pg_catalog.=) $1 AND tenant_id OPERATOR(pg_catalog.=) $2 AND NOT duplicate_suspected");

static bool
is_twin(const GwIntent *i, const PcIntentRow *row)
{
	return row->psp_id != NULL && strcmp(row->psp_id, i->id) != 0 &&
		pc_account_mark(i->metadata, &row->account) == PC_ACCOUNT_SAME;
}

static void
flag(const PcIntentRow *row, const PcSighting *s)
{
	PcArgs		a = {0};

	pc_arg_uuid(&a, &row->id);
	pc_arg_text(&a, row->tenant);
	pc_observe(&suspect, &a, s);
}

PcOrphan
pc_orphan(const GwIntent *i, const PcSighting *s)
{
	char	   *tenant;
	pg_uuid_t	id;
	PcIntentRow row;

	if (!pc_marked_id(i->metadata, "paycore_intent", &tenant, &id) ||
		!pc_lock_intent_by_id(tenant, &id, &row) || !is_twin(i, &row))
		return PC_NO_ORPHAN;
	if (!row.duplicate)
		flag(&row, s);
	switch (pc_state_by_name(&pc_intent_lifecycle, i->status))
	{
		case INTENT_SUCCEEDED:
		case INTENT_PROCESSING:
			return PC_ORPHAN_PAID;
		case INTENT_CANCELED:
			return PC_ORPHAN_LET_GO;
		default:
			pc_look_at_unknown(GW_INTENT_CANCEL, i->id, s);
			return PC_ORPHAN_LET_GO;
	}
}
