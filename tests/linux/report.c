// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copyright (c) 2026 CoveSBI contributors
 *
 * Runs in the guest: /dev/cove-guest, used well and badly. Prints "guest: ok NAME"
 * and "guest: FAIL NAME: why", and registers in hexadecimal. Certificates are left in
 * /tmp/NAME.cbor and /tmp/NAME.der, their challenges in /tmp/NAME.nonce.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cove/guest.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define BAD_ADDRESS   0xdead000000000000ULL

static int device, readonly;
static struct cove_guest_caps caps;

static void ok(const char *name)
{
	printf("guest: ok %s\n", name);
}

static void expect(const char *name, int good, const char *why)
{
	if (good)
		ok(name);
	else
		printf("guest: FAIL %s: %s\n", name, why);
}

/* The call must fail with this error. */
static void refused(const char *name, int error, int fd, unsigned long request, void *arg)
{
	int ret = ioctl(fd, request, arg);

	if (ret < 0 && errno == error)
		ok(name);
	else
		printf("guest: FAIL %s: returns %d, '%s', not '%s'\n", name, ret,
		       ret < 0 ? strerror(errno) : "success", strerror(error));
}

static void print_register(const char *when, unsigned int index, const uint8_t *value)
{
	printf("guest: register %u %s ", index, when);
	for (unsigned int i = 0; i < caps.digest_len; i++)
		printf("%02x", value[i]);
	printf("\n");
}

static int read_register(const char *when, unsigned int index, uint8_t *value)
{
	struct cove_guest_read arg = { .index = index };

	if (ioctl(device, COVE_GUEST_READ, &arg) || arg.len != caps.digest_len) {
		printf("guest: FAIL read-%u: %s\n", index, strerror(errno));
		return -1;
	}
	memcpy(value, arg.value, arg.len);
	print_register(when, index, value);
	return 0;
}

/* By the vDSO: the instruction must not end the program. */
static void check_time(void)
{
	struct timespec ts;

	expect("user-space-time", !clock_gettime(CLOCK_MONOTONIC, &ts) && ts.tv_sec + ts.tv_nsec,
	       "no time");
}

static void check_caps(void)
{
	unsigned int wrong = 0;

	expect("caps", !ioctl(device, COVE_GUEST_CAPS, &caps), strerror(errno));
	expect("caps-hash", caps.hash_algorithm == COVE_GUEST_HASH_SHA384 && caps.digest_len == 48,
	       "not SHA-384");
	expect("caps-formats", caps.certificate_formats == 0x30003,
	       "not CBOR and X.509, each signed in two ways");
	expect("caps-registers", caps.initial == 6 && caps.runtime == 4, "not 6 and 4 registers");
	for (unsigned int i = 0; i < caps.initial + caps.runtime; i++)
		wrong += caps.registers[i].type != (i >= caps.initial) ||
			 caps.registers[i].hash_algorithm != caps.hash_algorithm;
	expect("caps-described", !wrong, "registers' types or hashes");
}

static void check_registers(void)
{
	struct cove_guest_extend arg = { .index = caps.initial, .len = caps.digest_len };
	uint8_t value[COVE_GUEST_MAX_DIGEST], none[COVE_GUEST_MAX_DIGEST] = { 0 };
	unsigned int known = 0;

	for (unsigned int i = 0; i < caps.initial; i++)
		known += !read_register("is", i, value) && memcmp(value, none, caps.digest_len);
	expect("initial-registers", known == caps.initial, "one is unreadable or zero");
	memset(arg.digest, 0x5a, arg.len);
	expect("read-runtime", !read_register("before", arg.index, value), "");
	print_register("digest", arg.index, arg.digest);
	expect("extend", !ioctl(device, COVE_GUEST_EXTEND, &arg), strerror(errno));
	expect("read-extended", !read_register("after", arg.index, value), "");
	expect("neighbour-kept",
	       !read_register("is", arg.index + 1, value) && !memcmp(value, none, caps.digest_len),
	       "not zero");
}

