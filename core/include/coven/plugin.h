/* SPDX-License-Identifier: MIT
 * coven/plugin.h -- all that a plugin may rely on, in C11 and C++17.
 *
 * A plugin is a shared object with one exported constant, coven_plugin, made by COVEN_PLUGIN().
 * It is a table of contents: nothing is registered at run time.  Unless a group says otherwise:
 *
 * Owner    what the core hands out stays the core's; what a function "takes" is the core's from
 *          then on, even when the function fails.
 * Thread   a callback runs on the worker of the instance it gets; coven_* functions are called
 *          on that worker with that instance.  No callback blocks, none throws.
 * Lifetime slices and views live until the callback returns (of a parked request: until it is
 *          resumed and that hook has returned); an edit leaves earlier slices as they are.
 * Errors   int functions give 0, or -1 and a log line naming the plugin; pointers NULL;
 *          slices { NULL, 0 }; numbers of things (timers, tickets) 0.
 * Growth   enumerators keep their numbers and an unknown one is refused, not guessed; structs
 *          that will grow begin with their size; tables end by a zero row, found by its stride.
 */
#ifndef COVEN_PLUGIN_H
#define COVEN_PLUGIN_H

#include <coven/types.h>

#define COVEN_ABI_MAJOR 0 /* something changed or went: rebuild (while 0: each minor, too) */
#define COVEN_ABI_MINOR 2 /* something came: plugins built for less go on                  */

