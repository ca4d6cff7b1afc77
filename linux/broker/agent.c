/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * cove-agent: in a confidential guest, gets a secret from a key broker by proving
 * what this guest is, and writes it to standard output. docs/attestation.md, "Key broker".
 *
 * The host passes the messages on and may change, drop or repeat any. What
 * protects the guest is the broker's public key, which is in its initramfs and so
 * in its measurement.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cove/guest.h>
#include <mbedtls/platform_util.h>

#include "protocol.h"

#define STATUS_OK    0
#define STATUS_ERROR 1
#define STATUS_USAGE 64

/**
 * struct options - the command line
 * @timeout_ms: how long the broker may take for an answer
 */
struct options {
	const char *broker_key;
	const char *port;
	const char *device;
	const char *name;
	int timeout_ms;
};

/** struct agent - one request */
struct agent {
	const struct options *opt;
	int port;
	mbedtls_ecp_keypair broker;
	mbedtls_ecp_keypair own;
	struct exchange exchange;
	uint8_t frame[FRAME_MAX];
	uint8_t evidence[EVIDENCE_MAX];
};

static int err(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* One line on stderr; returns -1. */
static int err(const char *fmt, ...)
{
	va_list ap;

	fputs("cove-agent: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return -1;
}

static const char help[] =
	"usage: cove-agent --broker-key FILE [OPTION]... NAME\n"
	"\n"
	"Proves to a key broker what this confidential guest is and writes the secret NAME\n"
	"that it releases to standard output.\n"
	"\n"
	"  --broker-key FILE  the broker's public key, P-384 in PEM (required)\n"
	"  --port DEVICE      serial port to the broker (/dev/ttyS1)\n"
	"  --device DEVICE    of cove-guest.ko (/dev/cove-guest)\n"
	"  --timeout SECONDS  for each answer of the broker, 1 to 3600 (60)\n"
	"  --help             this text\n"
	"\n"
	"exit status: 0 the secret was written, 1 it was not, 64 wrong command line\n";

enum { OPT_KEY = 256, OPT_PORT, OPT_DEVICE, OPT_TIMEOUT, OPT_HELP };

static const struct option long_options[] = {
	{ "broker-key", required_argument, NULL, OPT_KEY },
	{ "port", required_argument, NULL, OPT_PORT },
	{ "device", required_argument, NULL, OPT_DEVICE },
	{ "timeout", required_argument, NULL, OPT_TIMEOUT },
	{ "help", no_argument, NULL, OPT_HELP },
	{ 0 },
};

static int parse_timeout(const char *text, int *ms)
{
	char *end;
	long seconds = strtol(text, &end, 10);

	if (*end || end == text || seconds < 1 || seconds > 3600)
		return err("--timeout %s: not from 1 to 3600", text);
	*ms = seconds * 1000;
	return 0;
}

static int options_parse(int argc, char **argv, struct options *opt)
{
	int c;

	*opt = (struct options){
		.port = "/dev/ttyS1",
		.device = "/dev/cove-guest",
		.timeout_ms = 60000,
	};
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":", long_options, NULL)) != -1) {
		switch (c) {
		case OPT_KEY:
			opt->broker_key = optarg;
			break;
		case OPT_PORT:
			opt->port = optarg;
			break;
		case OPT_DEVICE:
			opt->device = optarg;
			break;
		case OPT_TIMEOUT:
			if (parse_timeout(optarg, &opt->timeout_ms))
				return -1;
			break;
		case OPT_HELP:
			fputs(help, stdout);
			exit(STATUS_OK);
		case ':':
			return err("%s: needs an argument", argv[optind - 1]);
		default:
			return err("%s: unknown option (try: cove-agent --help)", argv[optind - 1]);
		}
	}
	if (!opt->broker_key)
		return err("--broker-key is missing (try: cove-agent --help)");
	if (optind + 1 != argc)
		return err("give the NAME of one secret (try: cove-agent --help)");
	opt->name = argv[optind];
	if (!name_valid((struct bytes){ (const uint8_t *)opt->name, strlen(opt->name) }))
		return err("%s: a name has 1 to %d of A-Z a-z 0-9 . _ -", opt->name, NAME_MAX_LEN);
	return 0;
}