static void bad_registers(void)
{
	struct cove_guest_extend extend = { .index = caps.initial, .len = caps.digest_len };
	struct cove_guest_read read = { .index = caps.initial + caps.runtime };
	const uint32_t indices[] = { 0, caps.initial - 1, caps.initial + caps.runtime, ~0U };
	const uint32_t lengths[] = { 0, 47, 49, 64, ~0U };
	char name[40];

	for (unsigned int i = 0; i < ARRAY_SIZE(indices); i++) {
		extend.index = indices[i];
		snprintf(name, sizeof(name), "extend-bad-index-%d", (int)indices[i]);
		refused(name, EINVAL, device, COVE_GUEST_EXTEND, &extend);
	}
	extend.index = caps.initial;
	for (unsigned int i = 0; i < ARRAY_SIZE(lengths); i++) {
		extend.len = lengths[i];
		snprintf(name, sizeof(name), "extend-bad-length-%d", (int)lengths[i]);
		refused(name, EINVAL, device, COVE_GUEST_EXTEND, &extend);
	}
	extend.len = caps.digest_len;
	refused("extend-read-only", EBADF, readonly, COVE_GUEST_EXTEND, &extend);
	refused("extend-bad-address", EFAULT, device, COVE_GUEST_EXTEND, (void *)BAD_ADDRESS);
	refused("read-bad-index", EINVAL, device, COVE_GUEST_READ, &read);
	read.index = ~0U;
	refused("read-wild-index", EINVAL, device, COVE_GUEST_READ, &read);
	refused("read-bad-address", EFAULT, device, COVE_GUEST_READ, (void *)BAD_ADDRESS);
	refused("caps-bad-address", EFAULT, device, COVE_GUEST_CAPS, (void *)BAD_ADDRESS);
	refused("unknown-request", ENOTTY, device, _IO(COVE_GUEST_IOC, 0x7f), NULL);
	refused("other-size", ENOTTY, device, _IOR(COVE_GUEST_IOC, 0x40, int), &caps);
}

/* COSE_Key of the generator of P-384: as good a point as any. */
static const uint8_t p384_key[] = {
	0xa4, 0x01, 0x02, 0x20, 0x02, 0x21, 0x58, 0x30, 0xaa, 0x87, 0xca, 0x22, 0xbe, 0x8b,
	0x05, 0x37, 0x8e, 0xb1, 0xc7, 0x1e, 0xf3, 0x20, 0xad, 0x74, 0x6e, 0x1d, 0x3b, 0x62,
	0x8b, 0xa7, 0x9b, 0x98, 0x59, 0xf7, 0x41, 0xe0, 0x82, 0x54, 0x2a, 0x38, 0x55, 0x02,
	0xf2, 0x5d, 0xbf, 0x55, 0x29, 0x6c, 0x3a, 0x54, 0x5e, 0x38, 0x72, 0x76, 0x0a, 0xb7,
	0x22, 0x58, 0x30, 0x36, 0x17, 0xde, 0x4a, 0x96, 0x26, 0x2c, 0x6f, 0x5d, 0x9e, 0x98,
	0xbf, 0x92, 0x92, 0xdc, 0x29, 0xf8, 0xf4, 0x1d, 0xbd, 0x28, 0x9a, 0x14, 0x7c, 0xe9,
	0xda, 0x31, 0x13, 0xb5, 0xf0, 0xb8, 0xc0, 0x0a, 0x60, 0xb1, 0xce, 0x1d, 0x7e, 0x81,
	0x9d, 0x7a, 0x43, 0x1d, 0x7c, 0x90, 0xea, 0x0e, 0x5f,
};

static uint8_t buffer[COVE_GUEST_MAX_EVIDENCE], key[COVE_GUEST_MAX_KEY];

static struct cove_guest_evidence request(uint32_t format, uint8_t nonce)
{
	struct cove_guest_evidence arg = {
		.key = (uintptr_t)key,
		.key_len = sizeof(p384_key),
		.format = format,
		.buffer = (uintptr_t)buffer,
		.buffer_len = sizeof(buffer),
	};

	memcpy(key, p384_key, sizeof(p384_key));
	memset(arg.challenge, nonce, sizeof(arg.challenge));
	return arg;
}

static void save(const char *name, const char *suffix, const void *data, size_t len)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/tmp/%s.%s", name, suffix);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || write(fd, data, len) != (ssize_t)len)
		printf("guest: FAIL save-%s: %s\n", name, strerror(errno));
	close(fd);
}

static void evidence(const char *name, uint32_t format, uint8_t nonce)
{
	struct cove_guest_evidence arg = request(format, nonce);
	int ret = ioctl(device, COVE_GUEST_EVIDENCE, &arg);

	expect(name, !ret && arg.buffer_len > 1000 && arg.buffer_len <= sizeof(buffer),
	       ret ? strerror(errno) : "a strange length");
	if (ret)
		return;
	save(name,
	     format & (COVE_GUEST_FORMAT_CBOR | COVE_GUEST_FORMAT_CBOR_ED25519) ? "cbor" : "der",
	     buffer, arg.buffer_len);
	save(name, "nonce", arg.challenge, sizeof(arg.challenge));
}

#define bad(name, error, change)                                                     \
	do {                                                                         \
		struct cove_guest_evidence arg = request(COVE_GUEST_FORMAT_CBOR, 1); \
		change;                                                              \
		refused(name, error, device, COVE_GUEST_EVIDENCE, &arg);             \
	} while (0)