#ifdef __cplusplus
extern "C" {
#endif

struct coven_instance; /* one use of a plugin on one worker, named in the file */
struct coven_request;  /* one incoming request and all that comes of it        */
struct coven_message;  /* a view: immutable bytes, and one layer of edits      */
struct coven_target;   /* where a request may go                               */
struct coven_branch;   /* one attempt to reach one target                      */
struct coven_out;      /* the answer to a command                              */
struct coven_mailbox;  /* the way back from a helper thread                    */

typedef void coven_fn(struct coven_instance *in, void *arg); /* called later */

/* -- text: any thread -------------------------------------------------------------------------- */
struct coven_slice coven_text(const char *s);
bool coven_same(struct coven_slice a, struct coven_slice b);         /* byte for byte         */
bool coven_is(struct coven_slice a, const char *s);                  /* exact, case and all   */
bool coven_alike(struct coven_slice a, struct coven_slice b);        /* ASCII case ignored    */

/* Parts of a URI or of a header value, as written; `name` for parameters only.  An unknown or
 * absent part is { NULL, 0 }, an empty one { somewhere, 0 }. */
enum coven_part {
	COVEN_SCHEME = 1, COVEN_USER = 2, COVEN_HOST = 3, COVEN_PORT = 4, COVEN_URI_PARAM = 5,
	COVEN_DISPLAY = 16, COVEN_URI = 17, COVEN_PARAM = 18
};
struct coven_slice coven_part(struct coven_slice value, enum coven_part part, const char *name);
struct coven_slice coven_address_text(const struct coven_address *a, char room[64]);
int coven_address_read(struct coven_slice text, struct coven_address *a); /* no name, port optional */
/* A URI that may stand in a header or be sent to: sip, sips or tel, well-formed, no hidden line ends. */
bool coven_uri_valid(struct coven_slice uri);
bool coven_uri_equal(struct coven_slice a, struct coven_slice b); /* RFC 3261 19.1.4 */

/* -- hooks: the life of a request.  `br` is NULL in phases that have no branch --------------- */
enum coven_phase {
	COVEN_SCREEN = 1,        /* every request; perhaps again for a retransmission       */
	COVEN_AUTH = 2,          /* who asks?  perhaps again, too: be idempotent            */
	COVEN_SERVE = 3,         /* meant for us                                            */
	COVEN_ROUTE = 4,         /* meant for others: add targets                           */
	COVEN_SEND = 5,          /* br is about to leave, its address is known              */
	COVEN_RECV = 6,          /* br has a response, not yet weighed                      */
	COVEN_BRANCH_FAILED = 7, /* br has its final response >= 300                        */
	COVEN_FAILED = 8,        /* all branches have, none 2xx; the best is about to leave */
	COVEN_REPLY = 9          /* a response of our own is about to leave: edits only     */
};

enum coven_verdict {
	COVEN_NEXT = 0,    /* not mine: the next plugin                      */
	COVEN_DONE = 1,    /* settled: the next phase                        */
	COVEN_REPLIED = 2, /* coven_reply() was called with a final status   */
	COVEN_WAIT = 3,    /* coven_park() was called                        */
	COVEN_DROP = 4,    /* as if it never came (SCREEN, RECV)             */
	COVEN_FAIL = 5     /* broken, and the log says why                   */
};

typedef enum coven_verdict coven_hook_fn(struct coven_instance *in, struct coven_request *req,
                                         struct coven_branch *br);
/* `methods`: "REGISTER PUBLISH", which the hook wants to see; NULL: all.  Of a SERVE hook they are
 * also what the domain itself answers (Allow), and what is served for a local user. */
struct coven_hook { uint32_t phase; coven_hook_fn *call; const char *methods; };

/* -- options: rows that check the file, print the help and make the sample.  The parsed struct
 *    and all in it is the core's, read-only, and lives as long as the instance --------------- */
enum coven_type {
	COVEN_BOOL = 1,    /* bool                          */ COVEN_INT = 2,   /* int64_t             */
	COVEN_SIZE = 3,    /* int64_t, bytes: "64k"         */ COVEN_TIME = 4,  /* int64_t, ms: "1.5s" */
	COVEN_STRING = 5,  /* coven_slice, a NUL behind it  */ COVEN_ENUM = 6,  /* int64_t, an index   */
	COVEN_ADDRESS = 7, /* coven_address                 */ COVEN_SECRET = 8, /* slice, not printed */
	COVEN_LIST = 9,    /* coven_rows of coven_slice     */ COVEN_TABLE = 10, /* coven_rows of rows */
	COVEN_GROUP = 11   /* the plugin's struct, in place */
};

struct coven_rows { const void *at; size_t count; };
struct coven_option {
	const char *name;
	uint32_t type, field_size;          /* the loader refuses a field of the wrong size   */
	size_t offset;
	const char *value, *help;           /* default as a file writes it; NULL: required    */
	int64_t min, max;                   /* both 0: no limit                               */
	const char *const *choices;         /* COVEN_ENUM, until NULL                         */
	const struct coven_option *columns; /* COVEN_TABLE, COVEN_GROUP                       */
	size_t row_size;
};

#define COVEN_ROW_(n, t, s, f, v, h, lo, hi, ch, co, rs) \
	{ n, t, (uint32_t)sizeof(((s *)0)->f), offsetof(s, f), v, h, lo, hi, ch, co, rs }
#define COVEN_OPTION(n, t, s, f, v, h) COVEN_ROW_(n, t, s, f, v, h, 0, 0, NULL, NULL, 0)
#define COVEN_RANGE(n, t, s, f, v, lo, hi, h) COVEN_ROW_(n, t, s, f, v, h, lo, hi, NULL, NULL, 0)
#define COVEN_CHOICE(n, s, f, v, ch, h) COVEN_ROW_(n, COVEN_ENUM, s, f, v, h, 0, 0, ch, NULL, 0)
#define COVEN_ROWS(n, s, f, row, columns, h) \
	COVEN_ROW_(n, COVEN_TABLE, s, f, "()", h, 0, 0, NULL, columns, sizeof(row))
#define COVEN_OPTIONS_END { NULL, 0, 0, 0, NULL, NULL, 0, 0, NULL, NULL, 0 }

/* -- events: something happened.  Copied when emitted (any worker); delivered later, once per
 *    instance that listens, on the worker that owns the AoR, else the Call-ID, else here ----- */
enum coven_event_kind { /* BINDINGS: an AoR has others now, also by expiry; NAMED: a plugin's own */
	COVEN_BINDINGS = 1,
	COVEN_CALL_BEGUN = 2, COVEN_CALL_ENDED = 3, /* aor: who calls, contact: whom; ENDED: name: why, code: ms */
	COVEN_FLOW_CLOSED = 4, COVEN_AUTH_REFUSED = 5,
	COVEN_MALFORMED = 6, /* flow has sent what is no SIP, or may not be: at most one a ms and worker */
	COVEN_NAMED = 1000
};

struct coven_event {
	uint32_t size, kind;
	struct coven_slice name, aor, contact, call_id;
	struct coven_flow flow;
	int64_t code, wall_ms;
};
typedef void coven_event_fn(struct coven_instance *in, const struct coven_event *event);
struct coven_listen { uint32_t kind; coven_event_fn *call; };
int coven_emit(struct coven_instance *in, const struct coven_event *event);

/* -- commands: "covenctl NAME words...", on worker 0.  After WAIT `out` lives until coven_end(),
 *    which must come; fields are printed as text or JSON ------------------------------------- */
typedef enum coven_verdict coven_command_fn(struct coven_instance *in, struct coven_out *out,
                                            size_t count, const struct coven_slice *words);
struct coven_command { const char *name, *usage, *help; coven_command_fn *call; };

void coven_name_rows(struct coven_out *out, const char *name); /* constant text: {"NAME": [...]} in JSON */
void coven_row(struct coven_out *out); /* the fields that follow are the next row */
void coven_put_text(struct coven_out *out, const char *field, struct coven_slice value);
void coven_put_number(struct coven_out *out, const char *field, int64_t value);
void coven_put_bool(struct coven_out *out, const char *field, bool value);
__attribute__((format(printf, 2, 3))) /* why it did not work, for whoever asked; the first text counts */
void coven_error(struct coven_out *out, const char *fmt, ...);
/* Long answers, after WAIT: what was written so far goes to the reader, and `go_on` is called, later, when he has
 * taken it (not after stop()): memory holds a page, not the whole.  coven_heard(): false when he has gone. */
void coven_flush(struct coven_instance *in, struct coven_out *out, coven_fn *go_on, void *arg);
bool coven_heard(const struct coven_out *out);
void coven_end(struct coven_out *out, int exit_status); /* after WAIT only */

/* -- services: what plugins do for each other, one provider a name.  The table behind `ops` begins
 *    with a uint32_t size and is called by the core alone; callers use the functions of the
 *    service's header, which count each call, end it when its time is over, and drop the answer
 *    for whoever has stopped ------------------------------------------------------------------ */
struct coven_service { const char *name; uint32_t version; const void *ops; };
struct coven_need { const char *name; uint32_t version; };
typedef uint64_t coven_call; /* one call, as the provider sees it; a late answer is harmless */
bool coven_is_given(const struct coven_instance *in, const char *service, uint32_t version); /* by anybody?
                                                                                    not in open() */

/* -- the plugin: constant, no constructors.  Order of calls for one configured use:
 *    open - start on each worker - ... - stop on each - close -------------------------------- */
struct coven_head { uint32_t size; uint16_t option, hook, listen, command, service, need; };

struct coven_plugin {
	struct coven_head head;
	const char *name, *version, *summary;
	size_t options_size;
	const struct coven_option *options;
	const struct coven_hook *hooks;
	const struct coven_listen *listens;
	const struct coven_command *commands;
	const struct coven_service *gives;
	const struct coven_need *needs, *wants;

	/* The shared part: main thread, while no worker runs.  There are options, logging, the shared
	 * pointer, domains; no clock, timers, requests or services.  The only place where
	 * COVEN_SECRET options can be read: they are wiped when it has returned. */
	int (*open)(struct coven_instance *in);
	void (*close)(struct coven_instance *in);
	/* The worker's part: DONE, FAIL, or WAIT and coven_ready() later. */
	enum coven_verdict (*start)(struct coven_instance *in);
	void (*stop)(struct coven_instance *in);
	/* First look at a datagram or stream prefix that is not SIP: NEXT, or DONE = taken. */
	enum coven_verdict (*datagram)(struct coven_instance *in, struct coven_flow flow,
	                               struct coven_slice bytes);
	/* Before anything else looks at a datagram or a message of a stream, retransmissions too: NEXT, or
	 * DROP = as if it never came, and a stream is closed.  Every packet pays for it: be quick. */
	enum coven_verdict (*source)(struct coven_instance *in, const struct coven_flow *flow,
	                             const struct coven_address *from, size_t bytes);
	/* A new process is about to take this one's place (an upgrade) and will read the same files.  away: what was
	 * acknowledged is in them when this returns, they are not touched any more, and locks are given back; what
	 * is asked of a service from now on fails.  Not away: nothing came of it, they are ours again.  The shared
	 * part, as in open(), but workers run.  0, or -1: cannot, and the upgrade is given up. */
	int (*give_way)(struct coven_instance *in, bool away);
};

/* C: COVEN_PLUGIN(.name = "x", .hooks = hooks);  C++: COVEN_PLUGIN(p.name = "x", p.hooks = hooks);
 * The ELF note lets the loader refuse a wrong version before it maps the file. */
#define COVEN_HEAD_ { sizeof(struct coven_plugin), sizeof(struct coven_option), \
	sizeof(struct coven_hook), sizeof(struct coven_listen), sizeof(struct coven_command), \
	sizeof(struct coven_service), sizeof(struct coven_need) }
