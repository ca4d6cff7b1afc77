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

#include "vm.h"

#define TEXT_MAX     4096
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
	"  --platform HEX|FILE the platform's TAP key, a COSE_Key in 214 hex digits: \"cose\"\n"
	"                      of \"tap-key\" in the report of cove verify --json, of evidence\n"
	"                      that was accepted. May be repeated, up to 16 times\n"
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
	opterr = 0;
	while ((c = getopt_long(argc, argv, "+:h", long_options, NULL)) != -1) {
		if (c == 'h' || c == OPT_HELP) {
			fputs(help, stdout);
			exit(STATUS_OK);
		}
		if (c == ':' || c == '?') {
			err("%s: %s (try: cove tap --help)", argv[optind - 1],
			    c == ':' ? "needs an argument" : "unknown option or needless argument");
			return -1;
		}
		if (set_option(c, opt))
			return -1;
	}
	if (optind < argc) {
		err("%s: not an option (try: cove tap --help)", argv[optind]);
		return -1;
	}
	return check_options(opt);
}

/* A file of at least one byte and at most @max; its length, or -1 after an error message */
static ssize_t read_small(const char *path, void *data, size_t max)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = 0, len = 0, ret = -1;
	uint8_t more;

	if (fd < 0) {
		err("%s: %s", path, strerror(errno));
		return -1;
	}
	while ((size_t)len < max && (n = read(fd, (uint8_t *)data + len, max - len)) > 0)
		len += n;
	if (n < 0)
		err("%s: %s", path, strerror(errno));
	else if (!len)
		err("%s: it is empty", path);
	else if ((size_t)len == max && read(fd, &more, 1) > 0)
		err("%s: more than %zu bytes", path, max);
	else
		ret = len;
	close(fd);
	return ret;
}

static int from_hex(const char *text, size_t len, uint8_t *out)
{
	static const char digits[] = "00112233445566778899aAbBcCdDeEfF";

	for (size_t i = 0; i < 2 * len; i++) {
		const char *digit = text[i] ? strchr(digits, text[i]) : NULL;

		if (!digit)
			return -1;
		out[i / 2] = out[i / 2] << 4 | (digit - digits) / 2;
	}
	return 0;
}

/* One key, its point; whether that is on the curve, seal_tap() sees */
static int get_platform(const char *arg, uint8_t point[SEAL_POINT_LEN])
{
	static const uint8_t head[COSE_X] = { 0xa4, 0x01, 0x02, 0x20, 0x02, 0x21, 0x58, 0x30 };
	static const uint8_t middle[] = { 0x22, 0x58, 0x30 };
	char text[TEXT_MAX + 1] = { 0 };
	uint8_t cose[COSE_LEN] = { 0 };
	size_t len = strlen(arg);
	ssize_t n;

	if (len != 2 * COSE_LEN || from_hex(arg, COSE_LEN, cose)) {
		n = read_small(arg, text, TEXT_MAX);
		if (n < 0)
			return -1;
		len = strcspn(text, " \t\r\n");
		if (len != 2 * COSE_LEN || text[len + strspn(text + len, " \t\r\n")] ||
		    from_hex(text, COSE_LEN, cose)) {
			err("%s: not a COSE_Key in %d hexadecimal digits", arg, 2 * COSE_LEN);
			return -1;
		}
	}
	if (memcmp(cose, head, sizeof(head)) ||
	    memcmp(cose + COSE_Y - sizeof(middle), middle, sizeof(middle))) {
		err("%s: not a COSE_Key on P-384", arg);
		return -1;
	}
	point[0] = 4;
	memcpy(point + 1, cose + COSE_X, 48);
	memcpy(point + 49, cose + COSE_Y, 48);
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
	if (len > 0) {
		req.flags = opt.flags;
		req.secret = secret;
		req.secret_len = len;
		ret = make_tap(&opt, &req);
	}
	mbedtls_platform_zeroize(secret, sizeof(secret));
	return ret ? STATUS_ERROR : STATUS_OK;
}
