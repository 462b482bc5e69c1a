/*
 * form.c
 *		Parameters as a form: what is sent decodes to the names and values that
 *		were meant, each of them once, and nothing else reaches into the path.
 *
 * The first line of the input is an operation, whose parameters follow as
 * JSON; any other first line has the JSON encoded as a value.  The parameter
 * _id stands for every id.
 */
#include "harness.h"

#include "gateway/form.h"
#include "gateway/stripe.h"
#include "utils/fmgrprotos.h"

#define MAX_PAIRS	256
#define MAX_SEGMENTS 80

typedef struct Pair
{
	char	   *name;			/* as sent */
	char	   *value;
	int			nsegments;
	char	   *segments[MAX_SEGMENTS];
} Pair;

typedef struct Pairs
{
	int			n;
	Pair	   *pairs;
} Pairs;

static int
hex_digit(char c)
{
	must((c >= '0' && c <= '9') || (c >= 'A' && c <= 'F'));
	return c <= '9' ? c - '0' : c - 'A' + 10;
}

/* Strictly: nothing but what need not be encoded stands for itself. */
static char *
decoded(const char *text, size_t len)
{
	char	   *out = palloc(len + 1);
	size_t		n = 0;

	for (size_t i = 0; i < len; i++)
	{
		if (text[i] != '%')
			must(isalnum((unsigned char) text[i]) || strchr("-._~", text[i]) != NULL);
		else
			must(i + 2 < len);
		out[n++] = text[i] == '%' ? hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]) : text[i];
		i += text[i] == '%' ? 2 : 0;
	}
	out[n] = '\0';
	must(strlen(out) == n);
	return out;
}

/* a[b][0]: a, b, 0. */
static void
split_name(Pair *pair)
{
	const char *p = pair->name;
	size_t		len = strcspn(p, "[]");

	pair->segments[pair->nsegments++] = decoded(p, len);
	for (p += len; *p != '\0'; p += len + 2)
	{
		must(*p == '[');
		len = strcspn(p + 1, "[]");
		must(p[len + 1] == ']');
		/* Others read a[] as one more item of a list. */
		must(len > 0);
		must(pair->nsegments < MAX_SEGMENTS);
		pair->segments[pair->nsegments++] = decoded(p + 1, len);
	}
}

static Pairs
decode_form(const char *form)
{
	Pairs		result = {.pairs = palloc0(sizeof(Pair) * MAX_PAIRS)};

	while (*form != '\0' && result.n < MAX_PAIRS)
	{
		Pair	   *pair = &result.pairs[result.n++];
		size_t		len = strcspn(form, "&");
		size_t		name_len = strcspn(form, "=");

		must(name_len < len);
		pair->name = pnstrdup(form, name_len);
		pair->value = decoded(form + name_len + 1, len - name_len - 1);
		split_name(pair);
		form += len;
		must(*form == '\0' || form[1] != '\0');
		form += *form == '&';
	}
	return result;
}

/* No name twice, and none both a value and a group. */
static void
check_names(const Pairs *form)
{
	for (int i = 0; i < form->n; i++)
	{
		size_t		len = strlen(form->pairs[i].name);

		for (int j = 0; j < form->n; j++)
		{
			const char *other = form->pairs[j].name;

			must(i == j || strncmp(other, form->pairs[i].name, len) != 0 || (other[len] != '\0' && other[len] != '['));
		}
	}
}

/* Scalars, and containers with nothing in them. */
static int
count_leaves(JsonbContainer *container)
{
	JsonbIterator *it = JsonbIteratorInit(container);
	JsonbIteratorToken token;
	JsonbValue	v;
	int			n = 0;

	while ((token = JsonbIteratorNext(&it, &v, false)) != WJB_DONE)
	{
		if (token == WJB_VALUE || token == WJB_ELEM)
			n++;
		else if (token == WJB_BEGIN_ARRAY)
			n += v.val.array.nElems == 0;
		else if (token == WJB_BEGIN_OBJECT)
			n += v.val.object.nPairs == 0;
	}
	return n;
}

/* The value below a container that the segments lead to. */
static JsonbValue *
value_at(JsonbContainer *container, char **segments, int n)
{
	JsonbValue *value = palloc(sizeof(JsonbValue));

	value->type = jbvBinary;
	value->val.binary.data = container;
	for (int i = 0; i < n && value != NULL; i++)
	{
		must(value->type == jbvBinary);
		container = value->val.binary.data;
		if (JsonContainerIsObject(container))
			value = getKeyJsonValueFromContainer(container, segments[i], (int) strlen(segments[i]), NULL);
		else
		{
			must(strcmp(psprintf("%d", atoi(segments[i])), segments[i]) == 0);
			value = getIthJsonbValueFromContainer(container, atoi(segments[i]));
		}
	}
	must(value != NULL);
	return value;
}

static void
check_value(const char *sent, const JsonbValue *value)
{
	if (value->type == jbvNull || value->type == jbvBinary)
	{
		must(*sent == '\0');
		must(value->type == jbvNull || JsonContainerSize(value->val.binary.data) == 0);
	}
	else
		must(strcmp(sent, pc_json_value_text(value)) == 0);
}

