/*
 * lifecycle.c
 *		The lifecycles: which states there are, and which steps between them.
 */
#include "types/lifecycle.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#define BIT(state)		(1U << (state))

/* Snapshots of a gateway get lost, so an open intent may be seen in any state next. */
#define INTENT_OPEN \
	(BIT(INTENT_REQUIRES_PAYMENT_METHOD) | BIT(INTENT_REQUIRES_CONFIRMATION) | \
	 BIT(INTENT_REQUIRES_ACTION) | BIT(INTENT_PROCESSING) | BIT(INTENT_REQUIRES_CAPTURE))
#define INTENT_OVER		(BIT(INTENT_SUCCEEDED) | BIT(INTENT_CANCELED))
#define FROM_OPEN(state)	((INTENT_OPEN & ~BIT(state)) | INTENT_OVER)

static const PcState intent_states[] = {
	[INTENT_CREATED] = {"created", INTENT_OPEN | INTENT_OVER | BIT(INTENT_FAILED), 0},
	[INTENT_REQUIRES_PAYMENT_METHOD] =
	{"requires_payment_method", FROM_OPEN(INTENT_REQUIRES_PAYMENT_METHOD), 0},
	[INTENT_REQUIRES_CONFIRMATION] =
	{"requires_confirmation", FROM_OPEN(INTENT_REQUIRES_CONFIRMATION), 0},
	[INTENT_REQUIRES_ACTION] = {"requires_action", FROM_OPEN(INTENT_REQUIRES_ACTION), 0},
	[INTENT_PROCESSING] = {"processing", FROM_OPEN(INTENT_PROCESSING), 0},
	[INTENT_REQUIRES_CAPTURE] = {"requires_capture", FROM_OPEN(INTENT_REQUIRES_CAPTURE), 0},
	[INTENT_SUCCEEDED] = {"succeeded", 0, 0},
	[INTENT_CANCELED] = {"canceled", 0, 0},
	/* Nothing was made at the gateway, or so it seemed. */
	[INTENT_FAILED] = {"failed", 0, INTENT_OPEN | INTENT_OVER},
};

#define PAYMENT_ENDS	(BIT(PAYMENT_SUCCEEDED) | BIT(PAYMENT_FAILED) | BIT(PAYMENT_CANCELED))

static const PcState payment_states[] = {
	[PAYMENT_PENDING] = {"pending", BIT(PAYMENT_AUTHORIZED) | PAYMENT_ENDS, 0},
	[PAYMENT_AUTHORIZED] = {"authorized", BIT(PAYMENT_PENDING) | PAYMENT_ENDS, 0},
	/* A bank can take a direct debit back. */
	[PAYMENT_SUCCEEDED] = {"succeeded", 0, BIT(PAYMENT_FAILED)},
	[PAYMENT_FAILED] = {"failed", 0, 0},
	[PAYMENT_CANCELED] = {"canceled", 0, 0},
};

#define REFUND_ENDS		(BIT(REFUND_SUCCEEDED) | BIT(REFUND_FAILED) | BIT(REFUND_CANCELED))

static const PcState refund_states[] = {
	[REFUND_REQUESTED] = {"requested", BIT(REFUND_PENDING) | BIT(REFUND_CANCELED), 0},
	[REFUND_PENDING] = {"pending", BIT(REFUND_REQUIRES_ACTION) | REFUND_ENDS, 0},
	[REFUND_REQUIRES_ACTION] = {"requires_action", BIT(REFUND_PENDING) | REFUND_ENDS, 0},
	/* The payer's bank can send it back days later. */
	[REFUND_SUCCEEDED] = {"succeeded", 0, BIT(REFUND_FAILED) | BIT(REFUND_REQUIRES_ACTION) |
	BIT(REFUND_PENDING) | BIT(REFUND_CANCELED)},
	/* One that seemed refused turns out to exist; reduce checks that it was unknown. */
	[REFUND_FAILED] = {"failed", 0, BIT(REFUND_PENDING) | BIT(REFUND_REQUIRES_ACTION) |
	BIT(REFUND_SUCCEEDED) | BIT(REFUND_CANCELED)},
	[REFUND_CANCELED] = {"canceled", 0, 0},
};

