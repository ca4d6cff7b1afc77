/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * `cove tap`: seal a secret to platforms and to a guest (docs/attestation.md, local
 * attestation).
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include <mbedtls/platform_util.h>
#include <seal.h>
#include <verify.h>

#include "vm.h"

#define TEXT_MAX     4096
#define REPORT_MAX   (64 * 1024)
#define COSE_LEN     107 /* a COSE_Key on P-384 */
#define COSE_X	     8
#define COSE_Y	     (COSE_X + 48 + 3)
#define REGISTER_MIN 0x30U /* 4 and 5 */

enum { OPT_SECRET = 256, OPT_REGISTERS, OPT_PLATFORM, OPT_OUT, OPT_ONCE, OPT_DEBUG, OPT_HELP };

static const struct option long_options[] = {
	{ "secret", required_argument, NULL, OPT_SECRET },
	{ "registers", required_argument, NULL, OPT_REGISTERS },
	{ "platform", required_argument, NULL, OPT_PLATFORM },
	{ "out", required_argument, NULL, OPT_OUT },
	{ "once", no_argument, NULL, OPT_ONCE },
	{ "debug", no_argument, NULL, OPT_DEBUG },
	{ "help", no_argument, NULL, OPT_HELP },
	{ 0 },
};

static const char help[] =
	"usage: cove tap --secret FILE --registers FILE --platform HEX|FILE --out FILE\n"
	"\n"
	"Seals a secret to a guest and to platforms: `cove run --tap` hands it to the\n"
	"monitor, which gives the secret to that guest and to no other. Needs no network\n"
	"when the guest starts, and no CoVE machine now.\n"
	"\n"
	"  --secret FILE       the secret, 1 to 2048 bytes, all of the file\n"
	"  --registers FILE    what the guest must be: from cove measure --registers\n"
	"  --platform HEX|FILE the platform: a file with the report of cove verify --json, of\n"
	"                      evidence that was accepted; or only the TAP key in it, a\n"
	"                      COSE_Key in 214 hex digits, or a public key in PEM. May be\n"
	"                      repeated, up to 16 times\n"
	"  --out FILE          the payload; it is not overwritten\n"
	"  --once              for one guest, until the platform starts again\n"
	"  --debug             also where the platform is not secured: development\n"
	"  --help              this text\n"
	"\n"
	"exit status: 0 done, 1 an error, 64 the command line is wrong\n";

/** struct tap_options - the command line of `tap` */
struct tap_options {
	const char *secret;
	const char *registers;
	const char *out;
	unsigned int platforms;
	const char *platform[COVE_TAP_MAX_LOCKBOXES];
	uint32_t flags;
};

static int add_platform(struct tap_options *opt)
{
	if (opt->platforms == COVE_TAP_MAX_LOCKBOXES) {
		err("tap: more than %d platforms", COVE_TAP_MAX_LOCKBOXES);
		return -1;
	}
	opt->platform[opt->platforms++] = optarg;
	return 0;
}

static int set_option(int option, struct tap_options *opt)
{
	switch (option) {
	case OPT_SECRET:
		opt->secret = optarg;
		return 0;
	case OPT_REGISTERS:
		opt->registers = optarg;
		return 0;
	case OPT_PLATFORM:
		return add_platform(opt);
	case OPT_OUT:
		opt->out = optarg;
		return 0;
	case OPT_ONCE:
		opt->flags |= COVE_TAP_F_ONCE;
		return 0;
	default:
		opt->flags |= COVE_TAP_F_DEBUG;
		return 0;
	}
}

static int check_options(const struct tap_options *opt)
{
	const char *missing = !opt->secret	? "--secret"
			      : !opt->registers ? "--registers"
			      : !opt->platforms ? "--platform"
			      : !opt->out	? "--out"
						: NULL;

	if (missing)
		err("tap: %s is missing (try: cove tap --help)", missing);
	return missing ? -1 : 0;
}

static int parse_options(int argc, char **argv, struct tap_options *opt)
{
	int c;

	*opt = (struct tap_options){ 0 };
	while ((c = next_option(argc, argv, "tap", long_options, help, OPT_HELP)) > 0)
		if (set_option(c, opt))
			return -1;
	if (c < 0)
		return -1;
	return check_options(opt);
}

static int point_from_cose(const char *text, size_t len, uint8_t point[SEAL_POINT_LEN])
{
	static const uint8_t head[COSE_X] = { 0xa4, 0x01, 0x02, 0x20, 0x02, 0x21, 0x58, 0x30 };
	static const uint8_t middle[] = { 0x22, 0x58, 0x30 };
	uint8_t cose[COSE_LEN] = { 0 };

	if (len != 2 * COSE_LEN || from_hex(text, COSE_LEN, cose) ||
	    memcmp(cose, head, sizeof(head)) ||
	    memcmp(cose + COSE_Y - sizeof(middle), middle, sizeof(middle)))
		return -1;
	point[0] = 4;
	memcpy(point + 1, cose + COSE_X, 48);
	memcpy(point + 49, cose + COSE_Y, 48);
	return 0;
}

/* The report of `cove verify --json`: as that writes it, of evidence that was accepted */
static int point_from_report(const char *path, const char *text, uint8_t point[SEAL_POINT_LEN])
{
	static const char verdict[] = "\"verdict\": \"accepted\"",
			  key[] = "\"tap-key\": {\"type\": \"P-384\", \"cose\": \"";
	const char *at = strstr(text, key);

	if (!strstr(text, verdict)) {
		err("%s: no report of evidence that cove verify accepted", path);
		return -1;
	}
	if (!at || point_from_cose(at + strlen(key), strcspn(at + strlen(key), "\""), point)) {
		err("%s: the report has no TAP key on P-384", path);
		return -1;
	}
	return 0;
}