static void
check_encoding(Jsonb *json)
{
	JsonbValue	v = {.type = jbvBinary};
	GwForm		form;
	Pairs		sent;

	v.val.binary.data = &json->root;
	v.val.binary.len = VARSIZE(json) - VARHDRSZ;
	gw_form_init(&form);
	gw_form_add_value(&form, "root", &v);
	if (form.problem != NULL)
		return;
	sent = decode_form(form.text.data);
	check_names(&sent);
	must(sent.n == MAX_PAIRS || sent.n == count_leaves(&json->root));
	for (int i = 0; i < sent.n; i++)
	{
		must(strcmp(sent.pairs[i].segments[0], "root") == 0);
		check_value(sent.pairs[i].value, value_at(&json->root, sent.pairs[i].segments + 1, sent.pairs[i].nsegments - 1));
	}
}

/* The path is the route's, with the id in one piece; what follows a question mark is given back. */
static const char *
check_path(const GwRequest *request, const char *id)
{
	const char *pattern = strchr(request->endpoint, '/');
	const char *hole = strstr(pattern, ":id");
	size_t		before = hole != NULL ? hole - pattern : strlen(pattern);
	const char *p = request->path + before;

	must(strncmp(request->path, pattern, before) == 0);
	if (hole != NULL)
	{
		size_t		len = strcspn(p, "/?");

		must(len > 0 && strcmp(decoded(p, len), id) == 0);
		must(strcmp(id, ".") != 0 && strcmp(id, "..") != 0);
		p += len;
		must(strncmp(p, hole + 3, strlen(hole + 3)) == 0);
		p += strlen(hole + 3);
	}
	must(*p == '\0' || *p == '?');
	return *p == '?' ? p + 1 : "";
}

/* What paycore answers for says what paycore says. */
static void
check_ours(const GwCall *call, const Pair *pair)
{
	const char *top = pair->segments[0];
	PcMoney		money;
	int64		amount;

	if (strcmp(top, "amount") == 0 || strcmp(top, "amount_to_capture") == 0)
	{
		must(pair->nsegments == 1);
		must(gw_params_money(call->params, &money) && gw_stripe_amount_out(money, &amount));
		must(strcmp(pair->value, psprintf(INT64_FORMAT, amount)) == 0);
	}
	else if (strcmp(top, "currency") == 0)
		must(pg_strcasecmp(pair->value, pc_json_string(call->params, "currency")) == 0);
	else if (strcmp(top, "customer") == 0)
		must(strcmp(pair->value, call->psp_customer_id) == 0);
	else if (strcmp(top, "confirm") == 0)
		must(strcmp(pair->value, "true") == 0 && pc_json_bool(call->params, "confirm", false));
	else if (strcmp(top, "metadata") == 0 && pair->nsegments > 1 && strncmp(pair->segments[1], "paycore_", 8) == 0)
		must(strncmp(pair->value, "our ", 4) == 0);
}

/* Gateway parameters arrive as they were given, with the operations that take them. */
static void
check_extras(const GwCall *call, const Pairs *sent)
{
	Jsonb	   *extra = pc_json_object(call->params, "gateway_params");
	bool		taken = call->op == GW_INTENT_CREATE || call->op == GW_INTENT_CONFIRM ||
		call->op == GW_SETUP_CREATE || call->op == GW_SETUP_CONFIRM;

	if (extra == NULL || !JB_ROOT_IS_OBJECT(extra) || !taken)
		return;
	for (int i = 0; i < sent->n; i++)
	{
		Pair	   *pair = &sent->pairs[i];

		if (getKeyJsonValueFromContainer(&extra->root, pair->segments[0], (int) strlen(pair->segments[0]), NULL) != NULL)
			check_value(pair->value, value_at(&extra->root, pair->segments, pair->nsegments));
	}
}

static void
check_request(GwOperation op, const Jsonb *params)
{
	const char *id = pc_json_string(params, "_id");
	GwCall		call = {.op = op, .params = params, .tenant = "our tenant", .account_id = "our account",
		.intent_id = "our intent", .refund_id = "our refund", .database = "our database",
		.psp_customer_id = id, .psp_method_id = id, .psp_intent_id = id, .psp_charge_id = id, .psp_refund_id = id,
		.psp_payout_id = id, .psp_mandate_id = id, .psp_dispute_id = id, .psp_object_id = id};
	GwRequest	request = {0};
	const char *why = NULL;
	const char *query;
	Pairs		sent;

	if (!gw_stripe_render(&call, &request, &why))
	{
		must(why != NULL && *why != '\0');
		return;
	}
	query = check_path(&request, id);
	must(gw_operation_is_read(op) ? *request.body == '\0' : *query == '\0');
	sent = decode_form(gw_operation_is_read(op) ? query : request.body);
	check_names(&sent);
	for (int i = 0; i < sent.n; i++)
		check_ours(&call, &sent.pairs[i]);
	check_extras(&call, &sent);
}

void
fuzz_one(const char *data, size_t size)
{
	const char *text;
	size_t		len;
	const char *why;
	int			op = gw_operation_by_name(fuzz_first_line(data, size, &text, &len));
	Jsonb	   *json = pc_json_parse(text, len, &why);

	if (json == NULL || JB_ROOT_IS_SCALAR(json))
		return;
	if (op >= 0)
		check_request(op, json);
	else
		check_encoding(json);
}