#define COVEN_NOTE_ __attribute__((used, aligned(4), section(".note.coven"))) static const struct { \
	uint32_t name_size, size, type; char name[8]; uint32_t abi[2]; } coven_note_ = \
	{ 6, 8, 0x100, "Coven", { COVEN_ABI_MAJOR, COVEN_ABI_MINOR } };
#ifdef __cplusplus
#define COVEN_PLUGIN(...) COVEN_NOTE_ \
	extern "C" __attribute__((visibility("default"))) const struct coven_plugin coven_plugin; \
	constexpr struct coven_plugin coven_plugin = [] { \
		struct coven_plugin p = {}; p.head = COVEN_HEAD_; __VA_ARGS__; return p; }()
#else
#define COVEN_PLUGIN(...) COVEN_NOTE_ \
	extern __attribute__((visibility("default"))) const struct coven_plugin coven_plugin; \
	const struct coven_plugin coven_plugin = { .head = COVEN_HEAD_, __VA_ARGS__ }
#endif

/* -- an instance.  coven_shared() is one pointer for all workers, the plugin locks what is behind
 *    it; coven_self() is this worker's.  Logging: any thread ---------------------------------- */
enum coven_level { COVEN_ERROR = 1, COVEN_WARN = 2, COVEN_INFO = 3, COVEN_DEBUG = 4 };