static int point_from_pem(const char *path, const char *text, uint8_t point[SEAL_POINT_LEN])
{
	struct verify_key key;

	if (strstr(text, "-----BEGIN CERTIFICATE-----")) {
		err("%s: a certificate, but none is of a TAP key: take the report of "
		    "cove verify --json",
		    path);
		return -1;
	}
	if (verify_key_from_pem(text, &key) || key.type != KEY_P384) {
		err("%s: no public key on P-384", path);
		return -1;
	}
	memcpy(point, key.point, SEAL_POINT_LEN);
	return 0;
}

static int point_from_file(const char *path, uint8_t point[SEAL_POINT_LEN])
{
	char text[REPORT_MAX + 1] = { 0 };
	size_t len;

	if (read_small(path, text, REPORT_MAX) < 0)
		return -1;
	if (text[0] == '{')
		return point_from_report(path, text, point);
	if (!strncmp(text, "-----BEGIN ", 11))
		return point_from_pem(path, text, point);
	len = strcspn(text, " \t\r\n");
	if (text[len + strspn(text + len, " \t\r\n")] || point_from_cose(text, len, point)) {
		err("%s: neither a report of cove verify --json, nor a public key in PEM, nor a "
		    "COSE_Key on P-384 in %d hexadecimal digits",
		    path, 2 * COSE_LEN);
		return -1;
	}
	return 0;
}

/* One key, its point; whether that is on the curve, seal_tap() sees */
static int get_platform(const char *arg, uint8_t point[SEAL_POINT_LEN])
{
	uint8_t any[COSE_LEN] = { 0 };

	if (strlen(arg) != 2 * COSE_LEN || from_hex(arg, COSE_LEN, any))
		return point_from_file(arg, point);
	if (point_from_cose(arg, 2 * COSE_LEN, point)) {
		err("%s: not a COSE_Key on P-384", arg);
		return -1;
	}
	return 0;
}

/* Lines "N = HEX" */
static int get_registers(const char *path, struct seal_request *req)
{
	char text[TEXT_MAX + 1] = { 0 }, *save, *line;
	unsigned int number = 0;

	if (read_small(path, text, TEXT_MAX) < 0)
		return -1;
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		unsigned int index = line[0] - '0';

		number++;
		if (index >= SEAL_REGISTERS || strncmp(line + 1, " = ", 3) ||
		    strlen(line + 4) != 2 * SEAL_HASH_LEN ||
		    from_hex(line + 4, SEAL_HASH_LEN, req->value[index])) {
			err("%s:%u: not `N = VALUE` with N from 0 to %d and %d hexadecimal digits",
			    path, number, SEAL_REGISTERS - 1, 2 * SEAL_HASH_LEN);
			return -1;
		}
		if (req->registers >> index & 1) {
			err("%s:%u: register %u for the second time", path, number, index);
			return -1;
		}
		req->registers |= 1U << index;
	}
	if ((req->registers & REGISTER_MIN) != REGISTER_MIN) {
		err("%s: registers 4 and 5 must be there: they say what guest it is", path);
		return -1;
	}
	return 0;
}

static int random_bytes(void *arg, unsigned char *out, size_t len)
{
	(void)arg;
	while (len) {
		ssize_t n = getrandom(out, len, 0);

		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0) {
			out += n;
			len -= n;
		}
	}
	return 0;
}

static int write_out(const char *path, const uint8_t *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	ssize_t n = 0;

	if (fd >= 0)
		n = write(fd, data, len);
	if (fd < 0 || n < 0 || close(fd)) {
		err("%s: %s", path, strerror(errno));
		return -1;
	}
	if ((size_t)n != len) {
		err("%s: only %zd of %zu bytes could be written", path, n, len);
		return -1;
	}
	return 0;
}

static int make_tap(const struct tap_options *opt, struct seal_request *req)
{
	uint8_t out[COVE_TAP_MAX];
	int len;

	if (random_bytes(NULL, req->id, sizeof(req->id))) {
		err("no random numbers: %s", strerror(errno));
		return -1;
	}
	len = seal_tap(req, random_bytes, NULL, out);
	if (len < 0) {
		err("tap: no payload can be made: a --platform is no point of the curve, or secret "
		    "and platforms are too many for %d bytes",
		    COVE_TAP_MAX);
		return -1;
	}
	return write_out(opt->out, out, len);
}

/**
 * cmd_tap() - `cove tap`
 *
 * Returns the exit status.
 */
int cmd_tap(int argc, char **argv)
{
	uint8_t secret[SEAL_SECRET_MAX];
	struct seal_request req = { 0 };
	struct tap_options opt;
	int ret = -1;
	ssize_t len;

	if (parse_options(argc, argv, &opt))
		return STATUS_USAGE;
	for (req.platforms = 0; req.platforms < opt.platforms; req.platforms++)
		if (get_platform(opt.platform[req.platforms], req.point[req.platforms]))
			return STATUS_ERROR;
	if (get_registers(opt.registers, &req))
		return STATUS_ERROR;
	len = read_small(opt.secret, secret, sizeof(secret));
	if (!len)
		err("%s: it is empty", opt.secret);
	if (len > 0) {
		req.flags = opt.flags;
		req.secret = secret;
		req.secret_len = len;
		ret = make_tap(&opt, &req);
	}
	mbedtls_platform_zeroize(secret, sizeof(secret));
	return ret ? STATUS_ERROR : STATUS_OK;
}
