/*
 * stripe.c
 *		Just enough of Stripe: the account, customers, intents that succeed at
 *		once, with charge and fee, and a list of as many of them as asked for;
 *		other lists are empty.
 */
#define _GNU_SOURCE
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "stripe.h"

#define MOST_FIELDS 64
/* When the first listed intent was made; each one a second after the one before. */
#define FIRST 1700000000L

typedef struct
{
	char	   *name;
	char	   *value;
} Field;

typedef struct
{
	int			n;
	Field		fields[MOST_FIELDS];
} Form;

typedef struct
{
	char		id[48];
	long		amount;
	long		created;
	const char *currency;
	const char *capture_method;
	const char *customer;
	const char *description;
	const Form *form;			/* of its metadata; NULL: none */
} Intent;

static long made;

static int
digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
}

static void
decode(char *text)
{
	char	   *to = text;

	for (char *from = text; *from != '\0'; from++, to++)
	{
		if (*from == '%' && digit(from[1]) >= 0 && digit(from[2]) >= 0)
		{
			*to = (char) (digit(from[1]) * 16 + digit(from[2]));
			from += 2;
		}
		else
			*to = *from == '+' ? ' ' : *from;
	}
	*to = '\0';
}

static void
parse(Form *form, char *text)
{
	char	   *next;

	for (form->n = 0; text != NULL && *text != '\0' && form->n < MOST_FIELDS; text = next)
	{
		Field	   *field = &form->fields[form->n++];

		if ((next = strchr(text, '&')) != NULL)
			*next++ = '\0';
		field->name = text;
		field->value = strchr(text, '=');
		if (field->value != NULL)
			*field->value++ = '\0';
		else
			field->value = text + strlen(text);
		decode(field->name);
		decode(field->value);
	}
}

static const char *
value_of(const Form *form, const char *name)
{
	for (int f = 0; f < form->n; f++)
		if (strcmp(form->fields[f].name, name) == 0)
			return form->fields[f].value;
	return NULL;
}

static long
number_of(const Form *form, const char *name, long otherwise)
{
	const char *value = value_of(form, name);

	return value != NULL ? atol(value) : otherwise;
}

static void
put_text(FILE *out, const char *text)
{
	if (text == NULL)
	{
		fputs("null", out);
		return;
	}
	putc_unlocked('"', out);
	for (const char *c = text; *c != '\0'; c++)
	{
		if ((unsigned char) *c < ' ')
			fprintf(out, "\\u%04x", *c);
		else
		{
			if (*c == '"' || *c == '\\')
				putc_unlocked('\\', out);
			putc_unlocked(*c, out);
		}
	}
	putc_unlocked('"', out);
}

static void
put_member(FILE *out, const char *name, const char *text)
{
	fprintf(out, "\"%s\":", name);
	put_text(out, text);
	putc_unlocked(',', out);
}

static void
put_metadata(FILE *out, const Form *form)
{
	const char *comma = "";

	fputs("\"metadata\":{", out);
	for (int f = 0; form != NULL && f < form->n; f++)
	{
		char	   *name = form->fields[f].name;
		size_t		length = strlen(name);

		if (length < 11 || strncmp(name, "metadata[", 9) != 0 || name[length - 1] != ']')
			continue;
		fprintf(out, "%s\"%.*s\":", comma, (int) length - 10, name + 9);
		put_text(out, form->fields[f].value);
		comma = ",";
	}
	fputs("},", out);
}

static void
put_balance_transaction(FILE *out, const Intent *i)
{
	const char *key = i->id + 3;
	long		fee = i->amount * 29 / 1000 + 30;

	fprintf(out, "\"balance_transaction\":{\"id\":\"txn_%s\",\"object\":\"balance_transaction\",\"amount\":%ld,\"available_on\":%ld,"
			"\"created\":%ld,", key, i->amount, i->created + 172800, i->created);
	put_member(out, "currency", i->currency);
	fprintf(out, "\"description\":null,\"exchange_rate\":null,\"fee\":%ld,\"fee_details\":[{\"amount\":%ld,\"application\":null,",
			fee, fee);
	put_member(out, "currency", i->currency);
	fprintf(out, "\"description\":\"Stripe processing fees\",\"type\":\"stripe_fee\"}],\"net\":%ld,\"reporting_category\":\"charge\","
			"\"source\":\"ch_%s\",\"status\":\"pending\",\"type\":\"charge\"},", i->amount - fee, key);
}

static void
put_charge(FILE *out, const Intent *i)
{
	const char *key = i->id + 3;

	fprintf(out, "\"latest_charge\":{\"id\":\"ch_%s\",\"object\":\"charge\",\"amount\":%ld,\"amount_captured\":%ld,\"amount_refunded\":0,",
			key, i->amount, i->amount);
	put_balance_transaction(out, i);
	fprintf(out, "\"captured\":true,\"created\":%ld,", i->created);
	put_member(out, "currency", i->currency);
	put_member(out, "customer", i->customer);
	put_member(out, "description", i->description);
	fputs("\"disputed\":false,\"failure_code\":null,\"failure_message\":null,\"livemode\":false,", out);
	put_metadata(out, i->form);
	fputs("\"outcome\":{\"network_status\":\"approved_by_network\",\"reason\":null,\"risk_level\":\"normal\",\"type\":\"authorized\"},"
		  "\"paid\":true,", out);
	put_member(out, "payment_intent", i->id);
	fputs("\"payment_method\":\"pm_bench\",\"payment_method_details\":{\"card\":{\"brand\":\"visa\",\"country\":\"US\",\"exp_month\":12,"
		  "\"exp_year\":2034,\"fingerprint\":\"Fp76697361343234\",\"funding\":\"credit\",\"last4\":\"4242\",\"network\":\"visa\","
		  "\"three_d_secure\":null,\"wallet\":null},\"type\":\"card\"},", out);
	fprintf(out, "\"receipt_url\":\"https://pay.stripe.com/receipts/ch_%s\",\"refunded\":false,\"status\":\"succeeded\"},", key);
}