#define PAYOUT_ENDS		(BIT(PAYOUT_FAILED) | BIT(PAYOUT_CANCELED))

/* Only the gateway moves them; paid means that the money is expected to arrive, and it may come back. */
static const PcState payout_states[] = {
	[PAYOUT_PENDING] = {"pending", 0, BIT(PAYOUT_IN_TRANSIT) | BIT(PAYOUT_PAID) | PAYOUT_ENDS},
	[PAYOUT_IN_TRANSIT] = {"in_transit", 0, BIT(PAYOUT_PENDING) | BIT(PAYOUT_PAID) | PAYOUT_ENDS},
	[PAYOUT_PAID] = {"paid", 0, BIT(PAYOUT_IN_TRANSIT) | PAYOUT_ENDS},
	[PAYOUT_FAILED] = {"failed", 0, 0},
	[PAYOUT_CANCELED] = {"canceled", 0, 0},
};

#define SETUP_OPEN \
	(BIT(SETUP_REQUIRES_PAYMENT_METHOD) | BIT(SETUP_REQUIRES_CONFIRMATION) | \
	 BIT(SETUP_REQUIRES_ACTION) | BIT(SETUP_PROCESSING))
#define SETUP_OVER		(BIT(SETUP_SUCCEEDED) | BIT(SETUP_CANCELED))
#define FROM_SETUP(state)	((SETUP_OPEN & ~BIT(state)) | SETUP_OVER)

/* An intent without money. */
static const PcState setup_states[] = {
	[SETUP_CREATED] = {"created", SETUP_OPEN | SETUP_OVER | BIT(SETUP_FAILED), 0},
	[SETUP_REQUIRES_PAYMENT_METHOD] =
	{"requires_payment_method", FROM_SETUP(SETUP_REQUIRES_PAYMENT_METHOD), 0},
	[SETUP_REQUIRES_CONFIRMATION] =
	{"requires_confirmation", FROM_SETUP(SETUP_REQUIRES_CONFIRMATION), 0},
	[SETUP_REQUIRES_ACTION] = {"requires_action", FROM_SETUP(SETUP_REQUIRES_ACTION), 0},
	[SETUP_PROCESSING] = {"processing", FROM_SETUP(SETUP_PROCESSING), 0},
	[SETUP_SUCCEEDED] = {"succeeded", 0, 0},
	[SETUP_CANCELED] = {"canceled", 0, 0},
	[SETUP_FAILED] = {"failed", 0, SETUP_OPEN | SETUP_OVER},
};

static const PcState mandate_states[] = {
	[MANDATE_PENDING] = {"pending", BIT(MANDATE_ACTIVE) | BIT(MANDATE_INACTIVE), 0},
	[MANDATE_ACTIVE] = {"active", BIT(MANDATE_INACTIVE), BIT(MANDATE_PENDING)},
	/* Revoked, refused or used up. */
	[MANDATE_INACTIVE] = {"inactive", 0, 0},
};

#define DISPUTE_OPEN	(BIT(DISPUTE_NEEDS_RESPONSE) | BIT(DISPUTE_UNDER_REVIEW))
#define DISPUTE_DECIDED	(BIT(DISPUTE_WON) | BIT(DISPUTE_LOST))
#define FROM_WARNING	(BIT(DISPUTE_WARNING_CLOSED) | DISPUTE_OPEN | DISPUTE_DECIDED | BIT(DISPUTE_PREVENTED))

