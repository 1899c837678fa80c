/* SPDX-License-Identifier: GPL-3.0-or-later */
/* judge: every policy with every kind of hop, for sip and for sips. */
#include "../../plugins/dane/judge.h"
#include "../tap.h"
#include "base/text.h"

static const struct coven_tlsa record = { 3, 1, 1, { "x", 1 } };

/* P: no TLS; T: TLS without records; D: secure records; I: records of an insecure zone; U: none that can be used. */
static struct coven_hop
hop_of(char kind)
{
	struct coven_hop hop = { .transport = TEXT("tls"), .proof = COVEN_SECURE, .tlsa_proof = COVEN_SECURE };

	switch (kind) {
	case 'P':
		hop.transport = TEXT("udp");
		break;
	case 'D':
		hop.tlsa = &record;
		hop.tlsa_count = 1;
		break;
	case 'I':
		hop.tlsa_proof = COVEN_INSECURE;
		hop.tlsa = &record;
		hop.tlsa_count = 1;
		break;
	case 'U':
		hop.tlsa_unusable = true;
		break;
	}
	return hop;
}

/* want: for each hop - refused, p plain, a any, n names, d DANE. */
static void
look(enum policy policy, bool sips, bool dane, const char *kinds, const char *want)
{
	struct coven_hop list[8];
	struct coven_hops hops = { .size = sizeof hops, .stride = sizeof list[0], .first = list, .dane = dane };
	struct coven_tls_way way = { .size = sizeof way, .domain = TEXT("b.example"), .sips = sips, .hops = &hops };
	uint8_t levels[8];
	char got[9] = "";
	const char *why;

	for (; kinds[hops.count]; hops.count++)
		list[hops.count] = hop_of(kinds[hops.count]);
	why = judge(policy, &way, levels);
	for (size_t i = 0; i < hops.count; i++)
		got[i] = "-pand"[levels[i]];
	is_text(got, want, "policy %d, %s, %s%s", policy, sips ? "sips" : "sip", kinds, dane ? " (dane elsewhere)" : "");
	ok(!why == !strchr(want, '-'), "and why");
}

int
main(void)
{
	/* one target has records: the others are of no use, whatever the policy */
	for (int p = POLICY_DANE; p <= POLICY_OPPORTUNISTIC; p++)
		for (int sips = 0; sips <= 1; sips++) {
			look((enum policy)p, sips, false, "DTIUP", "d----");
			look((enum policy)p, sips, true, "TP", "--");
		}
	look(POLICY_DANE, false, false, "TIUP", "----");
	look(POLICY_DANE, true, false, "TIU", "---");
	look(POLICY_DANE_OR_PKIX, false, false, "TIUP", "nnn-");
	look(POLICY_DANE_OR_PKIX, true, false, "TIU", "nnn");
	look(POLICY_PKIX, false, false, "TIUP", "nnn-");
	look(POLICY_OPPORTUNISTIC, false, false, "TIUP", "aaap");
	look(POLICY_OPPORTUNISTIC, true, false, "TIUP", "nnn-");
	look(POLICY_PLAIN, false, false, "DTIUP", "aaaap");
	look(POLICY_PLAIN, false, true, "TP", "ap");
	look(POLICY_PLAIN, true, false, "DTIUP", "aaaa-");
	return done();
}