static void bad_evidence(void)
{
	bad("evidence-no-format", EINVAL, arg.format = 0);
	bad("evidence-two-formats", EINVAL, arg.format = 3);
	bad("evidence-unknown-format", EINVAL, arg.format = 4);
	bad("evidence-two-signatures", EINVAL, arg.format = 0x10001);
	bad("evidence-reserved", EINVAL, arg.reserved = 1);
	bad("evidence-no-key", EINVAL, arg.key_len = 0);
	bad("evidence-long-key", EINVAL, arg.key_len = COVE_GUEST_MAX_KEY + 1);
	bad("evidence-wild-key-length", EINVAL, arg.key_len = ~0U);
	bad("evidence-key-cut", EINVAL, arg.key_len--);
	bad("evidence-key-and-more", EINVAL, arg.key_len++);
	bad("evidence-key-not-on-curve", EINVAL, key[20] ^= 1);
	bad("evidence-key-address", EFAULT, arg.key = BAD_ADDRESS);
	bad("evidence-buffer-address", EFAULT, arg.buffer = BAD_ADDRESS);
	bad("evidence-no-room", EMSGSIZE, arg.buffer_len = 0);
	refused("evidence-bad-address", EFAULT, device, COVE_GUEST_EVIDENCE, (void *)BAD_ADDRESS);
}

/* What EMSGSIZE says is exactly enough. */
static void exact_room(void)
{
	struct cove_guest_evidence arg = request(COVE_GUEST_FORMAT_CBOR, 1);
	uint32_t len;

	arg.buffer_len = 16;
	ioctl(device, COVE_GUEST_EVIDENCE, &arg);
	len = arg.buffer_len;
	expect("evidence-exact-room",
	       len > 1000 && !ioctl(device, COVE_GUEST_EVIDENCE, &arg) && arg.buffer_len == len,
	       "refused with the length that was asked for");
}

/* Several openers at once: each gets its own evidence, the monitor makes one at a time. */
static void together(void)
{
	int status, good = 0;

	for (int i = 0; i < 3; i++) {
		if (fork())
			continue;
		struct cove_guest_evidence arg = request(COVE_GUEST_FORMAT_CBOR, 10 + i);
		int fd = open("/dev/cove-guest", O_RDONLY);

		if (fd < 0 || ioctl(fd, COVE_GUEST_EVIDENCE, &arg))
			_exit(1);
		_exit(memmem(buffer, arg.buffer_len, arg.challenge, sizeof(arg.challenge)) ? 0 : 2);
	}
	while (wait(&status) > 0)
		good += WIFEXITED(status) && !WEXITSTATUS(status);
	expect("evidence-three-openers", good == 3, "not each got its own");
}

static void check_secret(void)
{
	struct cove_guest_secret arg = { .buffer = (uintptr_t)buffer, .buffer_len = 4096 };

	/* EOPNOTSUPP from a monitor without local attestation */
	expect("secret-without-payload",
	       ioctl(device, COVE_GUEST_SECRET, &arg) < 0 &&
		       (errno == EACCES || errno == EOPNOTSUPP),
	       "there is one");
	refused("secret-read-only", EBADF, readonly, COVE_GUEST_SECRET, &arg);
	refused("secret-bad-address", EFAULT, device, COVE_GUEST_SECRET, (void *)BAD_ADDRESS);
	arg.reserved = 1;
	refused("secret-reserved", EINVAL, device, COVE_GUEST_SECRET, &arg);
}

/* What a test of local attestation looks for. The console is the host's: no real secret. */
static int print_secret(void)
{
	struct cove_guest_secret arg = { .buffer = (uintptr_t)buffer, .buffer_len = 4096 };

	if (device < 0 || ioctl(device, COVE_GUEST_SECRET, &arg))
		return printf("guest: no secret: %s\n", strerror(errno)) < 0;
	return printf("guest: secret %.*s\n", (int)arg.buffer_len, (char *)buffer) < 0;
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	device = open("/dev/cove-guest", O_RDWR);
	readonly = open("/dev/cove-guest", O_RDONLY);
	if (argc > 1 && !strcmp(argv[1], "secret"))
		return print_secret();
	expect("device", device >= 0 && readonly >= 0, strerror(errno));
	if (device < 0)
		return 1;
	check_time();
	check_caps();
	check_registers();
	bad_registers();
	check_secret();
	if (argc > 1 && !strcmp(argv[1], "registers"))
		return 0;
	evidence("first", COVE_GUEST_FORMAT_CBOR, 1);
	evidence("second", COVE_GUEST_FORMAT_CBOR, 2);
	evidence("chain", COVE_GUEST_FORMAT_X509, 3);
	evidence("ed25519", COVE_GUEST_FORMAT_CBOR_ED25519, 4);
	evidence("ed25519-chain", COVE_GUEST_FORMAT_X509_ED25519, 5);
	bad_evidence();
	exact_room();
	together();
	return 0;
}