static void
put_intent(FILE *out, const Intent *i)
{
	fputc('{', out);
	put_member(out, "id", i->id);
	fprintf(out, "\"object\":\"payment_intent\",\"amount\":%ld,\"amount_capturable\":0,\"amount_received\":%ld,\"canceled_at\":null,"
			"\"cancellation_reason\":null,\"client_secret\":\"%s_secret_bench\",\"confirmation_method\":\"automatic\",\"created\":%ld,",
			i->amount, i->amount, i->id, i->created);
	put_member(out, "capture_method", i->capture_method);
	put_member(out, "currency", i->currency);
	put_member(out, "customer", i->customer);
	put_member(out, "description", i->description);
	put_charge(out, i);
	put_metadata(out, i->form);
	fputs("\"last_payment_error\":null,\"livemode\":false,\"next_action\":null,\"payment_method\":\"pm_bench\","
		  "\"payment_method_types\":[\"card\"],\"setup_future_usage\":null,\"status\":\"succeeded\"}", out);
}

static void
put_new_intent(FILE *out, const Form *form)
{
	Intent		i = {
		.amount = number_of(form, "amount", 0), .created = (long) time(NULL), .currency = value_of(form, "currency"),
		.capture_method = value_of(form, "capture_method"), .customer = value_of(form, "customer"),
		.description = value_of(form, "description"), .form = form,
	};

	snprintf(i.id, sizeof(i.id), "pi_bench%ldx%d", ++made, (int) getpid());
	put_intent(out, &i);
}

static void
put_customer(FILE *out, const Form *form)
{
	fprintf(out, "{\"id\":\"cus_bench%ldx%d\",\"object\":\"customer\",\"created\":%ld,\"livemode\":false,", ++made, (int) getpid(),
			(long) time(NULL));
	put_metadata(out, form);
	put_member(out, "name", value_of(form, "name"));
	fputs("\"email\":", out);
	put_text(out, value_of(form, "email"));
	fputc('}', out);
}

/* A hundred customers in turn; the number is the cursor. */
static void
put_listed_intent(FILE *out, long n)
{
	char		customer[32],
				description[32];
	Intent		i = {
		.amount = 1000 + n % 9000, .created = FIRST + n, .currency = "usd", .capture_method = "automatic_async",
		.customer = customer, .description = description,
	};

	snprintf(i.id, sizeof(i.id), "pi_listed%ld", n);
	snprintf(customer, sizeof(customer), "cus_bench_%ld", 1 + n % 100);
	snprintf(description, sizeof(description), "Order %ld", n);
	put_intent(out, &i);
}

static long
least(long a, long b)
{
	return a < b ? a : b;
}

static long
most(long a, long b)
{
	return a > b ? a : b;
}

/* Newest first. */
static void
put_intents(FILE *out, const Form *query, long listed)
{
	const char *after = value_of(query, "starting_after");
	long		newest = least(listed, number_of(query, "created[lt]", FIRST + listed + 1) - FIRST - 1);
	long		oldest = most(1, number_of(query, "created[gte]", FIRST) - FIRST);
	long		from = after != NULL && strlen(after) > 9 ? atol(after + 9) - 1 : newest;
	long		to = most(from - number_of(query, "limit", 10), oldest - 1);

	for (long n = from; n > to; n--)
	{
		put_listed_intent(out, n);
		if (n > to + 1)
			fputc(',', out);
	}
	fprintf(out, "],\"has_more\":%s}", to >= oldest ? "true" : "false");
}

static void
put_list(FILE *out, const char *path, size_t length, const Form *query, long listed)
{
	fprintf(out, "{\"object\":\"list\",\"url\":\"%.*s\",\"data\":[", (int) length, path);
	if (length == strlen("/v1/payment_intents") && strncmp(path, "/v1/payment_intents", length) == 0)
		put_intents(out, query, listed);
	else
		fputs("],\"has_more\":false}", out);
}

static void
put_answer(FILE *out, const char *path, char *form, long listed)
{
	const char *query = strchr(path, '?');
	char	   *copy = query != NULL ? strdup(query + 1) : NULL;
	Form		fields;

	parse(&fields, copy != NULL ? copy : form);
	if (value_of(&fields, "limit") != NULL)
		put_list(out, path, (size_t) (query - path), &fields, listed);
	else if (strncmp(path, "/v1/payment_intents", 19) == 0)
		put_new_intent(out, &fields);
	else if (strncmp(path, "/v1/customers", 13) == 0)
		put_customer(out, &fields);
	else
		fputs("{\"id\":\"acct_bench\",\"object\":\"account\"}", out);
	free(copy);
}

char *
stripe_answer(const char *path, char *form, long listed, size_t *length)
{
	char	   *text = NULL;
	FILE	   *out = open_memstream(&text, length);

	if (out == NULL)
		return NULL;
	put_answer(out, path, form, listed);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

const char *
stripe_intent_of(const char *form)
{
	static const char *const names[] = {"metadata%5Bpaycore_intent%5D=", "metadata[paycore_intent]="};

	for (int n = 0; n < 2; n++)
	{
		const char *found = strstr(form, names[n]);

		if (found != NULL && strlen(found) >= strlen(names[n]) + 36)
			return found + strlen(names[n]);
	}
	return NULL;
}