const char *coven_name(const struct coven_instance *in);
const void *coven_options(const struct coven_instance *in);
void *coven_shared(const struct coven_instance *in);
void coven_set_shared(struct coven_instance *in, void *shared); /* in open() only */
void *coven_self(const struct coven_instance *in);
void coven_set_self(struct coven_instance *in, void *self);
unsigned coven_worker(const struct coven_instance *in);
unsigned coven_workers(const struct coven_instance *in);
void coven_ready(struct coven_instance *in, bool ok); /* ends the WAIT of start */
__attribute__((format(printf, 3, 4)))
void coven_log(const struct coven_instance *in, enum coven_level level, const char *fmt, ...);
__attribute__((format(printf, 4, 5))) /* open, start: "file:line: ..." of a row or option */
void coven_complain(struct coven_instance *in, const void *row, const char *name, const char *fmt, ...);
/* In open(), at a reload: what coven_shared() was for the use of the same name whose options have changed,
 * and which goes on beside this one until its last request has ended.  NULL: there is none. */
void *coven_before(const struct coven_instance *in);
bool coven_only_checking(const struct coven_instance *in); /* in open(), covend -t: look, and leave no trace */
const char *coven_data_dir(const struct coven_instance *in); /* the folder of key `data` */

/* -- ourselves: domains, and every address and port we are reached by ------------------------ */
bool coven_is_domain(const struct coven_instance *in, struct coven_slice host); /* a local domain */
bool coven_is_self(const struct coven_instance *in, struct coven_slice host, uint16_t port); /* or an own
                                                          address or name; port 0: none was said */
struct coven_slice coven_first_domain(const struct coven_instance *in);
/* "sip:user@domain" in its one spelling: what bindings and accounts are found by.  An own address
 * or host name stands for the first domain.  { NULL, 0 }: not a SIP URI with a user. */
struct coven_slice coven_aor(struct coven_request *req, struct coven_slice uri);

/* -- a request: facts, memory, and the answer.  A final reply leaves with REPLIED and can be made
 *    once; a provisional one leaves at once ---------------------------------------------------- */
struct coven_slice coven_destination(const struct coven_request *req); /* R-URI, or the target that
                                                                     goes through ROUTE again */
struct coven_slice coven_caller(const struct coven_request *req); /* AoR that AUTH found, or none */
/* The domain that the TLS connection of the request is proven for, if it is the one that its From names; else none. */
struct coven_slice coven_proven(const struct coven_request *req);
int coven_set_caller(struct coven_request *req, struct coven_slice aor);
struct coven_flow coven_source(const struct coven_request *req); /* see coven/flow.h */
void *coven_alloc(struct coven_request *req, size_t size); /* zeroed, dies with the request */
__attribute__((format(printf, 2, 3)))
struct coven_slice coven_print(struct coven_request *req, const char *fmt, ...); /* same memory */
void *coven_data(const struct coven_request *req, const struct coven_instance *in);
int coven_set_data(struct coven_request *req, struct coven_instance *in, void *data,
                   void (*destroy)(void *data)); /* one a plugin; taken */
