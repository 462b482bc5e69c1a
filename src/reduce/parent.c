/*
 * parent.c
 *		Objects of a payment that is not known here yet.
 */
#include "common/paycore.h"

#include "reduce/internal.h"

PcReduced
pc_seek_payment(const char *intent_id, const char *charge_id, const PcSighting *s)
{
	PcIntentRow intent;

	if (intent_id != NULL && pc_lock_intent(intent_id, NULL, s, &intent))
	{
		if (!s->parent_sought)
			pc_look_at_intent(&intent, s, 0);
		return PC_REDUCED_PARENT_MISSING;
	}
	if ((intent_id == NULL && charge_id == NULL) || !pc_may_adopt_unknown(s))
		return PC_REDUCED_IGNORED;
	if (!s->parent_sought && intent_id != NULL)
		pc_look_at_unknown(GW_INTENT_RETRIEVE, intent_id, s);
	else if (!s->parent_sought)
		pc_look_at_unknown(GW_CHARGE_RETRIEVE, charge_id, s);
	return PC_REDUCED_PARENT_MISSING;
}
