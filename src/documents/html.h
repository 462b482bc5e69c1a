/*
 * html.h
 *		Writing HTML in which text cannot become markup.
 *
 * Names of tags and attributes are literals of the program; everything else
 * goes through one escaping function, in the room's only encoding, UTF-8.
 * What is written is plain ASCII: other characters become references, so
 * that the document is the same in every encoding of a database or client.
 */
#ifndef PAYCORE_HTML_H
#define PAYCORE_HTML_H

#include "common/paycore.h"
#include "common/utf8.h"
#include "lib/stringinfo.h"

#define PC_HTML_DEPTH 16

typedef struct PcHtml
{
	StringInfoData out;
	const char *open[PC_HTML_DEPTH];
	int			depth;
	bool		in_tag;			/* attributes may still follow */
} PcHtml;

/* Text in the server's encoding for a document, in which a bad byte shows as one. */
static inline const char *
pc_printable(const char *text)
{
	return pc_as_utf8(text, "\uFFFD");
}

/* Writes the doctype. */
extern void pc_html_begin(PcHtml *html);

/* Closes what is open, and gives the document. */
extern text *pc_html_end(PcHtml *html);

/* The "" admits literals only. */
#define pc_html_open(html, tag)				pc_html_open_tag((html), "" tag)
#define pc_html_void(html, tag)				pc_html_void_tag((html), "" tag)	/* without content or end, as <meta> */
#define pc_html_attribute(html, name, value)	pc_html_add_attribute((html), "" name, (value))

extern void pc_html_text(PcHtml *html, const char *utf8);	/* NULL is nothing */
extern void pc_html_close(PcHtml *html);	/* the innermost */

#define pc_html_element(html, tag, utf8) \
	(pc_html_open((html), tag), pc_html_text((html), (utf8)), pc_html_close(html))

extern void pc_html_open_tag(PcHtml *html, const char *tag);
extern void pc_html_void_tag(PcHtml *html, const char *tag);
extern void pc_html_add_attribute(PcHtml *html, const char *name, const char *utf8);

/* css is of the program, too. */
extern void pc_html_style(PcHtml *html, const char *css);

#endif							/* PAYCORE_HTML_H */
