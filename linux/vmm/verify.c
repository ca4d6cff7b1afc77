/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * `cove verify`: is this evidence what a policy demands?
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <verify.h>

#include "vm.h"

/* exit status of this command */
#define VERIFY_STATUS_REJECTED 1
#define VERIFY_STATUS_BAD      2

enum { OPT_EVIDENCE = 256, OPT_NONCE, OPT_POLICY, OPT_JSON, OPT_PRINT_POLICY, OPT_HELP };

static const struct option long_options[] = {
	{ "evidence", required_argument, NULL, OPT_EVIDENCE },
	{ "nonce", required_argument, NULL, OPT_NONCE },
	{ "policy", required_argument, NULL, OPT_POLICY },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "print-policy", no_argument, NULL, OPT_PRINT_POLICY },
	{ "help", no_argument, NULL, OPT_HELP },
	{ 0 },
};

static const char help[] =
	"usage: cove verify --evidence FILE --nonce HEX|FILE --policy FILE [--json]\n"
	"       cove verify --evidence FILE --print-policy\n"
	"\n"
	"Checks evidence of a confidential guest: that it answers this nonce, that it is\n"
	"signed up to a root that the policy names, and each rule of the policy.\n"
	"\n"
	"  --evidence FILE    what the guest got, in the CBOR or the X.509 format\n"
	"  --nonce HEX|FILE   its challenge: 128 hex digits, or a file with them or with\n"
	"                     64 bytes\n"
	"  --policy FILE      text, one `name = value` in a line, # starts a comment; for\n"
	"                     the names see man cove\n"
	"  --json             the report as one JSON object\n"
	"  --print-policy     a policy that this evidence meets: trust on first use\n"
	"  --help             this text\n"
	"\n"
	"exit status: 0 accepted, 1 rejected (one line on stderr for each claim that\n"
	"failed), 2 the command line, a file, or the evidence's syntax is wrong\n";

/** struct verify_options - the command line of `verify` */
struct verify_options {
	const char *evidence;
	const char *nonce;
	const char *policy;
	bool json;
	bool print_policy;
};

static void set_option(int option, struct verify_options *opt)
{
	switch (option) {
	case OPT_EVIDENCE:
		opt->evidence = optarg;
		break;
	case OPT_NONCE:
		opt->nonce = optarg;
		break;
	case OPT_POLICY:
		opt->policy = optarg;
		break;
	case OPT_JSON:
		opt->json = true;
		break;
	default:
		opt->print_policy = true;
	}
}

static int check_options(const struct verify_options *opt)
{
	if (!opt->evidence)
		err("verify: --evidence is missing (try: cove verify --help)");
	else if (opt->print_policy && (opt->nonce || opt->policy || opt->json))
		err("verify: --print-policy goes with --evidence alone");
	else if (!opt->print_policy && !opt->nonce)
		err("verify: --nonce is missing (try: cove verify --help)");
	else if (!opt->print_policy && !opt->policy)
		err("verify: --policy is missing (try: cove verify --help)");
	else
		return 0;
	return -1;
}

static int parse_options(int argc, char **argv, struct verify_options *opt)
{
	int c;

	*opt = (struct verify_options){ 0 };
	while ((c = next_option(argc, argv, "verify", long_options, help, OPT_HELP)) > 0)
		set_option(c, opt);
	if (c < 0)
		return -1;
	return check_options(opt);
}

/* All of a file, at most @max bytes; the caller frees it. */
static uint8_t *read_file(const char *path, size_t max, size_t *len)
{
	uint8_t *data = malloc(max);
	ssize_t n;

	if (!data) {
		err("out of memory");
		return NULL;
	}
	n = read_small(path, data, max);
	if (n < 0) {
		free(data);
		return NULL;
	}
	*len = n;
	return data;
}

static int nonce_from_hex(const char *text, size_t len, uint8_t nonce[VERIFY_NONCE_LEN])
{
	return len == 2 * VERIFY_NONCE_LEN ? from_hex(text, VERIFY_NONCE_LEN, nonce) : -1;
}