static const PcState dispute_states[] = {
	[DISPUTE_WARNING_NEEDS_RESPONSE] =
	{"warning_needs_response", BIT(DISPUTE_WARNING_UNDER_REVIEW) | FROM_WARNING, 0},
	[DISPUTE_WARNING_UNDER_REVIEW] =
	{"warning_under_review", BIT(DISPUTE_WARNING_NEEDS_RESPONSE) | FROM_WARNING, 0},
	[DISPUTE_WARNING_CLOSED] = {"warning_closed", DISPUTE_OPEN | DISPUTE_DECIDED, 0},
	[DISPUTE_NEEDS_RESPONSE] =
	{"needs_response", BIT(DISPUTE_UNDER_REVIEW) | DISPUTE_DECIDED, 0},
	[DISPUTE_UNDER_REVIEW] =
	{"under_review", BIT(DISPUTE_NEEDS_RESPONSE) | DISPUTE_DECIDED, 0},
	/* The networks hear some cases again. */
	[DISPUTE_WON] = {"won", 0, BIT(DISPUTE_LOST) | DISPUTE_OPEN},
	[DISPUTE_LOST] = {"lost", 0, BIT(DISPUTE_WON) | DISPUTE_OPEN},
	[DISPUTE_PREVENTED] = {"prevented", 0, 0},
};

/* Whatever it is, it may come to an end; until then money and pauses come and go. */
#define SUBSCRIPTION_RUNS \
	(BIT(SUBSCRIPTION_ACTIVE) | BIT(SUBSCRIPTION_PAST_DUE) | BIT(SUBSCRIPTION_PAUSED))

static const PcState subscription_states[] = {
	[SUBSCRIPTION_SCHEDULED] =
	{"scheduled", BIT(SUBSCRIPTION_TRIALING) | BIT(SUBSCRIPTION_ACTIVE) | BIT(SUBSCRIPTION_CANCELED), 0},
	[SUBSCRIPTION_TRIALING] = {"trialing", SUBSCRIPTION_RUNS | BIT(SUBSCRIPTION_CANCELED), 0},
	[SUBSCRIPTION_ACTIVE] =
	{"active", (SUBSCRIPTION_RUNS & ~BIT(SUBSCRIPTION_ACTIVE)) | BIT(SUBSCRIPTION_CANCELED), 0},
	[SUBSCRIPTION_PAST_DUE] =
	{"past_due", (SUBSCRIPTION_RUNS & ~BIT(SUBSCRIPTION_PAST_DUE)) | BIT(SUBSCRIPTION_CANCELED), 0},
	[SUBSCRIPTION_PAUSED] =
	{"paused", BIT(SUBSCRIPTION_TRIALING) | (SUBSCRIPTION_RUNS & ~BIT(SUBSCRIPTION_PAUSED)) | BIT(SUBSCRIPTION_CANCELED), 0},
	[SUBSCRIPTION_CANCELED] = {"canceled", 0, 0},
};

static const PcState invoice_states[] = {
	/* Nothing to pay: paid at once; discarded: void. */
	[INVOICE_DRAFT] = {"draft", BIT(INVOICE_OPEN) | BIT(INVOICE_PAID) | BIT(INVOICE_VOID), 0},
	[INVOICE_OPEN] = {"open", BIT(INVOICE_PAID) | BIT(INVOICE_VOID) | BIT(INVOICE_UNCOLLECTIBLE), 0},
	/* The payment bounces. */
	[INVOICE_PAID] = {"paid", 0, BIT(INVOICE_OPEN)},
	[INVOICE_VOID] = {"void", 0, 0},
	[INVOICE_UNCOLLECTIBLE] = {"uncollectible", BIT(INVOICE_PAID) | BIT(INVOICE_VOID), 0},
};

const PcLifecycle pc_intent_lifecycle =
{"intent_status", lengthof(intent_states), intent_states};
const PcLifecycle pc_payment_lifecycle =
{"payment_status", lengthof(payment_states), payment_states};
const PcLifecycle pc_refund_lifecycle =
{"refund_status", lengthof(refund_states), refund_states};
const PcLifecycle pc_payout_lifecycle =
{"payout_status", lengthof(payout_states), payout_states};
const PcLifecycle pc_dispute_lifecycle =
{"dispute_status", lengthof(dispute_states), dispute_states};

