/*
 * response.c
 *		A gateway's answer to each operation: what is read of it is sound, the
 *		same in any notation, about what was asked, and nothing where the answer
 *		was cut off.
 *
 * The first line of the input: operation, HTTP status, and letters (i: with the
 * ids of the object asked for, r: replayed, y and n: Stripe-Should-Retry).
 */
#include "harness.h"

#include "snapshot.h"

#include "common/hashfn.h"
#include "gateway/stripe.h"
#include "gateway/testing.h"

#define ID "id_1"

/* An unknown name stands for one of them, too. */
static GwOperation
operation_of(const char *name)
{
	int			op = gw_operation_by_name(name);

	return op >= 0 ? op : hash_bytes((const unsigned char *) name, (int) strlen(name)) % GW_NOPERATIONS;
}

static void
read_line(char *line, GwCall *call, GwResponse *response)
{
	char	   *status = line + strcspn(line, " ");
	char	   *letters = status;

	response->status = 200;
	response->should_retry = -1;
	response->retry_after_ms = -1;
	if (*status != '\0')
	{
		*status++ = '\0';
		response->status = (int) (strtol(status, &letters, 10) % 1000);
	}
	call->op = operation_of(line);
	response->replayed = strchr(letters, 'r') != NULL;
	if (strpbrk(letters, "yn") != NULL)
		response->should_retry = strchr(letters, 'y') != NULL;
	if (strchr(letters, 'i') != NULL)
		call->psp_customer_id = call->psp_method_id = call->psp_intent_id = call->psp_charge_id =
			call->psp_refund_id = call->psp_payout_id = call->psp_mandate_id = call->psp_dispute_id =
			call->psp_object_id = ID;
}

static void
check_verdict(const GwCall *call, const GwResponse *response, const GwAnswer *answer)
{
	bool		success = response->status >= 200 && response->status <= 299;

	must((answer->verdict == GW_OK) <= (success && answer->object.kind != GW_KIND_NONE));
	must((answer->verdict == GW_DECLINED) <= (response->status == 402));
	must(!success || answer->verdict == GW_OK || answer->verdict == GW_UNKNOWN);

	/* Attaching a payment method may answer with another one. */
	if (answer->verdict == GW_OK && call->psp_intent_id != NULL && answer->object.kind != GW_KIND_LIST &&
		answer->object.kind != GW_KIND_ACCOUNT && answer->object.kind != GW_KIND_METHOD &&
		call->op != GW_CUSTOMER_CREATE && call->op != GW_INTENT_CREATE && call->op != GW_REFUND_CREATE &&
		call->op != GW_SETUP_CREATE)
		must(strcmp(answer->object.id, ID) == 0);
}

static void
check_same(const GwAnswer *a, const GwAnswer *b)
{
	StringInfoData first;
	StringInfoData second;

	must(fuzz_same_jsonb(gw_describe_answer(a), gw_describe_answer(b)));
	initStringInfo(&first);
	initStringInfo(&second);
	digest_object(&a->object, &first);
	digest_object(&b->object, &second);
	must(first.len == second.len && memcmp(first.data, second.data, first.len) == 0);
}

/* The same content as the server writes it: other blanks, order and escapes. */
static void
check_notation(const GwCall *call, const GwResponse *response, const GwAnswer *answer, const Jsonb *body)
{
	GwResponse	other = *response;
	GwAnswer	again;

	other.body = fuzz_jsonb_text(body);
	other.body_len = strlen(other.body);
	gw_stripe_read_response(call, &other, &again);
	check_same(answer, &again);
}

static void
check_cut_off(const GwCall *call, const GwResponse *response, const Jsonb *body)
{
	GwResponse	cut = *response;
	GwAnswer	answer;

	while (cut.body_len > 0 && strchr(" \t\r\n", cut.body[cut.body_len - 1]) != NULL)
		cut.body_len--;
	cut.body_len = hash_bytes((const unsigned char *) cut.body, (int) cut.body_len) % cut.body_len;
	cut.body = fuzz_exact(cut.body, cut.body_len);
	gw_stripe_read_response(call, &cut, &answer);
	must(answer.verdict != GW_OK && answer.verdict != GW_DECLINED);
	must(answer.object.kind == GW_KIND_NONE && answer.object.id == NULL);
	must(answer.error.type == NULL && answer.error.code == NULL && answer.error.message == NULL);
}

/* The worker reads the items of such a list as events. */
static void
check_events(const Jsonb *body)
{
	Jsonb	   *data = pc_json_object(body, "data");
	const char *why;
	GwEvent		event;

	for (int i = 0; i < pc_json_array_length(data); i++)
	{
		Jsonb	   *item = pc_json_element(data, i);

		if (item == NULL || !gw_stripe_read_event(item, &event, &why))
			continue;
		check_event(&event);
		fuzz_check_jsonb(gw_describe_event(&event));
	}
}

void
fuzz_one(const char *data, size_t size)
{
	GwCall		call = {0};
	GwResponse	response = {0};
	GwAnswer	answer;
	const char *why;
	Jsonb	   *body;

	read_line(fuzz_first_line(data, size, &response.body, &response.body_len), &call, &response);
	response.body = fuzz_exact(response.body, response.body_len);
	gw_stripe_read_response(&call, &response, &answer);
	check_verdict(&call, &response, &answer);
	check_object(&answer.object);
	if (!fuzz_chosen(data, size))
		return;
	fuzz_check_jsonb(gw_describe_answer(&answer));
	body = pc_json_parse(response.body, response.body_len, &why);
	if (body == NULL)
	{
		must(answer.object.kind == GW_KIND_NONE && answer.error.code == NULL);
		return;
	}
	check_notation(&call, &response, &answer, body);
	if (!JB_ROOT_IS_SCALAR(body))
		check_cut_off(&call, &response, body);
	if (call.op == GW_EVENT_LIST)
		check_events(body);
}
