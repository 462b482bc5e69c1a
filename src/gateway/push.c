/*
 * push.c
 *		The other way round: paycore's own changes, to endpoints that want to be
 *		told.  An endpoint takes requests as a gateway does, so it has a gateway
 *		account, with a pace, a pause and secrets.
 */
#include "gateway/gateway.h"

#include "common/json.h"
#include "common/utf8.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"

/* What is above ASCII is escaped: so the bytes are the same whatever the database's encoding. */
static char *
ascii_json(Jsonb *json)
{
	char	   *text = JsonbToCString(NULL, &json->root, VARSIZE(json));
	const unsigned char *p = (const unsigned char *) pc_as_utf8(text, "?");
	StringInfoData out;

	initStringInfo(&out);
	while (*p != '\0')
	{
		pg_wchar	c = utf8_to_unicode(p);

		if (c < 0x80)
			appendStringInfoChar(&out, (char) c);
		else if (c < 0x10000)
			appendStringInfo(&out, "\\u%04x", c);
		else
			appendStringInfo(&out, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10), 0xdc00 + ((c - 0x10000) & 0x3ff));
		p += pg_utf_mblen(p);
	}
	return out.data;
}

static void
add_number(PcJsonBuilder *event, const Jsonb *change, const char *key)
{
	int64		number;

	if (pc_json_int64(change, key, &number))
		pc_json_add_int64(event, key, number);
}

static Jsonb *
make_event(const GwCall *call, const char *type)
{
	static const char *const texts[] = {"object_type", "object_id", "from_status", "to_status", "reason"};
	PcJsonBuilder event,
				data;

	pc_json_begin(&data);
	if (call->details != NULL)
		pc_json_add_json(&data, "object", call->details);
	pc_json_begin(&event);
	pc_json_add_text(&event, "object", "event");
	pc_json_add_text(&event, "id", pc_json_text(call->params, "id"));
	pc_json_add_text(&event, "type", type);
	pc_json_add_text(&event, "tenant", call->tenant);
	add_number(&event, call->params, "created");
	add_number(&event, call->params, "seq");
	for (int i = 0; i < lengthof(texts); i++)
		pc_json_add_text(&event, texts[i], pc_json_text(call->params, texts[i]));
	pc_json_add_json(&event, "data", pc_json_end(&data));
	return pc_json_end(&event);
}

static bool
render(const GwCall *call, GwRequest *request, const char **why)
{
	char	   *object = pc_json_text(call->params, "object_type");
	char	   *status = pc_json_text(call->params, "to_status");

	if (call->op != GW_WEBHOOK_DELIVER || object == NULL || status == NULL)
	{
		*why = "a webhook endpoint takes changes only";
		return false;
	}
	request->method = "POST";
	request->path = pstrdup("/");	/* of the endpoint's address, which may have changed when it is sent again */
	request->body = ascii_json(make_event(call, psprintf("%s.%s", object, status)));
	request->endpoint = "POST";
	return true;
}

char *
gw_sign(const char *payload, const PcSecrets *secrets, int64 time)
{
	StringInfoData header;

	initStringInfo(&header);
	appendStringInfo(&header, "t=" INT64_FORMAT, time);
	for (int i = 0; i < secrets->nwebhook_secrets; i++)
	{
		char		hex[GW_SIGNATURE_HEX_LEN];

		gw_signature(secrets->webhook_secrets[i], time, payload, strlen(payload), hex);
		appendStringInfoString(&header, ",v1=");
		appendBinaryStringInfo(&header, hex, sizeof(hex));
	}
	return header.data;
}

static void
read_response(const GwCall *call, const GwResponse *response, GwAnswer *answer)
{
	memset(answer, 0, sizeof(*answer));
	answer->verdict = response->status >= 200 && response->status < 300 ? GW_OK : GW_RETRY;
}

static bool
verify_webhook(const char *payload, size_t len, const char *signature, const PcSecrets *secrets,
			   int64 now, int tolerance, const char **why)
{
	*why = "a webhook endpoint of others sends no webhooks";
	return false;
}

static bool
read_event(const Jsonb *payload, GwEvent *event, const char **why)
{
	memset(event, 0, sizeof(*event));
	*why = "a webhook endpoint of others sends no events";
	return false;
}

const Gateway gw_push = {
	.name = "push",
	.networked = true,
	.render = render,
	.read_response = read_response,
	.verify_webhook = verify_webhook,
	.read_event = read_event,
};