int coven_reply(struct coven_request *req, int status, const char *reason); /* NULL: the usual one */
int coven_reply_status(const struct coven_request *req); /* in REPLY: of what is about to leave, cheaper than its view */

/* A Contact value taken apart, in the request's memory: the URI as it was written, and the parameters
 * behind it; a value keeps its quotes, { NULL, 0 } is a flag.  -1: not one. */
struct coven_param { struct coven_slice name, value; };
struct coven_contact { struct coven_slice uri; const struct coven_param *params; size_t count; };
int coven_contact_read(struct coven_request *req, struct coven_slice value, struct coven_contact *contact);

/* -- messages: views.  A view reads its own layer of edits over those below and writes to its own
 *    only.  Values count from 0 over all spellings of a header (compact, folded, joined by comma).
 *    Refused: Via, Max-Forwards, Route, Record-Route, Content-Length, Call-ID, CSeq, the removal of
 *    From and To, and bytes that would break the message.  What is given is copied.  A NULL view (there was
 *    no memory for it) reads as empty, and edits of it are refused ------------------------------ */
struct coven_message *coven_view(struct coven_request *req);        /* for all branches        */
struct coven_message *coven_branch_view(struct coven_branch *br);   /* for this branch         */
struct coven_message *coven_response(struct coven_branch *br);      /* its newest, or NULL     */
struct coven_message *coven_reply_view(struct coven_request *req);  /* after coven_reply()     */

struct coven_slice coven_method(const struct coven_message *m); /* of a response: its CSeq's */
struct coven_slice coven_uri(const struct coven_message *m);
int coven_status(const struct coven_message *m); /* 0: a request */
struct coven_slice coven_header(const struct coven_message *m, const char *name, size_t nth);
bool coven_header_each(const struct coven_message *m, size_t *cursor, struct coven_slice *name,
                       struct coven_slice *value);              /* cursor begins with 0 */
struct coven_slice coven_body(const struct coven_message *m);

int coven_add_header(struct coven_message *m, const char *name, struct coven_slice value, bool top);
int coven_replace(struct coven_message *m, const char *name, size_t nth, struct coven_slice value);
int coven_remove(struct coven_message *m, const char *name, size_t nth);

/* -- targets: made, filled, and taken by coven_add_target() or coven_send().  Afterwards they can be
 *    read through the branch, and changed until that branch leaves (in SEND) ------------------- */
enum coven_target_text { COVEN_TO_URI = 1, COVEN_TO_HOP = 2, COVEN_TO_ROUTE = 3 /* "<a>, <b>" */ };
enum coven_target_number {
	COVEN_TO_Q = 1,     /* 0 to 1000; equal ones ring together                       */
	COVEN_TO_DELAY = 2, /* ms before it starts                                       */
	COVEN_TO_RING = 3,  /* ms until it is cancelled and counts as 408; 0: no limit   */
	COVEN_TO_AGAIN = 4  /* 1: not an end but a name, let ROUTE find where it is      */
};

struct coven_target *coven_target_new(struct coven_instance *in, struct coven_slice uri);
void coven_target_free(struct coven_target *t);
int coven_target_set(struct coven_target *t, enum coven_target_text what, struct coven_slice value);
int coven_target_put(struct coven_target *t, enum coven_target_number what, int64_t value);
int coven_target_flow(struct coven_target *t, struct coven_flow flow);
int coven_target_word(struct coven_target *t, const char *name, struct coven_slice value); /* <= 16 */
struct coven_slice coven_target_get(const struct coven_target *t, enum coven_target_text what);
int64_t coven_target_number(const struct coven_target *t, enum coven_target_number what);
struct coven_slice coven_target_read_word(const struct coven_target *t, const char *name);
int coven_add_target(struct coven_request *req, struct coven_target *t); /* -1: too late, or loop */

/* -- branches: from SEND on, as long as the request lives ---------------------------------------- */
enum coven_why { COVEN_ANSWERED = 0, COVEN_RANG_OUT = 1, COVEN_UNREACHED = 2, COVEN_CANCELLED = 3,
                 COVEN_REFUSED_HERE = 4, COVEN_SILENT = 5 };

