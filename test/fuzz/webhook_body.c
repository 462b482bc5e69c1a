/*
 * webhook_body.c
 *		The body of a webhook, from its bytes to the event that is stored and
 *		applied: as receive_webhook() reads it once the signature is right.
 */
#include "harness.h"

#include "snapshot.h"

#include "gateway/stripe.h"
#include "gateway/testing.h"
#include "mb/pg_wchar.h"

static Jsonb *
described(const Jsonb *payload, const GwEvent *event)
{
	GwEvent		again;
	const char *why;
	Jsonb	   *description = gw_describe_event(event);
	StringInfoData first;
	StringInfoData second;

	/* Read twice, it is the same event. */
	must(gw_stripe_read_event(payload, &again, &why));
	initStringInfo(&first);
	initStringInfo(&second);
	digest_object(&event->object, &first);
	digest_object(&again.object, &second);
	must(first.len == second.len && memcmp(first.data, second.data, first.len) == 0);
	return description;
}

/* What is kept of it is a well-formed copy without the payer's secret. */
static void
check_stored(const Jsonb *payload)
{
	Jsonb	   *stored = pc_json_redact(payload);
	GwEvent		event;
	const char *why;

	fuzz_check_jsonb(stored);
	must(gw_stripe_read_event(stored, &event, &why));
	must(event.object.kind != GW_KIND_INTENT || event.object.u.intent->client_secret == NULL);
	must(event.object.kind != GW_KIND_SETUP || event.object.u.setup->client_secret == NULL);
}

void
fuzz_one(const char *data, size_t size)
{
	const char *why = NULL;
	GwEvent		event;
	Jsonb	   *payload = pc_json_parse(fuzz_exact(data, size), size, &why);

	if (payload == NULL)
	{
		must(why != NULL);
		return;
	}
	if (!gw_stripe_read_event(payload, &event, &why))
	{
		must(why != NULL);
		must(pc_json_string(payload, "type") == NULL || pc_json_string(payload, "id") == NULL ||
			 *pc_json_string(payload, "id") == '\0' || strlen(pc_json_string(payload, "id")) > 255);
		return;
	}
	check_event(&event);
	if (!fuzz_chosen(data, size))
		return;
	fuzz_check_jsonb(described(payload, &event));
	check_stored(payload);
}
