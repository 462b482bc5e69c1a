/*
 * stripe_metadata.c
 *		How our objects are recognised at Stripe.  Metadata is copied from
 *		intent to charge, so each kind of object has a key of its own.
 */
#include "common/metadata.h"
#include "gateway/stripe.h"

/* Stripe's values are texts: what is nested goes as its own JSON. */
static char *
value_text(JsonbValue *value)
{
	if (value->type == jbvBinary)
		return JsonbToCString(NULL, value->val.binary.data, value->val.binary.len);
	if (value->type == jbvNull)
		return pstrdup("");
	return pc_json_value_text(value);
}

static void
add_users(PcJsonBuilder *b, const Jsonb *metadata)
{
	JsonbIterator *it;
	JsonbIteratorToken token;
	JsonbValue	v;
	char	   *key = NULL;

	if (metadata == NULL || !JB_ROOT_IS_OBJECT(metadata))
		return;
	it = JsonbIteratorInit(unconstify(JsonbContainer *, &metadata->root));
	while ((token = JsonbIteratorNext(&it, &v, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
			key = pc_metadata_is_reserved(v.val.string.val, v.val.string.len) ? NULL : pc_json_value_text(&v);
		else if (token == WJB_VALUE && key != NULL)
			pc_json_add_text(b, key, value_text(&v));
	}
}

static bool
is_intents(GwOperation op)
{
	return op >= GW_INTENT_CREATE && op <= GW_CHARGE_RETRIEVE;
}

static bool
is_refunds(GwOperation op)
{
	return op >= GW_REFUND_CREATE && op <= GW_REFUND_RETRIEVE;
}

static bool
is_setups(GwOperation op)
{
	return op >= GW_SETUP_CREATE && op <= GW_SETUP_LIST;
}

Jsonb *
gw_stripe_metadata(const GwCall *call)
{
	PcJsonBuilder b;

	pc_json_begin(&b);
	add_users(&b, pc_json_object(call->params, "metadata"));
	if (is_intents(call->op) || is_refunds(call->op))
		pc_json_add_text(&b, "paycore_intent", call->intent_id);
	if (is_refunds(call->op))
		pc_json_add_text(&b, "paycore_refund", call->refund_id);
	if (is_setups(call->op))
		pc_json_add_text(&b, "paycore_setup_intent", call->intent_id);
	pc_json_add_text(&b, "paycore_account", call->account_id);
	pc_json_add_text(&b, "paycore_tenant", call->tenant);
	pc_json_add_text(&b, "paycore_db", call->database);
	return pc_json_end(&b);
}
