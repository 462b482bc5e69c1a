/* What the benchmarks' gateway answers. */
#ifndef STRIPE_H
#define STRIPE_H

#include <stddef.h>

/* The JSON text for a request, and its length; the caller frees it.  FORM is changed.  LISTED intents are in its lists. */
extern char *stripe_answer(const char *path, char *form, long listed, size_t *length);

/* paycore's id of the intent that a request's form is about: 36 characters of it, or NULL. */
extern const char *stripe_intent_of(const char *form);

#endif