/* The line must change no byte and echo none; what is in it is not for us. */
static int port_open(struct agent *a)
{
	struct termios t;

	a->port = open(a->opt->port, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (a->port < 0)
		return err("%s: %s", a->opt->port, strerror(errno));
	if (tcgetattr(a->port, &t))
		return err("%s: not a serial port", a->opt->port);
	cfmakeraw(&t);
	t.c_cflag |= CLOCAL | CREAD;
	cfsetspeed(&t, B115200);
	if (tcsetattr(a->port, TCSANOW, &t) || tcflush(a->port, TCIFLUSH))
		return err("%s: %s", a->opt->port, strerror(errno));
	return 0;
}

static int send_message(struct agent *a, const struct message *message)
{
	size_t len = message_encode(message, a->frame, sizeof(a->frame));

	if (!len)
		return err("a message of type %d is too long", message->type);
	exchange_frame(&a->exchange, a->frame, len);
	if (frame_send(a->port, a->frame, len, a->opt->timeout_ms))
		return err("%s: %s", a->opt->port, strerror(errno));
	return 0;
}

/* A refusal is an error, as is anything but @want. The message lies in a->frame. */
static int receive_message(struct agent *a, enum message_type want, struct message *message)
{
	ssize_t len = frame_receive(a->port, a->frame, a->opt->timeout_ms, a->opt->timeout_ms);
	const char *wrong;

	if (len < 0 && errno == ETIMEDOUT)
		return err("the broker does not answer");
	if (len <= 0)
		return err("%s: %s", a->opt->port, len ? strerror(errno) : "it is closed");
	wrong = message_decode(a->frame, len, message);
	if (wrong)
		return err("the broker's answer is bad: %s", wrong);
	if (want == MESSAGE_NONCE)
		exchange_frame(&a->exchange, a->frame, len);
	if (message->type == MESSAGE_REFUSAL) {
		/* from anybody, and not for a terminal to obey */
		for (size_t i = 0; i < message->field[0].len; i++) {
			if (message->field[0].data[i] < 0x20 || message->field[0].data[i] > 0x7e)
				return err("the broker refuses");
		}
		return err("the broker refuses: %.*s", (int)message->field[0].len,
			   (const char *)message->field[0].data);
	}
	if (message->type != want)
		return err("the broker's answer is bad: a message of type %d, not %d",
			   message->type, want);
	return 0;
}

static int say_hello(struct agent *a, uint8_t nonce[NONCE_LEN])
{
	const struct message hello = {
		.type = MESSAGE_HELLO,
		.version = PROTOCOL_VERSION,
		.field[0] = { (const uint8_t *)a->opt->name, strlen(a->opt->name) },
	};
	struct message answer;

	if (send_message(a, &hello) || receive_message(a, MESSAGE_NONCE, &answer))
		return -1;
	if (answer.field[0].len != NONCE_LEN)
		return err("the broker's answer is bad: a nonce of %zu bytes", answer.field[0].len);
	memcpy(nonce, answer.field[0].data, NONCE_LEN);
	return 0;
}

/* Evidence for @nonce, bound to our own key. Returns its length or -1. */
static ssize_t get_evidence(struct agent *a, const uint8_t nonce[NONCE_LEN])
{
	uint8_t cose[COSE_KEY_LEN];
	struct cove_guest_evidence arg = {
		.key = (uintptr_t)cose,
		.key_len = sizeof(cose),
		.format = COVE_GUEST_FORMAT_CBOR,
		.buffer = (uintptr_t)a->evidence,
		.buffer_len = sizeof(a->evidence),
	};
	int fd = open(a->opt->device, O_RDONLY | O_CLOEXEC);
	int ret;

	if (fd < 0)
		return err("%s: %s", a->opt->device, strerror(errno));
	memcpy(arg.challenge, nonce, NONCE_LEN);
	ret = key_to_cose(&a->own, cose);
	if (!ret)
		ret = ioctl(fd, COVE_GUEST_EVIDENCE, &arg);
	close(fd);
	if (ret)
		return err("%s: no evidence: %s", a->opt->device, strerror(errno));
	return arg.buffer_len;
}

static int send_evidence(struct agent *a, const uint8_t nonce[NONCE_LEN])
{
	ssize_t len = get_evidence(a, nonce);
	const struct message message = {
		.type = MESSAGE_EVIDENCE,
		.field[0] = { a->evidence, len },
	};

	return len < 0 ? -1 : send_message(a, &message);
}

/* Nothing of the answer is used before the broker's signature is known to be good. */
static int take_secret(struct agent *a)
{
	uint8_t transcript[HASH_LEN], point[POINT_LEN], secret[SECRET_MAX];
	struct message answer;
	size_t len;
	int ret;

	exchange_end(&a->exchange, transcript);
	if (receive_message(a, MESSAGE_SECRET, &answer))
		return -1;
	if (answer_check(&a->broker, transcript, &answer))
		return err("the answer is not from the broker with the key %s", a->opt->broker_key);
	if (key_from_cose(answer.field[0], point) || answer.field[1].len <= TAG_LEN)
		return err("the broker's answer is bad: no key or no secret");
	len = answer.field[1].len - TAG_LEN;
	if (unseal(&a->own, point, transcript, answer.field[1], secret))
		return err("the broker's answer is bad: it cannot be decrypted");
	ret = fwrite(secret, 1, len, stdout) == len && !fflush(stdout) ? 0 : -1;
	mbedtls_platform_zeroize(secret, sizeof(secret));
	return ret ? err("cannot write the secret: %s", strerror(errno)) : 0;
}

static int request(struct agent *a)
{
	uint8_t nonce[NONCE_LEN];
	char why[100];

	if (secure_init())
		return err("no random numbers");
	if (key_read_file(a->opt->broker_key, false, &a->broker, why, sizeof(why)))
		return err("--broker-key %s: %s", a->opt->broker_key, why);
	if (port_open(a))
		return -1;
	if (key_generate(&a->own))
		return err("no fresh key");
	return say_hello(a, nonce) || send_evidence(a, nonce) || take_secret(a) ? -1 : 0;
}

int main(int argc, char **argv)
{
	static struct agent agent = { .port = -1 };
	struct options opt;
	int ret;

	if (options_parse(argc, argv, &opt))
		return STATUS_USAGE;
	agent.opt = &opt;
	mbedtls_ecp_keypair_init(&agent.broker);
	mbedtls_ecp_keypair_init(&agent.own);
	exchange_begin(&agent.exchange);
	ret = request(&agent);
	mbedtls_ecp_keypair_free(&agent.own);
	mbedtls_ecp_keypair_free(&agent.broker);
	if (agent.port >= 0)
		close(agent.port);
	return ret ? STATUS_ERROR : STATUS_OK;
}