struct coven_branch *coven_branch_next(struct coven_request *req, struct coven_branch *after);
struct coven_target *coven_branch_target(struct coven_branch *br);
struct coven_flow coven_branch_flow(const struct coven_branch *br);
int coven_branch_status(const struct coven_branch *br); /* newest, 0: none yet */
enum coven_why coven_branch_why(const struct coven_branch *br);
void coven_branch_cancel(struct coven_branch *br);

/* -- holding and waiting: numbers, never pointers; 0 is none, a dead one is harmless.  A handle does
 *    not stop its request; a ticket does.  After coven_park() exactly one of coven_resume() and
 *    `cancel` (request died, or time ran out: then it is answered for you) takes effect.  Resuming
 *    queues the verdict; COVEN_NEXT and so on mean what they mean from the hook --------------- */
typedef uint64_t coven_handle, coven_ticket;
coven_handle coven_hold(struct coven_request *req);
unsigned coven_held_by(coven_handle handle);                /* the worker to ask on; any thread */
struct coven_request *coven_held(struct coven_instance *in, coven_handle handle); /* there only */
coven_ticket coven_park(struct coven_instance *in, struct coven_request *req, int64_t ms,
                        void (*cancel)(struct coven_instance *in, void *arg), void *arg);
struct coven_request *coven_parked(struct coven_instance *in, coven_ticket ticket);
bool coven_resume(struct coven_instance *in, coven_ticket ticket, enum coven_verdict verdict);

/* -- time and descriptors: the core's own, gone with stop(); `arg` stays yours.  The clock is the
 *    core's too, so that tests can move it ---------------------------------------------------- */
typedef uint64_t coven_timer;
typedef void coven_watch_fn(struct coven_instance *in, int fd, unsigned ready, void *arg);
enum coven_io { COVEN_READABLE = 1, COVEN_WRITABLE = 2 };
int64_t coven_now_ms(const struct coven_instance *in);  /* never goes back */
int64_t coven_wall_ms(const struct coven_instance *in); /* since 1970      */
coven_timer coven_after(struct coven_instance *in, int64_t ms, coven_fn *fn, void *arg); /* once */
bool coven_cancel(struct coven_instance *in, coven_timer timer);
int coven_watch(struct coven_instance *in, int fd, unsigned ready, coven_watch_fn *fn, void *arg);
void coven_unwatch(struct coven_instance *in, int fd);
void coven_random(void *room, size_t length); /* for keys and names; any thread */

/* -- own requests.  From, To, Call-ID and CSeq are made; edit the message, then send: that takes it
 *    and the target (NULL: the URI decides).  `done` runs once, later, on this worker, at the latest
 *    before stop(); response is NULL when the status (408, 503, 487) is ours.  0: refused, no done */
typedef void coven_done_fn(struct coven_instance *in, void *arg, int status,
                           const struct coven_message *response);
struct coven_message *coven_new_request(struct coven_instance *in, const char *method,
                                        struct coven_slice uri);
void coven_message_free(struct coven_message *m); /* only one that was never sent */
int coven_set_content(struct coven_message *m, const char *type, struct coven_slice body); /* of those alone */
uint64_t coven_send(struct coven_instance *in, struct coven_message *m, struct coven_target *t,
                    coven_done_fn *done, void *arg, int64_t timeout_ms);
void coven_send_cancel(struct coven_instance *in, uint64_t sending);

/* -- other workers and helper threads.  coven_call_worker() and coven_post() queue `fn` for the
 *    instance there.  Refused (-1: queue full, or too late) coven_call_worker() leaves `arg` with the
 *    caller; coven_post() hands it to `drop`, now or when the instance ends first ------------- */
unsigned coven_owner(const struct coven_instance *in, struct coven_slice key);
int coven_call_worker(struct coven_instance *in, unsigned worker, coven_fn *fn, void *arg);
struct coven_mailbox *coven_mailbox_new(struct coven_instance *in); /* one reference */
struct coven_mailbox *coven_mailbox_share(struct coven_mailbox *box); /* these three: any thread */
void coven_mailbox_done(struct coven_mailbox *box);
int coven_post(struct coven_mailbox *box, coven_fn *fn, void (*drop)(void *arg), void *arg);

#ifdef __cplusplus
}
#endif
#endif
