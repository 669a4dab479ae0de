/* A credit score as a WebAssembly module, without any library: a logistic regression, with reasons.
 *
 *   in   {"checking_status":"<0","duration":24,...}   as ../../credit-g/credit-g.csv names them
 *   out  {"rating":512.3,"reasons":[{"code":"C01","text":"...","points":31.5}],"outputs":{"pd":0.31}}
 *
 * 500 points are even odds, 40 more double them. A reason's points are what a field costs against the average applicant.
 */
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;

typedef struct { const char *field, *code, *text; double mean, deviation, weight; } Numeric;
typedef struct { const char *field, *value; double weight; } Category;
typedef struct { const char *field, *code, *text; } Named;
#include "weights.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))
#define REASONS_MAX 4
#define INPUT_BYTES_MAX 16384
#define POINTS_PER_LOGIT 57.7078016355585 /* 40 / ln 2 */
#ifdef __wasm__
#define EXPORT(name) __attribute__((export_name(#name)))
#else
#define EXPORT(name)
#endif

static u8 input[INPUT_BYTES_MAX];
static char output[2048];
static int used;

typedef struct { const char *code, *text; double points; } Reason;
static Reason reasons[REASONS_MAX];
static int reason_count;

/* One input at a time; 0 where it is too long. */
EXPORT(alloc) u8 *alloc(u32 length) { return length <= INPUT_BYTES_MAX ? input : 0; }

static int same(const u8 *text, int length, const char *other) {
  int i = 0;
  while (i < length && other[i] && text[i] == (u8)other[i]) i++;
  return i == length && !other[i];
}

static double number(const u8 *p, const u8 *end) {
  double value = 0, scale = 1;
  int negative = p < end && *p == '-', point = 0;
  for (p += negative; p < end; p++) {
    if (*p == '.') point = 1;
    else if (*p < '0' || *p > '9') break; /* exponents are no credit applications */
    else {
      value = value * 10 + (*p - '0');
      if (point) scale *= 10;
    }
  }
  return (negative ? -value : value) / scale;
}

/* e^x for -40 to 40: halved until it is small, a Taylor polynomial, squared again. */
static double exponential(double x) {
  double r = x / 1024, term = 1, sum = 1;
  for (int i = 1; i < 9; i++) sum += term *= r / i;
  for (int i = 0; i < 10; i++) sum *= sum;
  return sum;
}

static void put(char c) { output[used++] = c; }
static void text(const char *s) { while (*s) put(*s++); }

static void decimal(double value, int digits) {
  if (value < 0) { put('-'); value = -value; }
  u64 unit = 1;
  for (int i = 0; i < digits; i++) unit *= 10;
  u64 scaled = (u64)(value * (double)unit + 0.5), whole = scaled / unit, part = scaled % unit;
  char buffer[24];
  int n = 0;
  do buffer[n++] = (char)('0' + whole % 10); while (whole /= 10);
  while (n) put(buffer[--n]);
  put('.');
  while (unit /= 10) put((char)('0' + part / unit % 10));
}

/* Keeps the fields that cost most. */
static void reason(const char *code, const char *what, double points) {
  if (points < 0.05) return;
  int at = reason_count < REASONS_MAX ? reason_count++ : REASONS_MAX;
  if (at == REASONS_MAX && points <= reasons[--at].points) return;
  for (; at > 0 && reasons[at - 1].points < points; at--) reasons[at] = reasons[at - 1];
  reasons[at] = (Reason){code, what, points};
}

static double member(const u8 *name, int name_length, const u8 *value, const u8 *end, int is_text) {
  for (int i = 0; !is_text && i < COUNT(NUMERIC); i++) {
    if (same(name, name_length, NUMERIC[i].field)) {
      double logit = NUMERIC[i].weight * (number(value, end) - NUMERIC[i].mean) / NUMERIC[i].deviation;
      reason(NUMERIC[i].code, NUMERIC[i].text, -logit * POINTS_PER_LOGIT);
      return logit;
    }
  }
  for (int i = 0; is_text && i < COUNT(CATEGORIES); i++) {
    if (same(name, name_length, CATEGORIES[i].field) && same(value, (int)(end - value), CATEGORIES[i].value)) {
      for (int j = 0; j < COUNT(NAMED); j++)
        if (same(name, name_length, NAMED[j].field))
          reason(NAMED[j].code, NAMED[j].text, -CATEGORIES[i].weight * POINTS_PER_LOGIT);
      return CATEGORIES[i].weight;
    }
  }
  return 0;
}

/* Over the members of a flat object. */
static double logit_of(const u8 *p, const u8 *end) {
  double logit = INTERCEPT;
  while (p < end) {
    while (p < end && *p != '"') p++;
    const u8 *name = ++p;
    while (p < end && *p != '"') p += *p == '\\' ? 2 : 1;
    if (p >= end) break;
    int name_length = (int)(p - name);
    p++;
    while (p < end && (*p == ':' || *p == ' ')) p++;
    int is_text = p < end && *p == '"';
    const u8 *value = p += is_text;
    if (is_text)
      while (p < end && *p != '"') p += *p == '\\' ? 2 : 1;
    else
      while (p < end && *p != ',' && *p != '}') p++;
    if (p > end) break;
    logit += member(name, name_length, value, p, is_text);
    p++;
  }
  return logit;
}

EXPORT(rate) u64 rate(const u8 *in, u32 length) {
  used = reason_count = 0;
  double logit = logit_of(in, in + length);
  double bounded = logit < -8 ? -8 : logit > 8 ? 8 : logit;
  text("{\"rating\":");
  decimal(500 + POINTS_PER_LOGIT * bounded, 1);
  text(",\"reasons\":[");
  for (int i = 0; i < reason_count; i++) {
    text(i ? ",{\"code\":\"" : "{\"code\":\"");
    text(reasons[i].code);
    text("\",\"text\":\"");
    text(reasons[i].text);
    text("\",\"points\":");
    decimal(reasons[i].points, 1);
    put('}');
  }
  text("],\"outputs\":{\"pd\":");
  decimal(1 / (1 + exponential(bounded)), 6);
  text("}}");
  return (u64)(unsigned long)output << 32 | (u32)used;
}
