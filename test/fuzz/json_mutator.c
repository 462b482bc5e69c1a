/*
 * json_mutator.c
 *		Mutates JSON as JSON: bytes changed at random seldom leave a document.
 *
 * Values are exchanged, repeated, wrapped, or changed in their own bytes; one
 * time in four libFuzzer does as it likes.  A first line that is no JSON is
 * the target's own, and left alone here.
 */
#include "harness.h"

#define MAX_SPANS	256
#define MAX_DEPTH	64
#define MAX_PIECE	4096

typedef struct Span
{
	size_t		start;
	size_t		len;
	bool		is_key;
} Span;

typedef struct Document
{
	const char *text;
	size_t		size;
	size_t		at;
	int			nspans;
	Span		spans[MAX_SPANS];
} Document;

extern size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
extern size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);

static const char *const literals[] = {
	"null", "true", "false", "0", "1", "-1", "1.5", "1.0", "1e3", "1e999", "1e-7", "9007199254740991", "9007199254740992",
	"9223372036854775807", "-9223372036854775808", "9223372036854775808", "253402300799", "253402300800", "\"\"", "[]", "{}",
	"\"\\u0000\"", "\"\\ud800\"", "\"\\ud83d\\ude00\"", "\"\\u00e9\"", "\"\xc3\xa9\"", "\"\xff\"", "\"4242424242424242\"",
	"\"DE89370400440532013000\"", "\"usd\"", "\"jpy\"", "\"kwd\"", "\"isk\"", "\"xau\"", "[null]", "{\"\":\"\"}", "[[[]]]"
};

static uint32
next_random(uint32 *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

static void
add_span(Document *d, size_t start, bool is_key)
{
	if (d->nspans < MAX_SPANS)
		d->spans[d->nspans++] = (Span) {start, d->at - start, is_key};
}

static void
read_string(Document *d)
{
	size_t		start = d->at++;
	size_t		next;

	while (d->at < d->size && d->text[d->at] != '"')
		d->at += d->text[d->at] == '\\' ? 2 : 1;
	d->at = Min(d->at + 1, d->size);
	next = d->at;
	while (next < d->size && isspace((unsigned char) d->text[next]))
		next++;
	add_span(d, start, next < d->size && d->text[next] == ':');
}

static void
read_word(Document *d)
{
	size_t		start = d->at;

	while (d->at < d->size && memchr(" \t\r\n,:{}[]\"", d->text[d->at], 11) == NULL)
		d->at++;
	add_span(d, start, false);
}

static void
find_spans(Document *d)
{
	size_t		opened[MAX_DEPTH];
	int			depth = 0;

	while (d->at < d->size)
	{
		char		c = d->text[d->at];

		if (c == '"')
			read_string(d);
		else if (c == '{' || c == '[')
		{
			if (depth < MAX_DEPTH)
				opened[depth++] = d->at;
			d->at++;
		}
		else if (c == '}' || c == ']')
		{
			d->at++;
			if (depth > 0)
				add_span(d, opened[--depth], false);
		}
		else if (memchr(" \t\r\n,:", c, 6) != NULL)
			d->at++;
		else
			read_word(d);
	}
}

static size_t
first_line(const char *text, size_t size)
{
	const char *end = memchr(text, '\n', size);

	return end == NULL || text[0] == '{' || text[0] == '[' ? 0 : end + 1 - text;
}

typedef struct Piece
{
	size_t		len;
	char		text[MAX_PIECE];
} Piece;

static void
append(Piece *piece, const char *text, size_t len)
{
	len = Min(len, sizeof(piece->text) - piece->len);
	memcpy(piece->text + piece->len, text, len);
	piece->len += len;
}

static void
append_span(Piece *piece, const Document *d, const Span *span)
{
	append(piece, d->text + span->start, span->len);
}

static void
append_other(Piece *piece, const Document *d, bool is_key, uint32 *random)
{
	for (int tries = 0; tries < 8; tries++)
	{
		const Span *other = &d->spans[next_random(random) % d->nspans];

		if (other->is_key == is_key)
		{
			append_span(piece, d, other);
			return;
		}
	}
	append(piece, "\"id\"", 4);
}

static void
append_literal(Piece *piece, uint32 *random)
{
	const char *literal = literals[next_random(random) % lengthof(literals)];

	append(piece, literal, strlen(literal));
}

/* The value's own bytes, a string's between its quotes. */
static void
append_mutated(Piece *piece, const Document *d, const Span *span)
{
	bool		quoted = d->text[span->start] == '"' && span->len >= 2;

	append_span(piece, d, span);
	if (quoted)
	{
		char	   *inside = piece->text + 1;

		piece->len = 1 + LLVMFuzzerMutate((uint8_t *) inside, piece->len - 2, sizeof(piece->text) - 2);
		append(piece, "\"", 1);
	}
	else
		piece->len = LLVMFuzzerMutate((uint8_t *) piece->text, piece->len, sizeof(piece->text));
}

/* What stands in a span's place from now on. */
static void
make_piece(Piece *piece, const Document *d, const Span *span, uint32 *random)
{
	uint32		way = next_random(random) % 8;

	piece->len = 0;
	if (way < 2)
		append_mutated(piece, d, span);
	else if (way < 4)
		append_other(piece, d, span->is_key, random);
	else if (span->is_key)
	{
		/* A pair more, in front of this one. */
		append_other(piece, d, true, random);
		append(piece, ":", 1);
		if (way < 6)
			append_other(piece, d, false, random);
		else
			append_literal(piece, random);
		append(piece, ",", 1);
		append_span(piece, d, span);
	}
	else if (way < 6)
		append_literal(piece, random);
	else
	{
		append(piece, "[", way == 6);
		append_span(piece, d, span);
		append(piece, ",", 1);
		append_other(piece, d, false, random);
		append(piece, "]", way == 6);
	}
}

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
	static Document d;
	static Piece piece;
	uint32		random = seed;
	const Span *span;
	size_t		rest;

	d = (Document) {.text = (const char *) data, .size = size, .at = first_line((const char *) data, size)};
	if (next_random(&random) % 4 != 0)
		find_spans(&d);
	if (d.nspans == 0)
		return LLVMFuzzerMutate(data, size, max_size);
	span = &d.spans[next_random(&random) % d.nspans];
	make_piece(&piece, &d, span, &random);
	rest = size - span->start - span->len;
	if (span->start + piece.len + rest > max_size)
		return LLVMFuzzerMutate(data, size, max_size);
	memmove(data + span->start + piece.len, data + span->start + span->len, rest);
	memcpy(data + span->start, piece.text, piece.len);
	return span->start + piece.len + rest;
}