static int get_nonce(const char *arg, uint8_t nonce[VERIFY_NONCE_LEN])
{
	uint8_t *data;
	size_t len;
	int ret = 0;

	if (!nonce_from_hex(arg, strlen(arg), nonce))
		return 0;
	data = read_file(arg, 4096, &len);
	if (!data) {
		err("--nonce: neither %d hexadecimal digits nor a file", 2 * VERIFY_NONCE_LEN);
		return -1;
	}
	if (len == VERIFY_NONCE_LEN) {
		memcpy(nonce, data, len);
	} else {
		while (len && strchr(" \t\r\n", data[len - 1]))
			len--;
		ret = nonce_from_hex((const char *)data, len, nonce);
		if (ret)
			err("%s: neither %d bytes nor %d hexadecimal digits", arg, VERIFY_NONCE_LEN,
			    2 * VERIFY_NONCE_LEN);
	}
	free(data);
	return ret;
}

static void complain(void *arg, unsigned int line, const char *what)
{
	if (line)
		err("%s:%u: %s", (const char *)arg, line, what);
	else
		err("%s: %s", (const char *)arg, what);
}

static int get_policy(const char *path, struct verify_policy *policy)
{
	char *directory = strdup(path), *slash;
	uint8_t *text;
	size_t len;
	int ret = -1;

	text = read_file(path, VERIFY_POLICY_MAX, &len);
	if (!text || !directory)
		goto out;
	slash = strrchr(directory, '/');
	if (slash)
		slash[slash == directory] = '\0';
	ret = verify_policy_parse((const char *)text, len, slash ? directory : NULL, policy,
				  complain, (void *)path);
out:
	free(text);
	free(directory);
	return ret;
}

static void print_failures(const struct verify_report *report)
{
	for (unsigned int i = 0; i < report->failures && i < VERIFY_FAILURES_MAX; i++)
		err("rejected: %s: %s", report->failure[i].claim, report->failure[i].reason);
	if (report->failures > VERIFY_FAILURES_MAX)
		err("rejected: and %u more", report->failures - VERIFY_FAILURES_MAX);
	if (report->verdict == VERIFY_MALFORMED)
		err("malformed: %s", report->syntax);
	else if (report->unchecked[0])
		err("warning: the policy does not name %s: whoever can run another one there can "
		    "have it say anything",
		    report->unchecked);
}

static int verify(const struct verify_options *opt, const uint8_t *evidence, size_t len,
		  struct verify_policy *policy, struct verify_report *report)
{
	uint8_t nonce[VERIFY_NONCE_LEN];
	int ret;

	if (get_nonce(opt->nonce, nonce) || get_policy(opt->policy, policy))
		return VERIFY_STATUS_BAD;
	verify_evidence(evidence, len, nonce, policy, report);
	ret = opt->json				    ? verify_report_json(stdout, report)
	      : report->verdict == VERIFY_MALFORMED ? 0
						    : verify_report_text(stdout, report);
	print_failures(report);
	if (ret || fflush(stdout)) {
		err("cannot write the report: %s", strerror(errno));
		return VERIFY_STATUS_BAD;
	}
	switch (report->verdict) {
	case VERIFY_ACCEPTED:
		return STATUS_OK;
	case VERIFY_REJECTED:
		return VERIFY_STATUS_REJECTED;
	default:
		return VERIFY_STATUS_BAD;
	}
}

static int print_policy(const uint8_t *evidence, size_t len, struct verify_report *report)
{
	if (verify_first_use(evidence, len, report) != VERIFY_ACCEPTED) {
		print_failures(report);
		return report->verdict == VERIFY_REJECTED ? VERIFY_STATUS_REJECTED
							  : VERIFY_STATUS_BAD;
	}
	if (verify_policy_template(stdout, report) || fflush(stdout)) {
		err("cannot write the policy: %s", strerror(errno));
		return VERIFY_STATUS_BAD;
	}
	return STATUS_OK;
}

/**
 * cmd_verify() - `cove verify`
 *
 * Returns the exit status.
 */
int cmd_verify(int argc, char **argv)
{
	struct verify_report *report = malloc(sizeof(*report));
	struct verify_policy *policy = malloc(sizeof(*policy));
	int status = VERIFY_STATUS_BAD;
	struct verify_options opt;
	uint8_t *evidence = NULL;
	size_t len;

	if (parse_options(argc, argv, &opt))
		goto out;
	evidence = read_file(opt.evidence, VERIFY_EVIDENCE_MAX, &len);
	if (!report || !policy)
		err("out of memory");
	else if (evidence && opt.print_policy)
		status = print_policy(evidence, len, report);
	else if (evidence)
		status = verify(&opt, evidence, len, policy, report);
out:
	free(evidence);
	free(policy);
	free(report);
	return status;
}