const PcLifecycle pc_setup_lifecycle =
{"setup_intent_status", lengthof(setup_states), setup_states};
const PcLifecycle pc_mandate_lifecycle =
{"mandate_status", lengthof(mandate_states), mandate_states};

const PcLifecycle pc_subscription_lifecycle =
{"subscription_status", lengthof(subscription_states), subscription_states};
const PcLifecycle pc_invoice_lifecycle =
{"invoice_status", lengthof(invoice_states), invoice_states};

const PcLifecycle *const pc_lifecycles[] = {
	&pc_intent_lifecycle,
	&pc_payment_lifecycle,
	&pc_refund_lifecycle,
	&pc_payout_lifecycle,
	&pc_setup_lifecycle,
	&pc_mandate_lifecycle,
	&pc_dispute_lifecycle,
	&pc_subscription_lifecycle,
	&pc_invoice_lifecycle,
	NULL
};

/* The types looked up last; emptied whenever any type changes. */
#define CACHED_TYPES 12
static struct
{
	Oid			type;
	const PcLifecycle *lifecycle;
}			cached_types[CACHED_TYPES];
static int	next_cached = 0;

static void
forget_types(Datum arg, int cache, uint32 hash)
{
	memset(cached_types, 0, sizeof(cached_types));
}

/* Looks a type up in the catalog, domains by what they are made of. */
static const PcLifecycle *
find_lifecycle(Oid type)
{
	HeapTuple	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(getBaseType(type)));
	const PcLifecycle *found = NULL;
	Form_pg_type form;

	if (!HeapTupleIsValid(tuple))
		return NULL;
	form = (Form_pg_type) GETSTRUCT(tuple);
	if (form->typnamespace == get_namespace_oid(PC_SCHEMA, true))
	{
		for (int i = 0; pc_lifecycles[i] != NULL && found == NULL; i++)
		{
			if (strcmp(NameStr(form->typname), pc_lifecycles[i]->type_name) == 0)
				found = pc_lifecycles[i];
		}
	}
	ReleaseSysCache(tuple);
	return found;
}

/* The lifecycle behind a type; NULL where there is none. */
const PcLifecycle *
pc_lifecycle_of_type(Oid type)
{
	static bool registered = false;
	const PcLifecycle *lifecycle;

	if (!OidIsValid(type))
		return NULL;
	for (int i = 0; i < CACHED_TYPES; i++)
	{
		if (cached_types[i].type == type)
			return cached_types[i].lifecycle;
	}
	if (!registered)
	{
		CacheRegisterSyscacheCallback(TYPEOID, forget_types, (Datum) 0);
		CacheRegisterSyscacheCallback(NAMESPACEOID, forget_types, (Datum) 0);
		registered = true;
	}
	lifecycle = find_lifecycle(type);
	cached_types[next_cached].type = type;
	cached_types[next_cached].lifecycle = lifecycle;
	next_cached = (next_cached + 1) % CACHED_TYPES;
	return lifecycle;
}

/* The number of a state; -1 where the name is unknown. */
int
pc_state_by_name(const PcLifecycle *lifecycle, const char *name)
{
	for (int i = 0; i < lifecycle->nstates; i++)
	{
		if (strcmp(name, lifecycle->states[i].name) == 0)
			return i;
	}
	return -1;
}

/* The name of a state. */
const char *
pc_state_name(const PcLifecycle *lifecycle, int state)
{
	return state >= 0 && state < lifecycle->nstates ? lifecycle->states[state].name : "???";
}

/* Whether the lifecycle has the step; observed = the gateway says that it has happened. */
bool
pc_can_transition(const PcLifecycle *lifecycle, int from, int to, bool observed)
{
	uint32		reachable;

	if (from < 0 || from >= lifecycle->nstates || to < 0 || to >= lifecycle->nstates)
		return false;
	reachable = BIT(from) | lifecycle->states[from].next;
	if (observed)
		reachable |= lifecycle->states[from].observed;
	return (reachable & BIT(to)) != 0;
}
